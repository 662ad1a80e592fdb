// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/wall_words.hpp"

#include <fmt/format.h>

#include <set>
#include "tests/support/catch.hpp"

#include "app/case/document.hpp"

using namespace calor;
using namespace calor::app;

namespace {

/// The wall that a text describes; throws what is wrong with it.
WallCase read(const std::string& text) {
  WallCase wall;
  Schema schema;
  bind_wall(schema, wall);
  Mistakes mistakes;
  schema.read(Document{{{"wall.toml", text}}, {}, mistakes}.root(), "", mistakes);
  mistakes.throw_if_any();
  return wall;
}

}  // namespace

TEST_CASE("every kind of wall has one word", "[walls]") {
  std::set<std::size_t> kinds;
  std::size_t walls = 0;
  for (const WallWord& w : wall_words())
    if (const auto* law = std::get_if<WallLaw>(&w.meaning)) {
      kinds.insert(law->terms().front().index());
      ++walls;
    }
  CHECK(kinds.size() == std::variant_size_v<WallTerm>);
  CHECK(walls == std::variant_size_v<WallTerm>);
}

TEST_CASE("each key of a wall reaches its function", "[walls]") {
  for (const WallWord& w : wall_words()) {
    CAPTURE(w.word);
    std::string text = fmt::format("type = \"{}\"\n", w.word);
    double number = 0.25;
    for (const std::string& key : w.keys()) {
      text += fmt::format("{} = {}\n", key, number);
      number += 0.125;
    }
    const std::optional<WallLaw> law = law_of(read(text), {});
    CHECK(law.has_value() == std::holds_alternative<WallLaw>(w.meaning));
    if (!law) continue;
    CHECK(law->terms().size() == 1);
    CHECK(law->terms().front().index() == std::get<WallLaw>(w.meaning).terms().front().index());
    number = 0.25;
    for_each_function(*law, [&](const char* name, const Function& f, const Allowed&) {
      CAPTURE(name);
      CHECK(f(0.0, 0.0) == number);
      number += 0.125;
    });
    for (const std::string& key : w.keys()) {  // none may be left out
      CAPTURE(key);
      CHECK_THROWS_WITH(read(text.substr(0, text.find("\n" + key) + 1)), Catch::Contains("missing"));
    }
  }
}

TEST_CASE("what stands beside in a wall is there if its first key is given", "[walls]") {
  const auto values = [](const std::string& text) {
    std::string all;
    const std::optional<WallLaw> law = law_of(read(text), {});
    for_each_function(*law, [&](const char* name, const Function& f, const Allowed&) {
      all += fmt::format("{} {} ", name, f(0.0, 0.0));
    });
    return all;
  };
  const std::string convects = "type = \"convection\"\nfilm = 5\nambient = 290\n";
  CHECK(values(convects) == "film 5 ambient 290 ");
  CHECK(values(convects + "emissivity = 0.9") == "film 5 ambient 290 emissivity 0.9 radiant 290 ");
  CHECK(values(convects + "emissivity = 0.9\nradiant = 250") ==
        "film 5 ambient 290 emissivity 0.9 radiant 250 ");
  CHECK(values(convects + "inward = 7") == "film 5 ambient 290 inward 7 ");
  CHECK(values(convects + "inward = 7\nemissivity = 0.5") ==
        "film 5 ambient 290 emissivity 0.5 radiant 290 inward 7 ");
  CHECK(values("type = \"radiation\"\nemissivity = 0.5\nambient = 300\ninward = 7") ==
        "emissivity 0.5 ambient 300 inward 7 ");
  CHECK_THROWS_WITH(read("type = \"flux\"\ninward = 1\nemissivity = 0.5"),
                    Catch::Contains("does not belong"));
  CHECK_THROWS_WITH(read("type = \"temperature\"\nvalue = \"T\""), Catch::Contains("value"));
}

TEST_CASE("each word is listed among the walls that fix the level or among those that do not", "[walls]") {
  const std::string fixing = words_that_fix_level(true, "or"), open = words_that_fix_level(false, "and");
  for (const WallWord& w : wall_words()) {
    CAPTURE(w.word);
    CHECK((fixing.find(w.word) != std::string::npos) != (open.find(w.word) != std::string::npos));
  }
  CHECK_THAT(fixing, Catch::StartsWith("temperature, convection") && Catch::Contains(" or "));
  CHECK_THAT(open, Catch::StartsWith("insulated, flux") && Catch::EndsWith(" and periodic"));
}

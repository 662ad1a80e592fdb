// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/wall_words.hpp"

#include <algorithm>
#include <stdexcept>

#include "app/case/spec_of_case.hpp"

namespace calor::app {

const std::vector<WallWord>& wall_words() {
  static const std::vector<WallWord> all{{"insulated", Insulated{}},
                                         {"temperature", FixedTemperature{}},
                                         {"flux", HeatFlux{}},
                                         {"convection", Convection{1.0, 0.0}, {Radiation{}, HeatFlux{}}},
                                         {"radiation", Radiation{}, {HeatFlux{}}},
                                         {"periodic", Periodic{}}};
  return all;
}

namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Words of the walls that take this key; of those that need it, if so wished.
std::vector<std::string> words_with(const std::string& key, bool needing) {
  std::vector<std::string> words;
  for (const WallWord& w : wall_words())
    if (contains(w.keys(), key) || (!needing && contains(w.keys_beside(), key))) words.emplace_back(w.word);
  return words;
}

}  // namespace

std::vector<std::string> WallWord::keys() const {
  std::vector<std::string> names;
  if (const auto* law = std::get_if<WallLaw>(&meaning))
    for_each_function(*law,
                      [&](const char* name, const Function&, const Allowed&) { names.emplace_back(name); });
  return names;
}

std::vector<std::string> WallWord::keys_beside() const {
  std::vector<std::string> names;
  for (const WallTerm& term : beside)
    for_each_function_of_term(
        term, true, [&](const char* name, const Function&, const Allowed&) { names.emplace_back(name); });
  return names;
}

bool WallWord::fixes_level() const {
  const auto* law = std::get_if<WallLaw>(&meaning);
  return law != nullptr && calor::fixes_level(*law);
}

std::string words_that_fix_level(bool fix, const std::string& last) {
  std::vector<std::string> words;
  for (const WallWord& w : wall_words())
    if (w.fixes_level() == fix) words.emplace_back(w.word);
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i)
    all += (i == 0 ? "" : i + 1 < words.size() ? ", " : " " + last + " ") + words[i];
  return all;
}

void bind_wall(Schema& schema, WallCase& c) {
  Words<std::string> words;
  for (const WallWord& w : wall_words()) words.push_back({w.word, w.word});
  const auto quantity = [&](const std::string& key, const std::string& unit,
                            const char* variables = "xytT") -> Key& {
    Key& k = schema.quantity(key, c.values[key], unit, variables).only_for(words_with(key, false));
    if (const std::vector<std::string> needing = words_with(key, true); !needing.empty())
      k.required_for(needing);
    return k;
  };
  schema.word("type", c.type, words).selects().required().help("What the wall does");
  schema.text("name", c.name, longest_name)
      .label()
      .help("Name, by which heat.walls in summary.json tells the heat that came in through it");
  schema.number("from", c.from, "m").help("Lower end of the piece along the side; absent: the side's");
  schema.number("to", c.to, "m").help("Upper end of the piece along the side; absent: the side's");
  quantity("value", "K", "xyt").help("Temperature of the wall");
  quantity("film", "W/(m2 K)").at_least(0.0).help("Film coefficient");
  quantity("ambient", "K").help("Temperature of the surroundings");
  quantity("emissivity", "")
      .positive()
      .at_most(1.0)
      .help("Emissivity; temperatures are in K, or in what output.temperature_unit says");
  quantity("radiant", "K").help("Temperature of what the wall radiates to; absent: ambient");
  quantity("inward", "W/m2").help("Heat flux, positive inward; beside the rest where that stands there too");
}

bool periodic(const WallCase& wall) {
  const auto& words = wall_words();
  return std::any_of(words.begin(), words.end(), [&](const WallWord& w) {
    return w.word == wall.type && std::holds_alternative<Periodic>(w.meaning);
  });
}

std::optional<WallLaw> law_of(const WallCase& wall, const FunctionTable& named) {
  for (const WallWord& w : wall_words()) {
    if (w.word != wall.type) continue;
    const auto* kind = std::get_if<WallLaw>(&w.meaning);
    if (kind == nullptr) return {};
    WallLaw law = *kind;
    for_each_function(law, [&](const char* name, Function& f, const Allowed&) {
      f = make_function(wall.value(name), "xytT", named);
    });
    for (WallTerm term : w.beside) {
      bool there = true, first = true;
      for_each_function_of_term(term, false, [&](const char* name, Function& f, const Allowed& allowed) {
        const char* const key = allowed.beside != nullptr ? allowed.beside : name;
        if (first) there = wall.given(key);
        first = false;
        if (there) f = make_function(wall.value(wall.given(key) ? key : name), "xytT", named);
      });
      if (there) law = law.plus(term);
    }
    return law;
  }
  throw std::logic_error{"no wall of type " + wall.type};
}

}  // namespace calor::app

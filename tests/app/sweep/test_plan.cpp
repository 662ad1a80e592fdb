// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <set>

#include "app/sweep/plan.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Catch::Contains;

namespace {

/// What every transient must say.
const std::string physical =
    "\n[material]\nconductivity = 1.0\ndensity = 1.0\nspecific_heat = 1.0\n[initial]\ntemperature = 0.0\n";

struct Made {
  Document document;
  SweepCase sweep;
  Plan plan;
};

Made made(const std::string& text, const std::vector<std::string>& overrides = {},
          const std::string& table = "") {
  Mistakes mistakes;
  Document document{
      {{"plan.toml", "[grid]\nnx = 4\nny = 3\n[time]\nend = 1.0\n" + text + physical}}, overrides, mistakes};
  SweepCase sweep = read_sweep(document, mistakes);
  mistakes.throw_if_any();
  std::optional<CsvTable> csv;
  if (!table.empty()) csv = read_csv(table, "plan.csv");
  Plan plan{sweep, csv, document.layers(), mistakes};
  mistakes.throw_if_any();
  return {std::move(document), std::move(sweep), std::move(plan)};
}

/// "1 2 | 3 4": the values of all cases.
std::string all_values(const Plan& plan) {
  std::string all;
  Mistakes mistakes;
  for (std::int64_t n = 0; n < plan.size(); ++n) {
    if (n > 0) all += " |";
    for (const auto& v : plan.values(n, mistakes)) all += (all.empty() ? "" : " ") + (v ? v->text : "-");
  }
  CHECK(mistakes.empty());
  return all;
}

std::vector<double> column(const Plan& plan, std::size_t key) {
  std::vector<double> numbers;
  Mistakes mistakes;
  for (std::int64_t n = 0; n < plan.size(); ++n) numbers.push_back(plan.values(n, mistakes)[key]->number);
  return numbers;
}

std::string complaint(const std::string& text) {
  try {
    made(text);
  } catch (const Error& e) {
    CHECK(e.code() == Exit::bad_case);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a grid has every combination, the last key fastest", "[plan]") {
  CHECK(all_values(made("[sweep.vary]\n\"grid.nx\" = [1, 2]\n\"grid.ny\" = [3, 4, 5]\n").plan) ==
        "1 3 | 1 4 | 1 5 | 2 3 | 2 4 | 2 5");
}

TEST_CASE("keys without quotes, and the command line, name the same keys", "[plan]") {
  const std::string text = "[sweep.vary]\ngrid.nx = [1, 2]\ngrid.ny = [3]\n";
  CHECK(all_values(made(text).plan) == "1 3 | 2 3");
  CHECK(all_values(made(text, {"sweep.vary.\"grid.nx\"=[7]"}).plan) == "7 3");
  CHECK(all_values(made(text, {"sweep.vary.grid.nx=[8]"}).plan) == "8 3");
}

TEST_CASE("zip sets keys side by side; one entry may set several keys", "[plan]") {
  CHECK(all_values(made("[sweep]\nmode = \"zip\"\n[sweep.vary]\n\"grid.nx\" = [1, 2]\n\"grid.ny\" = [3, 4]\n")
                       .plan) == "1 3 | 2 4");
  CHECK(all_values(made("[sweep.vary]\n\"grid.nx, grid.ny\" = [5, [6, 7]]\n").plan) == "5 5 | 6 7");
}

TEST_CASE("ranges have exact ends and round steps", "[plan]") {
  const Plan linear = made("[sweep.vary]\n\"a.b\" = { from = 0.0, to = 1.0, count = 11 }\n").plan;
  for (int n = 0; n <= 10; ++n) CHECK(column(linear, 0)[static_cast<std::size_t>(n)] == n / 10.0);
  const std::vector<double> log =
      column(made("[sweep.vary]\n\"a.b\" = { from = 1e-2, to = 1e3, count = 6, scale = \"log\" }\n").plan, 0);
  for (std::size_t n = 0; n < 6; ++n) CHECK(log[n] == Approx(std::pow(10.0, double(n) - 2.0)).epsilon(1e-14));
  CHECK(log.front() == 1e-2);
  CHECK(log.back() == 1e3);
  CHECK(all_values(
            made("[sweep.vary]\n\"grid.nx\" = { from = 1, to = 7, count = 4, whole = \"yes\" }\n").plan) ==
        "1 | 3 | 5 | 7");
  CHECK(column(made("[sweep.vary]\n\"a.b\" = { from = 3.0, to = 4.0, count = 1 }\n").plan, 0) ==
        std::vector<double>{3.0});
}

TEST_CASE("draws cover the range, and depend on seed, key and number alone", "[plan]") {
  const std::string vary = "[sweep.vary]\n\"a.b\" = { from = 1e-3, to = 10.0, scale = \"log\" }\n";
  const auto drawn = [&](int samples, int seed, const std::string& more = "") {
    return column(made("[sweep]\nmode = \"random\"\nsamples = " + std::to_string(samples) +
                       "\nseed = " + std::to_string(seed) + "\n" + vary + more)
                      .plan,
                  0);
  };
  const std::vector<double> all = drawn(4000, 1);
  CHECK(std::vector<double>(all.begin(), all.begin() + 100) == drawn(100, 1));
  CHECK(drawn(100, 1, "\"a.c\" = [1, 2]\n") == drawn(100, 1));
  CHECK(drawn(100, 2) != drawn(100, 1));
  // As many in every decade: 1000 of 4000, give or take five standard deviations.
  std::array<int, 4> decade{};
  for (const double v : all) {
    REQUIRE((1e-3 <= v && v <= 10.0));
    ++decade[static_cast<std::size_t>(std::min(3.0, std::floor(std::log10(v) + 3.0)))];
  }
  for (const int count : decade) CHECK(std::abs(count - 1000) < 140);
  CHECK(std::set<double>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("a Latin hypercube meets every part of every range once", "[plan]") {
  const int samples = GENERATE(1, 2, 37, 500);
  const Plan plan =
      made("[sweep]\nmode = \"latin-hypercube\"\nsamples = " + std::to_string(samples) +
           "\n[sweep.vary]\n\"a.b\" = { from = 5.0, to = -5.0 }\n\"a.c\" = { from = 0.0, to = 1.0 }\n")
          .plan;
  REQUIRE(plan.size() == samples);
  for (const std::size_t key : {0U, 1U}) {
    std::set<int> parts;
    for (const double v : column(plan, key))
      parts.insert(static_cast<int>(std::floor(samples * (key == 0 ? (5.0 - v) / 10.0 : v))));
    CHECK(parts.size() == static_cast<std::size_t>(samples));
    CHECK(*parts.begin() == 0);
    CHECK(*parts.rbegin() == samples - 1);
  }
  if (samples == 500) {  // the keys are not shuffled alike
    const std::vector<double> b = column(plan, 0), c = column(plan, 1);
    double sum = 0.0;
    for (std::size_t n = 0; n < b.size(); ++n) sum += (0.5 - (5.0 - b[n]) / 10.0) * (c[n] - 0.5);
    CHECK(std::abs(sum / 500.0 * 12.0) < 0.2);
  }
}

TEST_CASE("exclusions leave out what all their conditions say", "[plan]") {
  const std::string vary = "[sweep.vary]\n\"grid.nx\" = [1, 2, 3]\n\"grid.ny\" = [1, 2]\n";
  const Plan plan =
      made(vary +
           "[[sweep.exclude]]\n\"grid.nx\" = { from = 2 }\n\"grid.ny\" = [2, 9]\n[[sweep.exclude]]\n"
           "\"grid.nx\" = 1\n\"grid.ny\" = 1\n")
          .plan;
  CHECK(all_values(plan) == "1 2 | 2 1 | 3 1");
  CHECK(plan.excluded() == 3);
  CHECK_THAT(complaint(vary + "[[sweep.exclude]]\n"), Contains("leave out every case"));
}

TEST_CASE("a table's empty cells leave the key as it is", "[plan]") {
  Made m = made("[sweep]\nfile = \"plan.csv\"\n", {},
                "grid.nx,title,boundary.left\n5,,\n,some words,\"{ type = \"\"insulated\"\" }\"\n");
  CHECK(all_values(m.plan) == "5 - - | - some words ");
  CaseMaker maker{m.document, m.plan, "plan"};
  Mistakes mistakes;
  const Case first = maker.make(0, mistakes), second = maker.make(1, mistakes);
  CHECK(mistakes.empty());
  CHECK((first.grid.nx == 5 && first.title.empty() && first.boundary.left.empty()));
  CHECK((second.grid.nx == 4 && second.title == "some words" && second.boundary.left.size() == 1));
}

TEST_CASE("a varied value wins as an override would, and mistakes name its line", "[plan]") {
  Made m = made(
      "[boundary]\nleft = { type = \"convection\", film = 1.0, ambient = 2.0 }\n"
      "[sweep.vary]\n\"boundary.left\" = [\n { type = \"insulated\" },\n { film = 5.0 },\n { film = -5.0 } "
      "]\n");
  CaseMaker maker{m.document, m.plan, "plan"};
  Mistakes none, some;
  CHECK(maker.make(0, none).boundary.left[0].type == "insulated");
  const Case second = maker.make(1, none);
  CHECK((second.boundary.left[0].type == "convection" &&
         second.boundary.left[0].value("film") == Quantity{5.0}));
  CHECK(none.empty());
  maker.make(2, some);
  CHECK_THROWS_WITH(some.throw_if_any(), Contains("plan.toml:12: boundary.left.film = -5.0"));
  CHECK(maker.make(1, none) == second);  // nothing of an earlier case stays
}

TEST_CASE("plans that cannot be meant are refused", "[plan]") {
  CHECK_THAT(complaint("[sweep.vary]\n\"grid nx\" = [1]\n"), Contains("not a dotted key"));
  CHECK_THAT(complaint("[sweep.vary]\n\"grid.nx\" = \"many\"\n"), Contains("must be a list"));
  CHECK_THAT(complaint("[sweep.vary]\n\"a.b, a.c\" = [[1, 2, 3]]\n"), Contains("one value for all 2 keys"));
  CHECK_THAT(complaint("[sweep.vary]\n\"a.b\" = { from = 1.0 }\n"), Contains("to"));
  std::string many = "[sweep.vary]\n";
  for (const char* key : {"a", "b", "c"})
    many += std::string{"\"x."} + key + "\" = { from = 0.0, to = 1.0, count = 1000 }\n";
  CHECK_THAT(complaint(many), Contains("more than 1000000 cases"));
}

TEST_CASE("whole numbers beyond those that a double can tell apart stay what was asked for", "[plan]") {
  const auto whole = [](const std::string& range) {
    return made("[sweep.vary]\n\"grid.nx\" = { " + range + ", count = 3, whole = \"yes\" }\n").plan;
  };
  CHECK(all_values(whole("from = 1.0, to = 1e300")) == "1 | 1e+300 | 1e+300");
  CHECK(all_values(whole("from = -1e19, to = 2.0")) == "-1e+19 | -1e+19 | 2");
  CHECK(all_values(whole("from = 1.0, to = 9007199254740991.0")) ==
        "1 | 4503599627370496 | 9007199254740991");
  const Plan plan = whole("from = 1.0, to = 1e300");
  Mistakes mistakes;
  for (std::int64_t n = 1; n < plan.size(); ++n) {
    const auto value = plan.values(n, mistakes)[0];
    CHECK(value->number == 1e300);  // what ranges are held against
    CHECK(value->place.text.find("sweep.vary") != std::string::npos);
  }
}

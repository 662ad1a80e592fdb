// SPDX-License-Identifier: BSD-3-Clause
#include <omp.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "solver/model/function.hpp"
#include "tests/support/catch.hpp"

using calor::Function;

namespace {

std::uint64_t bits(double v) {
  std::uint64_t b = 0;
  std::memcpy(&b, &v, sizeof b);
  return b;
}

std::string complaint(const std::string& text, const std::string& variables) {
  try {
    Function::expression(text, variables);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

const std::string wild = "sin(3*x)*exp(-y)+T^1.3/(1+abs(t))+(x<0.5?atan2(y,x):ln(1+x*x))+min(x,y,T)*tanh(t)";

}  // namespace

TEST_CASE("an expression has the value of its formula", "[function]") {
  const double x = 0.7, y = 1.9, t = 2.5, T = 301.25;
  struct Row {
    const char* text;
    double value;
  };
  const Row row = GENERATE_COPY(values<Row>({
      {"x + 2*y", x + 2 * y},
      {"x - y - t", x - y - t},
      {"2^3^2", 512.0},
      {"-x^2", -(x * x)},
      {"2*x^2/y", 2 * x * x / y},
      {"x^-2", 1 / (x * x)},
      {"(-x)^3", -(x * x * x)},
      {"(x-y)^4", (x - y) * (x - y) * (x - y) * (x - y)},
      {"y^5 + y^0 + y^0.5 + y^x", std::pow(y, 5) + 1.0 + std::sqrt(y) + std::pow(y, x)},
      {"sin(x)^2 + cos(x)^2", 1.0},
      {"x^2^y", std::pow(x, std::pow(2.0, y))},
      {"x<y^2 ? 1 : 2", 1.0},
      {"T/300", T / 300},
      {"sin(pi*x)*cos(y)", std::sin(std::numbers::pi * x) * std::cos(y)},
      {"tan(x)+asin(x)+acos(x)+atan(y)", std::tan(x) + std::asin(x) + std::acos(x) + std::atan(y)},
      {"atan2(y, x)", std::atan2(y, x)},
      {"sinh(x)+cosh(x)+tanh(x)", std::sinh(x) + std::cosh(x) + std::tanh(x)},
      {"exp(x)+ln(y)+log10(y)+log2(y)", std::exp(x) + std::log(y) + std::log10(y) + std::log2(y)},
      {"sqrt(t)+abs(-y)+sign(-y)", std::sqrt(t) + y - 1.0},
      {"erf(x)+erfc(y)", std::erf(x) + std::erfc(y)},
      {"min(x, y, t)", x},
      {"max(x, y, t)", t},
      {"rint(y)", 2.0},
      {"x < 1 ? 10 : 20", 10.0},
      {"x >= 1 || y == 2 ? 10 : 20", 20.0},
      {"1.5e3 * x", 1500.0 * x},
  }));
  INFO(row.text);
  const Function f = Function::expression(row.text, "xytT");
  CHECK(f(x, y, t, T) == Approx(row.value).epsilon(1e-15));
}

TEST_CASE("a function knows what it depends on", "[function]") {
  CHECK(Function{3.0}.constant());
  CHECK(Function{3.0}(1.0, 2.0) == 3.0);
  const Function folded = Function::expression("2*pi", "xy");
  CHECK(folded.constant());
  CHECK(folded(5.0, 6.0) == 2.0 * std::numbers::pi);
  const Function place = Function::expression("x", "xytT"), time = Function::expression("t+1", "xytT"),
                 temperature = Function::expression("T*2", "xytT");
  CHECK((place.of_place() && !place.of_time() && !place.of_temperature() && !place.constant()));
  CHECK((!time.of_place() && time.of_time() && !time.of_temperature()));
  CHECK((!temperature.of_place() && !temperature.of_time() && temperature.of_temperature()));
  CHECK(Function::expression("y", "xytT").of_place());
}

TEST_CASE("what is not arithmetic of the allowed variables is refused with a reason", "[function]") {
  struct Row {
    const char *text, *variables, *reason;
  };
  const Row row = GENERATE(values<Row>({
      {"x + z", "xy", "'z' at character 5; allowed: x [m], y [m], pi"},
      {"x*t", "xy", "variable 't' at character 3 may not appear here; allowed: x [m], y [m], pi"},
      {"T", "xyt", "may not appear here"},
      {"x=5", "xy", "assignment"},
      {"y = x == 2", "xy", "assignment"},
      {"1,2", "xy", "comma"},
      {"x,y", "xy", "comma"},
      {"\"text\"", "xy", "string"},
      {"", "xy", "empty"},
      {"  \n", "xy", "empty"},
      {"sin(", "xy", "ends too early"},
      {"x +", "xy", "ends too early"},
      {"sin x", "xy", "parentheses"},
      {"2x", "xy", "character 2"},
      {"()", "xy", "parenthesis"},
      {"x)", "xy", "parenthesis"},
      {"system(1)", "xy", "unknown name 'system'"},
      {"sum(1,2)", "xy", "unknown name 'sum'"},
      {"_pi", "xy", "unknown name '_pi'"},
      {"atan2(x)", "xy", "too few"},
      {"sin(x,y)", "xy", "too many"},
      {"min()", "xy", "too few"},
      {"x?1", "xy", "else"},
      {"1e999", "xy", "1e999"},
      {"nan", "xy", "unknown name 'nan'"},
      {"x; y", "xy", "';'"},
      {"x#2", "xy", "cannot read '#' at character 2"},
      {"x ^", "xy", "ends too early"},
      {"x^?1:2", "xy", "operator"},
      {"^x", "xy", "'^'"},
      {"x*^2", "xy", "'^'"},
      {"\xC3\xA9*x", "xy", "ASCII"},
  }));
  INFO(row.text);
  CHECK_THAT(complaint(row.text, row.variables), Catch::Contains(row.reason));
  CHECK_THAT(complaint(std::string(1 << 20, ' ') + "x", "xy"), Catch::Contains("longer than 1048576"));
}

TEST_CASE("deeply nested expressions neither crash nor hang", "[function]") {
  std::string many;
  for (int i = 0; i < 400; ++i) many += "x?";
  many += "1";
  for (int i = 0; i < 400; ++i) many += ":2";
  CHECK(Function::expression(many, "xy")(0.0, 0.0) == 2.0);
  CHECK(Function::expression(std::string(1000, '(') + "x" + std::string(1000, ')'), "xy")(4.0, 0.0) == 4.0);
  CHECK(complaint(std::string(2000, '('), "xy") != "accepted");
}

TEST_CASE("a table is linear between its points and constant beyond them", "[function]") {
  const Function f = Function::table({0.0, 100.0, 300.0}, {10.0, 20.0, 0.0});
  CHECK(f.of_temperature());
  CHECK(f(0, 0, 0, -5.0) == 10.0);
  CHECK(f(0, 0, 0, 0.0) == 10.0);
  CHECK(f(0, 0, 0, 50.0) == 15.0);
  CHECK(f(0, 0, 0, 100.0) == 20.0);
  CHECK(f(0, 0, 0, 200.0) == 10.0);
  CHECK(f(0, 0, 0, 300.0) == 0.0);
  CHECK(f(0, 0, 0, 1e9) == 0.0);
  CHECK(std::isnan(f(0, 0, 0, std::numeric_limits<double>::quiet_NaN())));
  CHECK(f.slope(0, 0, 0, 50.0) == Approx(0.1));
  CHECK(f.slope(0, 0, 0, 400.0) == 0.0);
  CHECK(Function::table({20.0}, {7.0})(0, 0, 0, 1.0) == 7.0);
}

TEST_CASE("the slope is the derivative over temperature", "[function]") {
  const Function f = Function::expression("2 + 0.5*T + 1e-3*T^2 + x", "xyT");
  for (const double T : {-40.0, 0.0, 0.3, 300.0, 2000.0})
    CHECK(f.slope(1.0, 0.0, 0.0, T) == Approx(0.5 + 2e-3 * T).epsilon(1e-8));
  CHECK(Function::expression("x", "xyT").slope(1, 1, 1, 1) == 0.0);
  CHECK(Function{3.0}.slope(1, 1, 1, 1) == 0.0);
}

TEST_CASE("many threads at once get the bits that one gets", "[function][threads]") {
  const Function f = Function::expression(wild, "xytT");
  constexpr int count = 20000;
  const auto value = [&f](int i) { return f(i * 1e-4, i * 3e-5, i * 1e-3, 250.0 + i * 0.01); };
  std::vector<std::uint64_t> alone(count);
  for (int i = 0; i < count; ++i) alone[static_cast<std::size_t>(i)] = bits(value(i));

  for (const int threads : {2, 8, 3}) {  // the number changes, up and down
    int wrong = 0;
#pragma omp parallel for schedule(dynamic, 7) num_threads(threads) reduction(+ : wrong)
    for (int i = 0; i < count; ++i) wrong += bits(value(i)) != alone[static_cast<std::size_t>(i)] ? 1 : 0;
    CHECK(wrong == 0);
  }

  // Two nested teams, whose thread numbers repeat.
  omp_set_max_active_levels(2);
  int wrong = 0;
#pragma omp parallel for num_threads(2) reduction(+ : wrong)
  for (int half = 0; half < 2; ++half) {
    int mine = 0;
#pragma omp parallel for num_threads(2) reduction(+ : mine)
    for (int i = half * count / 2; i < (half + 1) * count / 2; ++i)
      mine += bits(value(i)) != alone[static_cast<std::size_t>(i)] ? 1 : 0;
    wrong += mine;
  }
  CHECK(wrong == 0);

  // Threads that OpenMP does not know, and a copy of the function.
  const Function copy = f;
  std::vector<int> bad(6, 0);
  std::vector<std::thread> crew;
  for (std::size_t n = 0; n < bad.size(); ++n)
    crew.emplace_back([&, n] {
      for (int i = 0; i < count; ++i)
        bad[n] +=
            bits(copy(i * 1e-4, i * 3e-5, i * 1e-3, 250.0 + i * 0.01)) != alone[static_cast<std::size_t>(i)];
    });
  for (std::thread& t : crew) t.join();
  CHECK(bad == std::vector<int>(6, 0));
}

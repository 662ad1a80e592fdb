// SPDX-License-Identifier: BSD-3-Clause
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "solver/model/function.hpp"
#include "solver/model/quadrature.hpp"
#include "tests/support/catch.hpp"

using calor::Function;
using calor::FunctionTable;
using calor::Knot;
using calor::TimeTable;
using Between = TimeTable::Between;
using Beyond = TimeTable::Beyond;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TimeTable::Shape shaped(Between between, Beyond beyond, double period = 0.0, double scale = 1.0,
                        double offset = 0.0) {
  TimeTable::Shape s;
  s.between = between;
  s.beyond = beyond;
  s.period = period;
  s.scale = scale;
  s.offset = offset;
  return s;
}

/// A table read as a person reads it: from the top, point by point. No search, no sums kept.
struct Plain {
  std::vector<double> t, v;
  TimeTable::Shape shape;

  double at(double time) const {
    std::vector<double> p = t, q = v;
    if (shape.beyond == Beyond::repeat) {
      const double P = shape.period == 0.0 ? t.back() - t.front() : shape.period;
      while (time < t.front()) time += P;
      while (time >= t.front() + P) time -= P;
      p.push_back(t.front() + P);
      q.push_back(shape.between == Between::step ? v.back() : v.front());
    }
    double raw = q.front();
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (p[i] > time) break;
      raw = q[i];
      if (shape.between == Between::linear && i + 1 < p.size() && p[i + 1] > time)
        raw = q[i] * ((p[i + 1] - time) / (p[i + 1] - p[i])) + q[i + 1] * ((time - p[i]) / (p[i + 1] - p[i]));
    }
    return raw * shape.scale + shape.offset;
  }
};

/// Points on a raster of quarters, so that times and repeats are exact; some of them jumps.
Plain random_table(std::mt19937& draw, const TimeTable::Shape& shape) {
  Plain p{{}, {}, shape};
  double t = 0.25 * static_cast<double>(draw() % 9) - 1.0;
  const int count = 2 + static_cast<int>(draw() % 60);
  for (int i = 0; i < count; ++i) {
    p.t.push_back(t);
    p.v.push_back(static_cast<double>(draw() % 21) - 10.0);
    if (draw() % 4 == 0) {
      p.t.push_back(t);
      p.v.push_back(static_cast<double>(draw() % 21) - 10.0);
    }
    t += 0.25 * static_cast<double>(1 + draw() % 8);
  }
  if (shape.beyond == Beyond::repeat && draw() % 2 == 0) p.shape.period = p.t.back() - p.t.front() + 1.5;
  return p;
}

}  // namespace

TEST_CASE("a table over time has the values of its points, lines and steps", "[time_table]") {
  const Function f = Function::over_time({{0.0, 10.0, 10.0, 20.0}, {20.0, 40.0, 100.0, 0.0}, {}});
  CHECK(f.of_time());
  CHECK_FALSE(f.of_place());
  CHECK_FALSE(f.of_temperature());
  CHECK(f(0, 0, -5.0) == 20.0);
  CHECK(f(0, 0, 5.0) == 30.0);
  CHECK(f(0, 0, 10.0) == 100.0);  // the later value from there on
  CHECK(f(0, 0, std::nextafter(10.0, 0.0)) == Approx(40.0));
  CHECK(f(0, 0, 15.0) == 50.0);
  CHECK(f(0, 0, 20.0) == 0.0);
  CHECK(f(0, 0, 1e300) == 0.0);
  CHECK(std::isnan(f(0, 0, std::nan(""))));
  CHECK(Function::over_time({{0.0}, {7.0}, shaped(Between::step, Beyond::hold, 0.0, 2.0, 1.0)}) ==
        Function{15.0});
  const Function u =
      Function::over_time({{0.0, 1.0}, {2.0, 3.0}, shaped(Between::linear, Beyond::undefined)});
  CHECK(u(0, 0, 1.0 + 1e-12) == 3.0);
  CHECK(std::isnan(u(0, 0, 1.001)));
  CHECK(std::isnan(u.integral(0.5, 2.0, 0, 0)));
}

TEST_CASE("values, knots and integrals of random tables are those of a plain reading", "[time_table]") {
  std::mt19937 draw{20260711};
  for (int n = 0; n < 400; ++n) {
    const Between between = draw() % 2 == 0 ? Between::linear : Between::step;
    const Beyond beyond = draw() % 2 == 0 ? Beyond::hold : Beyond::repeat;
    const Plain plain = random_table(
        draw, shaped(between, beyond, 0.0, draw() % 3 == 0 ? -0.5 : 1.0, draw() % 3 == 0 ? 3.0 : 0.0));
    const TimeTable table{plain.t, plain.v, plain.shape};
    const double from = -20.0 + 0.25 * static_cast<double>(draw() % 160);
    const double to = from + 0.25 * static_cast<double>(draw() % 1200);
    INFO("table " << n << " from " << from << " to " << to);
    // On a raster that holds all points, and is a power of two: lines are exact between its marks.
    std::vector<Knot> wanted, knots;
    double sum = 0.0, magnitude = 0.0;
    int wrong = 0;
    constexpr double h = 0.125;
    const auto left = [&](double t) {  // the line's end, from two values before it
      return between == Between::step ? plain.at(t - h / 2) : 2.0 * plain.at(t - h / 2) - plain.at(t - h);
    };
    for (double t = from; t < to; t += h) {
      const double here = plain.at(t), half = plain.at(t + h / 2), next = left(t + h);
      wrong += std::abs(table(t) - here) > 1e-12 || std::abs(table(t + h / 2) - half) > 1e-12 ? 1 : 0;
      sum += h * half;
      magnitude += h * std::abs(half);
      if (t > from) {
        const bool jump = std::abs(left(t) - here) > 1e-9;
        const double before = left(t) - plain.at(t - h), after = next - here;
        if (jump || std::abs(before - after) > 1e-9) wanted.push_back({t, jump});
      }
    }
    CHECK(wrong == 0);
    CHECK(table.integral(from, to) == Approx(sum).epsilon(1e-12).margin(1e-13 * magnitude));
    REQUIRE(table.knots(from, to, 1'000'000, knots));
    // Of points that lie in one line up to rounding, a corner more does no harm.
    for (const Knot& k : wanted) CHECK(std::find(knots.begin(), knots.end(), k) != knots.end());
    for (const Knot& k : knots) {
      const bool known = std::find(wanted.begin(), wanted.end(), k) != wanted.end();
      CHECK((known || !k.jump));
    }
    CHECK(knots.size() <= wanted.size() + 5);
    CHECK(std::is_sorted(knots.begin(), knots.end(), [](const Knot& a, const Knot& b) { return a.t < b.t; }));
    for (const Knot& k : knots)
      if (k.jump) CHECK(std::abs(table(k.t) - table(std::nextafter(k.t, -infinity))) > 1e-9);
  }
}

TEST_CASE("a knot of a repeat is the first time with the later value, and where a user would say it is",
          "[time_table]") {
  for (const double period : {0.1, 1.0 / 3.0, 86400.0, 0.7e-3}) {
    const TimeTable table{{0.0, 0.3 * period}, {1.0, 0.0}, shaped(Between::step, Beyond::repeat, period)};
    std::vector<Knot> knots;
    REQUIRE(table.knots(0.0, 1000.5 * period, 10'000, knots));
    REQUIRE(knots.size() == 2001);
    for (const Knot& k : knots) {
      REQUIRE(k.jump);
      REQUIRE(table(k.t) != table(std::nextafter(k.t, -infinity)));
    }
    CHECK(knots[1].t == period);
    CHECK(knots[1999].t == 1000.0 * period);
    CHECK(table.integral(0.0, 1000.0 * period) == Approx(300.0 * period).epsilon(1e-12));
    std::vector<Knot> none;
    CHECK_FALSE(table.knots(0.0, 1e9 * period, 10'000, none));
    CHECK(none.empty());
  }
}

TEST_CASE("an hour late in a million rows is integrated to its own digits", "[time_table]") {
  std::vector<double> t, v;
  for (int i = 0; i < 1'000'000; ++i) {
    t.push_back(i * 30.0);
    v.push_back(1e6 + i % 7);
  }
  const TimeTable table{t, v, {}};
  const double a = 999'000 * 30.0 + 10.0;
  double sum = 0.0;
  for (int i = 0; i < 60; ++i) sum += table(a + 0.5 + i);  // lines: the middle is exact within a row
  CHECK(table.integral(a, a + 20.0) == Approx(20.0 * table(a + 10.0)).epsilon(1e-14));
  CHECK(table.integral(a, a + 60.0) == Approx(sum).epsilon(1e-12));
  double all = 0.0;
  for (int i = 0; i + 1 < 1'000'000; ++i) all += 15.0 * ((i % 7) + ((i + 1) % 7));
  CHECK(table.integral(t.front(), t.back()) == Approx(all + 1e6 * t.back()).epsilon(1e-13));
  CHECK(table.bytes() <= 17'000'000);
  const Function f = Function::over_time(table), copy = f;
  CHECK(f == copy);
}

TEST_CASE("expressions call named functions, which call others", "[time_table]") {
  FunctionTable named;
  named["T_out"] = Function::over_time({{0.0, 10.0, 20.0}, {0.0, 10.0, 40.0}, {}});
  named["day"] = Function::over_time(
      {{0.0, 5.0, 5.0, 10.0}, {0.0, 0.0, 1.0, 1.0}, shaped(Between::step, Beyond::repeat)});
  named["twice"] = Function::expression("2*T_out(t) + day(t/2)", "t", named);
  const auto make = [&](const char* text, const char* variables) {
    return Function::expression(text, variables, named);
  };
  CHECK(make("T_out(t) - 2", "xyt")(0, 0, 15.0) == 23.0);
  CHECK(make("T_out(T_out(t))", "t")(0, 0, 5.0) == 5.0);
  CHECK(make("twice(t + 2)*x + T_out(T)", "xytT")(3.0, 0, 10.0, 4.0) == Approx(3.0 * (2 * 16 + 1.0) + 4.0));
  CHECK(make("T_out(15)", "x").constant());
  CHECK(make("T_out(T)", "T").of_temperature());
  CHECK_FALSE(make("T_out(T)", "T").of_time());
  CHECK(make("T_out(T)", "T").slope(0, 0, 0, 15.0) == Approx(3.0));
  CHECK(make("1e5*T_out(t)", "t")(0, 0, 10.0) == 1e6);

  const auto complains = [&](const char* text, const std::string& about) {
    try {
      make(text, "xyt");
    } catch (const std::invalid_argument& e) {
      INFO(e.what());
      return std::string{e.what()}.find(about) != std::string::npos;
    }
    return false;
  };
  CHECK(complains("T_in(t)", "T_out"));
  CHECK(complains("T_out + 2", "parentheses"));
  CHECK(complains("T_out(t, 2)", "T_out"));

  FunctionTable other = named;
  other["T_out"] = Function::over_time({{0.0, 10.0, 20.0}, {0.0, 10.0, 41.0}, {}});
  CHECK(make("T_out(t) - 2", "t") == make("T_out(t) - 2", "t"));
  CHECK_FALSE(make("T_out(t) - 2", "t") == Function::expression("T_out(t) - 2", "t", other));
  CHECK_FALSE(named["T_out"] == other["T_out"]);
}

TEST_CASE("what happens in time is known of tables, and of sums and products of them", "[time_table]") {
  FunctionTable named;
  named["A"] = Function::over_time({{0.0, 10.0, 10.0, 20.0}, {0.0, 10.0, 20.0, 40.0}, {}});
  named["B"] = Function::over_time({{0.0, 10.0, 15.0}, {0.0, 1.0, 0.0}, {}});
  named["C"] = Function::expression("3*B(t) + 1", "t", named);
  const auto make = [&](const char* text) { return Function::expression(text, "xytT", named); };
  const auto knots = [](const Function& f) {
    std::vector<Knot> all;
    REQUIRE(f.knots(-1.0, 100.0, all));
    return all;
  };
  const std::vector<Knot> of_A{{0.0, false}, {10.0, true}, {20.0, false}},
      of_B{{0.0, false}, {10.0, false}, {15.0, false}},
      both{{0.0, false}, {10.0, true}, {15.0, false}, {20.0, false}};
  CHECK(knots(named["A"]) == of_A);
  CHECK(knots(make("A(t)")) == of_A);
  CHECK(knots(make("B( t ) - A(t) * x")) == both);
  CHECK(knots(make("A(t) * C(t)")) == both);
  CHECK(knots(make("exp(A(t))")) == of_A);
  CHECK(knots(make("A(t/2) + B(t)")) == of_B);
  CHECK(knots(make("sin(t)")).empty());
  for (const char* known : {"A(t)", "B(t)*2.5e-3 - x*(A(t) + T)", "C(t)", "x*y", "2"})
    CHECK(make(known).knots_known());
  for (const char* open :
       {"A(t/2)", "exp(A(t))", "A(t) > 5 ? 1 : 2", "A(t) + sin(t)", "1/B(t)", "t", "A(B(t))"})
    CHECK_FALSE(make(open).knots_known());
}

TEST_CASE("integrals of expressions over time", "[time_table]") {
  FunctionTable named;
  named["A"] = Function::over_time({{0.0, 10.0, 10.0, 20.0}, {0.0, 10.0, 20.0, 40.0}, {}});
  const auto integral = [&](const char* text, double a, double b) {
    return Function::expression(text, "xytT", named).integral(a, b, 2.0, 3.0, 5.0);
  };
  CHECK(integral("x*y", 1.0, 3.0) == 12.0);
  CHECK(integral("T*t", 0.0, 2.0) == Approx(10.0).epsilon(1e-14));
  CHECK(integral("A(t) - 2", 0.0, 20.0) == Approx(50.0 + 300.0 - 40.0).epsilon(1e-14));
  CHECK(integral("A(t)^2", 5.0, 20.0) == Approx(875.0 / 3.0 + 56000.0 / 6.0).epsilon(1e-13));
  CHECK(integral("exp(-t)*sin(30*t)", 0.0, 4.0) ==
        Approx((30.0 - std::exp(-4.0) * (30.0 * std::cos(120.0) + std::sin(120.0))) / 901.0).epsilon(1e-9));
  const double ends[] = {std::nextafter(12.345, 0.0), 12.345, 100.0};  // of pieces, where it jumps
  CHECK(Function::expression("t < 12.345 ? 10 : 0", "t").integral(0.0, ends, 0.0, 0.0) ==
        Approx(123.45).epsilon(1e-14));
  CHECK(integral("sqrt(t)", 0.0, 9.0) == Approx(18.0).epsilon(1e-11));
  CHECK(integral("1/sqrt(t)", 0.0, 9.0) == Approx(6.0).epsilon(1e-5));
  CHECK(integral("1/(t + 1e-6)", 0.0, 1.0) == Approx(std::log((1.0 + 1e-6) / 1e-6)).epsilon(1e-10));
  CHECK(integral("t", 3.0, 3.0) == 0.0);
}

TEST_CASE("the rule for integrals is exact for polynomials of degree eleven", "[time_table]") {
  for (int n = 0; n <= 11; ++n) {
    const double end = 2.0;
    const double value =
        calor::integral_over([&](double t) { return std::pow(t - 0.7, n); }, -1.0, {&end, 1});
    CHECK(value == Approx((std::pow(1.3, n + 1) - std::pow(-1.7, n + 1)) / (n + 1)).epsilon(1e-14));
  }
}

TEST_CASE("the norm's fires have the norm's temperatures", "[time_table]") {
  // EN 1991-1-2: values commonly tabulated, deg C after minutes.
  const FunctionTable c = calor::standard_fires(0.0), k = calor::standard_fires(273.15);
  const auto at = [](const FunctionTable& f, const char* name, double minutes) {
    return f.at(name)(0, 0, 60.0 * minutes);
  };
  CHECK(at(c, "iso834", 0.0) == 20.0);
  CHECK(at(c, "iso834", -1.0) == 20.0);
  CHECK(at(c, "iso834", 30.0) == Approx(841.8).margin(0.05));
  CHECK(at(c, "iso834", 60.0) == Approx(945.3).margin(0.05));
  CHECK(at(c, "iso834", 120.0) == Approx(1049.0).margin(0.05));
  CHECK(at(c, "hydrocarbon", 60.0) == Approx(1100.0).margin(0.1));
  CHECK(at(c, "hydrocarbon", 0.0) == Approx(20.0));
  CHECK(at(c, "external_fire", 60.0) == Approx(680.0).margin(0.1));
  CHECK(at(k, "iso834", 60.0) == Approx(at(c, "iso834", 60.0) + 273.15));
  CHECK(Function::expression("iso834(t) + 1", "t", c)(0, 0, 3600.0) == Approx(946.3).margin(0.05));
  for (const char* word : {"x", "t", "T", "pi", "sin", "min", "atan2"}) CHECK(Function::is_word(word));
  for (const char* name : {"T_out", "t2", "pi2", "iso834", "e"}) CHECK_FALSE(Function::is_word(name));
}

TEST_CASE("named functions have the same bits on all threads", "[time_table]") {
  std::vector<double> t, v;
  for (int i = 0; i < 500; ++i) {
    t.push_back(i * 0.7);
    v.push_back(std::sin(i * 1.3));
  }
  FunctionTable named;
  named["w"] = Function::over_time({t, v, shaped(Between::linear, Beyond::repeat)});
  named["u"] = Function::expression("w(t)*w(t/3) + exp(-w(2*t))", "t", named);
  const Function f = Function::expression("u(t + x) - w(u(t))", "xt", named);
  constexpr int count = 40'000;
  std::vector<double> alone(count), together(count);
  for (int i = 0; i < count; ++i) alone[static_cast<std::size_t>(i)] = f(i % 13, 0, 0.37 * i);
#pragma omp parallel for num_threads(4) schedule(dynamic, 7)
  for (int i = 0; i < count; ++i) together[static_cast<std::size_t>(i)] = f(i % 13, 0, 0.37 * i);
  CHECK(std::memcmp(alone.data(), together.data(), sizeof(double) * count) == 0);
}

TEST_CASE("an expression may be as long as a file", "[function]") {
  // The same operations in the same order, by the compiler.
  const double x = 0.7, t = 1.3;
  std::string sum = "t", product = "t", choice, nested = "x";
  double of_sum = t, of_product = t, of_nested = x;
  while (sum.size() < 80'000) {
    sum += " - 0.3*x + 0.1/(1 + t^2)";
    of_sum = of_sum - 0.3 * x + 0.1 / (1 + t * t);
  }
  while (product.size() < 30'000) {
    product += "*(x+0.3)/x";
    of_product = of_product * (x + 0.3) / x;
  }
  int pieces = 0;
  while (choice.size() < 80'000) {
    ++pieces;
    choice += "t < " + std::to_string(pieces) + " ? " + std::to_string(pieces) + ".5*x : ";
  }
  choice += "-1";
  for (int i = 0; i < 100; ++i) {
    nested = "max(sin(" + nested + ") + x, " + std::string(300, ' ') + "-(t - 1)*2)";
    of_nested = std::max(std::sin(of_nested) + x, -(t - 1) * 2);
  }
  CHECK(Function::expression(sum, "xt")(x, 0, t) == of_sum);
  CHECK(Function::expression(product, "xt")(x, 0, t) == of_product);
  const Function f = Function::expression(choice, "xt");
  for (const double time : {0.5, 1.5, 1000.5, pieces - 0.5})
    CHECK(f(x, 0, time) == (std::floor(time) + 1.5) * x);
  CHECK(f(x, 0, 1e9) == -1.0);
  CHECK(f.of_time());
  CHECK(f.of_place());
  CHECK(Function::expression(nested, "xt")(x, 0, t) == of_nested);
  CHECK(Function::expression("(" + sum + ")*(" + product + ") > 0 ? 1 : (" + choice + ")", "xt")(x, 0, t) ==
        (of_sum * of_product > 0 ? 1.0 : 2.5 * x));
  CHECK_THROWS_AS(Function::expression(sum + " + z", "xt"), std::invalid_argument);
  CHECK_THROWS_AS(Function::expression(sum + " + _0", "xt"), std::invalid_argument);
  CHECK_THROWS_AS(Function::expression(sum + " + (", "xt"), std::invalid_argument);
  CHECK_THROWS_AS(Function::expression(std::string(12'000, '(') + "x" + std::string(12'000, ')'), "xt"),
                  std::invalid_argument);
}

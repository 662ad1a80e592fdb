// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "decomposition/reduce.hpp"
#include "solver/time/methods.hpp"
#include "solver/time/step_error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

constexpr double tolerance = 1e-4, infinity = std::numeric_limits<double>::infinity();

/// Steps of a method of this order whose error is tolerance (dt / ideal)^(order + 1), until `enough` are
/// accepted.
struct Course {
  std::vector<double> lengths;
  int rejected = 0;
};
Course course(StepControl& control, double ideal, int order, int enough) {
  Course c;
  while (static_cast<int>(c.lengths.size()) < enough) {
    const double dt = control.dt();
    if (control.judge(tolerance * std::pow(dt / ideal, order + 1), dt, order))
      c.lengths.push_back(dt);
    else
      ++c.rejected;
  }
  return c;
}

}  // namespace

TEST_CASE("steps become as long as their error allows", "[mpi][step_error]") {
  for (const int order : {1, 2})
    for (const double first : {1e-5, 1e-2, 1.0, 30.0}) {
      INFO("order " << order << ", begun with " << first);
      StepControl control{tolerance, first};
      constexpr double ideal = 0.5;
      const Course c = course(control, ideal, order, 12);
      CHECK(c.lengths.back() > 0.8 * ideal);
      CHECK(c.lengths.back() <= ideal);
      // One step far too short is made up for by the next; one too long costs a few rejections.
      CHECK(c.lengths[3] > 0.5 * ideal);
      CHECK(c.rejected <= (first > ideal ? 2 : 0));
    }
  SECTION("a step grows at most fivefold once there has been one") {
    StepControl control{tolerance, 1e-3};
    REQUIRE(control.judge(0.9 * tolerance, 1e-3, 2));
    const double dt = control.dt();
    REQUIRE(control.judge(0.0, dt, 2));
    CHECK(control.dt() == Approx(5.0 * dt));
  }
  SECTION("an error that falls lets a step grow a little less, one that rises much less") {
    const auto after = [](double before) {
      StepControl control{tolerance, 1.0};
      REQUIRE(control.judge(before * tolerance, 1.0, 2));
      REQUIRE(control.judge(0.4 * tolerance, 1.0, 2));
      return control.dt();
    };
    CHECK(after(0.8) == Approx(after(0.4) * std::pow(2.0, 0.2 / 3.0)));
    CHECK(after(0.2) == Approx(after(0.4) * std::pow(0.5, 1.0 / 3.0) * std::pow(0.4, -0.2 / 3.0)));
  }
  SECTION("what becomes ever more rapid costs no rejections") {
    // The third derivative grows like the square of time.
    StepControl control{tolerance, 1e-6};
    double t = 0.0;
    int steps = 0, rejected = 0;
    while (t < 1.0 && steps + rejected < 500) {
      const double dt = control.dt(), error = 100.0 * (t + dt) * (t + dt) * dt * dt * dt;
      if (!control.judge(error, dt, 2)) {
        ++rejected;
        continue;
      }
      ++steps;
      t += dt;
    }
    CHECK(rejected <= 1);
    CHECK(steps < 150);
  }
  SECTION("an error that is not a number makes the step a tenth") {
    StepControl control{tolerance, 1.0};
    CHECK_FALSE(control.judge(std::nan(""), 1.0, 2));
    CHECK(control.dt() == Approx(0.1));
    CHECK_FALSE(control.judge(infinity, 0.1, 2));
    CHECK(control.dt() == Approx(0.01));
  }
  SECTION("a first step too long becomes a tenth, a later one what its error asks for") {
    StepControl control{tolerance, 1.0};
    CHECK_FALSE(control.judge(2.0 * tolerance, 1.0, 2));
    CHECK(control.dt() == Approx(0.1));
    REQUIRE(control.judge(0.5 * tolerance, 0.1, 2));
    CHECK_FALSE(control.judge(2.0 * tolerance, 0.2, 2));
    CHECK(control.dt() == Approx(0.18 / std::cbrt(2.0)));
  }
  SECTION("restored, it goes on with the same lengths") {
    for (const int before : {0, 1, 4}) {
      StepControl whole{tolerance, 1e-6};
      course(whole, 0.5, 2, before);
      StepControl later{tolerance, 7.0};
      later.restore(whole.numbers());
      CHECK(course(later, 0.3, 2, 8).lengths == course(whole, 0.3, 2, 8).lengths);
    }
  }
}

TEST_CASE("the first step is a hundredth of the time in which temperatures change", "[mpi][step_error]") {
  // sin(pi x) sin(pi y) between walls at 0 changes at 2 pi^2 k / rho_c times half its height in the mean.
  ProblemSpec s;
  s.grid = {64, 48, 0.0, 1.0, 0.0, 1.0, false, false};
  ConductivityLaw k;
  k.x = 3.0;
  s.materials.conductivity = Layered{k};
  s.materials.density = Layered{Function{2.0}};
  s.initial = Layered{text("5*sin(pi*x)*sin(pi*y)")};
  const WallPiece cold{FixedTemperature{0.0}, 0.0, 1.0};
  s.walls = {{{cold}, {cold}, {cold}, {cold}}};
  const auto length = [](const ProblemSpec& spec, double limit, double end) {
    return first_step(*make(spec, 2), 0.0, limit, end, tolerance);
  };
  const double expected = 0.01 / (std::numbers::pi * std::numbers::pi * 1.5);
  CHECK(length(s, 1e-6, 10.0) == Approx(expected).epsilon(0.01));
  s.materials.density = Layered{Function{4.0}};
  CHECK(length(s, 1e-6, 10.0) == Approx(2.0 * expected).epsilon(0.01));
  CHECK(length(s, infinity, 10.0) == Approx(2.0 * expected).epsilon(0.01));
  SECTION("shorter for a smaller tolerance, not longer for a larger one") {
    const auto at = [&](double wanted) { return first_step(*make(s, 2), 0.0, 1e-6, 10.0, wanted); };
    CHECK(at(1e-7) == Approx(0.1 * at(1e-4)));
    CHECK(at(1e-2) == at(1e-4));
    CHECK(first_step(*make(s, 2), 0.0, 1e-6, 0.01, 1e-7) == Approx(2e-5));
  }
  SECTION("between the explicit limit and a fiftieth of the end") {
    CHECK(length(s, 0.25, 10.0) == 0.25);
    CHECK(length(s, 1e-6, 0.01) == Approx(2e-4));
    CHECK(length(s, 0.25, 0.1) == 0.1);
  }
  SECTION("where nothing changes, or nothing can be said, it is one of the two") {
    s.initial = Layered{Function{0.0}};
    CHECK(length(s, 1e-6, 10.0) == Approx(0.2));
    CHECK(length(s, infinity, 10.0) == Approx(0.2));
    s.initial = Layered{Function{300.0}};
    s.walls = {};
    CHECK(length(s, 1e-6, 10.0) == Approx(0.2));
    s.power = Layered{text("x/0")};
    CHECK(length(s, 1e-6, 10.0) == 1e-6);
    CHECK(length(s, infinity, 10.0) == Approx(0.2));
  }
  SECTION("a jump at a wall keeps it short") {
    s.initial = Layered{Function{1.0}};
    CHECK(length(s, 1e-6, 10.0) < 0.05 * expected);
  }
  SECTION("on any layout the same") {
    for (const Kind& kind : kinds) {
      INFO(kind.name);
      const ProblemSpec spec = make_spec(kind, 23, 31);
      const mpi::Comm alone = world().split(world().rank());
      Problem p{alone, spec, partition(spec.grid.domain(), 1), 3};
      CHECK(same(first_step(p, 0.01, 1e-9, 1.0, tolerance),
                 first_step(*make(spec, 2), 0.01, 1e-9, 1.0, tolerance)));
    }
  }
}

TEST_CASE("what settles at once counts in the first step by what the step leaves of it",
          "[mpi][step_error]") {
  // A checkerboard that decays at `rate`: of it a long step leaves 1/z, z = rate dt, and far less is due.
  ProblemSpec s = make_spec(kinds[8], 64, 48);
  s.initial = Layered{text("sin(pi*64*x)*sin(pi*48*y)")};
  const double rate = 4.0 * (2.0 / 3.0) * (64.0 * 64.0 + 48.0 * 48.0), range = 2.0;
  MethodOptions options;
  options.estimate_error = true;
  for (const Method* row : {&methods::tr_bdf2, &methods::bdf2, &methods::backward_euler}) {
    const auto error = [&](double start, double z) {
      const auto p = make(s, 2);
      const auto method = row->make(options);
      method->advance(*p, Steps{start, z / rate, 0, 1});
      const View2D<const double> u = p->u.cview();
      ExactSum sum = exact_sum(p->owned, [&](int i, int j) { return u(i, j) * u(i, j); });
      reduce(world(), {&sum, 1});
      const double left = std::sqrt(sum.value() / s.grid.domain().cells()) / range;
      INFO(row->word << ", z = " << z << ", left " << left);
      if (start == 0.0) CHECK(ability<EstimatesError>(*method)->step_error() > 0.4 * left);
      if (start == 0.0) CHECK(ability<EstimatesError>(*method)->step_error() < 5.0 * left);
      return ability<EstimatesError>(*method)->step_error();
    };
    CHECK(error(0.0, 3000.0) == Approx(0.1 * error(0.0, 300.0)).epsilon(0.1));
    CHECK(error(1.0, 3000.0) == Approx(error(1.0, 300.0)).epsilon(0.1));
  }
}

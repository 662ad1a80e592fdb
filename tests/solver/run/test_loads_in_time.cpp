// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;

namespace {

const Method* const by_error[] = {&methods::rkl2, &methods::backward_euler, &methods::crank_nicolson,
                                  &methods::bdf2, &methods::tr_bdf2};

Function of_t(const std::string& text) { return Function::expression(text, "xytT"); }

/// A bar of one row of cells, at rest.
SimulationSpec bar(int cells, double length, double k, double rho_c, double T, double end) {
  SimulationSpec s;
  s.problem.grid = {cells, 1, 0.0, length, 0.0, 1.0, false, false};
  ConductivityLaw law;
  law.x = k;
  s.problem.materials.conductivity = Layered{law};
  s.problem.materials.density = Layered{Function{rho_c}};
  s.problem.initial = Layered{Function{T}};
  s.time.end = end;
  return s;
}
WallPiece all_along(WallLaw law) { return {std::move(law), 0.0, 1.0}; }

void finish(Simulation& s) {
  while (!s.finished()) s.advance(1000);
}

/// A load of random pieces and its integral over the run, worked out piece by piece.
struct Load {
  std::string text;
  double integral = 0.0;
};
Load random_load(std::mt19937_64& random, double end) {
  const auto uniform = [&](double a, double b) { return std::uniform_real_distribution<>{a, b}(random); };
  Load load;
  const auto add = [&](const std::string& text, double integral) {
    load.text += (load.text.empty() ? "" : " + ") + text;
    load.integral += integral;
  };
  const int pieces = std::uniform_int_distribution<>{1, 3}(random);
  for (int n = 0; n < pieces; ++n) {
    const double a = std::pow(10.0, uniform(2.0, 4.5)), from = uniform(0.0, 0.9) * end,
                 lasts = std::pow(10.0, uniform(-5.0, -0.7)) * end, to = std::min(from + lasts, end);
    switch (std::uniform_int_distribution<>{0, 4}(random)) {
      case 0:  // pulse
        add(fmt::format("(t >= {:.17g} && t < {:.17g} ? {:.17g} : 0)", from, to, a), a * (to - from));
        break;
      case 1:  // step
        add(fmt::format("(t > {:.17g} ? {:.17g} : 0)", from, a), a * (end - from));
        break;
      case 2:  // ramp, then held
        add(fmt::format("{:.17g}*min(max((t - {:.17g})/{:.17g}, 0), 1)", a, from, to - from),
            a * (0.5 * (to - from) + end - to));
        break;
      case 3: {  // a bell
        const double width = 0.2 * lasts, root = std::numbers::sqrt2 * width;
        add(fmt::format("{:.17g}*exp(-0.5*((t - {:.17g})/{:.17g})^2)", a, from, width),
            a * width * std::sqrt(0.5 * std::numbers::pi) *
                (std::erf((end - from) / root) + std::erf(from / root)));
        break;
      }
      default: {  // on for a share of every period
        const int periods = std::uniform_int_distribution<>{2, 40}(random);
        const double period = end / periods, share = uniform(0.02, 0.6);
        add(fmt::format("({:.17g}*t - rint({:.17g}*t - 0.5) < {:.17g} ? {:.17g} : 0)", 1.0 / period,
                        1.0 / period, share, a),
            a * share * end);
      }
    }
  }
  return load;
}

}  // namespace

// A slab of 0.1 m, k = 50, Bi = 1, whose surroundings jump from 20 to 800 after an hour: series of Carslaw
// and Jaeger, section 3.11, with the roots of z tan z = 1, an hour later.
TEST_CASE("a body at rest whose surroundings jump heats up as the series says", "[mpi][loads]") {
  const double alpha = 50.0 / (7850.0 * 460.0), t = 3600.0 * alpha / 0.01;
  double mean = 0.0;
  for (int n = 0; n < 40; ++n) {
    double z = n * std::numbers::pi + (n == 0 ? 0.86 : 1.0 / (n * std::numbers::pi));
    for (int k = 0; k < 50; ++k)
      z -= (z * std::tan(z) - 1.0) / (std::tan(z) + z * (1.0 + std::tan(z) * std::tan(z)));
    mean += 2.0 / (z * z * (z * z + 2.0)) * std::exp(-z * z * t);
  }
  for (const char* ambient : {"t < 3600 ? 20 : 800", "t > 3600 ? 800 : 20"})
    for (const Method* m : by_error) {
      INFO(m->word << ' ' << ambient);
      SimulationSpec s = bar(60, 0.1, 50.0, 7850.0 * 460.0, 20.0, 7200.0);
      s.problem.walls[Side::left] = {all_along(Convection{500.0, of_t(ambient)})};
      s.time.method = m;
      s.time.at = {3600.0};
      Simulation run{s, test::world()};
      while (!run.clock().on_target()) run.advance(1);
      CHECK(run.clock().time() == 3600.0);
      CHECK(run.measure().temperature.max == Approx(20.0).margin(1e-9));  // nothing has happened yet
      CHECK(run.step() < 10);
      finish(run);
      CHECK(run.measure().temperature.mean == Approx(800.0 - 780.0 * mean).margin(m->order == 1 ? 1.0 : 0.2));
      CHECK(run.warnings().empty());
    }
}

TEST_CASE("a jump at t = 0 is a jump", "[mpi][loads]") {
  for (const Method* m : by_error) {
    INFO(m->word);
    const auto mean = [&](const char* value) {
      SimulationSpec s = bar(50, 1.0, 1.0, 1.0, 20.0, 0.1);
      s.problem.walls[Side::right] = {all_along(FixedTemperature{of_t(value)})};
      s.time.method = m;
      Simulation run{s, test::world()};
      finish(run);
      return run.measure().temperature.mean;
    };
    CHECK(mean("t > 0 ? 120 : 20") == Approx(mean("120")).margin(0.02));
    CHECK(mean("120") == Approx(20.0 + 35.682).margin(m->order == 1 ? 0.5 : 0.1));  // 200 sqrt(t / pi)
  }
}

TEST_CASE("heat that is booked is the integral of the load, or a warning says so", "[mpi][loads]") {
  const char* const many = std::getenv("CALOR_RANDOM_LOADS");
  const int loads = many != nullptr ? std::atoi(many) : 6;
  const double end = 36000.0;
  std::mt19937_64 random{20261128};
  for (int n = 0; n < loads; ++n) {
    const Load load = random_load(random, end);
    const int kind = n % 2;
    for (const Method* m : by_error) {
      INFO(n << ' ' << m->word << ": " << load.text);
      SimulationSpec s = bar(24, 0.1, 1.0, 1e6, 20.0, end);
      if (kind == 0)
        s.problem.walls[Side::left] = {all_along(HeatFlux{of_t(load.text)})};
      else
        s.problem.power.add(Rectangle{{0.05, 0.1}, {0.0, 1.0}}, of_t(load.text));
      s.problem.walls[Side::right] = {all_along(FixedTemperature{20.0})};
      s.time.method = m;
      Simulation run{s, test::world()};
      finish(run);
      const HistoryRow row = run.measure();
      const double booked = kind == 0 ? row.heat.sides[Side::left] : row.heat.source / 0.05;
      CHECK(booked == Approx(load.integral).epsilon(1e-3));
      CHECK(std::abs(row.heat.residual()) < 1e-7 * std::abs(load.integral));
    }
  }
}

TEST_CASE("given steps book the integral too, however long they are", "[mpi][loads]") {
  for (const Method* m : {&methods::euler, &methods::backward_euler, &methods::crank_nicolson, &methods::bdf2,
                          &methods::tr_bdf2, &methods::rkl2}) {
    INFO(m->word);
    SimulationSpec s = bar(20, 0.1, 1.0, 1e6, 20.0, 3600.0);
    // A bell that is shorter than a step, and a jump within one.
    s.problem.walls[Side::left] = {all_along(HeatFlux{of_t("1e4*exp(-0.5*((t - 1000)/0.1)^2)")})};
    s.problem.power = Layered{of_t("t >= 1234.5 && t < 1239 ? 3e6 : 0")};
    s.time.method = m;
    s.time.dt = m == &methods::euler ? 1.0 : 100.0;
    Simulation run{s, test::world()};
    finish(run);
    const HistoryRow row = run.measure();
    CHECK(row.heat.sides[Side::left] == Approx(1e4 * 0.1 * std::sqrt(2.0 * std::numbers::pi)).epsilon(1e-5));
    CHECK(row.heat.source == Approx(3e6 * 4.5 * 0.1).epsilon(1e-12));
  }
}

TEST_CASE("heat that comes almost without bound at the start is booked whole", "[mpi][loads]") {
  const double whole = 200.0 * (std::sqrt(3600.0 + 1e-9) - std::sqrt(1e-9));
  for (const Method* m : {&methods::euler, &methods::rkl2, &methods::backward_euler, &methods::tr_bdf2})
    for (const bool automatic : {false, true}) {
      INFO(m->word << (automatic ? ", automatic steps" : ", given steps"));
      SimulationSpec s = bar(20, 0.1, 1.0, 1e6, 20.0, 3600.0);
      s.problem.walls[Side::left] = {all_along(HeatFlux{of_t("100/sqrt(t + 1e-9)")})};
      s.time.method = m;
      if (!automatic) s.time.dt = m == &methods::euler ? 1.0 : 100.0;
      Simulation run{s, test::world()};
      finish(run);
      CHECK(run.measure().heat.sides[Side::left] == Approx(whole).epsilon(1e-9));
      CHECK(run.warnings().empty());
    }
}

TEST_CASE("methods keep their orders where heat is the integral of a function of time", "[mpi][loads]") {
  SetupCache kept;
  const auto mean_at = [&](const Method* m, double dt) {
    SimulationSpec s = bar(20, 1.0, 1.0, 1.0, 0.0, 1.0);
    s.problem.walls[Side::left] = {all_along(HeatFlux{of_t("100*sin(7*t)^2")})};
    s.problem.walls[Side::right] = {all_along(FixedTemperature{0.0})};
    s.problem.power = Layered{of_t("50*sin(5*t)")};
    s.time.method = m;
    s.time.dt = dt;
    Simulation run{s, test::world(), &kept};
    finish(run);
    return run.measure().temperature.mean;
  };
  const double exact = mean_at(&methods::tr_bdf2, 2.5e-4);
  for (const Method* m : by_error) {
    INFO(m->word);
    const double coarse = std::abs(mean_at(m, 0.01) - exact), fine = std::abs(mean_at(m, 0.005) - exact);
    CHECK(std::log2(coarse / fine) > m->order - 0.1);
  }
}

TEST_CASE("surroundings that given steps pass over are a warning", "[mpi][loads]") {
  SimulationSpec s = bar(20, 0.1, 1.0, 1e6, 20.0, 36000.0);
  s.problem.walls[Side::left] = {all_along(Convection{10.0, of_t("20 + 500*exp(-0.5*((t - 10000)/300)^2)")})};
  s.time.method = &methods::backward_euler;
  s.time.dt = 7200.0;
  Simulation coarse{s, test::world()};
  finish(coarse);
  REQUIRE(coarse.warnings().size() == 1);
  CHECK(coarse.warnings()[0].find("boundary.left: ambient") != std::string::npos);
  // It stands where the run goes on from its end, too.
  Simulation again{s, test::world()};
  const auto state = coarse.state();
  copy_cells(again.problem().owned, coarse.problem().u.cview(), again.problem().u.view());
  again.restore(state);
  CHECK(again.warnings() == coarse.warnings());
  s.time.max_dt = 20.0;
  Simulation fine{s, test::world()};
  finish(fine);
  CHECK(fine.step() == 1800);
  CHECK(fine.warnings().empty());
}

TEST_CASE("a pulse that given steps miss is a warning, however short it is beside the run", "[mpi][loads]") {
  const auto pulse = [](double up) {
    SimulationSpec s = bar(10, 1.0, 1.0, 1e3, 20.0, 1000.0);
    const std::string value =
        (up > 0.0 ? "20 + 1000" : "20 - 1000") + std::string{"*exp(-((t - 500.3)/0.1)^2)"};
    s.problem.walls[Side::left] = {all_along(FixedTemperature{of_t(value)})};
    return s;
  };
  for (const double up : {1.0, -1.0})
    for (const Method* m : {&methods::backward_euler, &methods::crank_nicolson, &methods::rkl2})
      for (const double dt : {10.0, 1.0, 0.02}) {
        INFO(m->word << ", " << dt);
        SimulationSpec s = pulse(up);
        s.time.method = m;
        s.time.dt = dt;
        Simulation run{s, test::world()};
        finish(run);
        CHECK(run.warnings().size() == (dt < 0.1 ? 0 : 1));
      }
}

TEST_CASE("steps by error do not pass over surroundings that warm for a moment", "[mpi][loads]") {
  SimulationSpec s = bar(20, 0.1, 1.0, 1e6, 20.0, 36000.0);
  s.problem.walls[Side::left] = {all_along(Convection{10.0, of_t("20 + 500*exp(-0.5*((t - 10000)/20)^2)")})};
  s.time.method = &methods::tr_bdf2;
  s.time.dt = 2.0;
  Simulation fine{s, test::world()};
  finish(fine);
  const HistoryRow exact = fine.measure();
  CHECK(exact.temperature.heat - exact.heat.initial > 2e4);
  s.time.dt.reset();
  for (const Method* m : by_error) {
    INFO(m->word);
    s.time.method = m;
    Simulation run{s, test::world()};
    finish(run);
    const HistoryRow row = run.measure();
    CHECK(run.warnings().empty());
    CHECK(row.temperature.heat - row.heat.initial ==
          Approx(exact.temperature.heat - exact.heat.initial).epsilon(0.1));
  }
}

TEST_CASE("what rounding leaves of terms that cancel is no load", "[mpi][loads]") {
  if (test::world().size() > 1) return;  // each rank would scan the function for itself, alike
  SimulationSpec s = bar(24, 0.1, 1.0, 1e6, 20.0, 172800.0);
  const std::string fire = "(20 + 345*log10(8*t/60 + 1))";
  s.problem.walls[Side::left] = {all_along(Convection{10.0, of_t("3*" + fire + "/" + fire + " - 3")})};
  s.problem.walls[Side::right] = {all_along(FixedTemperature{20.0})};
  s.time.method = &methods::bdf2;
  s.time.dt = 1200.0;
  Simulation run{s, test::world()};
  finish(run);
  CHECK(run.step() == 144);
  CHECK(run.warnings().empty());
}

TEST_CASE("the zero and the size of the scale change neither steps nor results", "[mpi][loads]") {
  for (const Method* m : {&methods::rkl2, &methods::bdf2, &methods::tr_bdf2}) {
    INFO(m->word);
    const auto run = [&](double zero, double factor) {
      SimulationSpec s = bar(100, 4.0, 1.0, 1.0, zero, 1.0);
      s.problem.walls[Side::left] = {
          all_along(HeatFlux{of_t(fmt::format("{:.17g}*sqrt(t)", 10.0 * factor))})};
      s.time.method = m;
      Simulation r{s, test::world()};
      finish(r);
      const HistoryRow row = r.measure();
      return std::pair{r.step(), (row.temperature.max - zero) / factor};
    };
    const auto [steps, top] = run(0.0, 1.0);
    for (const auto& [zero, factor] :
         {std::pair{20.0, 1.0}, {1000.0, 1.0}, {0.0, 1e6}, {0.0, 1e-6}, {20.0, 1e-6}}) {
      INFO(zero << ' ' << factor);
      const auto [s, T] = run(zero, factor);
      CHECK(std::abs(static_cast<double>(s - steps)) <= 0.1 * static_cast<double>(steps));
      CHECK(T == Approx(top).epsilon(2e-3));
    }
  }
}

TEST_CASE("a break is a fresh start, and steps land on it", "[mpi][loads]") {
  SimulationSpec s = bar(20, 1.0, 1.0, 1.0, 0.0, 1.0);
  s.problem.walls[Side::left] = {all_along(FixedTemperature{100.0})};
  s.time.method = &methods::tr_bdf2;
  s.time.breaks = {0.3, 0.7, 5.0};
  Simulation run{s, test::world()};
  std::vector<double> times;
  double after_break = 0.0, before_break = 0.0;
  while (!run.finished()) {
    const double from = run.clock().time();
    run.advance(1);
    times.push_back(run.clock().time());
    CHECK_FALSE((run.clock().on_target() && !run.finished()));  // nobody asked for output there
    if (run.clock().time() == 0.3) before_break = run.clock().last_dt();
    if (from == 0.3) after_break = run.clock().last_dt();
  }
  CHECK(std::count(times.begin(), times.end(), 0.3) == 1);
  CHECK(std::count(times.begin(), times.end(), 0.7) == 1);
  CHECK(times.back() == 1.0);
  CHECK(after_break < before_break);
}

TEST_CASE("a break beyond the end is told", "[mpi][loads]") {
  SimulationSpec s = bar(10, 0.1, 1.0, 1e6, 20.0, 100.0);
  s.time.method = &methods::backward_euler;
  s.time.breaks = {50.0, 5000.0};
  CHECK(Simulation{s, test::world()}.warnings().size() == 1);
  s.time.breaks = {50.0, 100.0};
  CHECK(Simulation{s, test::world()}.warnings().empty());
}

TEST_CASE("a wall whose function is no number is told by the function's name", "[mpi][loads]") {
  const Function bad = of_t("t > 50 ? sqrt(40 - t) : 1");
  for (const Method* m : {&methods::euler, &methods::backward_euler, &methods::tr_bdf2})
    for (const WallLaw& law :
         {WallLaw{FixedTemperature{bad}}, WallLaw{HeatFlux{bad}}, WallLaw{Convection{5.0, bad}}}) {
      SimulationSpec s = bar(10, 0.1, 1.0, 1e3, 20.0, 100.0);
      s.problem.walls[Side::right] = {all_along(law)};
      s.time.method = m;
      Simulation run{s, test::world()};
      std::string said;
      try {
        finish(run);
        run.measure();
      } catch (const Error& e) {
        said = e.what();
        CHECK(e.code() == Exit::numerical);
      }
      INFO(m->word << ": " << said);
      CHECK(said.find("boundary.right") != std::string::npos);
      CHECK(said.find("comes out as nan") != std::string::npos);
    }
}

TEST_CASE("a run may end when nothing changes any more", "[mpi][loads]") {
  for (const Method* m : {&methods::euler, &methods::tr_bdf2, &methods::rkl2}) {
    INFO(m->word);
    SimulationSpec s = bar(20, 1.0, 1.0, 1.0, 0.0, 100.0);
    s.problem.walls[Side::left] = {all_along(FixedTemperature{100.0})};
    s.problem.walls[Side::right] = {all_along(Convection{1.0, 0.0})};
    s.time.method = m;
    s.time.until_steady = 1e-3;
    Simulation run{s, test::world()};
    finish(run);
    REQUIRE(run.steady_at().has_value());
    CHECK(*run.steady_at() <= 1e-3);
    // The slowest mode decays with z^2, z tan z = -1 shifted by a quarter: z = 2.0288.
    CHECK(run.clock().time() > 2.0);
    CHECK(run.clock().time() < 6.0);
    CHECK(run.measure().temperature.mean == Approx(75.0).margin(0.01));
  }
}

TEST_CASE("pulses, breaks and fresh starts go on to the same bits after any step", "[mpi][loads]") {
  for (const Method* m : by_error) {
    INFO(m->word);
    SimulationSpec s = bar(24, 0.1, 1.0, 1e6, 20.0, 3600.0);
    s.problem.walls[Side::left] = {all_along(HeatFlux{of_t("t >= 500 && t < 560 ? 1e4 : 100*sin(t/300)")})};
    s.problem.walls[Side::right] = {all_along(Convection{of_t("5 + t/1000"), of_t("t < 1800 ? 20 : 60")})};
    s.time.method = m;
    s.time.tolerance = 1e-2;
    s.time.breaks = {2500.0};
    SetupCache kept;
    Simulation whole{s, test::world(), &kept};
    finish(whole);
    for (std::int64_t at = 1; at < whole.step(); ++at) {
      INFO(at);
      Simulation first{s, test::world(), &kept};
      while (first.step() < at) first.advance(1);
      Simulation later{s, test::world(), &kept};
      copy_cells(first.problem().owned, first.problem().u.view(), later.problem().u.view());
      const auto from = first.memory(), to = later.memory();
      for (std::size_t n = 0; n < from.size(); ++n)
        copy_cells(first.problem().owned, from[n].field, to[n].field);
      later.restore(first.state());
      finish(later);
      CHECK(later.step() == whole.step());
      CHECK(test::same_field(whole.problem(), later.problem()));
      CHECK(test::same_ledger(whole.problem(), later.problem()));
    }
  }
}

// SPDX-License-Identifier: BSD-3-Clause
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "solver/run/guard.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;

namespace {

const Method* const guarded[] = {&methods::euler,          &methods::rkl2, &methods::backward_euler,
                                 &methods::crank_nicolson, &methods::bdf2, &methods::tr_bdf2,
                                 &methods::exponential};

SimulationSpec plate(const Method& method, const test::Kind& kind = test::kinds[0]) {
  SimulationSpec s;
  s.problem = test::make_spec(kind, 24, 17);
  s.time.method = &method;
  s.time.end = 2e-2;
  if (method.automatic != AutomaticStep::by_limit) s.time.dt = 2.5e-4;
  if (method.automatic == AutomaticStep::whole) s.time.every = 2.5e-4;
  return s;
}

/// The bits of one cell's temperature with one of them turned round; what that changes of the heat [J/m].
double flip(Simulation& run, int i, int j, int bit) {
  Problem& p = run.problem();
  double heat = 0.0;
  if (p.owned.contains(i, j)) {
    double& u = p.u.view()(i, j);
    const double before = u;
    u = std::bit_cast<double>(std::bit_cast<std::uint64_t>(u) ^ (std::uint64_t{1} << bit));
    heat = std::abs(u - before) * p.coefficients.rho_c(i, j) * p.grid.dx() * p.grid.dy();
    if (!std::isfinite(heat)) heat = std::numeric_limits<double>::max();
  }
  return p.comm.max(heat);
}

/// Numbers that look drawn, the same on all ranks.
struct Draw {
  std::uint64_t state = 20261128;
  int below(int n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((state >> 33) % static_cast<std::uint64_t>(n));
  }
};

/// Runs to the end with a look every few steps. @param fault  after so many calls of it a bit turns
struct Told {
  std::vector<std::string> news;
  std::int64_t mended = 0, looks = 0;
};
Told run_guarded(Simulation& run, std::int64_t apart, const std::function<void()>& after_steps) {
  Guard guard{run, GuardKind::ledger};
  Told told;
  while (!run.finished() || !guard.look()) {
    if (guard.advance(apart) == 0) continue;
    after_steps();
    guard.look();
    ++told.looks;
    for (std::string& text : guard.news()) told.news.push_back(std::move(text));
  }
  for (std::string& text : guard.news()) told.news.push_back(std::move(text));
  told.mended = guard.mended();
  return told;
}

}  // namespace

TEST_CASE("no clean step is suspected", "[mpi][guard]") {
  for (const Method* method : guarded)
    for (const test::Kind& kind : test::kinds)
      for (const std::int64_t apart : {1, 64}) {
        if (apart == 1 && test::world().size() > 1) continue;  // a look is the same on any ranks, and waits
        INFO(method->word << ", " << kind.name << ", " << apart);
        const SimulationSpec spec = plate(*method, kind);
        std::optional<Simulation> run;
        try {
          run.emplace(spec, test::world());
        } catch (const Error&) {
          continue;  // not a problem of that method
        }
        const Told told = run_guarded(*run, apart, [] {});
        CHECK(told.news.empty());
        CHECK(told.mended == 0);
        CHECK(told.looks > 0);
      }
}

TEST_CASE("a bit that turns by itself is found and mended, or changes less than rounding may",
          "[mpi][guard]") {
  Draw draw;
  for (const Method* method : guarded) {
    INFO(method->word);
    const SimulationSpec spec = plate(*method);
    Simulation clean{spec, test::world()};
    while (!clean.finished()) clean.advance(1);
    const double scale = 350.0;
    int found = 0, missed = 0;
    double worst = 0.0;
    for (int trial = 0; trial < 40; ++trial) {
      Simulation run{spec, test::world()};
      const auto at = static_cast<std::int64_t>(1 + draw.below(static_cast<int>(clean.step()) - 2));
      const int i = draw.below(24), j = draw.below(17), bit = draw.below(64);
      INFO("bit " << bit << " of cell (" << i << ", " << j << ") at step " << at);
      bool turned = false;
      double heat = 0.0;
      const Told told = run_guarded(run, 4, [&] {
        if (turned || run.step() < at) return;
        turned = true;
        heat = flip(run, i, j, bit);
      });
      CHECK(run.step() == clean.step());
      if (told.mended > 0) {
        ++found;
        REQUIRE(told.news.size() == 1);
        CHECK(told.news[0].find("silent error") != std::string::npos);
        CHECK(test::same_field(clean.problem(), run.problem()));
        CHECK(test::same_ledger(clean.problem(), run.problem()));
        continue;
      }
      ++missed;
      CHECK(told.news.empty());
      double off = 0.0;
      for_each(run.problem().owned, [&](int x, int y) {
        off = std::max(off, std::abs(run.problem().u.view()(x, y) - clean.problem().u.view()(x, y)));
      });
      worst = std::max(worst, test::world().max(off) / scale);
    }
    CAPTURE(found, missed, worst);
    CHECK(found > 20);
    // What implicit solves leave hides more than rounding does.
    CHECK(worst < (method->automatic == AutomaticStep::by_limit ? 1e-9 : 1e-7));
  }
}

TEST_CASE("what comes back to the bit is no error of the machine", "[mpi][guard]") {
  const SimulationSpec spec = plate(methods::euler);
  Simulation run{spec, test::world()};
  const auto at = run.steps_left() / 2;
  int times = 0;
  const Told told = run_guarded(run, 5, [&] {
    if (run.step() / 5 != at / 5) return;
    ++times;
    flip(run, 7, 5, 51);
  });
  CHECK(times == 2);
  CHECK(told.mended == 0);
  REQUIRE(told.news.size() == 1);
  CHECK(told.news[0].find("twice with the same result") != std::string::npos);

  SimulationSpec bad = spec;
  bad.problem.power = Layered{Function::expression("t > 1e-3 ? sqrt(5e-4 - t) : 0", "xyt")};
  Simulation fails{bad, test::world()};
  bool said = false;
  try {
    run_guarded(fails, 5, [] {});
  } catch (const Error& e) {
    said =
        e.code() == Exit::numerical && std::string{e.what()}.find("not a finite number") != std::string::npos;
  }
  CHECK(said);
}

TEST_CASE("a machine that errs every time is not trusted", "[mpi][guard]") {
  Simulation run{plate(methods::tr_bdf2), test::world()};
  int bit = 45;
  CHECK_THROWS_AS(run_guarded(run, 4, [&] { flip(run, 3, 3, ++bit % 8 + 44); }), Error);
}

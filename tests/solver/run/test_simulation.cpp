// SPDX-License-Identifier: BSD-3-Clause
#include <string>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;

namespace {

SimulationSpec plate() {
  SimulationSpec s;
  s.problem = test::make_spec(test::kinds[0], 24, 17);
  s.time.end = 1e-3;
  return s;
}

/// What is said of a spec that nobody has checked before; empty if it is taken.
std::string refusal(const SimulationSpec& spec) {
  try {
    const Simulation run{spec, test::world()};
  } catch (const Error& e) {
    CHECK(e.code() == Exit::bad_case);
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a spec that cannot be computed is refused, whoever made it", "[mpi][simulation]") {
  CHECK(refusal(plate()).empty());
  SimulationSpec endless = plate();
  endless.time.end.reset();
  CHECK(refusal(endless).find("time.end") != std::string::npos);
  SimulationSpec counted = plate();
  counted.time.method = &methods::tr_bdf2;
  counted.time.end.reset();
  counted.time.steps = 7;
  CHECK(refusal(counted).find("time.dt") != std::string::npos);
  counted.time.dt = 1e-4;
  CHECK(refusal(counted).empty());
  SimulationSpec unknown = plate();
  unknown.integrals = {{"sum", "colour", {}}};
  CHECK(refusal(unknown).find("colour") != std::string::npos);
  unknown.integrals = {{"sum", "density", {}}};
  CHECK(refusal(unknown).empty());
}

TEST_CASE("a state that is restored goes on to the same bits", "[mpi][simulation]") {
  for (const Method* method : {&methods::euler, &methods::tr_bdf2, &methods::bdf2}) {
    INFO(method->word);
    SimulationSpec spec = plate();
    spec.time.method = method;
    Simulation whole{spec, test::world()};
    whole.advance(3);
    Simulation later{spec, test::world()};
    copy_cells(whole.problem().owned, whole.problem().u.view(), later.problem().u.view());
    const auto from = whole.memory(), to = later.memory();
    for (std::size_t n = 0; n < from.size(); ++n)
      copy_cells(whole.problem().owned, from[n].field, to[n].field);
    later.restore(whole.state());
    while (!whole.finished()) whole.advance(5);
    while (!later.finished()) later.advance(2);
    CHECK(whole.step() == later.step());
    CHECK(test::same_field(whole.problem(), later.problem()));
    CHECK(test::same_ledger(whole.problem(), later.problem()));
  }
}

TEST_CASE("methods take no more room than their rows tell", "[mpi][simulation]") {
  for (const Method* method : all_methods()) {
    for (const bool by_error : {false, true}) {
      if (method->steady() || (by_error && method->automatic != AutomaticStep::by_error)) continue;
      INFO(method->word << (by_error ? ", by error" : ""));
      SimulationSpec spec = plate();
      spec.time.method = method;
      if (!by_error && method->automatic == AutomaticStep::by_error) spec.time.dt = 1e-4;
      Simulation run{spec, test::world()};
      while (!run.finished()) run.advance(4);
      // rkl2 keeps the state before besides, the others what solves and errors take.
      const int lent = run.problem().scratch.made(), told = method->fields(spec.problem, spec.solver);
      CHECK(lent >= 1);
      CHECK(lent <= told);
      if (method == &methods::euler || method == &methods::exponential) CHECK(lent == told);
      if (method == &methods::rkl2) CHECK(lent + 1 == told);
    }
  }
}

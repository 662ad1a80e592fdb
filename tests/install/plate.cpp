// SPDX-License-Identifier: BSD-3-Clause
// A program of somebody else's: a plate cools between walls at 0; the answer is known as a series.
#include <calor/calor.hpp>
#include <cmath>
#include <cstdio>

int main(int argc, char** argv) {
  const calor::mpi::Environment environment{argc, argv};
  const calor::mpi::Comm world = environment.world();
  try {
    calor::SimulationSpec spec;
    spec.problem.grid = {64, 64, 0.0, 1.0, 0.0, 1.0};
    spec.problem.initial = calor::Layered<calor::Function>{calor::Function{1.0}};
    for (auto& side : spec.problem.walls) side = {{calor::FixedTemperature{0.0}, 0.0, 1.0}};
    spec.time.end = 0.1;
    spec.probes = {{"middle", {0.5, 0.5}}};
    calor::Simulation run{spec, world};
    while (!run.finished()) run.advance(1000);
    const double middle = run.probes().at(0), exact = 0.2251383501;
    if (world.root())
      std::printf("%.*s: %.7f, exact %.7f\n", static_cast<int>(run.method().method->word.size()),
                  run.method().method->word.data(), middle, exact);
    return std::abs(middle - exact) < 3e-4 ? 0 : 1;
  } catch (const calor::Error& e) {
    if (world.root()) std::fprintf(stderr, "%s\n", e.what());
    return static_cast<int>(e.code());
  }
}

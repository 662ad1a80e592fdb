// SPDX-License-Identifier: BSD-3-Clause
// bare_stepping CASE.toml KEY FROM TO COUNT: the time that COUNT cases, with KEY going from FROM to TO, take
// in nothing but their steps, one after the other in one process; what bench/sweep/compare measures sweeps
// against. Prints "seconds S sum P", P the sum of the first probe over the cases.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "app/case/case_io.hpp"
#include "io/file.hpp"
#include "solver/run/simulation.hpp"

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: bare_stepping CASE.toml KEY FROM TO COUNT\n");
    return 64;
  }
  calor::mpi::Environment environment{argc, argv};
  const calor::mpi::Comm world = environment.world();
  const std::string text = calor::io::read_text(argv[1]);
  const double from = std::atof(argv[3]), to = std::atof(argv[4]);
  const int count = std::atoi(argv[5]);
  double seconds = 0.0, sum = 0.0;
  for (int n = 0; n < count; ++n) {
    const double value = count > 1 ? (from * (count - 1 - n) + to * n) / (count - 1) : from;
    const std::string set = argv[2] + std::string{"="} + calor::app::toml_number(value);
    calor::Simulation sim{calor::app::parse_case({{argv[1], text}}, {set}), world};
    while (!sim.finished()) sim.advance(sim.steps_left());
    seconds += sim.seconds_stepping();
    sum += sim.probes().at(0);
  }
  std::printf("seconds %.6f sum %.15g\n", seconds, sum);
}

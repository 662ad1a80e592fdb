// SPDX-License-Identifier: BSD-3-Clause
#include "app/verify/harness.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/case/shipped_cases.hpp"
#include "app/run/setup.hpp"

namespace calor::app {

double Verdict::error() const {
  return std::abs(value - reference) / (relative && reference != 0.0 ? std::abs(reference) : 1.0);
}
bool Verdict::pass() const { return error() <= limit; }  // NaN fails

std::unique_ptr<Simulation> compute_shipped(const mpi::Comm& comm, const std::string& name,
                                            const std::vector<std::string>& overrides,
                                            const std::function<void(Simulation&)>& at) {
  return compute_case(comm, name, shipped_cases().at(name), overrides, at);
}

std::unique_ptr<Simulation> compute_case(const mpi::Comm& comm, const std::string& name,
                                         const std::string& text, const std::vector<std::string>& overrides,
                                         const std::function<void(Simulation&)>& at) {
  const Case c = parse_case({{name + ".toml", text}}, overrides);
  auto sim = std::make_unique<Simulation>(simulation_spec(c), comm);
  while (!sim->finished()) {
    sim->advance(1'000'000'000);
    if (at && (sim->finished() || sim->clock().on_target())) at(*sim);
  }
  return sim;
}

double largest_error(Simulation& sim, const std::string& exact) {
  const Function f = Function::expression(exact, "xyt");
  const Problem& p = sim.problem();
  const View2D<const double> u = sim.problem().u.cview();
  double worst = 0.0;
  for_each(p.owned, [&](int i, int j) {
    const double d = std::abs(u(i, j) - f(p.grid.x(i), p.grid.y(j), sim.clock().time()));
    worst = d <= worst ? worst : d;  // keeps NaN
  });
  return p.comm.max(worst);
}

Verdicts probes(const mpi::Comm& comm, const std::string& name, const std::vector<double>& expected,
                double limit, bool relative) {
  const auto sim = compute_shipped(comm, name);
  const std::vector<double> values = sim->probes();
  Verdicts v;
  for (std::size_t n = 0; n < expected.size(); ++n)
    v.push_back({"T at " + sim->spec().probes[n].name, values[n], expected[n], limit, relative});
  return v;
}

std::vector<double> probe_errors(const mpi::Comm& comm, const std::string& name, int n, double exact,
                                 std::size_t probe, bool one_row) {
  std::vector<double> errors;
  for (int k = 0; k < 3; ++k, n *= 2) {
    std::vector<std::string> size{cells(n)};
    if (!one_row) size.push_back(rows(n));
    const auto sim = compute_shipped(comm, name, size);
    errors.push_back(std::abs(sim->probes()[probe] - exact));
  }
  return errors;
}

std::string set(const char* key, double value) { return fmt::format("{}={}", key, value); }
std::string cells(int n) { return fmt::format("grid.nx={}", n); }
std::string rows(int n) { return fmt::format("grid.ny={}", n); }

Verdict order(const std::string& what, const std::vector<double>& errors, double expected) {
  const double p = std::log2(errors[errors.size() - 2] / errors.back());
  return {"order in " + what, p, expected, 0.1, false};
}

}  // namespace calor::app

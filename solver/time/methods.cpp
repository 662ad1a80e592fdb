// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/methods.hpp"

#include <algorithm>
#include <cmath>

#include "solver/implicit/anderson.hpp"

namespace calor {

std::span<const Method* const> all_methods() {
  static constexpr std::array<const Method*, 8> rows{
      &methods::euler, &methods::rkl2,    &methods::backward_euler, &methods::crank_nicolson,
      &methods::bdf2,  &methods::tr_bdf2, &methods::exponential,    &methods::steady};
  return rows;
}

const Method* find_method(std::string_view word) {
  const auto rows = all_methods();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Method* m) { return m->word == word; });
  return row == rows.end() ? nullptr : *row;
}

double Workload::steps() const {
  const double by_error =
      std::max(2.0 * static_cast<double>(targets.size()), 80.0 * std::cbrt(1e-4 / tolerance));
  return dt ? end() / *dt : by_error;
}

bool Workload::limit_serves() const {
  constexpr double least_steps = 0.05;  // times 1 / tolerance: as exact as steps by error are in the end
  return end() / (explicit_safety * stable_dt) * tolerance >= least_steps * std::max(1.0, swings);
}

int implicit_fields(const ProblemSpec& spec, const ImplicitOptions& options) {
  int fields = 9;  // right side, residual, correction, diagonal, p, A p, old state, error estimate, dq/dT
  if (spec.materials.constant() && !spec.materials.uniform()) fields += 3;    // made from records
  if (options.preconditioner == PreconditionerKind::multigrid) fields += 13;  // all levels in double
  if (options.preconditioner == PreconditionerKind::algebraic)
    fields += 80;  // sparse rows, while they are made
  if (options.first_guess == FirstGuess::extrapolated) fields += 2;
  if (spec.of_temperature()) fields += anderson_fields;
  return fields;
}

double implicit_sweeps(const Workload& work) { return work.steps() * (350.0 + work.source_sweeps); }

std::string not_linear_and_constant(const Problem& p) {
  if (!p.linear())
    return "something depends on T (a conductivity, a specific heat, a source, a radiating wall), and the "
           "method is for "
           "linear "
           "problems";
  if (p.walls.of_time()) return "a wall changes with time, and the method is for walls that do not";
  if (p.source.of_time()) return "the source changes with time, and the method is for one that does not";
  return {};
}

}  // namespace calor

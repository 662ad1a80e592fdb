// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"
#include "solver/run/simulation.hpp"

namespace calor {

/// One line of the pass table: a number against the one it must be.
struct Verdict {
  std::string quantity;
  double value = 0.0, reference = 0.0, limit = 0.0;
  bool relative = false;  ///< the limit is a part of the reference
  double error() const;
  bool pass() const;
};

struct ReferenceProblem {
  std::string name, source;  ///< where its numbers come from
  std::function<std::vector<Verdict>(const mpi::Comm&)> run;
};
const std::vector<ReferenceProblem>& reference_problems();

/// A shipped case, computed to its end without files. Collective. @param at  called after every step's group
/// that ends on an output time, and at the end
std::unique_ptr<Simulation> compute_shipped(const mpi::Comm& comm, const std::string& name,
                                            const std::vector<std::string>& overrides = {},
                                            const std::function<void(Simulation&)>& at = {});

/// Largest difference to an exact solution, an expression of x, y, t, over the cell centres. Collective.
double largest_error(Simulation& sim, const std::string& exact);

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// One line of the pass table: a number against the one it must be.
struct Verdict {
  std::string quantity;
  double value = 0.0, reference = 0.0, limit = 0.0;
  bool relative = false;  ///< the limit is a part of the reference
  double error() const;
  bool pass() const;
};
using Verdicts = std::vector<Verdict>;

// What all below have in common: they are collective.

/// A shipped case, computed to its end without files. @param at  called after every step's group that ends on
/// an output time, and at the end
std::unique_ptr<Simulation> compute_shipped(const mpi::Comm& comm, const std::string& name,
                                            const std::vector<std::string>& overrides = {},
                                            const std::function<void(Simulation&)>& at = {});

/// The same of the text of a case.
std::unique_ptr<Simulation> compute_case(const mpi::Comm& comm, const std::string& name,
                                         const std::string& text,
                                         const std::vector<std::string>& overrides = {},
                                         const std::function<void(Simulation&)>& at = {});

/// Largest difference to an exact solution, an expression of x, y, t, over the cell centres.
double largest_error(Simulation& sim, const std::string& exact);

/// The probes of a shipped case, in its order.
Verdicts probes(const mpi::Comm& comm, const std::string& name, const std::vector<double>& expected,
                double limit, bool relative);

/// Errors of a probe on grids of n, 2n, 4n cells a side, or along x alone.
std::vector<double> probe_errors(const mpi::Comm& comm, const std::string& name, int n, double exact,
                                 std::size_t probe = 0, bool one_row = false);

// Words of a command line that override a case.
std::string set(const char* key, double value);
std::string cells(int n);  ///< along x
std::string rows(int n);   ///< along y

/// Observed order from errors on successively halved spacings or steps: log2 of the ratio of the last two.
Verdict order(const std::string& what, const std::vector<double>& errors, double expected);

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <optional>

#include "decomposition/mpi.hpp"
#include "decomposition/partition.hpp"
#include "solver/model/loads.hpp"
#include "solver/run/spec.hpp"

namespace calor {

/// A box for every rank; where the method passes over cells of no body, of as many others. Error{bad_case}
/// with the largest usable count if there are too many ranks for the grid.
/// @param method  null: not chosen yet
Partition make_partition(const ProblemSpec& spec, const LayoutSpec& layout, const Method* method, int ranks);
/// What its cells cost, where they differ; null: they do not.
std::optional<CellCosts> cell_costs(const ProblemSpec& spec, const Method* method);

/// Layers of cells around a rank's own that come with one exchange.
/// @param method  many steps or stages of an explicit one are made between two exchanges; null: not chosen
/// yet
int halo_depth(const ProblemSpec& spec, const LayoutSpec& layout, const Partition& parts,
               const Method* method);

/// What a simulation leaves for later ones on the same ranks, so that those like it are cheap to set up. No
/// result depends on it.
struct SetupCache {
  std::shared_ptr<const CoefficientFields> coefficients;
  std::shared_ptr<OperatorCache> hierarchy = make_operator_cache();
  LoadsCache loads;
};

/// This rank's share, with the initial field in place. Collective.
/// @param cache  its coefficients are taken over where they are the same, else let go; or null
/// @param heed  asked between its pieces whether the work is to be left; or null
std::unique_ptr<Problem> make_problem(const SimulationSpec& spec, const mpi::Comm& comm, const Method* method,
                                      SetupCache* cache = nullptr, Heed* heed = nullptr);

/// Rounds the temperatures to numbers of this precision.
void round_to(Precision precision, Problem& problem);

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <optional>

#include "decomposition/mpi.hpp"
#include "solver/run/guard_kind.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// Memory that this process holds now, the program and its libraries included [bytes]; 0 where the system
/// does not say.
std::int64_t resident_bytes();

/// Memory of a run, found by beginning one: beyond what the program held before, on the rank that holds most,
/// in small pages.
struct MemorySample {
  double cells = 0.0;   ///< of the rank that has most of them, halo included
  double peak = 0.0;    ///< bytes
  double held = 0.0;    ///< at the end of its steps, when files are written
  double beyond = 0.0;  ///< what huge pages would take more
};
/// Makes a few steps of the spec as a run does, guarded and ready to be left. Collective. Nothing where the
/// system does not say, or where it cannot be computed.
/// @param larger  so many times as long as here the steps of the case are that this stands for
std::optional<MemorySample> sample_memory(const mpi::Comm& comm, const SimulationSpec& spec, GuardKind guard,
                                          double larger);

}  // namespace calor::app

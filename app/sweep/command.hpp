// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "app/run/command.hpp"

namespace calor::app {

struct SweepOptions : RunOptions {
  bool dry_run = false;  ///< list the cases with estimates, compute nothing
};

/// `calor sweep`: all cases of a plan. Collective. The ranks work in teams, a team on a case at a time; which
/// case comes next is agreed through the journal in the sweep's directory, which other jobs may share, and
/// which a later job goes on from. Returns Exit::done, Exit::stopped, or the code of the first case that
/// failed; anything else is thrown.
Exit sweep(const mpi::Comm& world, const SweepOptions& options);

}  // namespace calor::app

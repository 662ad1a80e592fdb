// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

#include "app/report/run_facts.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

struct ReportOptions {
  std::string directory, out;
};
/// Writes one HTML page on a run's or a sweep's directory; it appears whole or not at all. Error{usage} for a
/// name that does not end in .html, Error{no_input} where there is no run and no sweep, Error{io_error}.
/// Collective.
Exit report_command(const mpi::Comm& comm, const ReportOptions& options, const PageLimits& limits = {});

}  // namespace calor::app

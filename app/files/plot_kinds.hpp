// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "app/files/plot_command.hpp"

/// What `calor plot` draws, a kind of picture each. All are collective; the first rank draws.
namespace calor::app {

Exit plot_tables(const mpi::Comm& comm, const PlotOptions& options, const std::vector<std::string>& tables);
/// One field, its difference to another, or several with one scale.
Exit plot_fields(const mpi::Comm& comm, const PlotOptions& options);
/// Fields along a line.
Exit plot_profiles(const mpi::Comm& comm, const PlotOptions& options);

/// Names for what is compared: the first of the lists whose entries all differ, else the last.
std::vector<std::string> telling_names(const std::vector<std::vector<std::string>>& lists);

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>

#include "app/console/command.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// The words after `calor`: which command, with what.
class CommandLine {
 public:
  /// Without MPI. An exit status if there is nothing more to do: help, version, what needs no MPI, or a
  /// mistake, which the first process of a launcher prints for all.
  std::optional<int> parse(int argc, char** argv);
  /// Collective: the command that parse() has found.
  Exit run(const mpi::Comm& world) const;
  /// Whether the words name a command that heeds signals, as far as can be told before they are parsed.
  static bool names_one_that_saves(int argc, char** argv);

 private:
  Task task_;
};

}  // namespace calor::app

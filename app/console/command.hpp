// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <variant>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace calor::app {

/// What a command line asks for: work of all ranks together, or work without MPI, as on a login node, for the
/// launcher's first process alone.
using CollectiveTask = std::function<Exit(const mpi::Comm& world)>;
using LoneTask = std::function<Exit()>;
using Task = std::variant<CollectiveTask, LoneTask>;

/// A command: `calor WORD ...`. One file defines it, one row of the table in app/command_line.cpp names it.
struct Command {
  const char* word;
  const char* help;
  /// Declares the options. What it gives back is called once, when they have been read: it looks at what no
  /// option shows by itself (Error{usage}) and says what to do. That may depend on the options, and with it
  /// whether MPI is started.
  std::function<Task()> (*declare)(CLI::App& app);
  /// Whether it leaves a state that it can go on from, and so heeds signals that ask it to stop (stop.hpp).
  bool saves = false;
};

}  // namespace calor::app

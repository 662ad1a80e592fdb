// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace calor::app {

/// An option as it is declared.
struct OptionWords {
  std::vector<std::string> names;  ///< "-o", "--output"
  std::string help, value;         ///< value: what stands after it; empty: nothing does
};

/// A command as it is declared, with those below it, as `import tealeaf`.
struct CommandWords {
  std::string name, help;
  std::string operands;  ///< "case ..."
  std::vector<OptionWords> options;
  std::vector<CommandWords> commands;
};

/// What is declared below the root of a command line, in its order.
CommandWords words_of(const CLI::App& app);
/// The root that a command's declaration belongs to.
const CLI::App& root_of(const CLI::App& app);
/// What stands at the end of --help.
std::string footer_of(const CLI::App& root);

}  // namespace calor::app

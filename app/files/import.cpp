// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/files/import_tealeaf.hpp"
#include "app/text/user_file.hpp"
#include "io/array_file.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

Exit import_deck(const mpi::Comm& comm, const std::string& deck, const std::string& out) {
  io::collectively(comm, [&] {
    std::vector<std::string> unknown;
    const std::string text = import_tealeaf(io::read_text(deck), fs::path{deck}.filename().string(), unknown);
    write_user_file(out, text, imported_mark);
    for (const std::string& line : unknown) complain(fmt::format("calor: warning: {}\n", line));
    answer_written(out);
  });
  return Exit::done;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words {
    std::string deck, out;
  };
  const auto w = std::make_shared<Words>();
  app.require_subcommand(1);
  CLI::App* const tealeaf = app.add_subcommand("tealeaf", "a TeaLeaf deck");
  tealeaf->add_option("deck", w->deck, "tea.in")->required();
  tealeaf->add_option("-o,--output", w->out, "CASE.toml")->required();
  return [w]() -> Task { return [w](const mpi::Comm& comm) { return import_deck(comm, w->deck, w->out); }; };
}

}  // namespace

extern constinit const Command import_case{"import", "a case from another program's input", declare};

}  // namespace commands

}  // namespace calor::app

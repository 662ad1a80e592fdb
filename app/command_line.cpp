// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/console/cores.hpp"
#include "app/console/guarded.hpp"
#include "app/console/launcher.hpp"
#include "app/console/product.hpp"
#include "app/supervise/supervisor.hpp"
#include "app/text/suggest.hpp"
#include "app/text/version.hpp"
#include "io/file.hpp"
#include "io/library.hpp"
#include "solver/blocked/kernels.hpp"

namespace calor::app {

// A command is one file, which defines it, and one row here; the table is in the order of `calor --help`.
namespace commands {
extern const Command run;
extern const Command sweep;
extern const Command estimate;
extern const Command verify;
extern const Command bench;
extern const Command info;
extern const Command compare;
extern const Command plot;
extern const Command report;
extern const Command import_case;
extern const Command schema;
extern const Command materials;
extern const Command examples;
extern const Command torture;
extern const Command completion;
extern const Command man;
constexpr const Command* table[] = {&run,      &sweep,   &estimate,   &verify,      &bench,  &info,
                                    &compare,  &plot,    &report,     &import_case, &schema, &materials,
                                    &examples, &torture, &completion, &man};
}  // namespace commands

namespace {

/// A program started by another MPI's launcher is N programs of one rank that write the same files: refuse.
void check_launcher(const mpi::Comm& world) {
  struct Launcher {
    const char* variable;
    const char* name;
  };
  // The first one that is set started us: inside a Slurm job mpirun's own word counts, not the job's.
  for (const Launcher l :
       {Launcher{"OMPI_COMM_WORLD_SIZE", "Open MPI's mpirun"}, Launcher{"PMI_SIZE", "an MPICH launcher"},
        Launcher{"SLURM_STEP_NUM_TASKS", "srun"}}) {
    const auto size = number_of(l.variable);
    if (!size) continue;
    if (*size != world.size()) {
      if (!first_process()) throw Error{Exit::usage, ""};
      throw Error{Exit::usage, fmt::format("{} started {} processes, but MPI ({}) sees {}: the launcher is "
                                           "of another MPI. Start with the mpirun "
                                           "of this one, or with `srun --mpi=pmix`",
                                           l.name, *size, mpi::Environment::library(), world.size())};
    }
    return;
  }
}

/// One line for scripts, and what else a report of a fault should name.
std::string version_text() {
  std::string here;
  try {
    here = kernels().isa;
  } catch (const Error& e) {
    here = e.what();  // a wrong CALOR_ISA
  }
  return fmt::format("calor {} ({}; {})\nlibraries: {}, {}\ninstruction sets: {}; used: {}", version, commit,
                     build, mpi::Environment::library(), io::library(), joined(instruction_sets()), here);
}

void describe(CLI::App& app) {
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  app.get_formatter()->column_width(32);
  app.footer(
      "A case is a TOML file; `calor schema` lists its keys, and key=value after the file sets any of them.\n"
      "Exit status: 0 done, 1 difference or failed check, 64 command line, 65 damaged file, 66 no such file, "
      "70 internal,\n"
      "73 output directory, 74 writing failed, 75 stopped early (go on with --resume), 76 numerical failure, "
      "78 case file.");
}

}  // namespace

std::optional<int> CommandLine::parse(int argc, char** argv) {
  const bool speaks = first_process();
  const auto wrong = [&](const std::string& what) {
    if (speaks)
      complain(
          fmt::format("calor: {}\nRun `calor --help` or `calor COMMAND --help` for what there is.\n", what));
    else  // a launcher ends all when the first leaves with an error, and Open MPI 5's then passes on no words
      std::this_thread::sleep_for(std::chrono::milliseconds{300});
    return static_cast<int>(Exit::usage);
  };

  CLI::App app{"calor: the 2D heat equation rho c dT/dt = div(k grad T) + q on any number of processors",
               "calor"};
  describe(app);
  std::vector<std::pair<const CLI::App*, std::function<Task()>>> declared;
  std::vector<std::string> words;
  for (const Command* c : commands::table) {
    CLI::App* const a = app.add_subcommand(c->word, c->help);
    declared.emplace_back(a, c->declare(*a));
    words.emplace_back(c->word);
  }
  // `calor help run`, as people try, is `calor run --help`.
  std::string long_help = "--help";
  std::vector<char*> turned{argv[0]};
  if (argc > 1 && std::string_view{argv[1]} == "help") {
    if (argc > 2) turned.push_back(argv[2]);
    turned.push_back(long_help.data());
    argc = static_cast<int>(turned.size());
    turned.push_back(nullptr);
    argv = turned.data();
  }
  if (argc > 1 && argv[1][0] != '-' && std::find(words.begin(), words.end(), argv[1]) == words.end())
    return wrong(fmt::format("{}: no such command{}; there are {}", argv[1], did_you_mean(argv[1], words),
                             joined(words)));
  try {
    app.parse(own_words(argc, argv), argv);
    for (const auto& [a, task] : declared)
      if (a->parsed()) task_ = task();
  } catch (const CLI::Success& e) {  // help, version
    std::ostringstream text, unused;
    const int code = app.exit(e, text, unused);
    if (!speaks) return code;
    return guarded([&] {
      answer(text.str());
      deliver_answer();
      return static_cast<Exit>(code);
    });
  } catch (const CLI::ParseError& e) {
    return wrong(e.what());
  } catch (const Error& e) {
    return wrong(e.what());
  }
  const auto* const alone = std::get_if<LoneTask>(&task_);
  if (alone == nullptr) return {};
  if (!speaks) return 0;
  return guarded([&] {
    const Exit code = (*alone)();
    deliver_answer();
    return code;
  });
}

bool CommandLine::names_one_that_saves(int argc, char** argv) {
  return argc > 1 &&
         std::any_of(std::begin(commands::table), std::end(commands::table),
                     [&](const Command* c) { return c->saves && c->word == std::string_view{argv[1]}; });
}

Exit CommandLine::run(const mpi::Comm& world) const {
  check_launcher(world);
  take_share_of_cores(world);
  const Exit code = std::get<CollectiveTask>(task_)(world);
  io::collectively(world, deliver_answer);
  return code;
}

}  // namespace calor::app

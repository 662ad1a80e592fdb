// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/console/guarded.hpp"
#include "app/console/stop.hpp"
#include "app/files/commands.hpp"
#include "app/run/command.hpp"
#include "app/run/estimate.hpp"
#include "app/sweep/command.hpp"
#include "app/text/duration.hpp"
#include "app/text/suggest.hpp"
#include "app/text/version.hpp"

namespace calor {

namespace {

/// An environment variable as a whole number, if it is one.
std::optional<int> number_of(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return {};
  try {
    std::size_t used = 0;
    const int n = std::stoi(text, &used);
    if (used == std::string{text}.size()) return n;
  } catch (const std::exception&) {
  }
  return {};
}

/// Before MPI: whether this process is the launcher's first.
bool first_process() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"})
    if (const auto rank = number_of(variable)) return *rank == 0;
  return true;
}

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

void split_arguments(const std::vector<std::string>& words, std::vector<std::string>& files,
                     std::vector<std::string>& overrides) {
  for (const std::string& w : words)
    (w.find('=') == std::string::npos || std::filesystem::is_regular_file(w) ? files : overrides)
        .push_back(w);
  if (files.empty()) throw CLI::ValidationError("CASE.toml", "no case file given");
}

}  // namespace

std::optional<int> CommandLine::parse(int argc, char** argv) {
  const bool speaks = first_process();
  CLI::App app{"calor: the 2D heat equation rho c dT/dt = div(k grad T) + q on any number of processors",
               "calor"};
  app.set_version_flag("--version", fmt::format("calor {} ({}; {})", version, commit, build));
  app.require_subcommand(1);
  app.get_formatter()->column_width(32);
  app.footer(
      "A case is a TOML file; `calor schema` lists its keys, and key=value after the file sets any of them.\n"
      "Exit status: 0 done, 1 difference or failed check, 64 command line, 65 damaged file, 66 no such file, "
      "70 internal,\n"
      "73 output directory, 74 writing failed, 75 stopped early (go on with --resume), 76 numerical failure, "
      "78 case file.");

  std::vector<std::string> words;
  SweepOptions r;
  std::string walltime, restart;
  bool supervise = false;
  CLI::App* const run_app = app.add_subcommand("run", "one simulation");
  CLI::App* const sweep_app = app.add_subcommand("sweep", "many cases of one plan, [sweep] in the file");
  for (CLI::App* const a : {run_app, sweep_app}) {
    const bool sweeps = a == sweep_app;
    a->add_option("case", words, "CASE.toml [more.toml ...] [key=value ...]: later ones win")->required();
    a->add_option("-o,--output", r.output, "directory for all results (out/<case>)");
    CLI::Option* const resume = a->add_flag(
        "--resume", r.directory.resume,
        sweeps ? "go on with what is missing, or join a sweep that is running"
               : "go on from the newest whole checkpoint; start afresh only where there never was one");
    CLI::Option* const fresh = a->add_flag("--fresh", r.directory.fresh, "discard what is in the directory");
    resume->excludes(fresh);
    if (sweeps)
      a->add_flag("--dry-run", r.dry_run, "list the cases with estimates, compute nothing");
    else
      resume->excludes(a->add_option("--restart", restart, "go on from this checkpoint"));
    a->add_option("--max-walltime", walltime, "checkpoint and stop in time: 55m, 1h30m, 3600, 1:30:00");
    a->add_option("--watchdog", r.watchdog,
                  "seconds without a sign of life after which a hanging job is ended (60; 0: never)")
        ->check(CLI::NonNegativeNumber);
    a->add_flag("--takeover", r.directory.takeover,
                sweeps ? "take the cases of all other jobs here, known to be dead"
                       : "use a directory that is locked by a run known to be dead");
    a->add_flag("--supervise", supervise, "start the launcher given after -- and relaunch it after failures");
    a->add_flag("-q,--quiet", r.quiet, "print nothing but errors");
    a->add_flag("-v,--verbose", r.verbose, "print the resolved case too");
    a->allow_extras(false);
  }

  CLI::App* const estimate_app =
      app.add_subcommand("estimate", "no run: memory, file sizes, stable step, time");
  estimate_app->add_option("case", words, "CASE.toml [more.toml ...] [key=value ...]")->required();

  std::vector<std::string> names;
  bool list = false;
  CLI::App* const verify_app =
      app.add_subcommand("verify", "reference problems against their published values");
  verify_app->add_option("name", names, "which ones (all)");
  verify_app->add_flag("--list", list, "name them, run nothing");

  BenchOptions bench;
  CLI::App* const bench_app = app.add_subcommand("bench", "self-checking timings");
  bench_app->add_option("name", bench.names, "which ones (all): explicit, reduce");
  bench_app->add_option("--sizes", bench.sizes, "cells a side (512, 2048, 8192)")
      ->delimiter(',')
      ->check(CLI::Range(16, 65536));
  bench_app->add_flag("--large", bench.large, "16384 x 16384 cells too");
  bench_app->add_option("--json", bench.json, "also write the tables there");
  bench_app->add_option("--csv", bench.csv, "also write the rows there");
  bench_app->add_option("--repeats", bench.repeats, "counted rounds")->check(CLI::Range(1, 1000));

  std::string file_a, file_b;
  CLI::App* const info_app =
      app.add_subcommand("info", "what a snapshot or checkpoint holds, and whether its checksums hold");
  info_app->add_option("file", file_a, "a .nc or .h5 file, or a run's directory")->required();

  double rtol = 0.0;
  CLI::App* const compare_app =
      app.add_subcommand("compare", "exit 0 if two files hold the same fields, 1 if not");
  compare_app->add_option("a", file_a, "a file, or a run's directory: its last snapshot")->required();
  compare_app->add_option("b", file_b, "another")->required();
  compare_app->add_option("--rtol", rtol, "differences up to this part of the field's largest magnitude pass")
      ->check(CLI::NonNegativeNumber);

  PlotOptions plot;
  CLI::App* const plot_app =
      app.add_subcommand("plot", "a picture (PNG, SVG, PDF) of a snapshot, or of a sweep's table");
  plot_app
      ->add_option("file", plot.what,
                   "a snapshot, or a run's directory: its last one; or TABLE.csv, or a sweep's directory")
      ->required();
  plot_app->add_option("-o,--output", plot.out, "OUT.png, OUT.svg or OUT.pdf: pixels, or lines for print")
      ->required();
  plot_app->add_option("--field", plot.field, "which field (temperature)");
  plot_app->add_option("--width", plot.width,
                       "of the picture, pixels (1200); 96 of them are an inch of a PDF");
  plot_app->add_option("--min", plot.low, "value at the lower end of the colour scale");
  plot_app->add_option("--max", plot.high, "value at the upper end");
  plot_app->add_flag("--no-isolines", plot.no_isolines, "colours only");
  plot_app->add_option("--x", plot.x, "of a table: the column along x; the last parts of its name will do");
  plot_app->add_option("--y", plot.y, "of a table: the column along y");
  plot_app->add_option("--colour,--color", plot.colour,
                       "of a table: a column that parts its rows into series");
  plot_app->add_flag("--log-x", plot.log_x, "a logarithmic axis, also where the values do not suggest one");
  plot_app->add_flag("--log-y", plot.log_y, "the same for y");

  std::string out;
  CLI::App* const import_app = app.add_subcommand("import", "a case from another program's input");
  import_app->require_subcommand(1);
  CLI::App* const tealeaf_app = import_app->add_subcommand("tealeaf", "a TeaLeaf deck");
  tealeaf_app->add_option("deck", file_a, "tea.in")->required();
  tealeaf_app->add_option("-o,--output", out, "CASE.toml")->required();

  bool markdown = false;
  CLI::App* const schema_app =
      app.add_subcommand("schema", "every key of a case: type, unit, default, range, help");
  schema_app->add_flag("--markdown", markdown, "as tables for a page");

  const auto wrong = [&](const std::string& what) {
    if (speaks)
      fmt::print(stderr, "calor: {}\nRun `calor --help` or `calor COMMAND --help` for what there is.\n",
                 what);
    return static_cast<int>(Exit::usage);
  };
  std::vector<std::string> commands;
  for (const CLI::App* a : app.get_subcommands({})) commands.push_back(a->get_name());
  if (argc > 1 && argv[1][0] != '-' && std::find(commands.begin(), commands.end(), argv[1]) == commands.end())
    return wrong(fmt::format("{}: no such command{}; there are {}", argv[1], did_you_mean(argv[1], commands),
                             joined(commands)));
  try {
    app.parse(argc, argv);
    if (*run_app || *sweep_app || *estimate_app) split_arguments(words, r.files, r.overrides);
  } catch (const CLI::Success& e) {  // help, version
    std::ostringstream unused;
    return speaks ? app.exit(e) : app.exit(e, unused, unused);
  } catch (const CLI::ParseError& e) {
    return wrong(e.what());
  }

  if (supervise)
    return wrong(
        "--supervise: not in this version; start the launcher from a script and go on with --resume on exit "
        "75");
  if (!walltime.empty()) {
    r.max_walltime = parse_duration(walltime);
    if (!r.max_walltime || *r.max_walltime <= 0.0)
      return wrong(fmt::format("--max-walltime {}: write 55m, 1h30m, 3600 or 1:30:00", walltime));
  }
  r.directory.restart = restart;

  if (*schema_app) {
    if (speaks) std::cout << schema_text(markdown);
    return 0;
  }
  if (*run_app) command_ = [r](const mpi::Comm& world) { return calor::run(world, r); };
  if (*sweep_app) command_ = [r](const mpi::Comm& world) { return calor::sweep(world, r); };
  if (*estimate_app)
    command_ = [r](const mpi::Comm& world) {
      estimate(world, read_case(world, r.files, r.overrides));
      return Exit::done;
    };
  if (*verify_app)
    command_ = [names, list](const mpi::Comm& world) { return verify_command(world, names, list); };
  if (*bench_app) command_ = [bench](const mpi::Comm& world) { return bench_command(world, bench); };
  if (*info_app) command_ = [file_a](const mpi::Comm& world) { return info_command(world, file_a); };
  if (*compare_app)
    command_ = [file_a, file_b, rtol](const mpi::Comm& world) {
      return compare_command(world, file_a, file_b, rtol);
    };
  if (*plot_app) command_ = [plot](const mpi::Comm& world) { return plot_command(world, plot); };
  if (*tealeaf_app)
    command_ = [file_a, out](const mpi::Comm& world) { return import_command(world, file_a, out); };
  command_ = [inner = command_](const mpi::Comm& world) {
    check_launcher(world);
    catch_stop_signals();
    return inner(world);
  };
  return {};
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <memory>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/files/stored.hpp"
#include "app/report/page.hpp"
#include "app/report/sweep_facts.hpp"
#include "app/text/units.hpp"
#include "app/text/user_file.hpp"
#include "io/file.hpp"
#include "io/snapshot.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

void check_ending(const std::string& out) {
  std::string ending = fs::path{out}.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending != ".html" && ending != ".htm")
    throw Error{Exit::usage,
                fmt::format("{}: a report is an HTML page; give it a name that ends in .html", out)};
}

enum class Holds : char { run, sweep };

/// What a directory holds. Error{no_input} where that is neither. Rank 0 only.
Holds what_is_in(const fs::path& directory) {
  std::error_code none;
  if (!fs::is_directory(directory, none))
    throw Error{Exit::no_input, fmt::format("{}: no such directory; a report is of the directory of a run, "
                                            "or of a sweep",
                                            directory.string())};
  if (holds_sweep(directory)) return Holds::sweep;
  if (io::kind_of(directory / "status.json") != io::Kind::file && io::snapshots_in(directory).empty())
    throw Error{Exit::no_input, fmt::format("{}: neither a run nor a sweep is there (no status.json, no "
                                            "snapshot, no sweep.csv)",
                                            directory.string())};
  return Holds::run;
}

}  // namespace

Exit report_command(const mpi::Comm& comm, const ReportOptions& options, const PageLimits& limits) {
  ReportOptions o = options;
  if (o.out.empty()) o.out = name_for(comm, o.directory, ".html");
  check_ending(o.out);
  const fs::path directory = o.directory;
  Holds holds = Holds::run;
  io::collectively(comm, [&] { holds = what_is_in(directory); });
  comm.broadcast(&holds, sizeof holds);
  Page page;
  switch (holds) {
    case Holds::run:
      page = run_page(comm, directory, limits);
      break;
    case Holds::sweep:
      io::collectively(comm, [&] { page = sweep_page(directory, limits); });
      break;
  }
  io::collectively(comm, [&] {
    const std::string text = page_text(page, io::random_token());
    write_user_file(o.out, text, page_mark);
    answer_written(o.out);
    std::string notes;
    for (const auto& note : page.data.at("notes")) notes += "; " + note.get<std::string>();
    answer(fmt::format("  {}{}\n", bytes_text(static_cast<std::int64_t>(text.size())), notes));
  });
  return Exit::done;
}

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto o = std::make_shared<ReportOptions>();
  app.add_option("directory", o->directory, "of a run, or of a sweep")->required();
  app.add_option(
      "-o,--output", o->out,
      "OUT.html: one file, for any browser; it needs no network; absent: the directory's name, here");
  return [o]() -> Task { return [o](const mpi::Comm& comm) { return report_command(comm, *o); }; };
}

}  // namespace

extern constinit const Command report{
    "report", "one page (HTML) of a run or a sweep: pictures, curves, heat balance, case, log", declare};

}  // namespace commands

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "app/console/command.hpp"
#include "app/files/plot_command.hpp"

namespace calor::app {

bool PlotOptions::writes_numbers() const {
  return !line.empty() && out.size() > 4 && out.compare(out.size() - 4, 4, ".csv") == 0;
}
std::string PlotOptions::of_snapshots() const {
  return field != PlotOptions{}.field ? "--field"
         : !line.empty()              ? "--line"
         : !minus.empty()             ? "--minus"
         : all                        ? "--all"
         : low                        ? "--min"
         : high                       ? "--max"
         : diverging                  ? "--diverging"
         : no_isolines                ? "--no-isolines"
         : no_outlines                ? "--no-outlines"
                                      : "";
}
std::string PlotOptions::of_tables() const {
  return !x.empty()        ? "--x"
         : !y.empty()      ? "--y"
         : !colour.empty() ? "--colour"
         : log_x           ? "--log-x"
         : log_y           ? "--log-y"
                           : "";
}

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto o = std::make_shared<PlotOptions>();
  app.add_option(
         "file", o->what,
         "a snapshot, or a run's directory: its last one; or TABLE.csv, or a sweep's directory; several "
         "where they are compared")
      ->required();
  app.add_option("-o,--output", o->out,
                 "OUT.png, OUT.svg or OUT.pdf: pixels, or lines for print; OUT_%03d.png: several, numbered "
                 "from 0; absent: "
                 "the name of what is drawn, .png, here");
  app.add_option("--width", o->width, "of the picture, pixels (1200); 96 of them are an inch of a PDF");
  app.add_option("--field", o->field, "which field (temperature)");
  app.add_option(
      "--line", o->line,
      "x0,y0,x1,y1 [m]: not a map, but the field along this line, of one snapshot or several; -o OUT.csv: as "
      "numbers");
  app.add_option("--minus", o->minus, "a snapshot or run whose field is taken off: their difference");
  app.add_flag("--all", o->all,
               "all snapshots of a run, with one scale: -o OUT_%03d.png; with --line in one");
  app.add_option("--min", o->low, "value at the lower end of the colour scale");
  app.add_option("--max", o->high, "value at the upper end");
  app.add_flag("--diverging", o->diverging,
               "blue under 0, red over it, 0 in the middle (so are fluxes and differences of both signs)");
  app.add_flag("--no-isolines", o->no_isolines, "colours only");
  app.add_flag("--no-outlines", o->no_outlines, "without the edges of the case's regions");
  app.add_option("--x", o->x, "of a table: the column along x (time); the last parts of its name will do");
  app.add_option(
         "--y", o->y,
         "of a table: the column along y; several times: all in one picture; without: of probes.csv all")
      ->allow_extra_args(false);
  app.add_option("--colour,--color", o->colour, "of a table: a column that parts its rows into series");
  app.add_flag("--log-x", o->log_x, "a logarithmic axis, also where the values do not suggest one");
  app.add_flag("--log-y", o->log_y, "the same for y");
  return [o]() -> Task { return [o](const mpi::Comm& comm) { return plot_command(comm, *o); }; };
}

}  // namespace

extern constinit const Command plot{
    "plot", "pictures (PNG, SVG, PDF) of snapshots, along lines, and of tables", declare};

}  // namespace commands

}  // namespace calor::app

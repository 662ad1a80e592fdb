// SPDX-License-Identifier: BSD-3-Clause
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "app/console/command.hpp"
#include "app/files/plot_command.hpp"

namespace calor {

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto o = std::make_shared<PlotOptions>();
  app.add_option("file", o->what,
                 "a snapshot, or a run's directory: its last one; or TABLE.csv, or a sweep's directory")
      ->required();
  app.add_option("-o,--output", o->out, "OUT.png, OUT.svg or OUT.pdf: pixels, or lines for print")
      ->required();
  app.add_option("--field", o->field, "which field (temperature)");
  app.add_option("--width", o->width, "of the picture, pixels (1200); 96 of them are an inch of a PDF");
  app.add_option("--min", o->low, "value at the lower end of the colour scale");
  app.add_option("--max", o->high, "value at the upper end");
  app.add_flag("--no-isolines", o->no_isolines, "colours only");
  app.add_option("--x", o->x, "of a table: the column along x; the last parts of its name will do");
  app.add_option("--y", o->y, "of a table: the column along y");
  app.add_option("--colour,--color", o->colour, "of a table: a column that parts its rows into series");
  app.add_flag("--log-x", o->log_x, "a logarithmic axis, also where the values do not suggest one");
  app.add_flag("--log-y", o->log_y, "the same for y");
  return [o]() -> Task { return [o](const mpi::Comm& comm) { return plot_command(comm, *o); }; };
}

}  // namespace

extern const Command plot{"plot", "a picture (PNG, SVG, PDF) of a snapshot, or of a sweep's table", declare};

}  // namespace commands

}  // namespace calor

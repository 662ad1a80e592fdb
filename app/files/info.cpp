// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/files/stored.hpp"
#include "app/text/units.hpp"
#include "io/array_file.hpp"

namespace calor {

namespace {

/// What a snapshot or checkpoint holds, and whether its checksums hold (Error{bad_data} if not). Collective.
Exit info(const mpi::Comm& comm, const std::string& file) {
  const io::Manifest m = io::verify_file(comm, snapshot_of(comm, file));
  if (!comm.root()) return Exit::done;
  const io::Header& h = m.header;
  answer(fmt::format("{}: {} of calor {}, {}\n", m.path.string(), h.kind, m.calor_version,
                     bytes_text(m.file_bytes)));
  answer(fmt::format("step {}, t = {:.17g} s, run {:016x}\n", h.step, h.time, h.run_id));
  answer(fmt::format("grid {} x {} on [{}, {}] x [{}, {}] m\n", h.grid.nx, h.grid.ny, h.grid.x0, h.grid.x1,
                     h.grid.y0, h.grid.y1));
  for (const io::FieldEntry& f : m.fields)
    answer(fmt::format("field {} [{}], {}, {} rows of {}, float{}\n", f.name, f.units, f.long_name, f.rows,
                       f.columns, 8 * f.element()));
  answer("all checksums hold\n");
  return Exit::done;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto file = std::make_shared<std::string>();
  app.add_option("file", *file, "a .nc or .h5 file, or a run's directory")->required();
  return [file]() -> Task { return [file](const mpi::Comm& comm) { return calor::info(comm, *file); }; };
}

}  // namespace

extern const Command info{"info", "what a snapshot or checkpoint holds, and whether its checksums hold",
                          declare};

}  // namespace commands

}  // namespace calor

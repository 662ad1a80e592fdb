// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/files/stored.hpp"
#include "app/text/units.hpp"
#include "io/array_file.hpp"

namespace calor::app {

namespace {

nlohmann::ordered_json described(const io::Manifest& m) {
  const io::Header& h = m.header;
  nlohmann::ordered_json all{{"file", m.path.string()},
                             {"kind", h.kind},
                             {"calor", m.calor_version},
                             {"bytes", m.file_bytes},
                             {"run", fmt::format("{:016x}", h.run_id)},
                             {"step", h.step},
                             {"time", h.time},
                             {"steady", is_steady(m)},
                             {"grid",
                              {{"nx", h.grid.nx},
                               {"ny", h.grid.ny},
                               {"x", {h.grid.x0, h.grid.x1}},
                               {"y", {h.grid.y0, h.grid.y1}},
                               {"equal_cells", h.grid.equal_cells()},
                               {"coordinates", h.grid.axisymmetric ? "axisymmetric" : "plane"}}},
                             {"fields", nlohmann::ordered_json::array()},
                             {"checksums", "hold"}};
  for (const io::FieldEntry& f : m.fields)
    all["fields"].push_back({{"name", f.name},
                             {"units", f.units},
                             {"long_name", f.long_name},
                             {"rows", f.rows},
                             {"columns", f.columns},
                             {"type", fmt::format("float{}", 8 * f.element())}});
  return all;
}

/// What a snapshot or checkpoint holds, and whether its checksums hold (Error{bad_data} if not). Collective.
Exit info(const mpi::Comm& comm, const std::string& file, bool json) {
  const io::Manifest m = io::verify_file(comm, snapshot_of(comm, file));
  io::collectively(comm, [&] {
    if (json) {
      answer_json(described(m));
      return;
    }
    const io::Header& h = m.header;
    answer(fmt::format("{}: {} of calor {}, {}\n", m.path.string(), h.kind, m.calor_version,
                       bytes_text(m.file_bytes)));
    answer(fmt::format("{}, run {:016x}\n",
                       is_steady(m) ? "steady state" : fmt::format("step {}, t = {:.17g} s", h.step, h.time),
                       h.run_id));
    answer(fmt::format("grid {} x {} on [{}, {}] x [{}, {}] m{}{}\n", h.grid.nx, h.grid.ny, h.grid.x0,
                       h.grid.x1, h.grid.y0, h.grid.y1, h.grid.equal_cells() ? "" : ", unequal cells",
                       h.grid.axisymmetric ? ", r and z" : ""));
    for (const io::FieldEntry& f : m.fields)
      answer(fmt::format("field {} [{}], {}, {} rows of {}, float{}\n", f.name, f.units, f.long_name, f.rows,
                         f.columns, 8 * f.element()));
    answer("all checksums hold\n");
  });
  return Exit::done;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words {
    std::string file;
    bool json = false;
  };
  const auto w = std::make_shared<Words>();
  app.add_option("file", w->file, "a .nc or .h5 file, or a run's directory")->required();
  app.add_flag("--json", w->json, json_help);
  return [w]() -> Task { return [w](const mpi::Comm& comm) { return app::info(comm, w->file, w->json); }; };
}

}  // namespace

extern constinit const Command info{
    "info", "what a snapshot or checkpoint holds, and whether its checksums hold", declare};

}  // namespace commands

}  // namespace calor::app

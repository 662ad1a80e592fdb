// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/files/stored.hpp"
#include "decomposition/field.hpp"
#include "io/array_file.hpp"

namespace calor::app {

namespace {

/// Rows for every rank; ranks beyond the rows get none.
Box share(const io::GlobalGrid& g, const mpi::Comm& comm) {
  const auto row = [&](int r) { return static_cast<int>(g.ny * r / comm.size()); };
  return {0, row(comm.rank()), static_cast<int>(g.nx), row(comm.rank() + 1)};
}

/// Exit::done and "identical" if all values agree to the last bit, or to `rtol` of the larger magnitude in
/// the field; else the largest difference and where, and Exit::difference. Error{bad_data} if the grids
/// differ. Collective.
Exit compare(const mpi::Comm& comm, const std::string& a, const std::string& b, double rtol, bool json) {
  const io::Manifest ma = io::verify_file(comm, snapshot_of(comm, a)),
                     mb = io::verify_file(comm, snapshot_of(comm, b));
  if (!(ma.header.grid == mb.header.grid))
    throw Error{
        Exit::bad_data,
        fmt::format("{} and {} are of different grids, {} x {} and {} x {} cells: their probes, integrals "
                    "and regions can be compared (summary.json)",
                    a, b, ma.header.grid.nx, ma.header.grid.ny, mb.header.grid.nx, mb.header.grid.ny)};
  const Box mine = share(ma.header.grid, comm);
  bool identical = true, within = true, common = false;
  nlohmann::ordered_json fields = nlohmann::ordered_json::array();
  const auto say = [&](const std::string& text) {
    if (comm.root() && !json) answer(text + "\n");
  };
  const auto only_in = [&](const io::FieldEntry& f, const std::string& one) {
    say(fmt::format("{}: only in {}", f.name, one));
    fields.push_back({{"name", f.name}, {"only_in", one}});
    identical = within = false;
  };
  for (const io::FieldEntry& f : ma.fields) {
    if (mb.find(f.name) == nullptr) {
      only_in(f, a);
      continue;
    }
    common = true;
    Field2D<double> ua{mine, 0}, ub{mine, 0};
    io::read_array(comm, ma, f.name, ua.view(), mine);
    io::read_array(comm, mb, f.name, ub.view(), mine);
    // The largest difference, and the first cell that has it; NaN on one side only counts as infinite.
    double worst = 0.0, largest = 0.0;
    std::int64_t where = -1;
    bool same = true;
    for_each(mine, [&](int i, int j) {
      const double x = ua.view()(i, j), y = ub.view()(i, j);
      if (std::memcmp(&x, &y, sizeof x) == 0) return;
      same = false;
      largest = std::max({largest, std::abs(x), std::abs(y)});
      double d = std::abs(x - y);
      if (std::isnan(d)) d = std::numeric_limits<double>::infinity();
      if (d > worst || where < 0) {
        worst = d;
        where = std::int64_t{j} * ma.header.grid.nx + i;
      }
    });
    for_each(mine, [&](int i, int j) {
      for (const double v : {ua.view()(i, j), ub.view()(i, j)})
        if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
    });
    const double global = comm.max(worst);
    largest = comm.max(largest);
    same = comm.all(same);
    identical = identical && same;
    if (same) {
      fields.push_back({{"name", f.name}, {"units", f.units}, {"identical", true}});
      continue;
    }
    constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max();
    const std::int64_t at = -comm.max(-(where >= 0 && worst == global ? where : nowhere));
    const bool close = global <= rtol * largest;
    within = within && close;
    const io::GlobalGrid& g = ma.header.grid;
    const std::int64_t i = at % g.nx, j = at / g.nx;
    const double x = g.x_centre(i), y = g.y_centre(j), relative = largest > 0.0 ? global / largest : 0.0;
    say(fmt::format(
        "{}: largest difference {:.6g} {} ({:.3g} of the largest magnitude {:.6g}) in cell ({}, {}) at "
        "x = {:.6g} m, y = {:.6g} m{}",
        f.name, global, f.units, relative, largest, i, j, x, y, close ? ", within --rtol" : ""));
    fields.push_back({{"name", f.name},
                      {"units", f.units},
                      {"identical", false},
                      {"largest_difference", global},
                      {"largest_magnitude", largest},
                      {"relative", relative},
                      {"cell", {i, j}},
                      {"at", {x, y}},
                      {"within", close}});
  }
  for (const io::FieldEntry& f : mb.fields) {
    if (ma.find(f.name) != nullptr) continue;
    only_in(f, b);
  }
  if (!common) throw Error{Exit::bad_data, fmt::format("{} and {} have no field in common", a, b)};
  if (identical) say("identical");
  if (json && comm.root())
    answer_json({{"a", ma.path.string()},
                 {"b", mb.path.string()},
                 {"rtol", rtol},
                 {"identical", identical},
                 {"within", within},
                 {"fields", fields}});
  return within ? Exit::done : Exit::difference;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words {
    std::string a, b;
    double rtol = 0.0;
    bool json = false;
  };
  const auto w = std::make_shared<Words>();
  app.add_option("a", w->a, "a file, or a run's directory: its last snapshot")->required();
  app.add_option("b", w->b, "another")->required();
  app.add_option("--rtol", w->rtol, "differences up to this part of the field's largest magnitude pass")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--json", w->json, json_help);
  return [w]() -> Task {
    return [w](const mpi::Comm& comm) { return app::compare(comm, w->a, w->b, w->rtol, w->json); };
  };
}

}  // namespace

extern const Command compare{"compare", "exit 0 if two files hold the same fields, 1 if not", declare};

}  // namespace commands

}  // namespace calor::app

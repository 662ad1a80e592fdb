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

/// How two fields differ.
struct Difference {
  bool same = true;      // to the last bit
  double worst = 0.0;    // the largest difference; NaN on one side only counts as infinite
  double largest = 0.0;  // magnitude in the field
  std::int64_t at = -1;  // the first cell that has the largest difference, counted along rows; < 0: none
};

/// Of this rank's cells. @param nx  cells of a row
Difference difference_here(const Box& mine, const View2D<const double>& a, const View2D<const double>& b,
                           std::int64_t nx) {
  Difference d;
  for_each(mine, [&](int i, int j) {
    const double x = a(i, j), y = b(i, j);
    if (std::memcmp(&x, &y, sizeof x) == 0) return;
    d.same = false;
    d.largest = std::max({d.largest, std::abs(x), std::abs(y)});
    double apart = std::abs(x - y);
    if (std::isnan(apart)) apart = std::numeric_limits<double>::infinity();
    if (apart > d.worst || d.at < 0) {
      d.worst = apart;
      d.at = std::int64_t{j} * nx + i;
    }
  });
  for_each(mine, [&](int i, int j) {
    for (const double v : {a(i, j), b(i, j)})
      if (std::isfinite(v)) d.largest = std::max(d.largest, std::abs(v));
  });
  return d;
}

/// Of all cells of a field that both files have. Collective.
Difference difference(const mpi::Comm& comm, const io::Manifest& a, const io::Manifest& b,
                      const std::string& name) {
  const Box mine = share(a.header.grid, comm);
  Field2D<double> ua{mine, 0}, ub{mine, 0};
  io::read_array(comm, a, name, ua.view(), mine);
  io::read_array(comm, b, name, ub.view(), mine);
  const Difference here = difference_here(mine, ua.view(), ub.view(), a.header.grid.nx);
  Difference all;
  all.worst = comm.max(here.worst);
  all.largest = comm.max(here.largest);
  all.same = comm.all(here.same);
  if (all.same) return all;
  constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max();
  all.at = -comm.max(-(here.at >= 0 && here.worst == all.worst ? here.at : nowhere));
  return all;
}

/// What is said of the fields, one by one, and what comes of it.
class Report {
 public:
  /// @param json  instead of lines
  Report(const mpi::Comm& comm, double rtol, bool json) : comm_{comm}, rtol_{rtol}, json_{json} {}

  void only_in(const io::FieldEntry& f, const std::string& one) {
    say(fmt::format("{}: only in {}", f.name, one));
    fields_.push_back({{"name", f.name}, {"only_in", one}});
    identical_ = within_ = false;
  }

  /// Numbers in different units are not compared: they are different.
  void units_differ(const io::FieldEntry& f, const io::FieldEntry& other) {
    say(fmt::format("{}: in {} and in {}", f.name, f.units, other.units));
    fields_.push_back({{"name", f.name},
                       {"units", f.units},
                       {"other_units", other.units},
                       {"identical", false},
                       {"within", false}});
    identical_ = within_ = false;
  }

  void in_both(const io::FieldEntry& f, const io::GlobalGrid& g, const Difference& d) {
    identical_ = identical_ && d.same;
    if (d.same) {
      fields_.push_back({{"name", f.name}, {"units", f.units}, {"identical", true}});
      return;
    }
    const bool close = d.worst <= rtol_ * d.largest;
    within_ = within_ && close;
    const std::int64_t i = d.at % g.nx, j = d.at / g.nx;
    const double x = g.x_centre(i), y = g.y_centre(j), relative = d.largest > 0.0 ? d.worst / d.largest : 0.0;
    say(fmt::format(
        "{}: largest difference {:.6g} {} ({:.3g} of the largest magnitude {:.6g}) in cell ({}, {}) at "
        "x = {:.6g} m, y = {:.6g} m{}",
        f.name, d.worst, f.units, relative, d.largest, i, j, x, y, close ? ", within --rtol" : ""));
    fields_.push_back({{"name", f.name},
                       {"units", f.units},
                       {"identical", false},
                       {"largest_difference", d.worst},
                       {"largest_magnitude", d.largest},
                       {"relative", relative},
                       {"cell", {i, j}},
                       {"at", {x, y}},
                       {"within", close}});
  }

  Exit verdict(const io::Manifest& a, const io::Manifest& b) const {
    if (identical_) say("identical");
    if (json_ && comm_.root())
      answer_json({{"a", a.path.string()},
                   {"b", b.path.string()},
                   {"rtol", rtol_},
                   {"identical", identical_},
                   {"within", within_},
                   {"fields", fields_}});
    return within_ ? Exit::done : Exit::difference;
  }

 private:
  void say(const std::string& text) const {
    if (comm_.root() && !json_) answer(text + "\n");
  }

  const mpi::Comm& comm_;
  double rtol_;
  bool json_;
  bool identical_ = true, within_ = true;
  nlohmann::ordered_json fields_ = nlohmann::ordered_json::array();
};

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
  Report report{comm, rtol, json};
  bool common = false;
  for (const io::FieldEntry& f : ma.fields) {
    if (mb.find(f.name) == nullptr) {
      report.only_in(f, a);
      continue;
    }
    common = true;
    if (const io::FieldEntry& other = *mb.find(f.name); other.units != f.units) {
      report.units_differ(f, other);
      continue;
    }
    report.in_both(f, ma.header.grid, difference(comm, ma, mb, f.name));
  }
  for (const io::FieldEntry& f : mb.fields) {
    if (ma.find(f.name) != nullptr) continue;
    report.only_in(f, b);
  }
  if (!common) throw Error{Exit::bad_data, fmt::format("{} and {} have no field in common", a, b)};
  return report.verdict(ma, mb);
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
      ->check([](const std::string& text) -> std::string {
        double v = 0.0;
        return CLI::detail::lexical_cast(text, v) && v >= 0.0 && std::isfinite(v)
                   ? ""
                   : text + " is no number from 0 on";
      });
  app.add_flag("--json", w->json, json_help);
  return [w]() -> Task {
    return [w](const mpi::Comm& comm) { return app::compare(comm, w->a, w->b, w->rtol, w->json); };
  };
}

}  // namespace

extern constinit const Command compare{"compare", "exit 0 if two files hold the same fields, 1 if not",
                                       declare};

}  // namespace commands

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "app/bench/bench.hpp"
#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/run/setup.hpp"
#include "app/text/units.hpp"
#include "app/text/user_file.hpp"
#include "app/text/version.hpp"
#include "io/file.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/model/problem.hpp"

namespace calor::app {

namespace bench {

namespace {

struct Spread {
  double least = 0.0, median = 0.0, most = 0.0;
};

Spread spread(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return {v.front(), v[v.size() / 2], v.back()};
}

}  // namespace

double Contender::rate() const { return static_cast<double>(updates) / spread(seconds).median; }

void interleave(const mpi::Comm& comm, std::vector<Contender>& contenders, int repeats) {
  for (int r = 0; r <= repeats; ++r)
    for (Contender& c : contenders) {
      comm.barrier();
      const double start = MPI_Wtime();
      c.updates = c.round();
      const double seconds = comm.max(MPI_Wtime() - start);
      if (r > 0) c.seconds.push_back(seconds);
    }
}

nlohmann::json report(const mpi::Comm& comm, const std::string& title,
                      const std::vector<Contender>& contenders, const std::vector<Measure>& measures) {
  nlohmann::json rows = nlohmann::json::array();
  if (comm.root()) {
    answer(fmt::format("{}\n  {:<34}", title, ""));
    for (const Measure& m : measures) answer(fmt::format(" {:>10}", "/ " + m.name));
    answer(fmt::format(" {:>18} {:>8}\n", "cell updates/s", "spread"));
  }
  for (const Contender& c : contenders) {
    const Spread s = spread(c.seconds);
    nlohmann::json row{{"name", c.name},
                       {"updates_per_second", c.rate()},
                       {"seconds", {s.least, s.median, s.most}},
                       {"ratio", c.rate() / measures[0].rate}};
    if (comm.root()) answer(fmt::format("  {:<34}", c.name));
    for (const Measure& m : measures) {
      if (comm.root()) answer(fmt::format(" {:>9.2f}x", c.rate() / m.rate));
      row["ratios"][m.name] = c.rate() / m.rate;
    }
    if (comm.root())
      answer(
          fmt::format(" {:>18} {:>7.0f}%\n", si_text(c.rate(), ""), 100.0 * (s.most - s.least) / s.median));
    rows.push_back(row);
  }
  if (comm.root()) flush_answer();
  return {{"title", title}, {"rows", rows}};
}

Case plate(int n) {
  Case c;
  c.grid.nx = c.grid.ny = n;
  c.initial.temperature = "exp(-50*((x-0.4)^2+(y-0.6)^2))";
  c.time.method = &methods::euler;
  return c;
}

namespace {

nlohmann::json bench_reduce(const mpi::Comm& comm, int n, int repeats) {
  const auto problem = make_problem(simulation_spec(plate(n)), comm, nullptr);
  const View2D<const double> u = problem->u.cview();
  const Box own = problem->owned;
  const std::int64_t cells = problem->grid.domain().cells();
  double plain = 0.0, exact = 0.0;
  std::vector<Contender> contenders{
      {"plain OpenMP sum",
       [&] {
         double sum = 0.0;
#pragma omp parallel for schedule(static) reduction(+ : sum)
         for (int j = own.j0; j < own.j1; ++j)
           for (int i = own.i0; i < own.i1; ++i) sum += u(i, j);
         mpi::check(MPI_Allreduce(&sum, &plain, 1, MPI_DOUBLE, MPI_SUM, comm.get()));
         return cells;
       }},
      {"reproducible sum", [&] {
         ExactSum sum = exact_sum(own, [&](int i, int j) { return u(i, j); });
         reduce(comm, {&sum, 1});
         exact = sum.value();
         return cells;
       }}};
  interleave(comm, contenders, repeats);
  if (!(std::abs(plain - exact) <= 1e-10 * std::abs(exact)))
    throw Error{Exit::internal, "bench reduce: the sums differ"};
  return report(comm, fmt::format("sum over {} x {} cells; results agree", n, n), contenders,
                {{"plain", contenders[0].rate()}});
}

constexpr const char* json_mark = "\"instruction_set\"";
/// The tables as lines of comma-separated values.
constexpr const char* csv_head =
    "table,size,name,updates_per_second,least_seconds,median_seconds,most_seconds,ratio\n";
std::string csv(const nlohmann::json& tables) {
  std::string text = csv_head;
  for (const auto& t : tables)
    for (const auto& r : t.at("rows"))
      text += fmt::format("{},{},\"{}\",{:.6g},{:.6g},{:.6g},{:.6g},{:.6g}\n",
                          t.at("bench").get<std::string>(), t.at("size").get<int>(),
                          r.at("name").get<std::string>(), r.at("updates_per_second").get<double>(),
                          r.at("seconds")[0].get<double>(), r.at("seconds")[1].get<double>(),
                          r.at("seconds")[2].get<double>(), r.at("ratio").get<double>());
  return text;
}

}  // namespace

}  // namespace bench

namespace {

struct BenchOptions {
  std::vector<std::string> names;  // none: all
  std::vector<int> sizes;          // cells a side; none: the usual ones
  bool large = false;              // 16384 too
  int repeats = 7;
  std::string json, csv;  // files for the tables, or empty
};

/// `calor bench`. Collective.
Exit bench_command(const mpi::Comm& comm, const BenchOptions& options) {
  for (const std::string& n : options.names)
    if (n != "explicit" && n != "materials" && n != "grids" && n != "holes" && n != "reduce")
      throw Error{Exit::usage,
                  fmt::format("bench {}: there are explicit, materials, grids, holes and reduce", n)};
  const auto wanted = [&](const char* n) {
    return options.names.empty() ||
           std::find(options.names.begin(), options.names.end(), n) != options.names.end();
  };
  io::collectively(comm, [&] {
    if (!options.json.empty()) check_user_file(options.json, bench::json_mark);
    if (!options.csv.empty()) check_user_file(options.csv, bench::csv_head);
  });
  if (comm.root())
    answer(fmt::format("calor {} ({}; {}; {}), ranks x threads {} x {}, {} counted rounds, medians\n",
                       version, commit, build, kernels().isa, comm.size(), omp_get_max_threads(),
                       options.repeats));
  nlohmann::json tables = nlohmann::json::array();
  const auto add = [&](const char* name, int n, const nlohmann::json& list) {
    for (nlohmann::json t : list) {
      t["bench"] = name;
      t["size"] = n;
      tables.push_back(t);
    }
  };
  std::vector<int> sizes{512, 2048, 8192};
  if (options.large) sizes.push_back(16384);
  if (!options.sizes.empty()) sizes = options.sizes;
  if (wanted("explicit"))
    for (const int n : sizes) add("explicit", n, bench::explicit_steps(comm, n, options.repeats));
  if (wanted("materials"))
    for (const int n : sizes) add("materials", n, bench::materials(comm, n, options.repeats));
  if (wanted("grids"))
    for (const int n : sizes) add("grids", n, bench::grids(comm, n, options.repeats));
  if (wanted("holes"))
    for (const int n : sizes) add("holes", n, bench::holes(comm, n, options.repeats));
  if (wanted("reduce"))
    add("reduce", 4096, nlohmann::json::array({bench::bench_reduce(comm, 4096, options.repeats)}));
  io::collectively(comm, [&] {
    const nlohmann::json all{{"version", version},
                             {"commit", commit},
                             {"build", build},
                             {"instruction_set", kernels().isa},
                             {"ranks", comm.size()},
                             {"threads", omp_get_max_threads()},
                             {"repeats", options.repeats},
                             {"tables", tables}};
    if (!options.json.empty()) write_user_file(options.json, all.dump(2) + "\n", bench::json_mark);
    if (!options.csv.empty()) write_user_file(options.csv, bench::csv(tables), bench::csv_head);
  });
  return Exit::done;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto o = std::make_shared<BenchOptions>();
  app.add_option("name", o->names, "which ones (all): explicit, materials, grids, holes, reduce");
  app.add_option("--sizes", o->sizes, "cells a side (512, 2048, 8192)")
      ->delimiter(',')
      ->check(CLI::Range(16, 65536));
  app.add_flag("--large", o->large, "16384 x 16384 cells too");
  app.add_option("--json", o->json, "also write the tables there");
  app.add_option("--csv", o->csv, "also write the rows there");
  app.add_option("--repeats", o->repeats, "counted rounds")->check(CLI::Range(1, 1000));
  return [o]() -> Task { return [o](const mpi::Comm& comm) { return bench_command(comm, *o); }; };
}

}  // namespace

extern constinit const Command bench{"bench", "self-checking timings", declare};

}  // namespace commands

}  // namespace calor::app

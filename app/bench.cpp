// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/setup.hpp"
#include "app/units.hpp"
#include "app/version.hpp"
#include "io/file.hpp"
#include "solver/problem.hpp"

namespace calor {

namespace {

struct Spread {
  double least = 0.0, median = 0.0, most = 0.0;
};

Spread spread(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return {v.front(), v[v.size() / 2], v.back()};
}

/// One thing to time: `round` does the work and gives how many cell updates it made.
struct Contender {
  std::string name;
  std::function<std::int64_t()> round;
  std::vector<double> seconds;
  std::int64_t updates = 0;
};

/// Rounds of all contenders in turn, so that a machine whose speed drifts treats them alike; the first is not
/// counted.
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

/// A table with the first contender as the measure of the others.
nlohmann::json report(const mpi::Comm& comm, const std::string& title,
                      const std::vector<Contender>& contenders) {
  nlohmann::json rows = nlohmann::json::array();
  if (comm.root())
    fmt::print("{}\n  {:<34} {:>22} {:>10} {:>9}\n", title, "", "cell updates/s", "spread", "ratio");
  const double base = static_cast<double>(contenders[0].updates) / spread(contenders[0].seconds).median;
  for (const Contender& c : contenders) {
    const Spread s = spread(c.seconds);
    const double rate = static_cast<double>(c.updates) / s.median;
    if (comm.root())
      fmt::print("  {:<34} {:>22} {:>9.0f}% {:>8.2f}x\n", c.name, si_text(rate, ""),
                 100.0 * (s.most - s.least) / s.median, rate / base);
    rows.push_back({{"name", c.name},
                    {"updates_per_second", rate},
                    {"seconds", {s.least, s.median, s.most}},
                    {"ratio", rate / base}});
  }
  return {{"title", title}, {"rows", rows}};
}

/// A plate of one material with a warm spot, all sides insulated.
Case plate(int n) {
  Case c;
  c.grid.nx = c.grid.ny = n;
  c.initial.temperature = "exp(-50*((x-0.4)^2+(y-0.6)^2))";
  c.time.method = Method::euler;
  return c;
}

/// The loop as a course writes it: two arrays, ghosts, one parallel loop.
class PlainLoop {
 public:
  PlainLoop(Problem& p, double dt)
      : p_{p},
        dt_{dt},
        a_(room(p), 0.0),
        b_(room(p), 0.0),
        halo_{p.comm, make_halo_plan(p.parts, 1, p.comm.rank())} {
    for_each(p.owned, [&](int i, int j) { view(a_)(i, j) = p.u.view()(i, j); });
  }
  void step() {
    halo_(view(a_));
    p_.walls.fill(p_.owned, view(a_));
    const double m = dt_ / p_.coefficients.rho_c(0, 0);
    const double rx = m * p_.coefficients.gx(0, 0);
    const std::ptrdiff_t nx = p_.owned.nx(), ny = p_.owned.ny(), pitch = nx + 2;
    const double* const u = a_.data();
    double* const next = b_.data();
#pragma omp parallel for schedule(static)
    for (std::ptrdiff_t j = 1; j <= ny; ++j)
      for (std::ptrdiff_t i = 1; i <= nx; ++i) {
        const std::ptrdiff_t n = j * pitch + i;
        next[n] = u[n] + rx * (((u[n - 1] + u[n + 1]) + (u[n - pitch] + u[n + pitch])) - 4.0 * u[n]);
      }
    a_.swap(b_);
  }
  View2D<double> result() { return view(a_); }

 private:
  static std::size_t room(const Problem& p) { return static_cast<std::size_t>(p.owned.grown(1).cells()); }
  View2D<double> view(std::vector<double>& v) { return {v.data(), p_.owned.nx() + 2, p_.owned.grown(1)}; }
  Problem& p_;
  double dt_;
  std::vector<double> a_, b_;
  Exchange<double> halo_;
};

nlohmann::json bench_sweep(const mpi::Comm& comm, int n, int repeats) {
  const Case c = plate(n);
  const auto problem = make_problem(c, comm, true);
  const double dt = explicit_safety * explicit_limit(*problem, 0.0);
  PlainLoop plain{*problem, dt};
  const auto euler = make_forward_euler({});
  const std::int64_t cells = problem->grid.domain().cells();
  // About a tenth of a second a round; the same number of steps for both, so that the results can be
  // compared.
  const std::int64_t steps = std::max<std::int64_t>(4, (std::int64_t{1} << 27) / cells / 2 * 2);
  std::vector<Contender> contenders{{"plain OpenMP loop, two arrays",
                                     [&] {
                                       for (std::int64_t s = 0; s < steps; ++s) plain.step();
                                       return steps * cells;
                                     },
                                     {},
                                     0},
                                    {"calor euler, ledger included",
                                     [&] {
                                       euler->advance(*problem, {0.0, dt, 0, steps});
                                       return steps * cells;
                                     },
                                     {},
                                     0}};
  interleave(comm, contenders, repeats);
  bool same = true;
  for_each(problem->owned, [&](int i, int j) {
    const double a = problem->u.view()(i, j), b = plain.result()(i, j);
    same = same && std::memcmp(&a, &b, sizeof a) == 0;
  });
  if (!comm.all(same))
    throw Error{Exit::internal, fmt::format("bench sweep {}: calor and the plain loop differ", n)};
  return report(
      comm,
      fmt::format("explicit sweep {} x {}, one material, double; results identical to the last bit", n, n),
      contenders);
}

nlohmann::json bench_reduce(const mpi::Comm& comm, int n, int repeats) {
  const auto problem = make_problem(plate(n), comm, false);
  const View2D<const double> u = std::as_const(problem->u).view();
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
       },
       {},
       0},
      {"reproducible sum",
       [&] {
         ExactSum sum = exact_sum(own, [&](int i, int j) { return u(i, j); });
         reduce(comm, {&sum, 1});
         exact = sum.value();
         return cells;
       },
       {},
       0}};
  interleave(comm, contenders, repeats);
  if (!(std::abs(plain - exact) <= 1e-10 * std::abs(exact)))
    throw Error{Exit::internal, "bench reduce: the sums differ"};
  return report(comm, fmt::format("sum over {} x {} cells; results agree", n, n), contenders);
}

}  // namespace

Exit bench_command(const mpi::Comm& comm, const std::vector<std::string>& names, const std::string& json,
                   int repeats) {
  for (const std::string& n : names)
    if (n != "sweep" && n != "reduce")
      throw Error{Exit::usage, fmt::format("bench {}: there are sweep and reduce", n)};
  const auto wanted = [&](const char* n) {
    return names.empty() || std::find(names.begin(), names.end(), n) != names.end();
  };
  if (comm.root())
    fmt::print("calor {} ({}; {}), ranks x threads {} x {}, {} counted rounds, medians\n", version, commit,
               build, comm.size(), omp_get_max_threads(), repeats);
  nlohmann::json tables = nlohmann::json::array();
  for (const int n : {512, 2048, 4096})
    if (wanted("sweep")) tables.push_back(bench_sweep(comm, n, repeats));
  if (wanted("reduce")) tables.push_back(bench_reduce(comm, 4096, repeats));
  if (!json.empty())
    io::collectively(comm, [&] {
      const nlohmann::json all{{"version", version},
                               {"commit", commit},
                               {"build", build},
                               {"ranks", comm.size()},
                               {"threads", omp_get_max_threads()},
                               {"repeats", repeats},
                               {"tables", tables}};
      io::write_atomically(json, all.dump(2) + "\n");
    });
  return Exit::done;
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/bench/bench.hpp"
#include "app/bench/stepping.hpp"
#include "app/console/product.hpp"

namespace calor::app::bench {

nlohmann::json remark(const Blocked& b, nlohmann::json table) {
  const mpi::Comm& comm = b.problem->comm;
  const double share = b.in_halo / std::max(b.seconds, 1e-12), least = comm.min(share),
               most = comm.max(share);
  table["layout"] = b.method->layout();
  table["halo_share"] = {least, most};
  if (comm.root())
    answer(
        fmt::format("  calor: {}; halo exchange {:.2f} % of the time, {:.2f} % on the rank that waits most\n",
                    b.method->layout(), 100.0 * least, 100.0 * most));
  return table;
}

std::int64_t steps_for(double updates, std::int64_t cells, std::int64_t unit) {
  const auto n = static_cast<std::int64_t>(updates / static_cast<double>(cells));
  return std::max<std::int64_t>(1, (n + unit - 1) / unit) * unit;
}

namespace {

/// Copies a field with stores past the caches, `rows` rows side by side: memory bandwidth, counted as the
/// cell updates of a step that reads and writes every cell once.
template <int rows>
void copy(const Box& own, View2D<const double> from, View2D<double> to) {
  const auto store = kernels().doubles.store;
#pragma omp parallel for schedule(static)
  for (int j = own.j0; j < own.j1 - own.ny() % rows; j += rows) {
    const int width = rows == 1 ? own.nx() : 64;
    for (int i = own.i0; i < own.i1; i += width)
      for (int r = 0; r < rows; ++r)
        store(from.row(j + r), to.row(j + r), i, std::min(i + width, own.i1), true);
  }
}

}  // namespace

nlohmann::json explicit_steps(const mpi::Comm& comm, int n, int repeats) {
  const Case insulated = plate(n);
  Case mixed = insulated, single = insulated;
  const auto side = [](const char* type, decltype(WallCase::values) values) {
    WallCase w;
    w.type = type;
    w.values = std::move(values);
    return std::vector<WallCase>{w};
  };
  mixed.boundary.left = side("temperature", {{"value", Quantity{1.0}}});
  mixed.boundary.right = side("flux", {{"inward", Quantity{-0.5}}});
  mixed.boundary.bottom = side("convection", {{"film", Quantity{3.0}}, {"ambient", Quantity{0.2}}});
  single.parallel.precision = Precision::single;
  Case layered = insulated;
  ConductivityCase of_place;
  of_place.x = "1 + 0.5*sin(20*x)*cos(30*y)";
  layered.material.conductivity = of_place;
  layered.material.density = "1 + 0.5*x";

  // About a third of a second a round for each; whole passes for the blocked ones.
  const std::int64_t cells = std::int64_t{n} * n;
  const double plain_work = 4e8, blocked_work = 1.6e9;
  nlohmann::json tables = nlohmann::json::array();
  double roofline = 0.0;
  {
    Blocked calor{insulated, comm, true}, walls{mixed, comm, true}, half{single, comm, true};
    PlainLoop<double> plain{*calor.problem, calor.dt};
    Field2D<double> other{calor.problem->owned, 0};
    const Box own = calor.problem->owned;
    const auto copies = [&, sweeps = steps_for(plain_work, cells, 1)](auto&& one) {
      return [&, sweeps, one] {
        for (std::int64_t s = 0; s < sweeps; ++s) one(own, calor.problem->u.cview(), other.view());
        return sweeps * cells;
      };
    };
    const auto plain_steps = [&, count = steps_for(plain_work, cells, 1)](bool past_caches) {
      return [&, count, past_caches] {
        for (std::int64_t s = 0; s < count; ++s) plain.step(past_caches);
        return count * cells;
      };
    };
    std::vector<Contender> contenders{
        {"NT copy, 1 stream", copies(copy<1>)},
        {"NT copy, 2 streams", copies(copy<2>)},
        {"NT copy, 4 streams", copies(copy<4>)},
        {"NT copy, 8 streams", copies(copy<8>)},
        {"plain OpenMP loop", plain_steps(false)},
        {"plain loop, NT stores", plain_steps(true)},
        {"calor", calor.steps(steps_for(blocked_work, cells, 32))},
        {"calor, three kinds of wall", walls.steps(steps_for(blocked_work, cells, 32))},
        {"calor, single precision", half.steps(steps_for(2 * blocked_work, cells, 32))}};
    interleave(comm, contenders, repeats);
    for (std::size_t k = 0; k < 4; ++k) roofline = std::max(roofline, contenders[k].rate());
    tables.push_back(remark(
        calor,
        report(comm, fmt::format("explicit steps, {0} x {0} cells, one material; checked bit by bit", n),
               contenders, {{"roofline", roofline}, {"plain", contenders[4].rate()}})));
    tables.back()["roofline"] = roofline;
  }
  {
    Blocked calor{layered, comm, true};
    PlainLoop<double> plain{*calor.problem, calor.dt};
    std::vector<Contender> contenders{{"plain OpenMP loop",
                                       [&, count = steps_for(plain_work / 2, cells, 1)] {
                                         for (std::int64_t s = 0; s < count; ++s) plain.step();
                                         return count * cells;
                                       }},
                                      {"calor", calor.steps(steps_for(blocked_work / 2, cells, 16))}};
    interleave(comm, contenders, repeats);
    tables.push_back(remark(
        calor,
        report(comm,
               fmt::format("explicit steps, {0} x {0} cells, materials that vary; checked bit by bit", n),
               contenders, {{"roofline", roofline}, {"plain", contenders[0].rate()}})));
    tables.back()["roofline"] = roofline;
  }
  return tables;
}

}  // namespace calor::app::bench

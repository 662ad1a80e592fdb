// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "decomposition/error.hpp"
#include "solver/blocked/kernels.hpp"

namespace calor {

namespace {

Partition even_partition(const Box& domain, const LayoutSpec& layout, int ranks) {
  if (layout.ranks) {
    const auto [px, py] = *layout.ranks;
    if (px > domain.nx() || py > domain.ny())
      throw Error{
          Exit::bad_case,
          fmt::format("parallel.ranks = [{}, {}]: more ranks than cells along a side; a grid of {} x {} "
                      "cells takes at most [{}, {}]",
                      px, py, domain.nx(), domain.ny(), domain.nx(), domain.ny())};
    if (std::int64_t{px} * py != ranks)
      throw Error{
          Exit::bad_case,
          fmt::format(
              "parallel.ranks = [{}, {}] makes {} ranks, but {} are running; start {} or write \"auto\"", px,
              py, std::int64_t{px} * py, ranks, std::int64_t{px} * py)};
    return partition(domain, px, py);
  }
  if (ranks > most_ranks(domain))
    throw Error{
        Exit::bad_case,
        fmt::format("{} ranks are too many for a grid of {} x {} cells: every rank needs a cell of its own; "
                    "start at most {}",
                    ranks, domain.nx(), domain.ny(), most_ranks(domain))};
  return partition(domain, ranks);
}

}  // namespace

std::optional<CellCosts> cell_costs(const ProblemSpec& spec, const Method* method) {
  const Voids& voids = spec.materials.voids;
  if (!voids.any() || method == nullptr || !method->passes_over_voids || !spec.steps_are_blocked()) return {};
  constexpr double nothing = 0.05;  // they are loaded and stored once a pass
  constexpr int fine = 128;         // looked at in so many places along each side
  const Grid& g = spec.grid;
  CellCosts costs{std::min(g.nx, fine), std::min(g.ny, fine), {}};
  for (int b = 0; b < costs.my; ++b)
    for (int a = 0; a < costs.mx; ++a) {
      const auto middle = [](int k, int n, int m) {
        return static_cast<int>((2 * std::int64_t{k} + 1) * n / (2 * m));
      };
      const double x = g.centre_x(middle(a, g.nx, costs.mx)), y = g.centre_y(middle(b, g.ny, costs.my));
      costs.cost.push_back(voids.at(x, y) == Voids::body ? 1.0 : nothing);
    }
  return costs;
}

Partition make_partition(const ProblemSpec& spec, const LayoutSpec& layout, const Method* method, int ranks) {
  const Box domain = spec.grid.domain();
  Partition even = even_partition(domain, layout, ranks);
  const std::optional<CellCosts> costs = ranks > 1 ? cell_costs(spec, method) : std::nullopt;
  return costs ? balanced(domain, even, *costs) : even;
}

int halo_depth(const ProblemSpec& spec, const LayoutSpec& layout, const Partition& parts,
               const Method* method) {
  constexpr int least = 2;  // probes look past a neighbour cell at its wall
  if (method == nullptr || method->deepest == nullptr || !spec.steps_are_blocked()) return least;
  const int deepest = method->deepest(spec, layout.precision);
  if (layout.halo_depth) {
    const int wish = *layout.halo_depth;
    return std::max(least, method->deeper_if_wished ? wish : std::min(wish, deepest));
  }
  if (parts.size() == 1 && !spec.grid.periodic_x && !spec.grid.periodic_y) return least;
  // What is computed again in the halo grows with the depth, against the narrowest rank.
  int narrowest = std::numeric_limits<int>::max();
  for (const Box& b : parts) narrowest = std::min({narrowest, b.nx(), b.ny()});
  int depth = 4;
  while (2 * depth <= deepest && 8 * depth <= narrowest) depth *= 2;
  return depth;
}

void round_to(Precision precision, Problem& problem) {
  if (precision != Precision::single) return;
  const View2D<double> u = problem.u.view();
  for_each(problem.owned, [&](int i, int j) { u(i, j) = static_cast<float>(u(i, j)); });
}

std::unique_ptr<Problem> make_problem(const SimulationSpec& spec, const mpi::Comm& comm, const Method* method,
                                      SetupCache* cache, Heed* heed) {
  heed_here(heed, set_up_sweeps);
  // One node may lack the instruction set that CALOR_ISA asks for.
  std::string wrong;
  try {
    static_cast<void>(kernels());
  } catch (const Error& e) {
    wrong = e.what();
  }
  if (wrong = comm.first_message(wrong); !wrong.empty()) throw Error{Exit::usage, wrong};
  Partition parts = make_partition(spec.problem, spec.layout, method, comm.size());
  const int depth = halo_depth(spec.problem, spec.layout, parts, method);
  std::shared_ptr<const CoefficientFields> earlier;
  if (cache != nullptr) earlier = std::exchange(cache->coefficients, nullptr);
  auto problem =
      std::make_unique<Problem>(comm, spec.problem, std::move(parts), depth, std::move(earlier), heed);
  if (spec.initial_field) {
    if (problem->enthalpy)
      for_cells(problem->owned, [h = problem->h.view()](int i, int j) {
        h(i, j) = std::numeric_limits<double>::quiet_NaN();
      });
    spec.initial_field(*problem);
    lay_initial(spec.problem, *problem, true);  // regions win over what is underneath, also over a file
  }
  round_to(spec.layout.precision, *problem);
  return problem;
}

}  // namespace calor

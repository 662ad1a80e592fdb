// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "decomposition/partition.hpp"
#include "solver/linear/amg/coarse_points.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

constexpr int width = 23, height = 19;

/// Couplings of a cell and its own coefficient; nothing is lost at the walls, so that rows add up to 0.
std::map<CellNumber, double> row_of(CellNumber cell, const std::function<double(CellNumber)>& k) {
  const auto i = cell % width, j = cell / width;
  std::map<CellNumber, double> row;
  const auto couple = [&](bool there, CellNumber other) {
    if (!there) return;
    const double coupling = 2.0 * k(cell) * k(other) / (k(cell) + k(other));
    row[other] -= coupling;
    row[cell] += coupling;
  };
  couple(i > 0, cell - 1);
  couple(i + 1 < width, cell + 1);
  couple(j > 0, cell - width);
  couple(j + 1 < height, cell + width);
  return row;
}

Surroundings surroundings(const mpi::Comm& comm, const std::function<double(CellNumber)>& k) {
  const std::vector<Box> boxes = partition({0, 0, width, height}, comm.size());
  const CellOwners owners{boxes, width};
  std::vector<CellNumber> own, columns;
  const Box& b = boxes[static_cast<std::size_t>(comm.rank())];
  for (int j = b.j0; j < b.j1; ++j)
    for (int i = b.i0; i < b.i1; ++i) own.push_back(CellNumber{j} * width + i);
  for (const CellNumber cell : own)
    for (const auto& [other, value] : row_of(cell, k)) columns.push_back(other);
  sort_unique(columns);
  SparseRows rows;
  for (const CellNumber cell : own) {
    for (const auto& [other, value] : row_of(cell, k)) {
      rows.column.push_back(places_in(std::vector{other}, columns).front());
      rows.value.push_back(value);
    }
    rows.begin.push_back(static_cast<std::int64_t>(rows.column.size()));
  }
  return make_surroundings(comm, owners, {own, columns, rows});
}

bool strong(CellNumber from, CellNumber to, const std::function<double(CellNumber)>& k) {
  const auto row = row_of(from, k);
  double largest = 0.0;
  for (const auto& [other, value] : row) largest = std::max(largest, -value);
  const auto at = row.find(to);
  return from != to && at != row.end() && -at->second >= 0.25 * largest;
}

double random_medium(CellNumber cell) { return noise(cell + 1000) < 0.5 ? 1.0 : 1e6; }
double even_medium(CellNumber) { return 2.0; }
double layered_medium(CellNumber cell) { return cell / width % 2 == 0 ? 1.0 : 100.0; }

struct Medium {
  std::string name;
  double (*k)(CellNumber);
};
Medium any_medium() {
  return GENERATE(
      values<Medium>({{"random", random_medium}, {"even", even_medium}, {"layers", layered_medium}}));
}

}  // namespace

TEST_CASE("noise is in [0, 1), and neighbours differ", "[coarse_points]") {
  double sum = 0.0;
  for (CellNumber cell = 0; cell < 10000; ++cell) {
    const double x = noise(cell);
    REQUIRE((x >= 0.0 && x < 1.0));
    REQUIRE(x != noise(cell + 1));
    sum += x;
  }
  CHECK(std::abs(sum / 10000.0 - 0.5) < 0.02);
}

TEST_CASE("the surroundings hold whole rows of all neighbours", "[mpi][coarse_points]") {
  const mpi::Comm& comm = test::world();
  const Surroundings s = surroundings(comm, random_medium);
  bool right = s.rows.rows() == static_cast<std::int32_t>(s.near.size());
  for (std::int32_t r = 0; r < s.rows.rows(); ++r) {
    const auto row = row_of(s.near[static_cast<std::size_t>(r)], random_medium);
    const auto columns = s.rows.columns(r);
    const auto values = s.rows.values(r);
    right = right && columns.size() == row.size();
    for (std::size_t n = 0; right && n < columns.size(); ++n) {
      const auto at = row.find(s.far[static_cast<std::size_t>(columns[n])]);
      right = at != row.end() && at->second == values[n];
    }
  }
  CHECK(comm.all(right));
}

TEST_CASE("points that stay are independent, and all others lean on one", "[mpi][coarse_points]") {
  const mpi::Comm& comm = test::world();
  const auto [name, k] = any_medium();
  CAPTURE(name);
  Surroundings s = surroundings(comm, k);
  const std::vector<bool> stays = choose_points(comm, s);
  const auto stays_at = [&](CellNumber cell) {
    return stays[static_cast<std::size_t>(places_in(std::vector{cell}, s.far).front())];
  };
  bool independent = true, leaning = true;
  std::int64_t kept = 0;
  for (const CellNumber cell : s.own) {
    bool one = false;
    for (const auto& [other, value] : row_of(cell, k)) {
      if (strong(cell, other, k) && stays_at(other)) one = true;
      if (strong(cell, other, k) && strong(other, cell, k) && stays_at(other) && stays_at(cell))
        independent = false;
    }
    kept += stays_at(cell) ? 1 : 0;
    // Whoever nobody depends on goes in any case.
    bool wanted = false;
    for (const auto& [other, value] : row_of(cell, k)) wanted = wanted || strong(other, cell, k);
    if (!stays_at(cell) && wanted && !one) leaning = false;
  }
  CHECK(comm.all(independent));
  CHECK(comm.all(leaning));
  kept = comm.sum(kept);
  CHECK(kept > width * height / 10);
  CHECK(kept < width * height / 2);

  // Another layout keeps the same ones.
  const mpi::Comm alone = comm.split(comm.rank());
  Surroundings whole = surroundings(alone, k);
  const std::vector<bool> all = choose_points(alone, whole);
  bool same = true;
  for (const CellNumber cell : s.own) same = same && all[static_cast<std::size_t>(cell)] == stays_at(cell);
  CHECK(comm.all(same));
}

TEST_CASE("interpolation keeps constants, with few weights", "[mpi][coarse_points]") {
  const mpi::Comm& comm = test::world();
  const auto [name, k] = any_medium();
  CAPTURE(name);
  Surroundings s = surroundings(comm, k);
  const std::vector<bool> stays = choose_points(comm, s);
  const SparseRows p = interpolate(s, stays);
  REQUIRE(p.rows() == static_cast<std::int32_t>(s.own.size()));
  bool constant = true, few = true, from_kept = true, identity = true;
  for (std::int32_t o = 0; o < p.rows(); ++o) {
    const auto columns = p.columns(o);
    double sum = 0.0;
    for (std::size_t n = 0; n < columns.size(); ++n) {
      sum += p.values(o)[n];
      from_kept = from_kept && stays[static_cast<std::size_t>(columns[n])];
    }
    few = few && columns.size() <= 4;
    constant = constant && !columns.empty() && std::abs(sum - 1.0) < 1e-6;
    if (stays[static_cast<std::size_t>(s.far_place(o))])
      identity = identity && columns.size() == 1 && columns[0] == s.far_place(o) && sum == 1.0;
  }
  CHECK(comm.all(constant));
  CHECK(comm.all(few));
  CHECK(comm.all(from_kept));
  CHECK(comm.all(identity));
}

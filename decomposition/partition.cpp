// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/partition.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {

namespace {

/// Cuts [0, length) into parts in proportion to `shares`, each at least 1 long. Returns shares.size() + 1
/// cuts.
std::vector<int> cut(int length, const std::vector<int>& shares) {
  const int parts = static_cast<int>(shares.size());
  std::int64_t total = 0;
  for (const int s : shares) total += s;
  std::vector<int> cuts(shares.size() + 1, 0);
  std::int64_t before = 0;
  for (int p = 0; p < parts; ++p) {
    before += shares[static_cast<std::size_t>(p)];
    const auto ideal =
        static_cast<int>((2 * std::int64_t{length} * before + total) / (2 * total));  // rounded
    cuts[static_cast<std::size_t>(p) + 1] =
        std::clamp(ideal, cuts[static_cast<std::size_t>(p)] + 1, length - (parts - 1 - p));
  }
  return cuts;
}

/// What is below x of a length, of which equal shares cost so much.
class Course {
 public:
  Course(int length, std::vector<double> shares) : length_{length}, sums_(shares.size() + 1, 0.0) {
    for (std::size_t n = 0; n < shares.size(); ++n) sums_[n + 1] = sums_[n] + shares[n];
  }
  double all() const { return sums_.back(); }
  double below(int x) const {
    const double at = static_cast<double>(x) * static_cast<double>(sums_.size() - 1) / length_;
    const auto n = std::min(static_cast<std::size_t>(at), sums_.size() - 2);
    return sums_[n] + (at - static_cast<double>(n)) * (sums_[n + 1] - sums_[n]);
  }
  /// As cut(), by what it costs.
  std::vector<int> cut(const std::vector<int>& shares) const {
    const int parts = static_cast<int>(shares.size());
    double total = 0.0, before = 0.0;
    for (const int s : shares) total += s;
    std::vector<int> cuts(shares.size() + 1, 0);
    for (int p = 0; p < parts; ++p) {
      before += shares[static_cast<std::size_t>(p)];
      const double wanted = all() * before / total;
      const int least = cuts[static_cast<std::size_t>(p)] + 1, most = length_ - (parts - 1 - p);
      int low = least, high = most;  // the first place that has as much below
      while (low < high) {
        const int middle = low + (high - low) / 2;
        if (below(middle) < wanted)
          low = middle + 1;
        else
          high = middle;
      }
      if (low > least && wanted - below(low - 1) < below(low) - wanted) --low;
      cuts[static_cast<std::size_t>(p) + 1] = p + 1 == parts ? length_ : low;
    }
    return cuts;
  }

 private:
  int length_;
  std::vector<double> sums_;
};

/// Of rows j0 .. j1 - 1 of the domain, what the columns of the lattice cost.
std::vector<double> of_columns(const CellCosts& costs, int ny, int j0, int j1) {
  std::vector<double> sums(static_cast<std::size_t>(costs.mx), 0.0);
  for (int b = 0; b < costs.my; ++b) {
    const double low = static_cast<double>(b) * ny / costs.my,
                 high = static_cast<double>(b + 1) * ny / costs.my;
    const double rows = std::min<double>(high, j1) - std::max<double>(low, j0);
    for (int a = 0; a < costs.mx && rows > 0.0; ++a)
      sums[static_cast<std::size_t>(a)] += rows * costs.cost[static_cast<std::size_t>(b * costs.mx + a)];
  }
  return sums;
}

/// `bands` bands that share `ranks` blocks as evenly as can be.
Partition banded(const Box& domain, int ranks, int bands) {
  std::vector<int> blocks(static_cast<std::size_t>(bands));
  for (int b = 0; b < bands; ++b) {
    const auto until = [&](int n) { return static_cast<int>(std::int64_t{ranks} * n / bands); };
    blocks[static_cast<std::size_t>(b)] = until(b + 1) - until(b);
  }
  const std::vector<int> rows = cut(domain.ny(), blocks);
  Partition parts;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const std::vector<int> columns =
        cut(domain.nx(), std::vector<int>(static_cast<std::size_t>(blocks[b]), 1));
    for (std::size_t c = 0; c + 1 < columns.size(); ++c)
      parts.push_back(
          {domain.i0 + columns[c], domain.j0 + rows[b], domain.i0 + columns[c + 1], domain.j0 + rows[b + 1]});
  }
  return parts;
}

/// Time of a rank, in cells: a cell on the surface also travels, at the price of a few updates.
double cost(const Box& block) {
  constexpr double surface_price = 4.0;
  return static_cast<double>(block.cells()) + surface_price * 2.0 * (block.nx() + block.ny());
}

/// Time of the slowest rank.
double cost(const Partition& parts) {
  double worst = 0.0;
  for (const Box& b : parts) worst = std::max(worst, cost(b));
  return worst;
}

/// What so many bands cost at least: the widest block of the highest band is no smaller than this.
double least_cost(const Box& domain, int ranks, int bands) {
  const int blocks = (ranks - 1) / bands + 1;  // of a band, at most
  return cost(Box{0, 0, (domain.nx() - 1) / blocks + 1, (domain.ny() - 1) / bands + 1});
}

}  // namespace

std::int64_t most_ranks(const Box& domain) { return domain.cells(); }

Partition partition(const Box& domain, int ranks) {
  CALOR_ASSERT(1 <= ranks && ranks <= most_ranks(domain));
  Partition best;
  const int most = std::min(ranks, domain.ny()), fewest = (ranks - 1) / domain.nx() + 1;
  // With many ranks few numbers of bands are worth laying out: those that may cost no more than the most
  // promising.
  int promising = most;
  for (int bands = most; bands >= fewest; --bands)
    if (least_cost(domain, ranks, bands) < least_cost(domain, ranks, promising)) promising = bands;
  const double enough = cost(banded(domain, ranks, promising));
  double least = std::numeric_limits<double>::infinity();
  // From many bands to few: at equal cost whole rows stay together, which travel as one piece of memory.
  for (int bands = most; bands >= fewest; --bands) {
    if (least_cost(domain, ranks, bands) > std::min(least, enough)) continue;
    Partition candidate = banded(domain, ranks, bands);
    if (const double c = cost(candidate); c < least) {
      least = c;
      best = std::move(candidate);
    }
  }
  return best;
}

Partition partition(const Box& domain, int px, int py) {
  CALOR_ASSERT(1 <= px && px <= domain.nx() && 1 <= py && py <= domain.ny());
  return banded(domain, px * py, py);
}

Partition balanced(const Box& domain, const Partition& even, const CellCosts& costs) {
  // Blocks of a band follow one another.
  std::vector<int> blocks;
  for (std::size_t n = 0; n < even.size(); ++n) {
    if (n == 0 || even[n].j0 != even[n - 1].j0) blocks.push_back(0);
    ++blocks.back();
  }
  std::vector<double> rows;
  for (int b = 0; b < costs.my; ++b) {
    double sum = 0.0;
    for (int a = 0; a < costs.mx; ++a) sum += costs.cost[static_cast<std::size_t>(b * costs.mx + a)];
    rows.push_back(sum);
  }
  const std::vector<int> bands = Course{domain.ny(), std::move(rows)}.cut(blocks);
  Partition parts;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const Course course{domain.nx(), of_columns(costs, domain.ny(), bands[b], bands[b + 1])};
    const std::vector<int> ones(static_cast<std::size_t>(blocks[b]), 1);
    const std::vector<int> columns = course.all() > 0.0 ? course.cut(ones) : cut(domain.nx(), ones);
    for (std::size_t c = 0; c + 1 < columns.size(); ++c)
      parts.push_back({domain.i0 + columns[c], domain.j0 + bands[b], domain.i0 + columns[c + 1],
                       domain.j0 + bands[b + 1]});
  }
  return parts;
}

std::vector<Box> spread(const Box& domain, int ranks, int of) {
  const Partition few = partition(domain, ranks);
  std::vector<Box> boxes(static_cast<std::size_t>(of));
  for (int r = 0; r < ranks; ++r)
    boxes[static_cast<std::size_t>(static_cast<std::int64_t>(r) * of / ranks)] =
        few[static_cast<std::size_t>(r)];
  return boxes;
}

std::vector<Box> grown(const Partition& parts, int depth) {
  std::vector<Box> boxes;
  for (const Box& b : parts) boxes.push_back(b.grown(depth));
  return boxes;
}

double imbalance(const Partition& parts) {
  std::int64_t largest = 0, total = 0;
  for (const Box& b : parts) {
    largest = std::max(largest, b.cells());
    total += b.cells();
  }
  return static_cast<double>(largest) * static_cast<double>(parts.size()) / static_cast<double>(total);
}

double imbalance(const Box& domain, const Partition& parts, const CellCosts& costs) {
  double largest = 0.0, total = 0.0;
  for (const Box& b : parts) {
    const Course course{domain.nx(), of_columns(costs, domain.ny(), b.j0 - domain.j0, b.j1 - domain.j0)};
    const double cost = course.below(b.i1 - domain.i0) - course.below(b.i0 - domain.i0);
    largest = std::max(largest, cost);
    total += cost;
  }
  return largest * static_cast<double>(parts.size()) / total;
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked/records.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace calor {

RecordRuns::RecordRuns(const GroupNumbers& groups) : first_row_{groups.box().j0} {
  const Box& box = groups.box();
  const int windows = box.ny() - (record_block_rows - 1);
  const Box rows{box.i0, first_row_, box.i1, first_row_ + windows};
  std::vector<std::vector<RecordRun>> found(static_cast<std::size_t>(windows));
  for_rows(rows, [&](int y) {
    std::vector<RecordRun>& mine = found[static_cast<std::size_t>(y - first_row_)];
    std::array<const std::uint32_t*, record_block_rows> row{};
    for (int r = 0; r < record_block_rows; ++r) row[static_cast<std::size_t>(r)] = groups.row(y + r);
    const auto in = [&](int g) {
      std::uint32_t differ = 0;
      for (const std::uint32_t* other : row) differ |= other[g] ^ row[0][g];
      return differ == 0 ? row[0][g] : RecordRun::mixed;
    };
    std::uint32_t now = in(box.i0);
    for (int g = box.i0 + 1; g < box.i1; ++g) {
      const std::uint32_t next = in(g);
      if (next == now) continue;
      mine.push_back({groups.origin() + g * groups.width(), now});
      now = next;
    }
    mine.push_back({std::numeric_limits<std::int32_t>::max(), now});
  });
  std::size_t count = 0;
  for (const auto& mine : found) count += mine.size();
  runs_.reserve(count);
  first_.reserve(found.size());
  for (const auto& mine : found) {
    first_.push_back(runs_.size());
    runs_.insert(runs_.end(), mine.begin(), mine.end());
  }
}

namespace {

/// Groups of two groups of the mosaic, which keep the numbers of its entries.
template <std::size_t count>
std::unique_ptr<GroupNumbers> combine(const Mosaic& m, std::vector<std::array<std::uint32_t, count>>& parts) {
  parts.clear();
  for (std::uint32_t n = 0; n < (count == 1 ? m.size() : m.entries()); ++n) {
    parts.emplace_back();
    parts.back().fill(n);
  }
  if (count == 1) return nullptr;
  const GroupNumbers& narrow = m.groups();
  const int width = narrow.width() * static_cast<int>(count);
  // Half the margin: what stands at the ends must have all its parts.
  auto wide =
      std::make_unique<GroupNumbers>(m.cells(), narrow.origin(), width, Mosaic::margin - Mosaic::width);
  std::map<std::array<std::uint32_t, count>, std::uint32_t> known;
  for (int j = wide->box().j0; j < wide->box().j1; ++j) {
    const std::uint32_t* const from = narrow.row(j);
    std::uint32_t* const to = wide->row(j);
    for (int g = wide->first(); g < wide->last(); ++g) {
      std::array<std::uint32_t, count> mine{};
      for (std::size_t k = 0; k < count; ++k)
        mine[k] = from[std::clamp(g * static_cast<int>(count) + static_cast<int>(k), narrow.first(),
                                  narrow.last() - 1)];
      const bool entry = mine[0] < m.entries() &&
                         std::all_of(mine.begin(), mine.end(), [&](std::uint32_t n) { return n == mine[0]; });
      if (entry) {
        to[g] = mine[0];
        continue;
      }
      const auto [at, fresh] = known.try_emplace(mine, static_cast<std::uint32_t>(parts.size()));
      if (fresh) parts.push_back(mine);
      to[g] = at->second;
    }
  }
  return wide;
}

}  // namespace

template <class Real>
StepRecords<Real>::StepRecords(const Mosaic& mosaic)
    : mosaic_{mosaic}, wide_{combine(mosaic, parts_)}, runs_{groups()} {}

template <class Real>
void StepRecords<Real>::scale(double dt) {
  if (dt == dt_) return;
  dt_ = dt;
  const Box all{0, 0, RecordRows<Real>::size, static_cast<int>(parts_.size())};
  if (records_.owned().cells() != all.cells()) records_ = Field2D<Real>{all, 0};
  const bool square = mosaic_.square();
  for_rows(all, [&](int n) {
    Real* const record = records_.view().row(n);
    for (int k = 0; k < width; ++k) {
      const double* const cell =
          mosaic_.record(parts_[static_cast<std::size_t>(n)][static_cast<std::size_t>(k / Mosaic::width)]) +
          k % Mosaic::width;
      const auto number = [cell](Mosaic::Number which) { return cell[which * Mosaic::width]; };
      const double scale = dt / number(Mosaic::rho_c);
      const bool plain = Mosaic::plain(cell, square);
      const auto put = [&](int which, double value) { record[which * width + k] = static_cast<Real>(value); };
      put(0, plain ? scale * number(Mosaic::west) : number(Mosaic::west));
      put(1, number(Mosaic::east));
      put(2, plain ? scale * number(Mosaic::south) : number(Mosaic::south));
      put(3, number(Mosaic::north));
      put(4, plain ? -1.0 : scale);
    }
  });
}

template <class Real>
RecordRows<Real> StepRecords<Real>::rows(int y) const {
  const GroupNumbers& g = groups();
  return {nullptr,           g.row(y),        g.pitch(), g.origin(), std::as_const(records_).view().first,
          mosaic_.entries(), mosaic_.square()};
}

template class StepRecords<double>;
template class StepRecords<float>;

}  // namespace calor

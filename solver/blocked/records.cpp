// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked/records.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace calor {

namespace {

/// Groups none of whose cells are of a body; null: none are known to be so.
std::unique_ptr<Field2D<std::uint8_t>> voids_in(const GroupNumbers& groups, const BodyCells* bodies,
                                                const Box& known) {
  if (bodies == nullptr) return nullptr;
  auto all = std::make_unique<Field2D<std::uint8_t>>(groups.box(), 0);
  for_rows(groups.box(), [&](int j) {
    std::uint8_t* const row = all->view().row(j);
    for (int g = groups.first(); g < groups.last(); ++g) {
      const int i0 = groups.origin() + g * groups.width(), i1 = i0 + groups.width();
      bool none = j >= known.j0 && j < known.j1 && i0 >= known.i0 && i1 <= known.i1;
      for (int i = i0; i < i1 && none; ++i) none = !bodies->live(i, j);
      row[g] = none ? 1 : 0;
    }
  });
  return all;
}

}  // namespace

RecordRuns::RecordRuns(const GroupNumbers& groups, const BodyCells* bodies, const Box& known)
    : first_row_{groups.box().j0} {
  const Box& box = groups.box();
  const auto voids = voids_in(groups, bodies, known);
  const int windows = box.ny() - (record_block_rows - 1);
  const Box rows{box.i0, first_row_, box.i1, first_row_ + windows};
  std::vector<std::vector<RecordRun>> found(static_cast<std::size_t>(windows));
  for_rows(rows, [&](int y) {
    std::vector<RecordRun>& mine = found[static_cast<std::size_t>(y - first_row_)];
    std::array<const std::uint32_t*, record_block_rows> row{};
    for (int r = 0; r < record_block_rows; ++r) row[static_cast<std::size_t>(r)] = groups.row(y + r);
    // With the rows below and above the block.
    std::array<const std::uint8_t*, record_block_rows + 2> empty{};
    const bool look = voids != nullptr && y > box.j0 && y + record_block_rows < box.j1;
    for (int r = 0; look && r < record_block_rows + 2; ++r)
      empty[static_cast<std::size_t>(r)] = voids->cview().row(y - 1 + r);
    const auto in = [&](int g) {
      if (look && std::all_of(empty.begin(), empty.end(), [g](const std::uint8_t* e) { return e[g] != 0; }))
        return RecordRun::void_of_bodies;
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
  first_.reserve(found.size() + 1);
  for (const auto& mine : found) {
    first_.push_back(runs_.size());
    runs_.insert(runs_.end(), mine.begin(), mine.end());
  }
  first_.push_back(runs_.size());
}

const RecordRun* RecordRuns::at(int y, std::ptrdiff_t x) const {
  const auto row = static_cast<std::size_t>(y - first_row_);
  const auto begin = runs_.begin() + static_cast<std::ptrdiff_t>(first_[row]),
             end = runs_.begin() + static_cast<std::ptrdiff_t>(first_[row + 1]);
  return &*std::partition_point(begin, end, [x](const RecordRun& r) { return r.end <= x; });
}

namespace {

/// Cells that some level may compute.
Box cells_of(const Problem& p) { return p.grid.within_reach(p.owned.grown(p.depth - 1)); }

}  // namespace

template <class Real>
bool StepRecords<Real>::Heat::equal() const {
  bool same = true;
  for (std::size_t k = 1; k < q.size(); ++k)
    same = same && q[k] == q[0] && varying[k] == varying[0] && gain[k] == gain[0] && loss[k] == loss[0];
  return same;
}

template <class Real>
std::unique_ptr<StepRecords<Real>> StepRecords<Real>::of(const Problem& p, bool heated) {
  const Mosaic* const mosaic = p.coefficients.mosaic();
  if (mosaic == nullptr && !p.coefficients.uniform()) return nullptr;
  const Box cells = cells_of(p);
  std::unique_ptr<StepRecords> made{new StepRecords{p, mosaic}};
  made->losing_ = heated && p.source.of_temperature() && p.source.linear_sink();
  GroupNumbers heat;
  const bool with_heat = heated && !p.source.zero() && p.source.in_parts() && made->find_heat(cells, heat);
  if (mosaic == nullptr && !with_heat) return nullptr;
  made->combine(cells, with_heat ? &heat : nullptr);
  made->runs_ = std::make_unique<RecordRuns>(made->groups(), p.coefficients.bodies().get(), cells);
  return made;
}

template <class Real>
bool StepRecords<Real>::find_heat(const Box& cells, GroupNumbers& numbers) {
  numbers = GroupNumbers{cells, problem_.owned.i0, Mosaic::width, Mosaic::margin};
  // More of them than this are better read than looked up; but for losses there is no other way.
  const std::size_t most = losing_ ? std::numeric_limits<std::size_t>::max()
                                   : 1024 + static_cast<std::size_t>(cells.cells()) / 128;
  std::map<Heat, std::uint32_t> known;
  std::vector<double> q(static_cast<std::size_t>(cells.nx())), gain(q.size()), loss(q.size());
  std::vector<std::int32_t> varying(q.size());
  Heat before;
  std::uint32_t number = 0;
  for (int j = cells.j0; j < cells.j1; ++j) {
    problem_.source.parts(j, cells.i0, cells.i1, q.data() - cells.i0, varying.data() - cells.i0);
    if (losing_)
      problem_.source.linear_sink_row(j, cells.i0, cells.i1, gain.data() - cells.i0, loss.data() - cells.i0);
    std::uint32_t* const row = numbers.row(j);
    for (int g = numbers.first(); g < numbers.last(); ++g) {
      Heat here;
      const int i = numbers.origin() + g * Mosaic::width;
      for (int k = 0; k < Mosaic::width; ++k) {
        const auto at = static_cast<std::size_t>(std::clamp(i + k, cells.i0, cells.i1 - 1) - cells.i0);
        here.q[static_cast<std::size_t>(k)] = q[at];
        here.varying[static_cast<std::size_t>(k)] = varying[at];
        here.gain[static_cast<std::size_t>(k)] = gain[at];
        here.loss[static_cast<std::size_t>(k)] = loss[at];
      }
      if (heat_parts_.empty() || here != before) {
        const auto [found, fresh] = known.try_emplace(here, static_cast<std::uint32_t>(heat_parts_.size()));
        if (fresh) heat_parts_.push_back(here);
        number = found->second;
        before = here;
        if (heat_parts_.size() > most) {
          heat_parts_.clear();
          return false;
        }
      }
      row[g] = number;
    }
  }
  numbers.repeat_beyond(cells.j0, cells.j1);
  return true;
}

/// Numbers the records: first those of equal plain cells with one heat.
template <class Real>
void StepRecords<Real>::combine(const Box& cells, const GroupNumbers* heat) {
  const auto is_entry = [&](const Parts& p) {
    return std::all_of(p.begin(), p.end(), [&](const Part& part) { return part == p[0]; }) &&
           (mosaic_ == nullptr || p[0].record < mosaic_->entries()) &&
           (heat == nullptr || heat_parts_[p[0].heat].equal());
  };
  if (heat == nullptr && count == 1) {  // as the mosaic has them
    entries_ = mosaic_->entries();
    for (std::uint32_t n = 0; n < mosaic_->size(); ++n) parts_.push_back({Part{n, 0}});
    return;
  }
  // Half the margin: what stands at the ends must have all its parts.
  own_ = std::make_unique<GroupNumbers>(cells, problem_.owned.i0, width, Mosaic::margin - Mosaic::width);
  GroupNumbers& own = *own_;
  const GroupNumbers& narrow = heat != nullptr ? *heat : mosaic_->groups();
  std::map<Parts, std::uint32_t> known;
  std::vector<Parts> found;
  for (int j = own.box().j0; j < own.box().j1; ++j) {
    const std::uint32_t* const record = mosaic_ != nullptr ? mosaic_->groups().row(j) : nullptr;
    const std::uint32_t* const warm = heat != nullptr ? heat->row(j) : nullptr;
    std::uint32_t* const to = own.row(j);
    Parts before{};
    std::uint32_t number = 0;
    for (int g = own.first(); g < own.last(); ++g) {
      Parts mine{};
      for (std::size_t k = 0; k < count; ++k) {
        const int n =
            std::clamp(g * static_cast<int>(count) + static_cast<int>(k), narrow.first(), narrow.last() - 1);
        mine[k] = {record != nullptr ? record[n] : 0, warm != nullptr ? warm[n] : 0};
      }
      if (g == own.first() || mine != before) {
        const auto [at, fresh] = known.try_emplace(mine, static_cast<std::uint32_t>(found.size()));
        if (fresh) found.push_back(mine);
        number = at->second;
        before = mine;
      }
      to[g] = number;
    }
  }
  std::vector<std::uint32_t> renamed(found.size());
  for (const bool entry : {true, false}) {
    for (std::size_t n = 0; n < found.size(); ++n)
      if (is_entry(found[n]) == entry) {
        renamed[n] = static_cast<std::uint32_t>(parts_.size());
        parts_.push_back(found[n]);
      }
    if (entry) entries_ = static_cast<std::uint32_t>(parts_.size());
  }
  for_rows(own.box(), [&](int j) {
    std::uint32_t* const row = own.row(j);
    for (int g = own.first(); g < own.last(); ++g) row[g] = renamed[row[g]];
  });
}

template <class Real>
double StepRecords<Real>::capacity(const Part& part, int k) const {
  return mosaic_ != nullptr ? mosaic_->record(part.record)[Mosaic::rho_c * Mosaic::width + k]
                            : problem_.coefficients.rho_c(0, 0);
}

template <class Real>
void StepRecords<Real>::scale(double dt, const std::vector<Source::Moment>& levels) {
  const Box all{0, 0, RecordRows<Real>::size, static_cast<int>(parts_.size())};
  const auto for_numbers = [&](auto&& put) {
    for_rows(all, [&](int n) {
      for (int k = 0; k < width; ++k)
        put(n, k, parts_[static_cast<std::size_t>(n)][static_cast<std::size_t>(k / Mosaic::width)],
            k % Mosaic::width);
    });
  };
  const bool fresh = dt != dt_;
  dt_ = dt;
  if (fresh) {
    if (records_.owned().cells() != all.cells()) records_ = Field2D<Real>{all, 0};
    double rx = 0.0, ry = 0.0;  // in one material
    if (mosaic_ == nullptr) {
      const Coefficients& c = problem_.coefficients;
      const double one = dt / c.rho_c(0, 0);
      rx = one * c.gx(0, 0);
      ry = one * c.gy(0, 0);
    }
    square_ = mosaic_ != nullptr ? mosaic_->square() : static_cast<Real>(rx) == static_cast<Real>(ry);
    for_numbers([&](int n, int k, const Part& part, int lane) {
      Real* const record = records_.view().row(n) + k;
      const auto put = [&](int which, double value) { record[which * width] = static_cast<Real>(value); };
      if (mosaic_ == nullptr) {
        put(0, rx);
        put(2, ry);
        put(4, -1.0);
        return;
      }
      const double* const cell = mosaic_->record(part.record) + lane;
      const auto number = [cell](Mosaic::Number which) { return cell[which * Mosaic::width]; };
      const double own = dt / number(Mosaic::rho_c);
      const bool plain = Mosaic::plain(cell, square_);
      put(0, plain ? own * number(Mosaic::west) : number(Mosaic::west));
      put(1, number(Mosaic::east));
      put(2, plain ? own * number(Mosaic::south) : number(Mosaic::south));
      put(3, number(Mosaic::north));
      put(4, plain ? -1.0 : own);
    });
  }
  varies_ = !levels.empty();
  if (!heated() || (!fresh && !varies_)) return;
  const int tables = varies_ ? static_cast<int>(levels.size()) : 1;
  const Box room{0, 0, width, tables * all.ny()};
  if (heat_.owned().cells() != room.cells()) heat_ = Field2D<Real>{room, 0};
  const Box once{0, 0, width, all.ny()};
  if (losing_ && loss_.owned().cells() != once.cells()) loss_ = Field2D<Real>{once, 0};
  for_numbers([&](int n, int k, const Part& part, int lane) {
    const Heat& h = heat_parts_[part.heat];
    const auto at = static_cast<std::size_t>(lane);
    const double own = dt / capacity(part, lane);
    for (int t = 0; t < tables; ++t) {
      const double q = h.varying[at] == -1 ? h.q[at] : levels[static_cast<std::size_t>(t)].of(h.varying[at]);
      heat_.view().row(t * all.ny() + n)[k] = static_cast<Real>(own * (losing_ ? q + h.gain[at] : q));
    }
    if (losing_) loss_.view().row(n)[k] = static_cast<Real>(own * h.loss[at]);
  });
}

template <class Real>
RecordRows<Real> StepRecords<Real>::rows(int y, int level) const {
  const GroupNumbers& g = groups();
  const View2D<const Real> heat = heat_.view();
  return {nullptr,
          g.row(y),
          g.pitch(),
          g.origin(),
          records_.cview().first,
          heated() ? heat.row(varies_ ? level * static_cast<int>(parts_.size()) : 0) : nullptr,
          losing_ ? loss_.cview().first : nullptr,
          entries_,
          square_,
          false};
}

template <class Real>
std::size_t StepRecords<Real>::bytes() const {
  const auto numbers =
      static_cast<std::size_t>(records_.owned().cells() + heat_.owned().cells() + loss_.owned().cells());
  return numbers * sizeof(Real) + parts_.size() * sizeof(Parts) + heat_parts_.size() * sizeof(Heat) +
         (own_ ? own_->bytes() : 0) + runs_->bytes();
}

template class StepRecords<double>;
template class StepRecords<float>;

}  // namespace calor

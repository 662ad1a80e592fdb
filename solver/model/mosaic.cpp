// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/mosaic.hpp"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <unordered_set>
#include <utility>

namespace calor {

namespace {

/// Distinct lists of `size` numbers, numbered in the order in which they came.
class Distinct {
 public:
  explicit Distinct(std::size_t size)
      : size_{size}, known_(0, Hash{this}, Equal{this}), numbers_{std::make_unique<std::vector<double>>()} {}
  Distinct(const Distinct&) = delete;
  Distinct& operator=(const Distinct&) = delete;

  std::uint32_t number(const double* list) {
    if (count_ > 0 && equal(list, at(last_))) return last_;
    numbers_->insert(numbers_->end(), list, list + size_);
    const auto [found, fresh] = known_.insert(count_);
    if (fresh)
      ++count_;
    else
      numbers_->resize(count_ * size_);
    return last_ = *found;
  }
  std::uint32_t count() const { return count_; }
  const double* at(std::uint32_t n) const { return numbers_->data() + n * size_; }
  const std::vector<double>& numbers() const { return *numbers_; }

 private:
  bool equal(const double* a, const double* b) const {
    return std::memcmp(a, b, size_ * sizeof(double)) == 0;
  }
  struct Hash {
    const Distinct* all;
    std::size_t operator()(std::uint32_t n) const {
      std::uint64_t h = 0x9e3779b97f4a7c15;
      for (std::size_t k = 0; k < all->size_; ++k) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, all->at(n) + k, sizeof bits);
        h = (h ^ bits) * 0xff51afd7ed558ccd;
        h ^= h >> 32;
      }
      return h;
    }
  };
  struct Equal {
    const Distinct* all;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return all->equal(all->at(a), all->at(b)); }
  };
  std::size_t size_;
  std::uint32_t count_ = 0, last_ = 0;
  std::unordered_set<std::uint32_t, Hash, Equal> known_;
  std::unique_ptr<std::vector<double>> numbers_;
};

/// What a group whose cells are equal and plain is known by: west, south, rho_c.
constexpr std::size_t entry_size = 3;

}  // namespace

GroupNumbers::GroupNumbers(const Box& cells, int origin, int width, int margin)
    : origin_{origin},
      width_{width},
      numbers_{Box{group(cells.i0 - margin - origin, width), cells.j0 - margin,
                   group(cells.i1 + margin - 1 - origin, width) + 1, cells.j1 + margin},
               0} {}

void GroupNumbers::repeat_beyond(int j0, int j1) {
  const auto repeat = [&](int j, int from) {
    std::copy(row(from) + first(), row(from) + last(), row(j) + first());
  };
  for (int j = box().j0; j < j0; ++j) repeat(j, j0);
  for (int j = j1; j < box().j1; ++j) repeat(j, j1 - 1);
}

std::size_t Mosaic::bytes() const { return records_.size() * sizeof(double) + groups_.bytes(); }

MosaicRow::MosaicRow(const Mosaic& m, int j, int i0, int i1) {
  constexpr int width = Mosaic::width;
  static thread_local std::vector<double> room;
  const GroupNumbers& groups = m.groups();
  const int first = groups.group(i0), last = groups.group(i1 - 1) + 1;
  const auto length = static_cast<std::size_t>((last - first) * width);
  if (room.size() < Mosaic::numbers * length) room.resize(Mosaic::numbers * length);
  const std::uint32_t* const row = groups.row(j);
  for (int g = first; g < last; ++g) {
    const double* const record = m.record(row[g]);
    for (std::size_t n = 0; n < Mosaic::numbers; ++n)
      std::copy_n(record + n * width, width, room.data() + n * length + (g - first) * width);
  }
  for (std::size_t n = 0; n < Mosaic::numbers; ++n)
    numbers_[n] = room.data() + n * length - (groups.origin() + first * width);
}

/// What one thread has found. Its numbers are even for entries and odd for records, until all are known.
struct MosaicBuilder::Collector {
  std::unique_ptr<Distinct> entries = std::make_unique<Distinct>(entry_size),
                            records = std::make_unique<Distinct>(Mosaic::record_size);
  std::int64_t general = 0;
};

MosaicBuilder::~MosaicBuilder() = default;

MosaicBuilder::MosaicBuilder(const Box& owned, const Box& cells, bool square) : owned_{owned} {
  made_.cells_ = cells;
  made_.square_ = square;
  made_.groups_ = GroupNumbers{cells, owned.i0, Mosaic::width, Mosaic::margin};
  collectors_.resize(static_cast<std::size_t>(omp_get_max_threads()));
  by_.assign(static_cast<std::size_t>(cells.ny()), 0);
}

void MosaicBuilder::add_row(Collector& to, int j, const double* gx, const double* south, const double* north,
                            const double* capacity) {
  constexpr int width = Mosaic::width;
  const Box& cells = made_.cells_;
  const GroupNumbers& groups = made_.groups_;
  std::uint32_t* const numbers = made_.groups_.row(j);
  const bool square = made_.square_, owned_row = j >= owned_.j0 && j < owned_.j1;
  std::array<double, Mosaic::record_size> record{};
  for (int g = groups.first(); g < groups.last(); ++g) {
    const int i = groups.origin() + g * width;
    const int first = std::clamp(i, cells.i0, cells.i1 - 1),
              last = std::clamp(i + width - 1, cells.i0, cells.i1 - 1);
    const double w = gx[first], s = south[first], c = capacity[first];
    int equal = int{!square} | int{w == s};
    for (int k = first; k <= last; ++k)
      equal &= int{gx[k] == w} & int{gx[k + 1] == w} & int{south[k] == s} & int{north[k] == s} &
               int{capacity[k] == c};
    if (equal != 0) {
      const std::array<double, entry_size> entry{w, s, c};
      numbers[g] = to.entries->number(entry.data()) * 2;
      continue;
    }
    for (int k = 0; k < width; ++k) {
      const int at = std::clamp(i + k, cells.i0, cells.i1 - 1);
      double* const cell = record.data() + k;
      cell[Mosaic::west * width] = gx[at];
      cell[Mosaic::east * width] = gx[at + 1];
      cell[Mosaic::south * width] = south[at];
      cell[Mosaic::north * width] = north[at];
      cell[Mosaic::rho_c * width] = capacity[at];
      if (owned_row && i + k >= owned_.i0 && i + k < owned_.i1 && !Mosaic::plain(cell, square)) ++to.general;
    }
    numbers[g] = to.records->number(record.data()) * 2 + 1;
  }
}

void MosaicBuilder::add(int j0, int j1, View2D<const double> gx, View2D<const double> gy,
                        View2D<const double> rho_c) {
  const bool threads = worth_threads({made_.cells_.i0, j0, made_.cells_.i1, j1});
#pragma omp parallel if (threads)
  {
    const int me = omp_get_thread_num();
    Collector& mine = collectors_[static_cast<std::size_t>(me)];
#pragma omp for schedule(static)
    for (int j = j0; j < j1; ++j) {
      add_row(mine, j, gx.row(j), gy.row(j), gy.row(j + 1), rho_c.row(j));
      by_[static_cast<std::size_t>(j - made_.cells_.j0)] = static_cast<std::uint16_t>(me);
    }
  }
}

Mosaic MosaicBuilder::finish() {
  constexpr int width = Mosaic::width;
  Distinct entries{entry_size}, records{Mosaic::record_size};
  std::vector<std::vector<std::uint32_t>> entry_of(collectors_.size()), record_of(collectors_.size());
  for (std::size_t t = 0; t < collectors_.size(); ++t) {
    Collector& c = collectors_[t];
    for (std::uint32_t n = 0; n < c.entries->count(); ++n)
      entry_of[t].push_back(entries.number(c.entries->at(n)));
    for (std::uint32_t n = 0; n < c.records->count(); ++n)
      record_of[t].push_back(records.number(c.records->at(n)));
    made_.general_ += c.general;
    c.entries.reset();
    c.records.reset();
  }
  made_.entries_ = entries.count();
  made_.records_.reserve(entries.count() * Mosaic::record_size + records.numbers().size());
  for (std::uint32_t n = 0; n < entries.count(); ++n) {
    const double* const e = entries.at(n);
    for (const double v : {e[0], e[0], e[1], e[1], e[2]})
      made_.records_.insert(made_.records_.end(), width, v);
  }
  made_.records_.insert(made_.records_.end(), records.numbers().begin(), records.numbers().end());
  for (const double v : made_.records_)
    made_.fine_ = made_.fine_ && v > 0.0 && v < std::numeric_limits<double>::infinity();
  const Box& cells = made_.cells_;
  GroupNumbers& groups = made_.groups_;
  for_rows(cells, [&](int j) {
    const std::size_t t = by_[static_cast<std::size_t>(j - cells.j0)];
    std::uint32_t* const row = groups.row(j);
    for (int g = groups.first(); g < groups.last(); ++g)
      row[g] = row[g] % 2 == 0 ? entry_of[t][row[g] / 2] : entries.count() + record_of[t][row[g] / 2];
  });
  groups.repeat_beyond(cells.j0, cells.j1);
  return std::move(made_);
}

}  // namespace calor

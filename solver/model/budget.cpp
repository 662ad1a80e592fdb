// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/budget.hpp"

#include <algorithm>
#include <cmath>

namespace calor {

Budget::Budget(const Walls::Pieces& pieces) {
  for (const Side s : sides)
    walls_[static_cast<std::size_t>(s)].resize(pieces[static_cast<std::size_t>(s)].size());
}

void Budget::book_wall(Side side, int piece, const double* heat, int count) {
  walls_[static_cast<std::size_t>(side)][static_cast<std::size_t>(piece)].add(heat, count);
}

void Budget::book_wall(Side side, int piece, const ExactSum& heat) {
  walls_[static_cast<std::size_t>(side)][static_cast<std::size_t>(piece)].add(heat);
}

std::vector<ExactSum> Budget::global(const mpi::Comm& comm) const {
  std::vector<ExactSum> sums;
  for (const auto& side : walls_) sums.insert(sums.end(), side.begin(), side.end());
  sums.push_back(source_of_cells_);
  reduce(comm, sums);
  sums.back().add(source_);
  return sums;
}

Budget::Report Budget::report(const mpi::Comm& comm, double content, double content_size) const {
  const std::vector<ExactSum> sums = global(comm);
  Report r;
  r.initial = initial_;
  r.content = content;
  r.content_size = content_size;
  std::size_t n = 0;
  for (std::size_t s = 0; s < walls_.size(); ++s) {
    ExactSum side;
    for (std::size_t p = 0; p < walls_[s].size(); ++p, ++n) {
      r.pieces[s].push_back(sums[n].value());
      side.add(sums[n]);
    }
    r.sides[s] = side.value();
  }
  r.source = sums[n].value();
  return r;
}

double Budget::Report::relative_residual() const {
  double scale = content_size + std::abs(content - initial) + std::abs(source);
  for (const auto& side : pieces)
    for (const double heat : side) scale += std::abs(heat);
  return scale > 0.0 ? std::abs(residual()) / scale : std::abs(residual());
}

Budget Budget::cleared() const {
  Budget b{*this};
  for (auto& side : b.walls_) std::fill(side.begin(), side.end(), ExactSum{});
  b.source_of_cells_ = b.source_ = ExactSum{};
  return b;
}

std::vector<double> Budget::amounts(const mpi::Comm& comm) const {
  std::vector<double> values;
  for (const ExactSum& s : global(comm)) values.push_back(s.value());
  return values;
}

void Budget::add(const mpi::Comm& comm, const std::vector<double>& amounts) {
  std::size_t n = 0;
  for (auto& side : walls_)
    for (ExactSum& sum : side) {
      if (comm.root()) sum.add(amounts[n]);
      ++n;
    }
  source_.add(amounts[n]);
}

std::vector<std::int64_t> Budget::state(const mpi::Comm& comm) const {
  std::vector<std::int64_t> flat;
  for (const ExactSum& s : global(comm)) {
    const ExactSum::State state = s.state();
    flat.insert(flat.end(), state.begin(), state.end());
  }
  return flat;
}

void Budget::restore(const mpi::Comm& comm, double initial, const std::vector<std::int64_t>& state) {
  initial_ = initial;
  std::size_t n = 0;
  const auto take = [&] {
    ExactSum::State s{};
    std::copy_n(state.begin() + static_cast<std::ptrdiff_t>(n), s.size(), s.begin());
    n += s.size();
    return ExactSum::from(s);
  };
  for (auto& side : walls_)
    for (ExactSum& sum : side) {
      const ExactSum whole = take();
      sum = comm.root() ? whole : ExactSum{};
    }
  source_of_cells_ = ExactSum{};
  source_ = take();
}

}  // namespace calor

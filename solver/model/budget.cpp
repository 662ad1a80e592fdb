// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/budget.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {

Budget::Budget(const Walls::Pieces& pieces, std::size_t regions, std::size_t sections, std::size_t holes)
    : regions_(regions),
      sections_(sections),
      holes_(holes),
      initial_of_regions_(regions, 0.0),
      initial_held_(holes, 0.0) {
  for (const Side s : sides) walls_[s].resize(pieces[s].size());
}

void Budget::start(double content, std::vector<double> of_regions, std::vector<double> held) {
  initial_ = content;
  initial_held_ = std::move(held);
  initial_held_.resize(holes_.size(), 0.0);
  initial_of_regions_ = std::move(of_regions);
  initial_of_regions_.resize(regions_.size(), 0.0);
}

void Budget::book_wall(Side side, int piece, const double* heat, int count) {
  walls_[side][static_cast<std::size_t>(piece)].add(heat, count);
}

void Budget::book_wall(Side side, int piece, const ExactSum& heat) {
  walls_[side][static_cast<std::size_t>(piece)].add(heat);
}

std::vector<ExactSum> Budget::global(const mpi::Comm& comm) const {
  std::vector<ExactSum> sums;
  for (const auto& side : walls_) sums.insert(sums.end(), side.begin(), side.end());
  sums.insert(sums.end(), regions_.begin(), regions_.end());
  sums.insert(sums.end(), sections_.begin(), sections_.end());
  sums.insert(sums.end(), holes_.begin(), holes_.end());
  sums.push_back(plate_);
  sums.push_back(source_of_cells_);
  reduce(comm, sums);
  sums.back().add(source_);
  return sums;
}

Budget::Report Budget::report(const mpi::Comm& comm, double content, double content_size,
                              const std::vector<ExactSum>& held) const {
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
  for (std::size_t k = 0; k < regions_.size(); ++k) r.regions.push_back(sums[n++].value());
  for (std::size_t k = 0; k < sections_.size(); ++k) r.sections.push_back(sums[n++].value());
  std::vector<ExactSum> now = held;
  if (!now.empty()) reduce(comm, now);
  for (std::size_t k = 0; k < holes_.size(); ++k) {
    const double gained = now.empty() ? 0.0 : now[k].value() - initial_held_[k];
    r.holes.push_back(sums[n++].value() - gained);
  }
  r.plate = sums[n++].value();
  r.source = sums[n].value();
  return r;
}

double Budget::Report::relative_residual() const {
  double scale = content_size + std::abs(content - initial) + std::abs(source) + std::abs(plate);
  for (const auto& side : pieces)
    for (const double heat : side) scale += std::abs(heat);
  for (const double heat : holes) scale += std::abs(heat);
  return scale > 0.0 ? std::abs(residual()) / scale : std::abs(residual());
}

Budget Budget::cleared() const {
  Budget b{*this};
  for (auto& side : b.walls_) std::fill(side.begin(), side.end(), ExactSum{});
  std::fill(b.regions_.begin(), b.regions_.end(), ExactSum{});
  std::fill(b.sections_.begin(), b.sections_.end(), ExactSum{});
  std::fill(b.holes_.begin(), b.holes_.end(), ExactSum{});
  b.plate_ = b.source_of_cells_ = b.source_ = ExactSum{};
  return b;
}

std::vector<double> Budget::amounts(const mpi::Comm& comm) const {
  std::vector<double> values;
  for (const ExactSum& s : global(comm)) values.push_back(s.value());
  return values;
}

void Budget::add(const mpi::Comm& comm, const std::vector<double>& amounts) {
  std::size_t n = 0;
  const auto take = [&](std::vector<ExactSum>& sums) {
    for (ExactSum& sum : sums) {
      if (comm.root()) sum.add(amounts[n]);
      ++n;
    }
  };
  for (auto& side : walls_) take(side);
  take(regions_);
  take(sections_);
  take(holes_);
  if (comm.root()) plate_.add(amounts[n]);
  source_.add(amounts[n + 1]);
}

std::vector<std::int64_t> Budget::state(const mpi::Comm& comm) const {
  std::vector<std::int64_t> flat;
  for (const ExactSum& s : global(comm)) {
    const ExactSum::State state = s.state();
    flat.insert(flat.end(), state.begin(), state.end());
  }
  for (const double v : initial_of_regions_) flat.push_back(std::bit_cast<std::int64_t>(v));
  for (const double v : initial_held_) flat.push_back(std::bit_cast<std::int64_t>(v));
  return flat;
}

void Budget::restore(const mpi::Comm& comm, double initial, const std::vector<std::int64_t>& state) {
  initial_ = initial;
  std::size_t sums = regions_.size() + sections_.size() + holes_.size() + 2, n = 0;
  for (const auto& side : walls_) sums += side.size();
  if (state.size() != sums * std::tuple_size_v<ExactSum::State> + regions_.size() + holes_.size())
    throw Error{Exit::bad_data, "the checkpoint's heat balance is of other walls, regions or sections"};
  const auto take = [&] {
    ExactSum::State s{};
    std::copy_n(state.begin() + static_cast<std::ptrdiff_t>(n), s.size(), s.begin());
    n += s.size();
    return ExactSum::from(s);
  };
  const auto take_all = [&](std::vector<ExactSum>& list) {
    for (ExactSum& sum : list) {
      const ExactSum whole = take();
      sum = comm.root() ? whole : ExactSum{};
    }
  };
  for (auto& side : walls_) take_all(side);
  take_all(regions_);
  take_all(sections_);
  take_all(holes_);
  const ExactSum plate = take();
  plate_ = comm.root() ? plate : ExactSum{};
  source_of_cells_ = ExactSum{};
  source_ = take();
  for (double& v : initial_of_regions_) v = std::bit_cast<double>(state[n++]);
  for (double& v : initial_held_) v = std::bit_cast<double>(state[n++]);
}

}  // namespace calor

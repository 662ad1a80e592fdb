// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/reduce.hpp"

namespace calor {

Guard::Guard(Simulation& simulation, GuardKind kind)
    : sim_{simulation}, kind_{simulation.steady() ? GuardKind::off : kind} {
  if (kind_ == GuardKind::off) return;
  const Problem& p = sim_.problem();
  unit_ = sim_.spec().layout.precision == Precision::single ? std::numeric_limits<float>::epsilon()
                                                            : std::numeric_limits<double>::epsilon();
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return p.coefficients.rho_c(i, j); });
  reduce(p.comm, {&sum, 1});
  capacity_ = sum.value() * p.grid.cell_volume();
  wall_rate_ = -p.comm.min(least_over(p.owned, [&](int i, int j) {
    return p.live(i, j) ? -p.towards_walls(i, j) / p.coefficients.rho_c(i, j) : 0.0;
  }));
  const double begin = MPI_Wtime();
  keep(balance());
  cost_ = MPI_Wtime() - begin;
}

std::int64_t Guard::advance(std::int64_t most, bool heeding) {
  if (kind_ == GuardKind::off) return sim_.advance(most, heeding);
  // What is suspected is looked for where it was found.
  if (suspect_ && suspect_->step > sim_.step()) most = std::min(most, suspect_->step - sim_.step());
  try {
    const std::int64_t made = sim_.advance(most, heeding);
    longest_dt_ = std::max(longest_dt_, sim_.clock().last_dt());
    return made;
  } catch (const Error& e) {
    if (e.code() != Exit::numerical || (suspect_ && suspect_->what == e.what()) || tries_ == patience) throw;
    suspect(sim_.step() + 1, 0, e.what());
    return 0;
  }
}

Guard::Balance Guard::balance() {
  Problem& p = sim_.problem();
  Balance b;
  b.survey = survey(p);
  const Survey& s = b.survey;
  b.hottest = std::max(std::abs(s.min), std::abs(s.max));
  if (p.enthalpy) {
    const View2D<const double> h = p.h.cview();
    b.hottest = std::max(b.hottest,
                         -p.comm.min(least_over(p.owned, [&](int i, int j) { return -std::abs(h(i, j)); })));
  }
  const Budget::Report heat = p.budget.report(p.comm, s.heat, s.heat_size, p.held_by_walls());
  b.residual = heat.residual();
  b.size = std::abs(heat.initial) + heat.content_size + std::abs(heat.source) + std::abs(heat.plate);
  for (const auto& pieces : heat.pieces)
    for (const double piece : pieces) b.size += std::abs(piece);
  for (const double hole : heat.holes) b.size += std::abs(hole);
  return b;
}

std::optional<Guard::Finding> Guard::finding(const Balance& now) {
  if (!now.survey.finite) {
    try {
      sim_.refuse_not_finite();
    } catch (const Error& e) {
      return Finding{e.what()};
    }
  }
  const Problem& p = sim_.problem();
  const SolveReport solved = sim_.solver();
  const auto cells = static_cast<double>(p.grid.domain().cells());
  const double steps = static_cast<double>(sim_.step() - step_),
               stages = static_cast<double>(solved.iterations - solved_.iterations);
  // The temperatures that a step adds up: of cells and of walls.
  double hottest = std::max(now.hottest, good_.hottest);
  for (const double t : {p.scale.least, p.scale.most})
    if (std::isfinite(t)) hottest = std::max(hottest, std::abs(t));
  // An update of a cell adds its neighbours', dt over the limit as heavy as itself.
  // Four times what sums of many cells need: on one to ten, errors do not cancel.
  constexpr double of_update = 16.0, of_solve = 6.0;
  const double limit = sim_.stable_dt();
  double weight = limit > 0.0 ? longest_dt_ / limit : 0.0;
  if (sim_.limited()) weight = std::min(weight, 1.0);
  weight += longest_dt_ * wall_rate_;
  const double rounding =
      of_update * unit_ *
      ((steps + stages) * (1.0 + 4.0 * weight) * capacity_ * hottest + now.size + good_.size);
  const double left_by_solver =
      of_solve * std::sqrt(cells) * p.grid.cell_volume() * (solved.unbooked - solved_.unbooked);
  threshold_ = allowed_ * (rounding + left_by_solver);
  const double off = std::abs(now.residual - good_.residual);
  if (off <= threshold_) return {};
  return Finding{
      fmt::format("the heat balance at step {}, t = {:.9g} s, is off by {:.3g} since step {}, where "
                  "rounding and solver explain {:.3g}",
                  sim_.step(), sim_.clock().time(), off, step_, threshold_),
      true};
}

bool Guard::look(bool ordered) {
  if (kind_ == GuardKind::off) {
    if (ordered && !sim_.steady()) sim_.refuse_not_finite();
    return true;
  }
  const double begin = MPI_Wtime();
  const Balance now = balance();
  const std::optional<Finding> found = finding(now);
  const auto stands = [&] {
    keep(now);
    tries_ = 0;
    cost_ = MPI_Wtime() - begin;
    return true;
  };
  if (!found) {
    if (suspect_ && sim_.step() < suspect_->step) return true;  // its copy stays until that is settled
    if (suspect_) {
      ++mended_;
      news_.push_back(fmt::format(
          "a silent error was found and mended at step {}: {}; computed again from step {} it did not come "
          "back, so that memory or processor made it",
          suspect_->step, suspect_->what, step_));
      suspect_.reset();
    }
    return stands();
  }
  const std::int64_t bits = hash();
  if (suspect_ && suspect_->hash == bits && suspect_->step == sim_.step()) {
    if (!found->of_ledger) throw Error{Exit::numerical, found->what};
    news_.push_back(found->what +
                    "; computed twice with the same result, so that the machine is right: what walls and "
                    "sources do may be too rough for these steps");
    allowed_ *= 4.0 * std::abs(now.residual - good_.residual) / threshold_;
    suspect_.reset();
    return stands();
  }
  if (tries_ == patience)
    throw Error{
        Exit::numerical,
        fmt::format("{}; computed {} times from step {}, it was never the same: a machine of this job "
                    "cannot be trusted; go on with --resume on others",
                    found->what, patience + 1, step_)};
  suspect(sim_.step(), bits, found->what);
  return false;
}

void Guard::suspect(std::int64_t step, std::int64_t bits, const std::string& what) {
  suspect_ = Suspect{step, bits, what};
  ++tries_;
  go_back();
}

void Guard::keep(const Balance& now) {
  Problem& p = sim_.problem();
  good_ = now;
  state_ = sim_.state();
  step_ = sim_.step();
  solved_ = sim_.solver();
  longest_dt_ = 0.0;
  if (u_.view().first == nullptr) u_ = Field2D<double>{p.owned, 0};
  copy_cells(p.owned, p.u.view(), u_.view());
  const std::vector<Memory> now_there = sim_.memory();
  memory_.resize(now_there.size());
  for (std::size_t n = 0; n < now_there.size(); ++n) {
    if (memory_[n].view().first == nullptr) memory_[n] = Field2D<double>{p.owned, 0};
    copy_cells(p.owned, now_there[n].field, memory_[n].view());
  }
}

void Guard::go_back() {
  Problem& p = sim_.problem();
  copy_cells(p.owned, u_.cview(), p.u.view());
  const std::vector<Memory> there = sim_.memory_for(state_);
  for (std::size_t n = 0; n < there.size(); ++n) copy_cells(p.owned, memory_[n].cview(), there[n].field);
  sim_.restore(state_);
  longest_dt_ = 0.0;
  solved_ = sim_.solver();
}

/// Of the temperatures to the bit, the same on any layout.
std::int64_t Guard::hash() const {
  const Problem& p = sim_.problem();
  std::uint64_t sum = 0;
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) {
      std::uint64_t x = std::bit_cast<std::uint64_t>(p.u.cview()(i, j)) ^
                        (static_cast<std::uint64_t>(j) * static_cast<std::uint64_t>(p.grid.nx) +
                         static_cast<std::uint64_t>(i) + 1) *
                            0x9e3779b97f4a7c15ULL;
      x ^= x >> 31;
      x *= 0xbf58476d1ce4e5b9ULL;
      sum += x ^ (x >> 29);
    }
  return p.comm.sum(static_cast<std::int64_t>(sum));
}

double Guard::interval() const {
  switch (kind_) {
    case GuardKind::off:
      return 5.0;
    case GuardKind::ledger:
      return 100.0 * cost_;
    case GuardKind::full:
      return 10.0 * cost_;
  }
  return 5.0;
}

std::vector<std::string> Guard::news() { return std::exchange(news_, {}); }

}  // namespace calor

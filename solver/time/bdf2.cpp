// SPDX-License-Identifier: BSD-3-Clause
#include <utility>
#include <vector>

#include "solver/time/tr_bdf2.hpp"

namespace calor {

namespace {

/// BDF2:  3/2 u_new - 2 u + 1/2 u_before = dt (div(k grad u_new) + q) / rho_c. Second order, damping; one
/// solve a step. The first of equal steps is one of TR-BDF2.
class Bdf2 final : public TrBdf2 {
 public:
  using TrBdf2::TrBdf2;
  std::vector<Memory> memory(Problem& p) override {
    std::vector<Memory> all{{"previous", room(previous_, p)}};
    for (const Memory& m : TrBdf2::memory(p)) all.push_back(m);
    return all;
  }
  std::vector<double> numbers() const override {
    std::vector<double> all = booked_;
    for (const double v : TrBdf2::numbers()) all.push_back(v);
    return all;
  }
  void restore_numbers(const std::vector<double>& numbers) override {
    TrBdf2::restore_numbers(numbers);
    booked_ = without_states(numbers);
  }
  void undo(Problem& p) override {
    TrBdf2::undo(p);
    booked_ = booked_before_;
  }
  static std::unique_ptr<Integrator> make(const MethodOptions& o) { return std::make_unique<Bdf2>(o); }

 private:
  /// Heat is booked by the same rule as temperature: what the step brings to a cell is 2/3 of dt times the
  /// new rate and 1/3 of what the step before brought.
  void step(HeatOperator& f, const Steps& s) override {
    Problem& p = f.problem();
    const View2D<double> previous = room(previous_, p);
    const Budget so_far = p.budget;
    p.budget = so_far.cleared();
    booked_before_ = booked_;
    std::vector<double> booked;
    if (s.first == 0) {
      TrBdf2::step(f, s);
      booked = p.budget.amounts(p.comm);
    } else {
      Scratch::Lent room = p.scratch.lend();
      const View2D<double> next = room.view();
      const View2D<const double> u = p.state();
      for_cells(p.owned, [&](int i, int j) { next(i, j) = (4.0 * u(i, j) - previous(i, j)) / 3.0; });
      const double part = 2.0 / 3.0 * s.dt;
      f.implicit_part(next, s.time(1), part, part);
      booked = p.budget.amounts(p.comm);
      for (std::size_t n = 0; n < booked.size(); ++n) booked[n] += booked_[n] / 3.0;
    }
    booked_ = booked;
    p.budget = so_far;
    p.budget.add(p.comm, booked);
    copy_cells(p.owned, old(), previous);
  }
  std::vector<Loads::Look> looks(const Steps& s) const override {
    return s.first == 0 ? TrBdf2::looks(s) : std::vector<Loads::Look>{{1.0, 2.0 / 3.0}};
  }
  double carried(const Steps& s) const override { return s.first == 0 ? 0.0 : 1.0 / 3.0; }
  double estimate(HeatOperator& f, const Steps& s) override {
    // The error of BDF2 is 2/9 dt^3 times the third derivative, that of the trapezoidal rule 1/12.
    return s.first == 0 ? TrBdf2::estimate(f, s)
                        : 8.0 / 3.0 * of_second_order(f.problem(), difference_of_rates(f, s));
  }
  Field2D<double> previous_;
  std::vector<double> booked_, booked_before_;  // what the last step brought; see Budget::amounts
};

double decay(const Mode& m) {
  double before = 1.0, now = TrBdf2::factor(m.z);
  for (int k = 1; k < m.steps; ++k) now = (2.0 * now - 0.5 * std::exchange(before, now)) / (1.5 + m.z);
  return now;
}

}  // namespace

constinit const Method methods::bdf2{.word = "bdf2",
                                     .order = 2,
                                     .automatic = AutomaticStep::by_error,
                                     .fields = implicit_fields,
                                     .sweeps = implicit_sweeps,
                                     .decay = decay,
                                     .make = Bdf2::make};

}  // namespace calor

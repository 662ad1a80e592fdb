// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "solver/integrator.hpp"

namespace calor {

namespace {

class ForwardEuler final : public Integrator {
 public:
  explicit ForwardEuler(int steps_per_exchange) : steps_per_exchange_{steps_per_exchange} {}
  std::string name() const override { return "euler"; }
  double stable_dt(Problem& p, double t) override { return explicit_limit(p, t); }
  bool limit_varies(const Problem& p) const override {
    return p.coefficients.of_temperature() || p.walls.film_varies() || p.source.of_temperature();
  }

  void advance(Problem& p, const Steps& steps) override {
    for (std::int64_t done = 0; done < steps.count;) {
      const int pass = static_cast<int>(std::min<std::int64_t>(steps_per_exchange_, steps.count - done));
      for (int n = 0; n < pass; ++n, ++done) one_step(p, steps.time(done), steps.dt, n == 0, pass - 1 - n);
    }
  }

 private:
  /// @param left  steps that follow before the next exchange: so many layers around the owned cells are
  /// filled too
  static void one_step(Problem& p, double t, double dt, bool exchange, int left) {
    const View2D<double> u = p.u.view(), next = p.next.view();
    const Box region = p.grid.within_reach(p.owned.grown(left));
    const auto update = [&](const Box& box) { step(box, p.coefficients, p.source.q(), dt, u, next); };
    if (exchange && !p.coefficients.of_temperature()) {
      p.prepare(p.owned, t, u);  // needs owned cells only
      const bool deep = region != p.owned;
      overlapped(
          p.halo, u, p.owned, region,
          [&] {
            if (deep) p.prepare(region, t, u);  // the walls beside the halo
          },
          update);
    } else {
      if (exchange) p.halo(u);
      p.prepare(region, t, u);
      update(region);
    }
    p.book(dt, u);
    p.u.swap(p.next);
  }
  int steps_per_exchange_;
};

}  // namespace

std::unique_ptr<Integrator> make_forward_euler(int n) { return std::make_unique<ForwardEuler>(n); }

}  // namespace calor

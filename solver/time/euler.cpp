// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "solver/blocked/blocked.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/model/loads.hpp"
#include "solver/stencil/diffusion.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "solver/stencil/rows.hpp"
#include "solver/time/methods.hpp"

namespace calor {

namespace {

/// Forward Euler: u += dt/rho_c (div(k grad u) + q), first order in time. Many steps are made in one pass
/// through memory, with one exchange of the halo (solver/blocked/blocked.hpp), unless properties depend on T.
class ForwardEuler final : public Integrator, public Limited, public Settles {
 public:
  explicit ForwardEuler(const MethodOptions& options) : options_{options} {}
  double stable_dt(Problem& p, double t) override { return explicit_limit(p, t); }
  bool limit_varies(const Problem& p) const override { return p.limit_varies(); }

  void settle(Problem& p, double dt, double updates) override {
    if (!p.steps_are_blocked() || blocks_) return;
    const Box own = p.owned;
    const int threads = omp_get_max_threads();
    const int deepest = p.alone() ? most_levels(p.fields(), options_.precision) : p.depth;
    const auto tiling = [&](int levels) {
      Tiling t = choose_tiling(own, p.fields(), options_.precision, threads, levels);
      if (options_.tile) {
        t.width = (*options_.tile)[0];
        t.height = (*options_.tile)[1];
      }
      return t;
    };
    std::vector<Tiling> candidates{
        tiling(options_.levels.value_or(std::min(deepest, most_levels(p.fields(), options_.precision))))};
    // All ranks try the same ones, each on its own cells, so that none waits for another.
    // With neighbours, fewer steps a pass would only mean more exchanges of the same halo.
    if (p.alone() && !options_.levels && candidates[0].levels >= 16)
      candidates.push_back(tiling(candidates[0].levels / 2));
    if (!options_.tile)
      for (std::size_t n = 0, first = candidates.size(); n < first; ++n) {
        Tiling narrow = candidates[n];
        narrow.width = std::max(128, narrow.width / 2);
        candidates.push_back(narrow);
      }
    blocks_.emplace(p, options_.precision, candidates[0]);
    constexpr double worth_measuring = 2e9;
    if (candidates.size() == 1 || !(updates >= worth_measuring)) return;
    std::vector<double> least(candidates.size(), std::numeric_limits<double>::infinity());
    for (int round = 0; round < 3; ++round)
      for (std::size_t n = 0; n < candidates.size(); ++n)
        least[n] = std::min(least[n], p.comm.max(blocks_->trial(p, candidates[n], dt)));
    blocks_->use(
        candidates[static_cast<std::size_t>(std::min_element(least.begin(), least.end()) - least.begin())]);
  }

  std::int64_t steps_a_pass() const override { return blocks_ ? blocks_->tiling().levels : 1; }

  std::string layout() const override {
    if (!blocks_) return {};
    const Tiling& t = blocks_->tiling();
    return fmt::format("{} steps a pass, tiles of {} x {} cells, {} precision, {}", t.levels, t.width,
                       t.height, options_.precision == Precision::single ? "single" : "double",
                       kernels().isa);
  }

  void advance(Problem& p, const Steps& steps) override {
    settle(p, steps.dt, 0.0);
    const bool blocked = blocks_.has_value();
    const std::int64_t most = blocked ? blocks_->tiling().levels : p.depth;
    for_passes(steps.count, most, [&](std::int64_t first, std::int64_t many) {
      Steps part = steps;
      part.first += first;
      part.count = many;
      if (p.loads != nullptr) p.loads->begin_steps(part);
      if (blocked)
        blocks_->pass(p, part);
      else
        plain_pass(p, part);
      if (p.loads != nullptr && first + many < steps.count) p.loads->end_steps();
    });
  }

 private:
  /// Where properties depend on T: step by step, one exchange of the halo for all of them. Each step fills
  /// one layer of cells less around the owned ones.
  static void plain_pass(Problem& p, const Steps& steps) {
    Scratch::Lent made = p.scratch.lend();
    for (std::int64_t n = 0; n < steps.count; ++n) {
      const View2D<double> u = p.u.view(), next = made.view();
      const Box region = p.grid.within_reach(p.owned.grown(static_cast<int>(steps.count - 1 - n)));
      if (p.enthalpy) {
        if (n == 0) p.halo(p.h.view());
        p.find_temperatures(p.grid.within_reach(p.owned.grown(static_cast<int>(steps.count - n))));
        p.prepare(region, steps.time(n), u);
        const View2D<const double> h = p.h.cview();
        for_changes(region, p.coefficients, p.source.q(), steps.dt, u, [&](int j, auto&& change) {
          for (std::ptrdiff_t i = region.i0; i < region.i1; ++i) next.row(j)[i] = h.row(j)[i] + change(i);
        });
        p.book(steps.dt, u);
        p.h.swap(made.field());
        if (n + 1 == steps.count) p.find_temperatures();
        continue;
      }
      if (n == 0) p.halo(u);
      p.prepare(region, steps.time(n), u);
      step(region, p.coefficients, p.source.q(), steps.dt, u, next);
      p.book(steps.dt, u);
      p.u.swap(made.field());
    }
  }
  MethodOptions options_;
  std::optional<BlockedStepper> blocks_;
};

}  // namespace

constinit const Method methods::euler{
    .word = "euler",
    .order = 1,
    .automatic = AutomaticStep::by_limit,
    .single = true,
    .candidate = true,
    .deepest = [](const ProblemSpec& spec,
                  Precision precision) { return most_levels(spec.fields(), precision); },
    .deeper_if_wished = true,
    .passes_over_voids = true,
    .fields = [](const ProblemSpec&, const ImplicitOptions&) { return 1; },
    .sweeps =
        [](const Workload& w) {
          return w.end() / (w.dt ? *w.dt : explicit_safety * w.stable_dt) *
                 (w.step_sweeps() + w.source_sweeps);
        },
    .decay = [](const Mode& m) { return std::pow(1.0 - m.z, 1.0 * m.steps); },
    .make = [](const MethodOptions& o) -> std::unique_ptr<Integrator> {
      return std::make_unique<ForwardEuler>(o);
    }};

}  // namespace calor

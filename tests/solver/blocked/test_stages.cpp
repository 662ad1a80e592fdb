// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "solver/blocked/stages.hpp"
#include "solver/stencil/diffusion.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

/// The states of a recursion on a problem, begun with what is no symmetric and no smooth field.
struct States {
  States(const ProblemSpec& spec, int depth, Recursion r)
      : problem{make(spec, depth)}, recursion{r}, fields{&now, &before, &spare_now, &spare_before,
                                                         &sum, &first,  &change} {
    Problem& p = *problem;
    for (Field2D<double>* f : {&now, &before, &spare_now, &spare_before, &sum, &first, &change})
      *f = Field2D<double>{p.owned, p.depth};
    for_each(p.owned, [&](int i, int j) {
      const double u = p.u.view()(i, j);
      now.view()(i, j) = r == Recursion::chebyshev ? u - 300.0 : u;
      before.view()(i, j) = now.view()(i, j) + std::sin(3.0 * i + 5.0 * j);
      sum.view()(i, j) = u;
      first.view()(i, j) = u + 1.0;
      change.view()(i, j) = std::cos(7.0 * i - 2.0 * j);
    });
    p.halo(first.view());
    p.halo(change.view());
    if (r == Recursion::chebyshev)
      fields.first = fields.first_change = nullptr;
    else
      fields.sum = nullptr;
  }
  std::unique_ptr<Problem> problem;
  Recursion recursion;
  Field2D<double> now, before, spare_now, spare_before, sum, first, change;
  StageFields fields;
};

/// Stages whose numbers all differ, and would show if one were taken for another.
std::vector<Stage> stages_of(int count, double dt) {
  std::vector<Stage> list;
  for (int n = 0; n < count; ++n)
    list.push_back({{1.5 - 0.01 * n, -0.7 + 0.004 * n, 0.2 + 0.006 * n, 0.1 - 0.001 * n, 0.3 + 0.01 * n},
                    0.6 * n * dt,
                    dt * (1.0 + 0.03 * n)});
  return list;
}

bool same_states(States& a, States& b) {
  bool equal = true;
  for_each(a.problem->owned, [&](int i, int j) {
    equal = equal && std::isfinite(a.now.view()(i, j)) && same(a.now.view()(i, j), b.now.view()(i, j)) &&
            same(a.before.view()(i, j), b.before.view()(i, j)) &&
            same(a.sum.view()(i, j), b.sum.view()(i, j));
  });
  return test::world().all(equal);
}

/// dt within the limit, and for a kind that has one.
double step_of(Problem& p) { return 0.4 * std::min(1.0, explicit_limit(p, 0.0)); }

void plain_stages(States& s, const std::vector<Stage>& list, double dt) {
  Stages plain{s.recursion};
  for (const Stage& stage : list) plain.plain(*s.problem, dt, stage, s.fields);
}

/// Differences know no source and nothing that changes with time.
bool fits(const Kind& kind, Recursion recursion) {
  return recursion == Recursion::legendre || std::string{kind.name}.find("move") == std::string::npos;
}

}  // namespace

TEST_CASE("stages in passes have the bits of single ones, and so has their ledger", "[mpi][stages]") {
  for (const Recursion recursion : {Recursion::legendre, Recursion::chebyshev})
    for (const Kind& kind : kinds) {
      if (!fits(kind, recursion)) continue;
      const ProblemSpec spec = make_spec(kind, 61, 67);  // primes, several tiles, more than one block of rows
      States oracle{spec, 2, recursion};
      const double dt = step_of(*oracle.problem);
      const int total = 37;  // passes of most lengths end in a remainder
      const std::vector<Stage> list = stages_of(total, dt);
      plain_stages(oracle, list, dt);
      for (const int levels : {1, 2, 5, 16, 32})
        for (const std::string& isa : instruction_sets()) {
          // Every instruction set at one depth, every depth at the widest.
          if (levels != 5 && isa != instruction_sets().back()) continue;
          for (const Tiling& tiling :
               {Tiling{levels, 300, 1000}, Tiling{levels, 16, 9}, Tiling{levels, 48, 1}}) {
            if (levels == 32 && tiling.height == 1) continue;  // slow, and nothing new
            CAPTURE(kind.name, static_cast<int>(recursion), levels, isa, tiling.width, tiling.height);
            States s{spec, std::max(2, levels), recursion};
            Stages stages{recursion, kernels_for(isa)};
            for (int done = 0; done < total; done += levels)
              stages.pass(*s.problem, dt, list.data() + done, std::min(levels, total - done), s.fields,
                          tiling);
            CHECK(same_states(s, oracle));
            CHECK(same_ledger(*s.problem, *oracle.problem));
          }
        }
    }
}

TEST_CASE("stages on grids of any shape", "[mpi][stages]") {
  const int ranks = test::world().size();
  for (const Recursion recursion : {Recursion::legendre, Recursion::chebyshev})
    for (const auto& [nx, ny] : {std::array{1, 7}, std::array{7, 1}, std::array{2, 64}, std::array{767, 8},
                                 std::array{1039, 5}, std::array{8447, 3}, std::array{1, 1}})
      for (const Kind& kind : kinds) {
        if (!fits(kind, recursion) || most_ranks({0, 0, nx, ny}) < ranks) continue;
        const ProblemSpec spec = make_spec(kind, nx, ny);
        States oracle{spec, 2, recursion}, s{spec, 16, recursion};
        const double dt = step_of(*oracle.problem);
        const std::vector<Stage> list = stages_of(40, dt);
        plain_stages(oracle, list, dt);
        Stages{recursion}.run(*s.problem, dt, list, s.fields);
        CAPTURE(kind.name, static_cast<int>(recursion), nx, ny);
        CHECK(same_states(s, oracle));
        CHECK(same_ledger(*s.problem, *oracle.problem));
      }
}

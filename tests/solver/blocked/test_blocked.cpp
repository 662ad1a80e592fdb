// SPDX-License-Identifier: BSD-3-Clause
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solver/blocked/blocked.hpp"
#include "solver/stencil/diffusion.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

/// The change of a cell as docs/numerics.md, section 5, has it, written once more: plain cells by the sums
/// of their neighbours, others by the fluxes through their faces. c(di, dj) is the cell's neighbour.
template <class Real, class Cell>
Real change(const Coefficients& k, double dt, double q, bool heated, int i, int j, Cell&& c) {
  const auto f = [](double v) { return static_cast<Real>(v); };
  const double gw = k.gx(i, j), ge = k.gx(i + 1, j), gs = k.gy(i, j), gn = k.gy(i, j + 1);
  const double scale = dt / k.rho_c(i, j), rx = scale * gw, ry = scale * gs;
  const Real here = c(0, 0), w = c(-1, 0), e = c(1, 0), s = c(0, -1), n = c(0, 1);
  const bool by_rule = k.uniform() || k.mosaic() != nullptr, pairs = gw == ge && gs == gn;
  const bool square = k.uniform() ? rx == ry : by_rule && k.mosaic()->square();
  Real sum{};
  if (by_rule && pairs && square && gw == gs)
    sum = f(rx) * (((w + e) + (s + n)) - Real{4} * here);
  else if (by_rule && pairs && !square)
    sum = f(rx) * ((w + e) - Real{2} * here) + f(ry) * ((s + n) - Real{2} * here);
  else
    sum = f(scale) * ((f(ge) * (e - here) - f(gw) * (here - w)) + (f(gn) * (n - here) - f(gs) * (here - s)));
  return heated ? sum + f(scale * q) : sum;
}

Region hole(const char* name, const Area& area, const WallLaw& wall) {
  Region r;
  r.name = name;
  r.area = area;
  r.is_void = true;
  r.wall = wall;
  return r;
}

/// Cells lose heat in proportion to their temperature.
const Kind losing[] = {
    {"holes", false,
     [](ProblemSpec& s) {
       walls(s, true);
       s.add(hole("warm", Circle{0.3, 0.4, 0.17}, FixedTemperature{310.0}));
       s.add(hole("film", Polygon{{{0.6, 0.2}, {0.9, 0.35}, {0.7, 0.8}}},
                  Convection{30.0, text("280 + 20*x")}));
       s.add(hole("slot", Rectangle{{0.1, 0.23}, {0.71, 0.9}}, Insulated{}));
     }},
    {"a plate", false,
     [](ProblemSpec& s) {
       walls(s, false);
       s.plate = Plate{0.01, 2, Function{15.0}, text("300 + 10*y")};
     }},
    {"a plate of square layers with a hole across the seam", true,
     [](ProblemSpec& s) {
       square_layers(s);
       s.plate = Plate{0.02, 1, text("5 + 9*x"), Function{310.0}};
       s.add(hole("seam", Circle{0.0, 0.3, 0.21}, Convection{25.0, 270.0}));
     }},
};

std::vector<Kind> all_kinds() {
  std::vector<Kind> all{std::begin(kinds), std::end(kinds)};
  all.insert(all.end(), std::begin(losing), std::end(losing));
  return all;
}

/// What cells gain at no temperature at all, and lose for each degree, as the source tells it.
struct Losses {
  Field2D<double> gain, loss;
  explicit Losses(Problem& p) : gain{p.owned, 0}, loss{p.owned, 0} {
    Field2D<double> none{p.owned, 0};
    p.source.update(p.owned, 0.0, none.cview());
    p.source.sink_slope(p.owned, 0.0, none.cview(), loss.view());
    for_each(p.owned, [&](int i, int j) {
      gain.view()(i, j) = p.source.q()(i, j);
      if (!p.live(i, j)) loss.view()(i, j) = 0.0;  // rows that would be empty are given something
    });
  }
};

/// The oracle: one step after the other over the whole field, no halo deeper than the stencil.
template <class Real = double>
void plain_steps(Problem& p, const Steps& steps) {
  const bool heated = !p.source.zero();
  std::optional<Losses> losses;
  if (p.source.of_temperature()) losses.emplace(p);
  Field2D<double> room{p.owned, p.depth};
  for (std::int64_t n = 0; n < steps.count; ++n) {
    const View2D<double> u = p.u.view(), next = room.view();
    p.halo(u);
    p.prepare(p.owned, steps.time(n), u);
    for_each(p.owned, [&](int i, int j) {
      const auto cell = [&](int di, int dj) { return static_cast<Real>(u(i + di, j + dj)); };
      const double q = losses ? losses->gain.view()(i, j) : heated ? p.source.q()(i, j) : 0.0;
      Real made = change<Real>(p.coefficients, steps.dt, q, heated, i, j, cell);
      if (losses) {
        const double scale = steps.dt / p.coefficients.rho_c(i, j);
        made = made - static_cast<Real>(scale * losses->loss.view()(i, j)) * cell(0, 0);
      }
      next(i, j) = cell(0, 0) + made;
    });
    p.book(steps.dt, u);
    p.u.swap(room);
  }
}

}  // namespace

TEST_CASE("the kinds of problem take all the ways there are", "[mpi][blocked]") {
  int mosaics = 0, square = 0, fields = 0, uniform = 0, heat_looked_up = 0, heat_read = 0;
  for (const Kind& kind : kinds) {
    const auto p = make(make_spec(kind, 61, 67), 2);
    const Coefficients& c = p->coefficients;
    ++(c.uniform() ? uniform : c.mosaic() == nullptr ? fields : c.mosaic()->square() ? square : mosaics);
    if (p->source.zero()) continue;
    const auto records = StepRecords<double>::of(*p, true);
    ++(records != nullptr && records->heated() ? heat_looked_up : heat_read);
  }
  CHECK(mosaics > 1);
  CHECK(square > 3);
  CHECK(fields == 1);
  CHECK(uniform > 3);
  CHECK(heat_looked_up > 3);
  CHECK(heat_read == 1);
}

TEST_CASE("whole steps over the field have the bits of the rule", "[mpi][blocked]") {
  for (const Kind& kind : kinds) {
    const ProblemSpec spec = make_spec(kind, 33, 41);
    const auto oracle = make(spec, 2), p = make(spec, 2);
    const double dt = 0.9 * explicit_limit(*oracle, 0.0);
    plain_steps(*oracle, {0.0, dt, 0, 1});
    p->halo(p->u.view());
    p->prepare(p->owned, 0.0, p->u.view());
    Field2D<double> next{p->owned, p->depth};
    step(p->owned, p->coefficients, p->source.q(), dt, p->u.view(), next.view());
    p->u.swap(next);
    CAPTURE(kind.name);
    CHECK(same_field(*p, *oracle));
  }
}

TEST_CASE("blocked steps have the bits of plain ones, and so has their ledger", "[mpi][blocked]") {
  for (const Kind& kind : all_kinds()) {
    const int nx = 61, ny = 67;  // primes, several tiles, more than one block of rows
    const ProblemSpec spec = make_spec(kind, nx, ny);
    const auto oracle = make(spec, 2);
    const double dt = 0.9 * explicit_limit(*oracle, 0.0);
    const std::int64_t total = 71;  // passes of all lengths end in a remainder
    plain_steps(*oracle, {0.0, dt, 0, total});
    for (const int levels : {1, 4, 8, 16, 32})
      for (const std::string& isa : instruction_sets()) {
        // Every instruction set at one depth, every depth at the widest.
        if (levels != 8 && isa != instruction_sets().back()) continue;
        const Tiling tilings[] = {{levels, 1000, 1000}, {levels, 16, 9}, {levels, 48, 1}};
        for (const Tiling& tiling : tilings) {
          if (levels == 32 && tiling.height == 1) continue;  // slow, and nothing new
          CAPTURE(kind.name, levels, isa, tiling.width, tiling.height);
          const auto p = make(spec, std::max(2, levels));
          BlockedStepper blocks{*p, Precision::double_, tiling, kernels_for(isa)};
          for (std::int64_t done = 0; done < total;) {
            const std::int64_t count = std::min<std::int64_t>(levels, total - done);
            blocks.pass(*p, {0.0, dt, done, count});
            done += count;
          }
          CHECK(same_field(*p, *oracle));
          CHECK(same_ledger(*p, *oracle));
        }
      }
  }
}

TEST_CASE("what is lost in proportion to the temperature is blocked, and closes the balance",
          "[mpi][blocked]") {
  for (const Kind& kind : losing) {
    const ProblemSpec spec = make_spec(kind, 61, 67);
    CAPTURE(kind.name);
    CHECK(spec.steps_are_blocked());
    CHECK_FALSE(spec.limit_varies());
    const auto p = make(spec, 8);
    CHECK(p->steps_are_blocked());
    const auto content = [&] {
      ExactSum sum =
          exact_sum(p->owned, [&](int i, int j) { return p->grid.cell_volume() * p->heat_of(i, j); });
      reduce(p->comm, {&sum, 1});
      return sum.value();
    };
    const double before = content(), dt = 0.9 * explicit_limit(*p, 0.0);
    BlockedStepper blocks{*p, Precision::double_, {8, 32, 16}};
    for (int n = 0; n < 5; ++n) blocks.pass(*p, {0.0, dt, 8 * n, 8});
    const Budget::Report r = p->budget.report(p->comm, 0.0, 0.0);
    double came = r.source + r.plate + r.sides[Side::left] + r.sides[Side::right] + r.sides[Side::bottom] +
                  r.sides[Side::top];
    for (const double heat : r.holes) came += heat;
    CHECK(std::abs(content() - before) > 1e-3);
    CHECK(std::abs(content() - before - came) <= 1e-12 * before);
  }
  // Functions of t in them are not.
  ProblemSpec spec = make_spec(losing[1], 20, 20);
  spec.plate->ambient = text("300 + t");
  CHECK_FALSE(spec.steps_are_blocked());
  CHECK_FALSE(spec.limit_varies());
  // Nor is heat of place and time beside them, which is in no record.
  for (const Kind& kind : losing) {
    ProblemSpec heated = make_spec(kind, 61, 67);
    heated.power.add(Circle{0.5, 0.5, 0.3}, text("1e4*x*(1 + t)"));
    CHECK_FALSE(heated.steps_are_blocked());
    CHECK_FALSE(make(heated, 2)->steps_are_blocked());
  }
}

TEST_CASE("blocked steps in single precision have the bits of plain ones", "[mpi][blocked]") {
  for (const Kind& kind : all_kinds()) {
    const ProblemSpec spec = make_spec(kind, 53, 47);
    const auto round = [](Problem& p) {
      for_each(p.owned, [&](int i, int j) { p.u.view()(i, j) = static_cast<float>(p.u.view()(i, j)); });
    };
    const auto oracle = make(spec, 2);
    const double dt = 0.9 * explicit_limit(*oracle, 0.0);
    round(*oracle);
    plain_steps<float>(*oracle, {0.0, dt, 0, 40});
    std::unique_ptr<Problem> first;
    for (const int levels : {1, 7, 32})
      for (const std::string& isa : instruction_sets()) {
        if (levels != 7 && isa != instruction_sets().back()) continue;
        CAPTURE(kind.name, levels, isa);
        auto p = make(spec, std::max(2, levels));
        round(*p);
        BlockedStepper blocks{*p, Precision::single, {levels, 32, 11}, kernels_for(isa)};
        for (std::int64_t done = 0; done < 40;) {
          const std::int64_t count = std::min<std::int64_t>(levels, 40 - done);
          blocks.pass(*p, {0.0, dt, done, count});
          done += count;
        }
        CHECK(same_field(*p, *oracle));
        if (!first)
          first = std::move(p);
        else
          CHECK(same_ledger(*p, *first));
      }
  }
}

TEST_CASE("stretches without a body are passed over, with the bits of plain steps", "[mpi][blocked]") {
  const Kind wide[] = {
      {"a wide hole", false,
       [](ProblemSpec& s) {
         walls(s, true);
         s.add(hole("wide", Circle{0.52, 0.47, 0.42}, FixedTemperature{310.0}));
       }},
      {"a band and a plate of layers", true,
       [](ProblemSpec& s) {
         square_layers(s);
         s.plate = Plate{0.02, 1, Function{8.0}, Function{310.0}};
         s.add(hole("band", Rectangle{{0.04, 0.97}, {0.21, 0.83}}, Insulated{}));
       }},
      {"from side to side", false,
       [](ProblemSpec& s) {
         walls(s, false);
         s.add(hole("slot", Rectangle{{-1.0, 2.0}, {0.3, 0.6}}, Insulated{}));
         s.add(hole("corner", Rectangle{{0.7, 2.0}, {0.7, 2.0}}, Convection{30.0, 280.0}));
       }},
  };
  for (const Kind& kind : wide) {
    const int nx = 190, ny = 90;
    const ProblemSpec spec = make_spec(kind, nx, ny);
    const auto oracle = make(spec, 2), single = make(spec, 2);
    const double dt = 0.9 * explicit_limit(*oracle, 0.0);
    const auto round = [](Problem& p) {
      for_each(p.owned, [&](int i, int j) { p.u.view()(i, j) = static_cast<float>(p.u.view()(i, j)); });
    };
    round(*single);
    plain_steps(*oracle, {0.0, dt, 0, 40});
    plain_steps<float>(*single, {0.0, dt, 0, 40});
    // Some blocks of rows have such stretches, on every rank that has enough of the hole.
    const auto records = StepRecords<double>::of(*oracle, true);
    REQUIRE(records != nullptr);
    bool found = false;
    for_each(oracle->owned.grown(-8), [&](int i, int j) {
      found = found || records->runs().at(j, i)->record == RecordRun::void_of_bodies;
    });
    CHECK(test::world().any(found));
    for (const int levels : {1, 7, 32})
      for (const std::string& isa : instruction_sets())
        for (const Tiling& tiling :
             {Tiling{levels, 1000, 1000}, Tiling{levels, 16, 9}, Tiling{levels, 64, 40}}) {
          if (levels != 7 && isa != instruction_sets().back()) continue;
          for (const Precision precision : {Precision::double_, Precision::single}) {
            CAPTURE(kind.name, levels, isa, tiling.width, tiling.height, precision == Precision::single);
            const auto p = make(spec, std::max(2, levels));
            if (precision == Precision::single) round(*p);
            BlockedStepper blocks{*p, precision, tiling, kernels_for(isa)};
            for (std::int64_t done = 0; done < 40;) {
              const std::int64_t count = std::min<std::int64_t>(levels, 40 - done);
              // Others have the field in between that the next pass goes into, now and then.
              if (done % 3 == 0) {
                Scratch::Lent other = p->scratch.lend();
                for_each(p->owned, [&](int i, int j) { other.view()(i, j) = 7.0; });
              }
              blocks.pass(*p, {0.0, dt, done, count});
              done += count;
            }
            CHECK(same_field(*p, precision == Precision::single ? *single : *oracle));
            if (precision == Precision::double_) CHECK(same_ledger(*p, *oracle));
          }
        }
  }
}

TEST_CASE("grids of any shape can be blocked", "[mpi][blocked]") {
  const int ranks = test::world().size();
  for (const auto& [nx, ny] : {std::array{1, 7}, std::array{7, 1}, std::array{2, 64}, std::array{300, 8},
                               std::array{17, 8}, std::array{1, 1}})
    for (const Kind& kind : all_kinds()) {
      if (most_ranks({0, 0, nx, ny}) < ranks) continue;
      const ProblemSpec spec = make_spec(kind, nx, ny);
      const auto oracle = make(spec, 2), p = make(spec, 16);
      if (!p->steps_are_blocked()) continue;  // losses where most cells are not like others
      const double dt = 0.9 * std::min(1.0, explicit_limit(*oracle, 0.0));
      plain_steps(*oracle, {0.0, dt, 0, 16});
      BlockedStepper blocks{*p, Precision::double_, {16, 128, 64}};
      blocks.pass(*p, {0.0, dt, 0, 16});
      CAPTURE(kind.name, nx, ny);
      CHECK(same_field(*p, *oracle));
      CHECK(same_ledger(*p, *oracle));
    }
}

TEST_CASE("the halo of a rank may end exactly where the domain does", "[mpi][blocked]") {
  // There the wall's face lies beyond what the rank has coefficients for.
  const mpi::Comm& comm = test::world();
  if (comm.size() != 2) return;
  for (const bool along_x : {false, true})
    for (const Kind& kind : {kinds[5], kinds[6]}) {
      const ProblemSpec spec = make_spec(kind, along_x ? 64 : 40, along_x ? 40 : 64);
      const auto halves = [&](int depth) {
        return std::make_unique<Problem>(
            comm, spec, partition(spec.grid.domain(), along_x ? 2 : 1, along_x ? 1 : 2), depth);
      };
      const auto oracle = halves(2), p = halves(32);
      const double dt = 0.9 * explicit_limit(*oracle, 0.0);
      plain_steps(*oracle, {0.0, dt, 0, 64});
      BlockedStepper blocks{*p, Precision::double_, {32, 64, 64}};
      for (int n = 0; n < 2; ++n) blocks.pass(*p, {0.0, dt, 32 * n, 32});
      CAPTURE(kind.name, along_x);
      CHECK(same_field(*p, *oracle));
      CHECK(same_ledger(*p, *oracle));
    }
}

TEST_CASE("a constant field stays as it is, and a turned one turns", "[mpi][blocked]") {
  const Kind kind{"closed", false, [](ProblemSpec& s) { s.initial = Layered{Function{1.0 / 3.0}}; }};
  const auto p = make(make_spec(kind, 40, 40), 32);
  BlockedStepper blocks{*p, Precision::double_, {32, 16, 16}};
  blocks.pass(*p, {0.0, explicit_limit(*p, 0.0), 0, 32});
  bool constant = true;
  for_each(p->owned, [&](int i, int j) { constant = constant && same(p->u.view()(i, j), 1.0 / 3.0); });
  CHECK(test::world().all(constant));

  if (test::world().size() > 1) return;
  ProblemSpec spec = make_spec(kinds[1], 40, 40), turned = spec;
  spec.initial = Layered{text("sin(5*x) + y*y*x")};
  turned.initial = Layered{text("sin(5*y) + x*x*y")};
  const auto a = make(spec, 8), b = make(turned, 8);
  const double dt = explicit_limit(*a, 0.0);
  BlockedStepper first{*a, Precision::double_, {8, 16, 16}}, second{*b, Precision::double_, {8, 32, 40}};
  for (int n = 0; n < 5; ++n) {
    first.pass(*a, {0.0, dt, 8 * n, 8});
    second.pass(*b, {0.0, dt, 8 * n, 8});
  }
  bool mirrored = true;
  for_each(a->owned,
           [&](int i, int j) { mirrored = mirrored && same(a->u.view()(i, j), b->u.view()(j, i)); });
  CHECK(mirrored);
}

TEST_CASE("an instruction set that is not there is refused by its name", "[blocked]") {
  CHECK(instruction_sets().front() == "baseline");
  CHECK_THROWS_WITH(kernels_for("avx1024"), Catch::Contains("avx1024") && Catch::Contains("baseline"));
}

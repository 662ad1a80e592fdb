// SPDX-License-Identifier: BSD-3-Clause
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "decomposition/halo.hpp"
#include "decomposition/reduce.hpp"
#include "solver/linear/amg/algebraic.hpp"
#include "solver/linear/cg.hpp"
#include "solver/linear/chebyshev_blocks.hpp"
#include "solver/linear/cycles.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

/// A number in [0, 1) that depends on the cell alone.
double unlike(int i, int j, std::uint32_t kind) {
  std::uint32_t h = static_cast<std::uint32_t>(i) * 0x9E3779B1u ^
                    static_cast<std::uint32_t>(j) * 0x85EBCA77u ^ kind * 0xC2B2AE3Du;
  for (const int shift : {15, 13, 16}) {
    h ^= h >> shift;
    h *= 0x2C1B3C6Du;
  }
  return static_cast<double>(h) / 4294967296.0;
}

struct Setting {
  std::string name;
  int nx, ny;
  bool periodic_x, periodic_y;
  double jump;                // conductivities of blocks, from 1 to this
  double along;               // couplings along y, times this
  double own;                 // capacity beside a coupling of 1
  bool random_cells = false;  // cells in place of blocks, of the one conductivity or the other
  int wide = 5, high = 3;     // of blocks
};

enum class Kind { doubles, singles, twice, singles_twice, algebraic };
std::string name_of(Kind k) {
  switch (k) {
    case Kind::doubles:
      return "double precision";
    case Kind::singles:
      return "single precision";
    case Kind::twice:
      return "two cycles on coarser levels";
    case Kind::singles_twice:
      return "the same, single precision";
    case Kind::algebraic:
      return "algebraic";
  }
  return "";
}

/// The operator of a setting on one rank's cells, heat leaving through the left wall if it has one.
NinePoint<double> make_operator(const Setting& s, const Box& owned) {
  NinePoint<double> a{owned, multigrid_depth, false};
  const auto wrap = [](int i, int n) { return (i + n) % n; };
  const auto k = [&](int i, int j) {
    if (s.random_cells) return unlike(wrap(i, s.nx), wrap(j, s.ny), 1) < 0.5 ? 1.0 : s.jump;
    return std::pow(s.jump, unlike(wrap(i, s.nx) / s.wide, wrap(j, s.ny) / s.high, 1));
  };
  const auto mean = [](double p, double q) { return 2.0 * p * q / (p + q); };
  const auto west = [&](int i, int j) {
    return (i > 0 && i < s.nx) || s.periodic_x ? mean(k(i - 1, j), k(i, j)) : 0.0;
  };
  const auto south = [&](int i, int j) {
    return (j > 0 && j < s.ny) || s.periodic_y ? s.along * mean(k(i, j - 1), k(i, j)) : 0.0;
  };
  const View2D<double> c = a.c.view(), w = a.w.view(), so = a.s.view();
  for_each(owned, [&](int i, int j) {
    w(i, j) = west(i, j);
    so(i, j) = south(i, j);
    const double wall = i == 0 && !s.periodic_x ? 2.0 * k(i, j) : 0.0;
    c(i, j) = s.own + wall + (west(i, j) + west(i + 1, j)) + (south(i, j) + south(i, j + 1));
  });
  return a;
}

struct Sample {
  Sample(const mpi::Comm& c, const Setting& s, Kind kind)
      : comm{c},
        grid{s.nx, s.ny, 0.0, 1.0, 0.0, 1.0, s.periodic_x, s.periodic_y},
        parts{partition(grid.domain(), c.size())},
        owned{parts[static_cast<std::size_t>(c.rank())]},
        a{make_operator(s, owned)},
        halo{c, make_halo_plan(parts, multigrid_depth, c.rank(), grid.period())},
        multigrid{make(kind, make_operator(s, owned))} {
    for (Field2D<double>* f : {&a.c, &a.w, &a.s}) halo(f->view());
  }
  std::unique_ptr<Multigrid> make(Kind kind, NinePoint<double> of) const {
    constexpr std::int64_t cells_a_rank = 16;
    if (kind == Kind::algebraic)
      return make_algebraic_multigrid(comm, grid, parts, std::move(of), {Precision::double_, cells_a_rank});
    MultigridOptions options;
    const bool single = kind == Kind::singles || kind == Kind::singles_twice;
    options.precision = single ? Precision::single : Precision::double_;
    options.cells_a_rank = cells_a_rank;
    options.twice = kind == Kind::twice || kind == Kind::singles_twice;
    return make_multigrid(comm, grid, parts, std::move(of), options);
  }
  ExactSum apply(View2D<double> x, View2D<double> out) {
    halo(x);
    const auto v = a.view();
    for_each(owned, [&](int i, int j) {
      double sum = v.c(i, j) * x(i, j);
      if (v(i, j, -1, 0) != 0.0) sum -= v(i, j, -1, 0) * x(i - 1, j);
      if (v(i, j, 1, 0) != 0.0) sum -= v(i, j, 1, 0) * x(i + 1, j);
      if (v(i, j, 0, -1) != 0.0) sum -= v(i, j, 0, -1) * x(i, j - 1);
      if (v(i, j, 0, 1) != 0.0) sum -= v(i, j, 0, 1) * x(i, j + 1);
      out(i, j) = sum;
    });
    return exact_sum(owned, [&](int i, int j) { return x(i, j) * out(i, j); });
  }
  Correction correction() {
    return [this](View2D<double> by, View2D<double> to, View2D<double> left) {
      Field2D<double> a_by{owned, 0};
      apply(by, a_by.view());
      for_each(owned, [&](int i, int j) {
        to(i, j) += by(i, j);
        left(i, j) -= a_by.view()(i, j);
      });
      return exact_sum(owned, [&](int i, int j) { return left(i, j) * left(i, j); });
    };
  }
  Field2D<double> field(std::uint32_t kind) const {
    Field2D<double> f{owned, multigrid_depth};
    for_each(owned, [&](int i, int j) { f.view()(i, j) = unlike(i, j, kind) - 0.5; });
    return f;
  }
  Field2D<double> solved(const Field2D<double>& r, double norm) {
    Field2D<double> z{owned, multigrid_depth};
    const Preconditioner::Result result = multigrid->apply(r.view(), norm);
    visit(result, [&](auto v) {
      for_each(owned, [&](int i, int j) { z.view()(i, j) = result.scale * static_cast<double>(v(i, j)); });
    });
    return z;
  }
  double dot(const Field2D<double>& x, const Field2D<double>& y) const {
    ExactSum sum = exact_sum(owned, [&](int i, int j) { return x.view()(i, j) * y.view()(i, j); });
    reduce(comm, {&sum, 1});
    return sum.value();
  }
  const mpi::Comm& comm;
  Grid grid;
  Partition parts;
  Box owned;
  NinePoint<double> a;
  Exchange<double> halo;
  std::unique_ptr<Multigrid> multigrid;
};

const Setting settings[]{
    {"plain", 40, 40, false, false, 1.0, 1.0, 0.0},
    {"primes", 37, 53, false, false, 1.0, 1.0, 0.0},
    {"jumps", 61, 34, false, false, 1e6, 1.0, 1e-3},
    {"strong along y", 33, 50, false, false, 10.0, 1e4, 0.0},
    {"strong along x", 33, 50, false, false, 10.0, 1e-4, 0.0},
    {"periodic, odd", 21, 31, true, true, 100.0, 1.0, 1e-2},
    {"periodic, even", 20, 18, true, true, 100.0, 1.0, 1e-2},
    {"periodic along x", 7, 26, true, false, 100.0, 1.0, 1e-2},
    {"periodic along y, thin", 25, 3, false, true, 100.0, 1.0, 0.0},
    {"one row", 41, 1, false, false, 1e3, 1.0, 0.0},
    {"one periodic column", 1, 29, true, true, 1e3, 1.0, 1e-3},
    {"few cells", 3, 3, true, true, 10.0, 1.0, 0.1},
    {"mostly capacity", 30, 30, false, false, 10.0, 1.0, 1e3},
    {"some capacity", 47, 40, false, true, 10.0, 1.0, 1.0},
    {"random cells", 61, 58, false, false, 1e6, 1.0, 0.0, true},
    {"random cells, periodic", 40, 41, true, true, 1e4, 1.0, 1e-2, true},
    {"random cells, one row", 90, 1, false, false, 1e6, 1.0, 0.0, true},
    {"two cells, periodic", 2, 1, true, true, 10.0, 1.0, 0.1, true},
    {"one cell", 1, 1, false, false, 1.0, 1.0, 0.0},
};

const Setting& any_setting() {
  return settings[static_cast<std::size_t>(GENERATE(range(0, static_cast<int>(std::size(settings)))))];
}

}  // namespace

TEST_CASE("a cycle is symmetric and positive definite", "[mpi][multigrid]") {
  const Setting& s = any_setting();
  const Kind kind = GENERATE(Kind::doubles, Kind::twice, Kind::algebraic);
  CAPTURE(s.name, name_of(kind));
  if (most_ranks({0, 0, s.nx, s.ny}) < test::world().size()) return;
  Sample sample{test::world(), s, kind};
  const Field2D<double> x = sample.field(11), y = sample.field(12);
  const Field2D<double> mx = sample.solved(x, 1.0), my = sample.solved(y, 1.0);
  const double xx = sample.dot(x, mx), yy = sample.dot(y, my), xy = sample.dot(x, my), yx = sample.dot(y, mx);
  CHECK(xx > 0.0);
  CHECK(yy > 0.0);
  // A second cycle sees what rounding leaves of the residual of the first.
  const double rounding =
      kind == Kind::twice ? std::max(1e-12, 1e-14 * s.jump * std::max(s.along, 1.0 / s.along)) : 1e-12;
  CHECK(std::abs(xy - yx) <= rounding * std::sqrt(xx * yy));
}

TEST_CASE("conjugate gradients with it need few iterations", "[mpi][multigrid]") {
  const Setting& s = any_setting();
  const Kind kind = GENERATE(Kind::doubles, Kind::singles, Kind::twice, Kind::singles_twice, Kind::algebraic);
  CAPTURE(s.name, name_of(kind));
  if (most_ranks({0, 0, s.nx, s.ny}) < test::world().size()) return;
  if (s.random_cells && kind != Kind::algebraic) return;  // these it does not promise
  Sample sample{test::world(), s, kind};
  Field2D<double> r = sample.field(13), x{sample.owned, multigrid_depth}, ax{sample.owned, multigrid_depth};
  const double norm = std::sqrt(sample.dot(r, r));
  LinearWork work{sample.comm, sample.owned, multigrid_depth};
  const LinearSystem a{
      [&](View2D<double> in, View2D<double> out) { return sample.apply(in, out); }, {}, *sample.multigrid};
  const LinearReport report = ConjugateGradients{work}.solve(a, x.view(), r.view(), norm, 1e-9 * norm, 100);
  CHECK(report.converged);
  CHECK(report.iterations <= (kind == Kind::algebraic ? 13 : s.jump > 1e3 ? 24 : s.jump > 10.0 ? 14 : 10));
  // The true residual.
  sample.apply(x.view(), ax.view());
  const Field2D<double> b = sample.field(13);
  for_each(sample.owned, [&](int i, int j) { r.view()(i, j) = b.view()(i, j) - ax.view()(i, j); });
  CHECK(std::sqrt(sample.dot(r, r)) <= 1e-7 * norm);
}

TEST_CASE("two cycles on coarser levels halve the iterations where areas jump", "[mpi][multigrid]") {
  const Setting s{"fields of a board", 128, 128, false, false, 1e4, 1.0, 0.0, false, 16, 16};
  const mpi::Comm& comm = test::world();
  const auto iterations = [&](Kind kind) {
    Sample sample{comm, s, kind};
    Field2D<double> r = sample.field(19), x{sample.owned, multigrid_depth};
    const double norm = std::sqrt(sample.dot(r, r));
    LinearWork work{comm, sample.owned, multigrid_depth};
    const LinearSystem a{
        [&](View2D<double> in, View2D<double> out) { return sample.apply(in, out); }, {}, *sample.multigrid};
    return ConjugateGradients{work}.solve(a, x.view(), r.view(), norm, 1e-9 * norm, 100).iterations;
  };
  const std::int64_t once = iterations(Kind::doubles), twice = iterations(Kind::twice);
  CAPTURE(once, twice);
  CHECK(twice <= 9);
  CHECK(3 * twice <= 2 * once);
}

TEST_CASE("Chebyshev's iteration leads, and conjugate gradients follow where it is slow",
          "[mpi][multigrid]") {
  const Setting& s = any_setting();
  CAPTURE(s.name);
  const mpi::Comm& comm = test::world();
  if (most_ranks({0, 0, s.nx, s.ny}) < comm.size() || s.random_cells) return;
  const auto solve = [&](Sample& sample, Field2D<double>& x, bool well_preconditioned) {
    Field2D<double> r = sample.field(16), a{sample.owned, multigrid_depth};
    const double norm = std::sqrt(sample.dot(r, r));
    LinearWork work{sample.comm, sample.owned, multigrid_depth};
    int followed = 0;
    const LinearOperator apply = [&](View2D<double> in, View2D<double> out) {
      ++followed;
      return sample.apply(in, out);
    };
    const LinearSystem system{apply, sample.correction(), *sample.multigrid};
    const auto iteration = make_linear_iteration(
        well_preconditioned ? IterationKind::automatic : IterationKind::conjugate_gradients, work);
    const LinearReport report = iteration->solve(system, x.view(), r.view(), norm, 1e-9 * norm, 100);
    CHECK(report.converged);
    // On easy problems nothing need follow.
    if (well_preconditioned && s.jump == 1.0) CHECK(followed == 0);
    // The residual by recursion is the true one.
    sample.apply(x.view(), a.view());
    const Field2D<double> b = sample.field(16);
    Field2D<double> left{sample.owned, 0};
    for_each(sample.owned,
             [&](int i, int j) { left.view()(i, j) = b.view()(i, j) - a.view()(i, j) - r.view()(i, j); });
    CHECK(std::sqrt(sample.dot(left, left)) <= 1e-9 * norm);
    return report.iterations;
  };
  Sample sample{comm, s, Kind::singles};
  Field2D<double> x{sample.owned, multigrid_depth}, y{sample.owned, multigrid_depth};
  const std::int64_t led = solve(sample, x, true), plain = solve(sample, y, false);
  CHECK(led <= plain + plain / 4 + 2);

  const mpi::Comm alone = comm.split(comm.rank());
  Sample whole{alone, s, Kind::singles};
  Field2D<double> all{whole.owned, multigrid_depth};
  CHECK(solve(whole, all, true) == led);
  bool same = true;
  for_each(sample.owned, [&](int i, int j) { same = same && x.view()(i, j) == all.view()(i, j); });
  CHECK(comm.all(same));
}

TEST_CASE("the cycle converges by itself", "[mpi][multigrid]") {
  const Setting& s = any_setting();
  const Kind kind = GENERATE(Kind::doubles, Kind::singles, Kind::twice, Kind::singles_twice, Kind::algebraic);
  CAPTURE(s.name, name_of(kind));
  if (most_ranks({0, 0, s.nx, s.ny}) < test::world().size()) return;
  // Few directions that it hardly reaches are nothing to conjugate gradients, but hold it up by itself.
  if ((s.random_cells || s.jump > 1e3 || s.periodic_x || s.periodic_y) && kind != Kind::algebraic) return;
  Sample sample{test::world(), s, kind};
  Field2D<double> r = sample.field(17), x{sample.owned, multigrid_depth};
  const double norm = std::sqrt(sample.dot(r, r));
  LinearWork work{sample.comm, sample.owned, multigrid_depth};
  const LinearSystem a{{}, sample.correction(), *sample.multigrid};
  const LinearReport report = Cycles{work}.solve(a, x.view(), r.view(), norm, 1e-9 * norm, 400);
  CHECK(report.converged);
  CHECK(report.iterations <= (kind == Kind::algebraic ? 30 : 16));
}

TEST_CASE("full multigrid gives a better first guess than a cycle, the same on any layout",
          "[mpi][multigrid]") {
  const Setting& s = any_setting();
  const Kind kind = GENERATE(Kind::doubles, Kind::singles, Kind::twice);
  CAPTURE(s.name, name_of(kind));
  const mpi::Comm& comm = test::world();
  if (most_ranks({0, 0, s.nx, s.ny}) < comm.size()) return;
  constexpr double small = 0x1p-100;
  struct Guess {
    Field2D<double> r, z;
  };
  const auto guess = [&](Sample& sample, double size) {
    Field2D<double> r{sample.owned, multigrid_depth}, z{sample.owned, multigrid_depth};
    for_each(sample.owned,
             [&](int i, int j) { r.view()(i, j) = size * (1.0 + 0.1 * unlike(i / 9, j / 9, 18)); });
    const auto result = sample.multigrid->first_guess(r.cview(), size);
    REQUIRE(result.has_value());
    visit(*result, [&](auto v) {
      for_each(sample.owned,
               [&](int i, int j) { z.view()(i, j) = result->scale * static_cast<double>(v(i, j)); });
    });
    return Guess{std::move(r), std::move(z)};
  };
  Sample sample{comm, s, kind};
  Guess g = guess(sample, 1.0);
  const Guess tiny = guess(sample, small);

  const mpi::Comm alone = comm.split(comm.rank());
  Sample whole{alone, s, kind};
  const Guess all = guess(whole, 1.0);
  bool same = true;
  for_each(sample.owned, [&](int i, int j) {
    same = same && g.z.view()(i, j) == all.z.view()(i, j) && tiny.z.view()(i, j) == small * g.z.view()(i, j);
  });
  CHECK(comm.all(same));

  const auto left = [&](Field2D<double>& x) {
    Field2D<double> ax{sample.owned, multigrid_depth};
    sample.apply(x.view(), ax.view());
    for_each(sample.owned, [&](int i, int j) { ax.view()(i, j) -= g.r.view()(i, j); });
    return std::sqrt(sample.dot(ax, ax));
  };
  Field2D<double> cycle = sample.solved(g.r, 1.0);
  // Smooth in one material, which coarser levels know well; elsewhere it must not be much worse.
  const bool one_level = s.own > 10.0 || s.nx * s.ny == 1;
  CAPTURE(left(g.z), left(cycle));
  if (!s.random_cells)
    CHECK(left(g.z) <= (s.jump == 1.0 && !one_level ? 0.5 : 2.0) * left(cycle) + 1e-6 * s.nx * s.ny);
}

namespace {

/// Chebyshev's iteration of a diagonal matrix, without a preconditioner. It rounds to singles what it is
/// given.
class OfDiagonal final : public InnerIteration {
 public:
  OfDiagonal(const Box& owned, Spectrum told, std::function<double(int, int)> diagonal)
      : owned_{owned},
        told_{told},
        diagonal_{std::move(diagonal)},
        p_{owned, 0},
        r_{owned, 0},
        x_{owned, 0} {}
  Spectrum spectrum() const override { return told_; }
  void begin(double) override {}
  void load(View2D<const double> r) override {
    ++loads;
    for_each(owned_, [&](int i, int j) { r_.view()(i, j) = static_cast<float>(r(i, j)); });
  }
  void iterate(double a, double b) override {
    for_each(owned_, [&](int i, int j) {
      double &p = p_.view()(i, j), &r = r_.view()(i, j);
      p = a * r + b * p;
      x_.view()(i, j) += p;
      r -= diagonal_(i, j) * p;
    });
  }
  void add_to(View2D<double> sum) override {
    for_each(owned_, [&](int i, int j) { sum(i, j) += std::exchange(x_.view()(i, j), 0.0); });
  }
  int loads = 0;

 private:
  Box owned_;
  Spectrum told_;
  std::function<double(int, int)> diagonal_;
  Field2D<double> p_, r_, x_;
};

/// 400 cells solved for diagonal x = 1, told of eigenvalues from 0.9 to 1.05.
struct DiagonalSolve {
  static constexpr Spectrum told{0.9, 1.05};
  static constexpr double norm = 20.0;

  /// @param odd  the eigenvalue of every fourth column; those of the others are as told
  DiagonalSolve(double odd, double tolerance)
      : comm{test::world()},
        owned{partition({0, 0, 20, 20}, comm.size())[static_cast<std::size_t>(comm.rank())]},
        x{owned, 0} {
    const auto diagonal = [odd](int i, int j) {
      return i % 4 == 1 ? odd : told.least + (told.most - told.least) * (20 * j + i) / 399.0;
    };
    class Identity final : public Preconditioner {
     public:
      explicit Identity(InnerIteration& inner) : inner_{inner} {}
      Result apply(View2D<const double> of, double) override { return {of, {}, 1.0}; }
      InnerIteration* inner() override { return &inner_; }

     private:
      InnerIteration& inner_;
    };
    const LinearOperator apply = [&](View2D<double> in, View2D<double> out) {
      ++followed;
      for_each(owned, [&](int i, int j) { out(i, j) = diagonal(i, j) * in(i, j); });
      return exact_sum(owned, [&](int i, int j) { return in(i, j) * out(i, j); });
    };
    const Correction correct = [&](View2D<double> by, View2D<double> to, View2D<double> left) {
      for_each(owned, [&](int i, int j) {
        to(i, j) += by(i, j);
        left(i, j) -= diagonal(i, j) * by(i, j);
      });
      return exact_sum(owned, [&](int i, int j) { return left(i, j) * left(i, j); });
    };
    Field2D<double> r{owned, 0, 1.0};
    OfDiagonal inner{owned, told, diagonal};
    Identity nothing{inner};
    LinearWork work{comm, owned, 0};
    report = ChebyshevIteration{work}.solve({apply, correct, nothing}, x.view(), r.view(), norm,
                                            tolerance * norm, 100);
    loads = inner.loads;
    bool all = true;
    for_each(owned, [&](int i, int j) {
      all = all && std::abs(x.view()(i, j) * diagonal(i, j) - 1.0) <= norm * tolerance;
    });
    solved = comm.all(all);
  }
  /// |r_n| <= |r_0| / T_n(middle / half)
  static std::int64_t enough(Spectrum s, double tolerance) {
    const double sigma = (s.most + s.least) / (s.most - s.least);
    return static_cast<std::int64_t>(std::ceil(std::acosh(1.0 / tolerance) / std::acosh(sigma)));
  }

  const mpi::Comm& comm;
  Box owned;
  Field2D<double> x;
  LinearReport report;
  int followed = 0;  // iterations of conjugate gradients
  int loads = 0;
  bool solved = false;
};

}  // namespace

TEST_CASE("Chebyshev's iteration falls as its polynomials do", "[mpi][multigrid]") {
  const double tolerance = GENERATE(0.1, 1e-3, 1e-9, 1e-12);
  const DiagonalSolve s{1.0, tolerance};
  CHECK(s.report.converged);
  CHECK(s.solved);
  CHECK(s.followed == 0);
  CHECK(s.report.iterations <= DiagonalSolve::enough(DiagonalSolve::told, tolerance));
  // The true residual is looked at every five digits or so: singles do not follow it much further.
  CHECK(s.loads <= 1 + std::log10(1.0 / tolerance) / 5);
  CHECK(s.loads >= std::log10(1.0 / tolerance) / 7);
}

TEST_CASE("Chebyshev's iteration counts in an eigenvalue that nobody told it of", "[mpi][multigrid]") {
  const double odd = GENERATE(0.87, 0.85, 0.84);
  const DiagonalSolve s{odd, 1e-10};
  CAPTURE(odd);
  CHECK(s.report.converged);
  CHECK(s.solved);
  CHECK(s.followed == 0);
  CHECK(s.report.iterations <= DiagonalSolve::enough({odd, DiagonalSolve::told.most}, 1e-10) + 1);
}

TEST_CASE("where an eigenvalue lies far off, conjugate gradients go on", "[mpi][multigrid]") {
  const DiagonalSolve s{0.01, 1e-10};
  CHECK(s.report.converged);
  CHECK(s.solved);
  CHECK(s.followed > 0);
  CHECK(s.report.iterations <= 16);
}

namespace {

/// What an inner iteration and a cycle make of a residual, bit by bit.
std::vector<double> made_by(Multigrid& m, const Sample& s) {
  std::vector<double> all;
  Field2D<double> r = s.field(21), x{s.owned, 0};
  if (InnerIteration* const inner = m.inner()) {
    inner->begin(2.0);
    for (const int iterations : {3, 6, 1, 9}) {  // more and fewer than there is room for without adding up
      inner->load(r.cview());
      for (int n = 0; n < iterations; ++n) inner->iterate(n == 0 ? 1.05 : 1.1, n == 0 ? 0.0 : 0.03);
      inner->add_to(x.view());
      for_each(s.owned, [&](int i, int j) {
        all.push_back(x.view()(i, j));
        r.view()(i, j) *= 0.03;
      });
    }
  }
  const Preconditioner::Result z = m.apply(r.cview(), 1.0);
  visit(z, [&](auto v) {
    for_each(s.owned, [&](int i, int j) { all.push_back(z.scale * static_cast<double>(v(i, j))); });
  });
  return all;
}

}  // namespace

namespace {

const Setting wide[]{
    {"plain", 900, 40, false, false, 1.0, 1.0, 1e-2},
    {"blocks", 907, 64, false, false, 1e3, 1.0, 1e-2, false, 290, 21},
    {"blocks, periodic", 861, 47, true, true, 1e3, 1.0, 1e-2, false, 250, 30},
    {"blocks, strong along x", 900, 60, false, false, 10.0, 1e-4, 1e-2, false, 450, 21},
    {"blocks, strong along y", 700, 60, false, false, 10.0, 1e4, 1e-2, false, 340, 21},
    {"mostly capacity", 800, 33, false, false, 10.0, 1.0, 1e3, false, 300, 11},
    {"small blocks", 830, 44, false, false, 1e3, 1.0, 1e-2},
};

}  // namespace

TEST_CASE("neither constant rows nor threads change a bit", "[mpi][multigrid]") {
  const Setting& s = wide[static_cast<std::size_t>(GENERATE(range(0, static_cast<int>(std::size(wide)))))];
  const Kind kind = GENERATE(Kind::doubles, Kind::singles);
  CAPTURE(s.name, name_of(kind));
  const int threads = omp_get_max_threads();
  Sample sample{test::world(), s, kind};
  std::vector<double> expected;
  for (const int with : {1, 3})
    for (const bool pieces : {false, true}) {
      omp_set_num_threads(with);
      MultigridOptions options;
      options.precision = kind == Kind::singles ? Precision::single : Precision::double_;
      options.cells_a_rank = 16;
      options.pieces = pieces;
      const auto m =
          make_multigrid(sample.comm, sample.grid, sample.parts, make_operator(s, sample.owned), options);
      const std::vector<double> made = made_by(*m, sample);
      if (expected.empty()) expected = made;
      CAPTURE(with, pieces);
      CHECK(std::memcmp(made.data(), expected.data(), made.size() * sizeof(double)) == 0);
      CHECK(made.size() == expected.size());
    }
  omp_set_num_threads(threads);
}

TEST_CASE("an inner iteration leaves the residual of what it adds", "[mpi][multigrid]") {
  const Setting s{"blocks", 260, 52, false, false, 30.0, 1.0, 1e-2, false, 130, 21};
  Sample sample{test::world(), s, Kind::singles};
  InnerIteration& inner = *sample.multigrid->inner();
  const Field2D<double> b = sample.field(22);
  const double norm = std::sqrt(sample.dot(b, b));
  Field2D<double> x{sample.owned, multigrid_depth}, ax{sample.owned, multigrid_depth};
  inner.begin(norm);
  inner.load(b.view());
  double before = norm;
  for (int n = 0; n < 9; ++n) {
    inner.iterate(1.0 / 0.9525, 0.0);
    if (n != 1 && n != 2 && n != 8) continue;  // it goes on from its own residual, whoever adds
    inner.add_to(x.view());
    sample.apply(x.view(), ax.view());
    for_each(sample.owned, [&](int i, int j) { ax.view()(i, j) -= b.view()(i, j); });
    const double left = std::sqrt(sample.dot(ax, ax));
    CHECK(left <= 0.2 * before + 1e-6 * norm);
    before = left;
  }
}

TEST_CASE("any number of ranks finds the bits of one", "[mpi][multigrid]") {
  const Setting& s = any_setting();
  const Kind kind = GENERATE(Kind::doubles, Kind::singles, Kind::twice, Kind::singles_twice, Kind::algebraic);
  CAPTURE(s.name, name_of(kind));
  const mpi::Comm& comm = test::world();
  if (most_ranks({0, 0, s.nx, s.ny}) < comm.size()) return;
  const mpi::Comm alone = comm.split(comm.rank());
  Sample shared{comm, s, kind}, whole{alone, s, kind};
  const Field2D<double> z = shared.solved(shared.field(14), 3.0), all = whole.solved(whole.field(14), 3.0);
  bool same = true;
  for_each(shared.owned, [&](int i, int j) { same = same && z.view()(i, j) == all.view()(i, j); });
  CHECK(comm.all(same));
}

TEST_CASE("the size of the residual changes nothing but the size of the result", "[mpi][multigrid]") {
  const Kind kind = GENERATE(Kind::doubles, Kind::singles, Kind::algebraic);
  Sample sample{test::world(), settings[1], kind};
  Field2D<double> r = sample.field(15);
  const Field2D<double> z = sample.solved(r, 1.0);
  constexpr double small = 0x1p-200;
  for_each(sample.owned, [&](int i, int j) { r.view()(i, j) *= small; });
  const Field2D<double> tiny = sample.solved(r, small);
  bool same = true;
  for_each(sample.owned, [&](int i, int j) { same = same && tiny.view()(i, j) == small * z.view()(i, j); });
  CHECK(sample.comm.all(same));
}

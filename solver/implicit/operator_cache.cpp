// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/operator_cache.hpp"

#include <algorithm>
#include <utility>

#include "solver/implicit/five_point.hpp"

namespace calor {

std::shared_ptr<Multigrid> OperatorCache::find(const Problem& p, double rate, View2D<const double> diagonal,
                                               Precision precision, std::optional<bool>& slow) const {
  bool same = multigrid_ && slow_before_ == slow && precision_ == precision && parts_ == p.parts &&
              grid_.nx == p.grid.nx && grid_.ny == p.grid.ny && grid_.periodic_x == p.grid.periodic_x &&
              grid_.periodic_y == p.grid.periodic_y;
  if (same) {
    const View2D<const double> c = a_.c.view(), w = a_.w.view(), s = a_.s.view();
    // Where the source is not on the diagonal, only walls make another operator of the same coefficients.
    const auto known = coefficients_.lock();
    const bool alike = p.linear() && !p.source.of_temperature() && known &&
                       known == p.coefficients.steady() && rate == rate_;
    for (const Box& cells : alike ? p.edges() : rim(p.owned, {}))
      same = same &&
             for_operator(p, cells, diagonal, [&](int i, int j, double middle, double west, double south) {
               return int{c(i, j) == middle} & int{w(i, j) == west} & int{s(i, j) == south};
             });
  }
  if (!p.comm.all(same)) return nullptr;
  slow = slow_after_;
  return multigrid_;
}

void OperatorCache::keep(const Problem& p, double rate, NinePoint<double> a, Precision precision,
                         std::optional<bool> slow_before, std::optional<bool> slow_after,
                         std::shared_ptr<Multigrid> multigrid) {
  grid_ = p.grid;
  parts_ = p.parts;
  rate_ = rate;
  coefficients_ = p.linear() ? p.coefficients.steady() : nullptr;
  a_ = std::move(a);
  precision_ = precision;
  slow_before_ = slow_before;
  slow_after_ = slow_after;
  multigrid_ = std::move(multigrid);
}

NinePoint<double> OperatorCache::copy_of(const Box& cells, const NinePoint<double>& a) {
  NinePoint<double> copy{cells, 0, false};
  for (const auto& [from, to] : {std::pair{&a.c, &copy.c}, {&a.w, &copy.w}, {&a.s, &copy.s}})
    for (int j = cells.j0; j < cells.j1; ++j)
      std::copy(from->view().row(j) + cells.i0, from->view().row(j) + cells.i1, to->view().row(j) + cells.i0);
  return copy;
}

std::shared_ptr<OperatorCache> make_operator_cache() { return std::make_shared<OperatorCache>(); }

}  // namespace calor

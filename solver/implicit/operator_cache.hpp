// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <optional>

#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "solver/implicit/options.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "solver/linear/nine_point.hpp"
#include "solver/model/precision.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// One five-point operator with its hierarchy, see options.hpp.
class OperatorCache {
 public:
  /// The hierarchy of the problem's five-point operator, if it is the one that is kept. Collective.
  /// @param slow  what was known of the usual multigrid before it was made; then, if found, after
  std::shared_ptr<Multigrid> find(const Problem& p, double rate, View2D<const double> diagonal,
                                  Precision precision, std::optional<bool>& slow) const;
  void keep(const Problem& p, double rate, NinePoint<double> a, Precision precision,
            std::optional<bool> slow_before, std::optional<bool> slow_after,
            std::shared_ptr<Multigrid> multigrid);
  static NinePoint<double> copy_of(const Box& cells, const NinePoint<double>& a);

 private:
  Grid grid_;
  Partition parts_;
  double rate_ = 0.0;
  std::weak_ptr<const CoefficientFields> coefficients_;  // none if the problem is not linear
  NinePoint<double> a_;
  Precision precision_ = Precision::double_;
  std::optional<bool> slow_before_, slow_after_;
  std::shared_ptr<Multigrid> multigrid_;
};

}  // namespace calor

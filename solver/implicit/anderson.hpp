// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/mpi.hpp"
#include "solver/implicit/stand.hpp"

namespace calor {

/// Anderson's acceleration of an iteration u <- u + f(u): the next u is where the last few steps, taken as
/// linear in u, would leave the least f in the 2-norm. A quasi-Newton method that needs no derivatives.
/// Anderson (1965); Walker, Ni (2011), "type II", whose names stand here. The same bits on any layout.
class Anderson {
 public:
  Anderson(const mpi::Comm& comm, const Box& owned);
  /// Forgets all steps.
  void restart() { columns_ = 0, next_ = 0, last_ = false; }
  /// u <- the next u. @param f  the step that the plain iteration would take from u
  /// @return whether the next u is another than u + f
  bool advance(View2D<double> u, View2D<const double> f);
  /// u <- what the plain iteration would have made in the last advance(); forgets all steps.
  void undo(View2D<double> u);

  // All that it goes on from, for a checkpoint.
  void write(StandWriter& to) const;
  void read(StandReader& from);
  void add_fields(std::vector<Memory>& to);

 private:
  static constexpr int most = 2;  // columns; fields are two a column and two more
  std::array<double, most> products(View2D<const double> b) const;

  const mpi::Comm& comm_;
  Box owned_;
  std::array<Field2D<double>, most> dU_, dF_;  // differences of successive u and f, oldest replaced first
  Field2D<double> u_, f_;                      // of the last advance
  std::array<std::array<double, most>, most> gram_{};
  int columns_ = 0, next_ = 0;
  bool last_ = false;
};

/// Fields that it holds, for estimates of memory.
inline constexpr int anderson_fields = 6;

}  // namespace calor

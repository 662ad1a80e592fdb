// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/model/mosaic.hpp"

namespace calor {

/// Where blocks of rows change from one record to another: for every row, the stretches over which it and the
/// block_rows - 1 rows above it have the same record in every group, or different ones (RecordRun::mixed).
class RecordRuns {
 public:
  explicit RecordRuns(const GroupNumbers& groups);
  /// Those of the block from row y, left to right. The last one has no end.
  const RecordRun* from(int y) const {
    return runs_.data() + first_[static_cast<std::size_t>(y - first_row_)];
  }
  std::size_t bytes() const { return runs_.size() * sizeof(RecordRun) + first_.size() * sizeof(std::size_t); }

 private:
  int first_row_;
  std::vector<RecordRun> runs_;
  std::vector<std::size_t> first_;
};

/// A mosaic as steps of one length and precision take it (RecordRows).
template <class Real>
class StepRecords {
 public:
  /// @param mosaic  must outlive it
  explicit StepRecords(const Mosaic& mosaic);
  const Mosaic& mosaic() const { return mosaic_; }
  /// Works the records out for steps of dt, if they are not.
  void scale(double dt);
  /// Of the block from row y, without its first run.
  RecordRows<Real> rows(int y) const;
  const RecordRuns& runs() const { return runs_; }

 private:
  static constexpr int width = RecordRows<Real>::width;
  const GroupNumbers& groups() const { return wide_ ? *wide_ : mosaic_.groups(); }
  const Mosaic& mosaic_;
  std::vector<std::array<std::uint32_t, width / Mosaic::width>> parts_;  // of each record, the mosaic's
  std::unique_ptr<GroupNumbers> wide_;  // where a group is not one of the mosaic's
  RecordRuns runs_;
  double dt_ = 0.0;
  Field2D<Real> records_;
};

}  // namespace calor

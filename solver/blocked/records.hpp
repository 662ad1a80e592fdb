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
#include "solver/model/problem.hpp"

namespace calor {

/// Where blocks of rows change from one record to another: for every row, the stretches over which it and the
/// record_block_rows - 1 rows above it have the same record in every group, or different ones
/// (RecordRun::mixed); or no body (RecordRun::void_of_bodies).
class RecordRuns {
 public:
  /// @param bodies  null: everywhere     @param known  the cells that have numbers of their own
  RecordRuns(const GroupNumbers& groups, const BodyCells* bodies, const Box& known);
  /// The one that holds column x of the block from row y; the next ones follow it. The last has no end.
  const RecordRun* at(int y, std::ptrdiff_t x) const;
  std::size_t bytes() const { return runs_.size() * sizeof(RecordRun) + first_.size() * sizeof(std::size_t); }

 private:
  int first_row_;
  std::vector<RecordRun> runs_;
  std::vector<std::size_t> first_;  // of each row, and the end of the last one's
};

/// The coefficients of a problem and, where that is the same in all of a region, its source, as steps of one
/// length and precision look them up (RecordRows).
template <class Real>
class StepRecords {
 public:
  /// Null where the problem is not of this kind: neither in a mosaic nor of one material with such a source.
  /// @param problem  must outlive it     @param heated  with its source
  static std::unique_ptr<StepRecords> of(const Problem& problem, bool heated);
  StepRecords(const StepRecords&) = delete;
  StepRecords& operator=(const StepRecords&) = delete;

  bool heated() const { return !heat_parts_.empty(); }
  /// Works the records out for steps of dt. @param levels  the source at each level, if it varies, else none
  void scale(double dt, const std::vector<Source::Moment>& levels);
  /// Of the block from row y at a level, without its first run.
  RecordRows<Real> rows(int y, int level) const;
  const RecordRuns& runs() const { return *runs_; }
  std::size_t bytes() const;  ///< beside the mosaic's

 private:
  static constexpr int width = RecordRows<Real>::width;
  static constexpr std::size_t count = width / Mosaic::width;
  /// What a record is made of, for every eight of its cells: the mosaic's record, and a part of heat.
  struct Part {
    std::uint32_t record = 0, heat = 0;
    friend auto operator<=>(const Part&, const Part&) = default;
  };
  using Parts = std::array<Part, count>;
  struct Heat {
    std::array<double, Mosaic::width> q{};
    std::array<std::int32_t, Mosaic::width> varying{};  // Source::parts
    std::array<double, Mosaic::width> gain{}, loss{};   // Source::linear_sink_row
    bool equal() const;
    friend auto operator<=>(const Heat&, const Heat&) = default;
  };

  StepRecords(const Problem& problem, const Mosaic* mosaic) : problem_{problem}, mosaic_{mosaic} {}
  /// Whether the source has few enough parts.
  bool find_heat(const Box& cells, GroupNumbers& numbers);
  void combine(const Box& cells, const GroupNumbers* heat);
  const GroupNumbers& groups() const { return own_ ? *own_ : mosaic_->groups(); }
  double capacity(const Part& part, int k) const;

  const Problem& problem_;
  const Mosaic* const mosaic_;  // null: one material
  std::vector<Heat> heat_parts_;
  std::vector<Parts> parts_;  // of each record
  std::uint32_t entries_ = 0;
  std::unique_ptr<GroupNumbers> own_;  // where groups are not the mosaic's
  std::unique_ptr<RecordRuns> runs_;
  double dt_ = 0.0;
  bool square_ = false, varies_ = false;
  bool losing_ = false;                  // heat in proportion to their temperature (Source::linear_sink)
  Field2D<Real> records_, heat_, loss_;  // a record a row; heat of one level after the other
};

}  // namespace calor

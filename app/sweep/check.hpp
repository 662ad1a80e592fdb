// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "app/case/document.hpp"
#include "app/case/sweep_case.hpp"
#include "app/sweep/command.hpp"
#include "app/sweep/plan.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

// What is read and checked before a sweep makes anything on disk.

/// Everything that the texts say, before any case is made.
struct PlanReading {
  std::string name;
  Document document;
  SweepCase sweep;
  Plan plan;
  std::optional<InputFile> table;  ///< that the plan comes from

  /// The files that all cases have, and the plan's.
  std::vector<InputFile> inputs() const;
};

/// Collective.
PlanReading read_plan(const mpi::Comm& world, const SweepOptions& options);

/// What is found out about a case by making it once.
struct Finding {
  std::array<char, 32> name{};
  double work = 0.0;
  std::int64_t kind = 0, cells = 0, bytes = 0;
  std::int64_t per_metre = 1;  ///< 0: heat is of a depth, or of a whole turn
  std::int64_t steady = 0;     ///< 1: heat is told as rates
  std::int64_t celsius = 0;    ///< 1: temperatures are in deg C
  std::array<char, 16> grid{};
};
/// The word of the method that is expected for it.
std::string method_of(const Finding& f);

/// Makes every case once and looks for mistakes, all ranks together; everybody gets all findings. Collective.
/// @param thoroughly  whatever takes its time too: trials, and the names by which results are found again
std::vector<Finding> check_cases(const mpi::Comm& world, const PlanReading& r, bool thoroughly);

/// What only all cases together show: fields need one grid, and no two cases may be one. The same on all
/// ranks.
void check_together(const PlanReading& r, const std::vector<Finding>& findings);

}  // namespace calor::app

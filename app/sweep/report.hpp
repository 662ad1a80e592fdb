// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/console/log.hpp"
#include "app/sweep/check.hpp"
#include "app/sweep/directory.hpp"
#include "app/sweep/queue.hpp"

namespace calor::app {

// What a sweep says and leaves behind. Rank 0 only.

/// ", 3 left out"; empty where no case is.
std::string left_out_text(const Plan& plan);

/// `--dry-run`: every case with what it will cost.
void list_cases(const PlanReading& r, const std::vector<Finding>& findings);

/// What is kept of a done case's field, the lower row first; empty where it is damaged.
std::vector<double> kept_field(const SweepDirectory& directory, const GridCase& g, const nlohmann::json& at);

/// sweep.csv, results.h5. @param example  any case of the plan: the columns and the grid are those of all
void write_tables(const SweepDirectory& directory, const PlanReading& r, const SweepQueue& queue,
                  const Case& example, Log& log);

/// Seconds of all ranks together, but for the last three, which are those of one.
struct Shares {
  double solving = 0.0, setup = 0.0, waiting = 0.0, dispatch = 0.0, most = 0.0, first_setup = 0.0,
         later = 0.0;
};

void report(const Shares& s, const SweepQueue& queue, int ranks, double seconds, Log& log);

}  // namespace calor::app

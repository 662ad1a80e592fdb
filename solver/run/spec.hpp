// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "solver/implicit/options.hpp"
#include "solver/model/area.hpp"
#include "solver/model/function.hpp"
#include "solver/model/precision.hpp"
#include "solver/model/problem.hpp"
#include "solver/run/thermal_bridge.hpp"
#include "solver/time/methods.hpp"

namespace calor {

// What a simulation is made from: plain values, nothing of files or of how they were written down.

struct TimeSpec {
  const Method* method = nullptr;      // null: the least expected work
  std::optional<double> end;           // s
  std::optional<std::int64_t> steps;   // instead of end
  std::optional<double> dt;            // s; absent: as the method does it by itself
  double tolerance = 1e-4;             // of the local error, for steps by error
  std::optional<double> max_dt;        // no step is longer [s]
  std::vector<double> breaks;          // times > 0 at which integration begins afresh [s]
  std::optional<double> until_steady;  // ends earlier where nothing changes faster than this [K/s]
  /// Times that steps land on: every so many seconds, and these [s].
  std::optional<double> every;
  std::vector<double> at;
};

struct LayoutSpec {
  std::optional<int> halo_depth;            // absent: by the method
  std::optional<std::array<int, 2>> tile;   // absent: by measurement
  std::optional<std::array<int, 2>> ranks;  // along x and y; absent: by the grid
  Precision precision = Precision::double_;
};

struct ProbeSpec {
  std::string name;
  std::array<double, 2> at;               // m
  std::optional<std::int32_t> body = {};  // on a contact: of which side (Contacts)
};

/// sum of V w T over the cells of an area, or of the domain.
struct IntegralSpec {
  std::string name;
  /// A number, a quantity's name (solver/run/quantities.hpp), or a function of x, y, t.
  std::variant<double, std::string, Function> weight = 1.0;
  std::optional<Area> area;
};

struct SimulationSpec {
  ProblemSpec problem;
  TimeSpec time;
  ImplicitOptions solver;
  LayoutSpec layout;
  std::vector<ProbeSpec> probes;
  std::vector<IntegralSpec> integrals;
  std::optional<ThermalBridge> thermal_bridge;  // asked of a steady state
  /// Fills the initial temperature in place of problem.initial, over which regions still win; collective.
  /// Empty: problem.initial holds everywhere.
  std::function<void(Problem&)> initial_field;
};

}  // namespace calor

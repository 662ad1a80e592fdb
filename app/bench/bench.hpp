// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app::bench {

/// One thing to time: `round` does the work and gives how many cell updates it made.
struct Contender {
  std::string name;
  std::function<std::int64_t()> round;
  std::vector<double> seconds{};  // of the counted rounds
  std::int64_t updates = 0;       // a round
  double rate() const;            ///< updates a second, median
};

/// Rounds of all contenders in turn, so that a machine whose speed drifts treats them alike; the first is not
/// counted.
void interleave(const mpi::Comm& comm, std::vector<Contender>& contenders, int repeats);

/// What the others are compared with.
struct Measure {
  std::string name;
  double rate = 0.0;
};
/// Prints a table with a ratio column for each measure, the first of which stands as "ratio" in the JSON.
nlohmann::json report(const mpi::Comm& comm, const std::string& title,
                      const std::vector<Contender>& contenders, const std::vector<Measure>& measures);

/// A plate of one material with a warm spot, all sides insulated.
Case plate(int n);

/// The tables of `calor bench explicit` for n x n cells.
nlohmann::json explicit_steps(const mpi::Comm& comm, int n, int repeats);

/// Those of `calor bench materials`: several materials in known geometries, over one.
nlohmann::json materials(const mpi::Comm& comm, int n, int repeats);

/// Those of `calor bench grids`: unequal cells, and cells around an axis, over a conductivity of place.
nlohmann::json grids(const mpi::Comm& comm, int n, int repeats);

/// Those of `calor bench holes`: holes and a plate that gives heat off through its faces, beside neither.
nlohmann::json holes(const mpi::Comm& comm, int n, int repeats);

}  // namespace calor::app::bench

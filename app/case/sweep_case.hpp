// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "app/case/document.hpp"

namespace calor::app {

class Schema;

enum class SweepMode { grid, zip, random, latin_hypercube };
enum class SweepFields { none, final };
enum class SweepDirectories { automatic, all, none };

/// [sweep] of a case file: which cases are computed, and how they share the ranks.
struct SweepCase {
  static constexpr std::int64_t most_cases = 1'000'000;
  SweepMode mode = SweepMode::grid;
  std::int64_t samples = 0;  // random, latin-hypercube
  std::int64_t seed = 1;
  std::string file;                                // instead of `vary`: a table with a row for every case
  std::optional<std::int64_t> ranks_per_case = 1;  // absent: "auto"
  std::int64_t retries = 2;                        // of a case that failed
  SweepFields fields = SweepFields::none;          // kept of every case in results.h5
  SweepDirectories directories = SweepDirectories::automatic;
  Node vary, exclude;
};

void bind(Schema& schema, SweepCase& c);

/// The [sweep] section of a document; refused where there is none.
SweepCase read_sweep(const Document& document, Mistakes& mistakes);
/// "[sweep]" with all its keys, as TOML.
std::string emit(const SweepCase& c);

}  // namespace calor::app

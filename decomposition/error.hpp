// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <stdexcept>
#include <string>

/// Broken promises between functions: checked in debug builds, free in release builds.
#ifdef NDEBUG
#define CALOR_ASSERT(condition) static_cast<void>(0)
#else
#include <cassert>
#define CALOR_ASSERT(condition) assert(condition)
#endif

namespace calor {

/// How the program ends, as scripts see it (sysexits.h where it has a word for it).
enum class Exit : int {
  done = 0,
  difference = 1,      ///< `compare` found one, or `verify` a failure
  usage = 64,          ///< command line wrong
  bad_data = 65,       ///< a snapshot or checkpoint is damaged or of another problem
  no_input = 66,       ///< input file missing
  internal = 70,       ///< a bug, or the watchdog
  cannot_create = 73,  ///< output directory in use, or cannot be made
  io_error = 74,       ///< output could not be written
  stopped = 75,        ///< stopped early with a whole checkpoint: run again with --resume
  numerical = 76,      ///< NaN, blow-up, no convergence
  bad_case = 78,       ///< case file wrong
};

/// What a user can cause or must know. The message says what, where, the value and what to do.
/// Thrown on every rank alike, after the ranks agreed; app/guarded prints it once and ends with `code`.
class Error : public std::runtime_error {
 public:
  Error(Exit code, const std::string& message) : std::runtime_error{message}, code_{code} {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "app/console/wall_clock.hpp"

namespace calor::app {

/// Adds the wall-clock seconds until it goes out of scope.
class Stopwatch {
 public:
  explicit Stopwatch(double& total) : total_{total} {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { total_ += wall_seconds() - start_; }

 private:
  double& total_;
  double start_ = wall_seconds();
};

}  // namespace calor::app

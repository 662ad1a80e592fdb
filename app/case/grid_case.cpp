// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case.hpp"

namespace calor::app {

std::int64_t AxisCase::count() const {
  if (!faces.empty()) return static_cast<std::int64_t>(faces.size()) - 1;
  std::int64_t sum = 0;
  for (const std::int64_t n : cells) sum += n;
  return sum;
}

std::vector<double> AxisCase::lines() const {
  if (!faces.empty() || at.empty()) return faces;
  return graded_faces(at, cells, ratio.empty() ? std::vector<double>(cells.size(), 1.0) : ratio);
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case_warnings.hpp"

namespace calor {

std::vector<std::string> case_warnings(const Case&) { return {}; }

}  // namespace calor

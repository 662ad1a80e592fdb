// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>

#include "app/case/case.hpp"
#include "app/case/document.hpp"
#include "solver/model/function.hpp"

namespace calor::app {

/// What no key of a case can tell alone: adds what is wrong to the mistakes. Looks only at values that were
/// read without one, so that each is reported once.
/// @param functions  those of the case, by name
/// Gives the end of the run [s], as far as the case alone tells it; steady: 0.
std::optional<double> check_case(const Case& c, const FunctionTable& functions, const Document& document,
                                 Mistakes& mistakes);

}  // namespace calor::app

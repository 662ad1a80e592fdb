// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>

#include "solver/implicit/outer_iteration.hpp"

namespace calor {

/// The outer iteration of implicit stages whose state is an enthalpy (docs/numerics.md, section 6). @param a
/// must outlive it
std::unique_ptr<OuterIteration> make_enthalpy_corrections(const Problem& p, FrozenBalance& a,
                                                          const ImplicitOptions& options);

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/walls/term.hpp"

namespace calor {

/// No heat passes: u_ghost = u_in.
struct Insulated {
  struct Values {
    constexpr GhostRule ghost_rule(double, double) const { return {}; }
  };
  static Values functions(const Insulated&, auto&&) { return {}; }
  bool fixes_level() const { return false; }
  bool exchange_varies() const { return false; }
};

}  // namespace calor

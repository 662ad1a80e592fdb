// SPDX-License-Identifier: BSD-3-Clause
#include <catch2/catch.hpp>
#include <cmath>

#include "app/verify/eigenmode.hpp"
#include "decomposition/error.hpp"

using namespace calor;

TEST_CASE("every method of its own has a decay factor", "[verify]") {
  CHECK(decay_factor(Method::euler, 0.5, 0.25, 2) == Approx(0.25));
  CHECK(decay_factor(Method::backward_euler, 1.0, 0.5, 3) == Approx(0.125));
  CHECK(decay_factor(Method::exponential, 0.5, 0.25, 2) == Approx(std::exp(-1.0)));
  // All others are of second order: four steps miss less of exp(-4 z) than those of a first-order method, 2
  // z^2.
  for (const Method m : {Method::crank_nicolson, Method::bdf2, Method::tr_bdf2, Method::rkl2})
    for (const double z : {1e-2, 1e-3})
      CHECK(std::abs(decay_factor(m, z, 0.1, 4) - std::exp(-4.0 * z)) < z * z);
}

TEST_CASE("a word that is no method has no decay factor", "[verify]") {
  CHECK_THROWS_AS(decay_factor(Method::automatic, 0.5, 0.25, 2), Error);
  CHECK_THROWS_AS(decay_factor(Method::steady, 0.5, 0.25, 2), Error);
}

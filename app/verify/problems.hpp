// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "app/verify/harness.hpp"

namespace calor::app {

/// A reference problem: a function in one of these files and a row in problems.cpp.
namespace problems {

using Compute = Verdicts(const mpi::Comm& comm);

// published.cpp
Compute tealeaf_bm_1, tealeaf_bm_2, tealeaf_bm_3, tealeaf_bm_4, tealeaf_bm_5;
Compute nafems_t2, nafems_t3, nafems_t4, iso_10211_1, iso_10211_2, kt_slab;
// exact.cpp
Compute square_quench, hot_plate, poisson, two_layer_wall, gaussian, moving_source, eigenmode, damping,
    symmetry;
// engineering.cpp
Compute fire_steel, fire_wall, iso_13786, two_slabs, contact_ring, fin, wall_corner, iso_10211_2_picture;
// melting.cpp
Compute freezing, melting, fire_steel_of_T;
// holes.cpp
Compute insulated_pipe, disc_quench, eccentric_annulus, square_hole, hollow_sphere, ring_of_temperature;
// random_holes.cpp
Compute random_holes;
// grids.cpp
Compute tube, contact_tube, cylinder_quench, graded_manufactured, iso_10211_2_graded, brake_disc;
// orders.cpp
Compute orders_in_time, manufactured, mixed_walls;

}  // namespace problems

struct ReferenceProblem {
  const char* name;
  const char* source;  ///< where its numbers come from
  problems::Compute* compute;
};
const std::vector<ReferenceProblem>& reference_problems();

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/verify/problems.hpp"

namespace calor::app {

const std::vector<ReferenceProblem>& reference_problems() {
  using namespace problems;
  // tests/CMakeLists.txt makes a test of every row: it reads the names that begin these lines.
  static const std::vector<ReferenceProblem> table{
      {"tealeaf_bm_1", "TeaLeaf, 10 x 10", tealeaf_bm_1},
      {"tealeaf_bm_2", "TeaLeaf, 250 x 250", tealeaf_bm_2},
      {"tealeaf_bm_3", "TeaLeaf, 500 x 500", tealeaf_bm_3},
      {"tealeaf_bm_4", "TeaLeaf, 1000 x 1000", tealeaf_bm_4},
      {"tealeaf_bm_5", "TeaLeaf, 4000 x 4000", tealeaf_bm_5},
      {"nafems_t2", "NAFEMS, conduction with radiation", nafems_t2},
      {"nafems_t3", "NAFEMS, transient conduction", nafems_t3},
      {"nafems_t4", "NAFEMS, plate with convection", nafems_t4},
      {"iso_10211_1", "ISO 10211, square column", iso_10211_1},
      {"iso_10211_2", "ISO 10211, roof with a thermal bridge", iso_10211_2},
      {"fire_steel", "ISO 834, lumped steel (EN 1993-1-2)", fire_steel},
      {"fire_steel_of_T", "ISO 834, lumped steel, c(T) of EN 1993-1-2", fire_steel_of_T},
      {"fire_wall", "ISO 834, concrete wall", fire_wall},
      {"iso_10211_2_picture", "ISO 10211, the same roof from a picture", iso_10211_2_picture},
      {"iso_13786", "ISO 13786, a wall over a day", iso_13786},
      {"wall_corner", "ISO 10211, corner of a wall", wall_corner},
      {"two_slabs", "exact: series resistance", two_slabs},
      {"contact_ring", "exact: series resistance", contact_ring},
      {"fin", "exact: fin equation", fin},
      {"freezing", "exact: Neumann, two phases", freezing},
      {"melting", "exact: Stefan, one phase", melting},
      {"insulated_pipe", "exact: series resistance, round walls", insulated_pipe},
      {"disc_quench", "exact: Bessel series, a body in a hole", disc_quench},
      {"eccentric_annulus", "exact: shape factor", eccentric_annulus},
      {"square_hole", "exact: shape factor", square_hole},
      {"hollow_sphere", "exact: hollow sphere, holes around the axis", hollow_sphere},
      {"ring_of_temperature", "exact: Kirchhoff, k(T) between holes", ring_of_temperature},
      {"random_holes", "a hundred holes, against four times finer grids", random_holes},
      {"tube", "exact: series resistance, around the axis", tube},
      {"contact_tube", "exact: series resistance, around the axis", contact_tube},
      {"cylinder_quench", "exact: Bessel series, around the axis", cylinder_quench},
      {"iso_10211_2_graded", "ISO 10211, the same roof on graded cells", iso_10211_2_graded},
      {"graded_manufactured", "made-up solution on graded cells", graded_manufactured},
      {"brake_disc", "heat balance, around the axis", brake_disc},
      {"kt_slab", "Arpaci, slab with k(T)", kt_slab},
      {"square_quench", "exact: Fourier series", square_quench},
      {"hot_plate", "exact: Fourier series", hot_plate},
      {"poisson", "exact: Fourier series", poisson},
      {"two_layer_wall", "exact: series resistance", two_layer_wall},
      {"gaussian", "exact: heat kernel", gaussian},
      {"moving_source", "exact: Rosenthal, line source", moving_source},
      {"eigenmode", "exact on the grid", eigenmode},
      {"orders_in_time", "exact in time, and a made-up source", orders_in_time},
      {"damping", "maximum principle", damping},
      {"manufactured", "made-up solution, anisotropic", manufactured},
      {"mixed_walls", "made-up solution, four kinds of wall", mixed_walls},
      {"symmetry", "the equation's own symmetries", symmetry}};
  return table;
}

}  // namespace calor::app

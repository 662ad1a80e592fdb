// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/model/cut_cells.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"

namespace calor {

/// The fields behind Coefficients, with what they were made of.
struct CoefficientFields {
  Materials materials;
  Grid grid;
  Box owned;
  int depth = 0;
  Field2D<double> gx, gy, rho_c;  // empty in a uniform material
  CutCells cut_cells;             // by the areas of the conductivity
  CutFaces cut_faces;
  /// Where nothing depends on T: the least rho_c / (sum of g over the four faces) of the owned cells but
  /// for those along the edges [s].
  double inner_limit = 0.0;
};

/// What the stencils see of the materials. Faces are numbered by the cell on their east or north side.
///   gx = k_face / dx^2 on west faces, gy = k_face / dy^2 on south faces [W m^-3 K^-1];  rho_c [J m^-3 K^-1]
/// A face between two cells takes the mean of both, harmonic 2 k1 k2 / (k1 + k2) (exact for layers: Patankar
/// 1980, sec. 4.2-3) or arithmetic; a face on a wall takes its cell's conductivity. In a cell that the edge
/// of an area cuts (cut_cells.hpp), k_face is what the parts of the line between the centres make in series,
///   k_face = h / integral ds / k,    rho_c = sum of share times rho c.
/// Where k depends on T, each part takes k at its cell's temperature; with FaceMean::integral, its mean over
/// the temperatures that it lies between (kirchhoff.hpp), also on a wall.
class Coefficients {
 public:
  /// Faces and cells of owned.grown(depth) within reach.
  /// @param earlier  steady() of an earlier problem: taken over if it is of the same materials and cells,
  /// else let go; may be null
  Coefficients(const Materials& materials, const Grid& grid, const Box& owned, int depth,
               std::shared_ptr<const CoefficientFields> earlier = nullptr);

  bool uniform() const { return uniform_; }
  /// Coefficients that will not change, null if some conductivity depends on T. The same pointer: the same
  /// coefficients.
  std::shared_ptr<const CoefficientFields> steady() const { return of_temperature_ ? nullptr : fields_; }
  const Materials& materials() const { return fields_->materials; }
  bool taken_over() const { return taken_over_; }
  bool of_temperature() const { return of_temperature_; }
  /// Conductivities from the temperature on the faces of `region`. @param u filled on region.grown(1) within
  /// reach [K]
  void update(const Box& region, View2D<const double> u);

  double gx(int i, int j) const { return uniform_ ? gx0_ : view_.gx(i, j); }
  double gy(int i, int j) const { return uniform_ ? gy0_ : view_.gy(i, j); }
  double rho_c(int i, int j) const { return uniform_ ? rho_c0_ : view_.rho_c(i, j); }
  /// Conductivity of one cell [W/(m K)], along x and along y, at temperature T: of a cut cell the mean over
  /// its area, or of a part where that is not positive.
  std::array<double, 2> conductivity(int i, int j, double T) const;

  /// Faces are numbered as gx (axis 0) and gy (axis 1). Temperature on a face inside, for which the flux from
  /// both sides is the same; T1, T2: of its first and second cell. Where two bodies with a contact touch on
  /// the face, as the first cell sees it, or the second.
  double face_temperature(int axis, int i, int j, double T1, double T2, bool second_side = false) const;
  /// Nothing resists between the bodies that the centres of two cells lie in.
  bool joined(int i1, int j1, int i2, int j2) const;
  /// No edge cuts the cell.
  bool whole(int i, int j) const { return fields_->cut_cells.at(i, j).empty(); }
  /// Passes of this rank's faces from body to body that meet each contact.
  std::vector<std::int64_t> contact_passes() const;
  /// Conductivities are means between the temperatures of the cells, and on walls of cell and wall.
  bool between_temperatures() const {
    return of_temperature_ && fields_->materials.face_mean == FaceMean::integral;
  }
  /// Mean conductivity from the cell at a wall face to the wall at the temperature T_wall [W/(m K)].
  double to_wall(int axis, int i, int j, double T, double T_wall) const;
  /// Sets gx or gy of a wall face, after update() and before anybody reads it.
  void set_wall(int axis, int i, int j, double g) { (axis == 0 ? gx_ : gy_)(i, j) = g; }

  /// The coefficients as a kernel sees them: calls f(gx, gy, rho_c), each callable with (i, j), and each
  /// either a number or a field. One kernel text serves both, and a uniform material costs no memory traffic.
  template <class F>
  void visit(F&& f) const {
    if (uniform_)
      f(Everywhere{gx0_}, Everywhere{gy0_}, Everywhere{rho_c0_});
    else
      f(view_.gx, view_.gy, view_.rho_c);
  }
  /// The same as fields, for kernels of materials that are not uniform().
  struct Fields {
    View2D<const double> gx, gy, rho_c;
  };
  Fields fields() const { return view_; }
  struct Everywhere {
    double value;
    double operator()(int, int) const { return value; }
    Everywhere row(int) const { return *this; }
    double operator[](std::ptrdiff_t) const { return value; }
  };

 private:
  template <class K>
  void fill_faces(const Box& region, K&& k);
  void fill_faces_between(const Box& region, View2D<const double> u);
  void fill_cut_faces(const Box& region, View2D<const double> u);
  const Function& law(int axis, std::int32_t number) const {
    const ConductivityLaw& k = fields_->materials.conductivity[number];
    return axis == 0 || k.isotropic ? k.x : k.y;
  }
  /// What fill_faces_between asks of each law, along x and along y.
  struct Kind {
    const Function* k;
    bool of_temperature, of_place, straight;
  };
  std::array<std::vector<Kind>, 2> kinds_;
  double of_face(const CutFaces::Face& face, double T1, double T2, double* temperature = nullptr,
                 bool second_side = false) const;
  double between(int axis, int i1, int j1, int i2, int j2, double T1, double T2,
                 double* temperature = nullptr) const;
  bool uniform_ = false, of_temperature_ = false, taken_over_ = false;
  double gx0_ = 0.0, gy0_ = 0.0, rho_c0_ = 1.0;
  Field2D<std::int32_t> law_;  // only if some law depends on T
  Field2D<double> kx_, ky_;    // of the cells; likewise
  std::shared_ptr<const CoefficientFields> fields_;
  Fields view_;
  View2D<double> gx_, gy_;  // of those that change with T
};

}  // namespace calor

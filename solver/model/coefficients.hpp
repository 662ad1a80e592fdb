// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/heed.hpp"
#include "decomposition/mpi.hpp"
#include "solver/model/body_cells.hpp"
#include "solver/model/cut_cells.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"
#include "solver/model/mosaic.hpp"

namespace calor {

/// The fields behind Coefficients, with what they were made of.
struct CoefficientFields {
  Materials materials;
  Grid grid;
  Box owned;
  int depth = 0;
  std::optional<Mosaic> mosaic;  // where the properties are constant in each area
  /// Empty in a uniform material, and with a mosaic until somebody asks for them.
  mutable Field2D<double> gx, gy, rho_c;
  CutCells cut_cells;  // by the areas of the conductivity
  CutFaces cut_faces;
  /// Where nothing depends on T: the least rho_c / (sum of g over the four faces) of the owned cells but
  /// for those along the edges [s].
  double inner_limit = 0.0;
  std::shared_ptr<const BodyCells> bodies;  ///< where there are holes, else null
  std::int64_t general = 0;                 ///< owned cells that are not plain (Mosaic), if that was counted
};

/// What the stencils see of the materials. Faces are numbered by the cell on their east or north side.
///   gx = k_face / dx^2 on west faces, gy = k_face / dy^2 on south faces [W m^-3 K^-1];  rho_c [J m^-3 K^-1]
/// A face between two cells takes the mean of both, harmonic 2 k1 k2 / (k1 + k2) (exact for layers: Patankar
/// 1980, sec. 4.2-3) or arithmetic; a face on a wall takes its cell's conductivity. In a cell that the edge
/// of an area cuts (cut_cells.hpp), k_face is what the parts of the line between the centres make in series,
///   k_face = h / integral ds / k,    rho_c = sum of share times rho c.
/// Where cells are not equal, or rings around an axis, these are the means over the ways of both cells, each
/// with its own length (Grid::half), and gx, gy, rho_c count in nominal cells (Grid). Where k depends on T,
/// each part takes k at its cell's temperature; with FaceMean::integral, its mean over the temperatures that
/// it lies between (kirchhoff.hpp), also on a wall.
class Coefficients {
 public:
  /// Faces and cells of owned.grown(depth) within reach.
  /// @param earlier  steady() of an earlier problem: taken over if it is of the same materials and cells,
  /// else let go; may be null
  /// @param comm  the ranks that share the grid: what form the cells' update takes is theirs to agree on, and
  /// all take an earlier problem's over or none (then collective); null: one
  /// @param heed  asked between two passes over the cells whether the work is to be left; or null
  Coefficients(const Materials& materials, const Grid& grid, const Box& owned, int depth,
               std::shared_ptr<const CoefficientFields> earlier = nullptr, const mpi::Comm* comm = nullptr,
               Heed* heed = nullptr);

  bool uniform() const { return uniform_; }
  /// Which cells are computed, where there are holes; else null: all are. Cells that are not live pass no
  /// heat.
  const std::shared_ptr<const BodyCells>& bodies() const { return fields_->bodies; }
  bool live(int i, int j) const { return !fields_->bodies || fields_->bodies->live(i, j); }
  /// Coefficients that will not change, null if some conductivity depends on T. The same pointer: the same
  /// coefficients.
  std::shared_ptr<const CoefficientFields> steady() const { return of_temperature_ ? nullptr : fields_; }
  const Materials& materials() const { return fields_->materials; }
  /// The same, for those who keep them.
  std::shared_ptr<const Materials> shared_materials() const { return {fields_, &fields_->materials}; }
  bool taken_over() const { return taken_over_; }
  bool of_temperature() const { return of_temperature_; }
  /// Conductivities from the temperature on the faces of `region`. @param u filled on region.grown(1) within
  /// reach [K]
  void update(const Box& region, View2D<const double> u);

  /// Not null: cells take the update of the mosaic's records, plain or not.
  const Mosaic* mosaic() const { return mosaic_; }

  double gx(int i, int j) const {
    return uniform_ ? gx0_ : mosaic_ != nullptr ? mosaic_->gx(i, j) : view_.gx(i, j);
  }
  double gy(int i, int j) const {
    return uniform_ ? gy0_ : mosaic_ != nullptr ? mosaic_->gy(i, j) : view_.gy(i, j);
  }
  double rho_c(int i, int j) const {
    return uniform_ ? rho_c0_ : mosaic_ != nullptr ? mosaic_->capacity(i, j) : view_.rho_c(i, j);
  }
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
  /// either a number, a field, or looked up in the mosaic. One kernel text serves all, and a uniform material
  /// costs no memory traffic.
  template <class F>
  void visit(F&& f) const {
    if (uniform_)
      f(Everywhere{gx0_}, Everywhere{gy0_}, Everywhere{rho_c0_});
    else if (mosaic_ != nullptr && fields_->gx.view().first == nullptr)
      f(LookedUp<Mosaic::west>{mosaic_}, LookedUp<Mosaic::south>{mosaic_}, LookedUp<Mosaic::rho_c>{mosaic_});
    else
      f(view_.gx, view_.gy, view_.rho_c);
  }
  /// The same as fields, for kernels of materials that are not uniform(). With a mosaic they are made when
  /// they are first asked for, and kept; not for several threads at a time.
  struct Fields {
    View2D<const double> gx, gy, rho_c;
  };
  Fields fields() const;
  struct Everywhere {
    double value;
    double operator()(int, int) const { return value; }
    Everywhere row(int) const { return *this; }
    double operator[](std::ptrdiff_t) const { return value; }
  };
  template <Mosaic::Number number>
  struct LookedUp {
    const Mosaic* mosaic;
    double operator()(int i, int j) const {
      if constexpr (number == Mosaic::west)
        return mosaic->gx(i, j);
      else if constexpr (number == Mosaic::south)
        return mosaic->gy(i, j);
      else
        return mosaic->capacity(i, j);
    }
    struct Row {
      const LookedUp of;
      int j;
      double operator[](std::ptrdiff_t i) const { return of(static_cast<int>(i), j); }
    };
    Row row(int j) const { return {*this, j}; }
  };

 private:
  void set_everywhere(const Materials& materials, const Grid& grid);
  void take_over(std::shared_ptr<const CoefficientFields> earlier);
  /// Capacities and conductances as fields, where no mosaic serves; faces follow with update() if k is of T.
  void lay_fields(CoefficientFields& fields, const Box& cells, const CutCells& cut);
  /// Which law holds in which cell, where some depend on T.
  void lay_laws(const Box& cells);
  bool beside_hole(int axis, int i, int j) const;  // one of the face's cells is in one
  /// No heat passes the faces of cells in holes, nor into holes.
  void clear_faces(const Box& region);
  /// rho_c of the cells of a box. @param cut  by the areas of density and specific heat, and of holes
  void fill_capacity(const Box& cells, const CutCells& cut, View2D<double> rho_c);
  void fill_steady_faces(const Box& region);
  static double least_step(const Box& box, const Fields& fields);
  Mosaic make_mosaic(CoefficientFields& fields, const CutCells& cut);
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
  const Mosaic* mosaic_ = nullptr;
  mutable Fields view_;
  View2D<double> gx_, gy_;  // of those that change with T
};

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/function.hpp"
#include "solver/grid.hpp"

namespace calor {

enum class FaceMean { harmonic, arithmetic };

// A point belongs to a rectangle on its left and lower edge, not on its right and upper one, so that
// neighbouring rectangles share no point; to a circle also on its line.
struct Rectangle {
  std::array<double, 2> x, y;  // m
  friend bool operator==(const Rectangle&, const Rectangle&) = default;
};
struct Circle {
  double x, y, radius;  // m
  friend bool operator==(const Circle&, const Circle&) = default;
};
struct Polygon {
  std::vector<std::array<double, 2>> points;  // m; the last joins the first; even-odd rule
  friend bool operator==(const Polygon&, const Polygon&) = default;
};
using Area = std::variant<Rectangle, Circle, Polygon>;
bool contains(const Area& area, double x, double y);
/// layer[n] = number where the area contains (x[n], y), for the first `count` points.
void mark(const Area& area, double y, const double* x, int count, std::int32_t number, std::int32_t* layer);

/// Conductivity along x and y [W/(m K)], of x, y, T. Where it is the same in both, `y` is not looked at.
struct ConductivityLaw {
  Function x = 1.0, y = 1.0;
  bool isotropic = true;

  std::array<double, 2> operator()(double px, double py, double T) const {
    const double kx = x(px, py, 0.0, T);
    return {kx, isotropic ? kx : y(px, py, 0.0, T)};
  }
  friend bool operator==(const ConductivityLaw&, const ConductivityLaw&) = default;
};

/// What fills the domain, and parts of it. A member that is absent stays as it was underneath; later regions
/// win.
struct Region {
  std::string name;
  Area area;
  std::optional<ConductivityLaw> conductivity;
  std::optional<Function> density, specific_heat;  // kg/m3, J/(kg K), of x, y
  std::optional<Function> temperature;             // initial, of x, y
  std::optional<Function> power;                   // W/m3, of x, y, t, T
};

/// One property over the whole domain: a list of functions, and which of them holds in each cell.
template <class F>
class Layered {
 public:
  Layered() = default;
  explicit Layered(F base) : functions_{std::move(base)} {}
  void add(const Area& area, F f) {
    areas_.push_back(area);
    functions_.push_back(std::move(f));
  }
  /// Number of the function that holds at (x, y); 0 is the base.
  std::int32_t at(double x, double y) const {
    for (std::size_t n = areas_.size(); n > 0; --n)
      if (contains(areas_[n - 1], x, y)) return static_cast<std::int32_t>(n);
    return 0;
  }
  /// layer[n] = at(x[n], y), for the first `count` points.
  void at(double y, const double* x, int count, std::int32_t* layer) const {
    std::fill_n(layer, count, 0);
    for (std::size_t n = 0; n < areas_.size(); ++n)
      mark(areas_[n], y, x, count, static_cast<std::int32_t>(n + 1), layer);
  }
  const F& operator[](std::int32_t n) const { return functions_[static_cast<std::size_t>(n)]; }
  const F& operator()(double x, double y) const { return (*this)[at(x, y)]; }
  friend bool operator==(const Layered&, const Layered&) = default;
  bool single() const { return areas_.empty(); }
  std::int32_t size() const { return static_cast<std::int32_t>(functions_.size()); }
  template <class P>
  bool any(P&& holds) const {
    for (const F& f : functions_)
      if (holds(f)) return true;
    return false;
  }

 private:
  std::vector<Area> areas_;
  std::vector<F> functions_;  // base first, then one an area
};

struct Materials {
  Layered<ConductivityLaw> conductivity{ConductivityLaw{}};
  Layered<Function> density{Function{1.0}}, specific_heat{Function{1.0}};
  FaceMean face_mean = FaceMean::harmonic;
  bool of_temperature() const;  ///< some conductivity depends on T
  bool uniform() const;         ///< one constant conductivity and heat capacity everywhere
  friend bool operator==(const Materials&, const Materials&) = default;
};

/// The fields behind Coefficients, with what they were made of.
struct CoefficientFields {
  Materials materials;
  Grid grid;
  Box owned;
  int depth = 0;
  Field2D<double> gx, gy, rho_c;  // empty in a uniform material
  /// Where nothing depends on T: the least rho_c / (sum of g over the four faces) of the owned cells but
  /// for those along the edges [s].
  double inner_limit = 0.0;
};

/// What the stencils see of the materials. Faces are numbered by the cell on their east or north side.
///   gx = k_face / dx^2 on west faces, gy = k_face / dy^2 on south faces [W m^-3 K^-1];  rho_c [J m^-3 K^-1]
/// A face between two cells takes the mean of both, harmonic 2 k1 k2 / (k1 + k2) (exact for layers: Patankar
/// 1980, sec. 4.2-3) or arithmetic; a face on a wall takes its cell's conductivity.
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
  bool taken_over() const { return taken_over_; }
  bool of_temperature() const { return of_temperature_; }
  /// Conductivities from the temperature on the faces of `region`. @param u filled on region.grown(1) within
  /// reach [K]
  void update(const Box& region, View2D<const double> u);

  double gx(int i, int j) const { return uniform_ ? gx0_ : view_.gx(i, j); }
  double gy(int i, int j) const { return uniform_ ? gy0_ : view_.gy(i, j); }
  double rho_c(int i, int j) const { return uniform_ ? rho_c0_ : view_.rho_c(i, j); }
  /// Conductivity of one cell [W/(m K)], along x and along y, at temperature T.
  std::array<double, 2> conductivity(int i, int j, double T) const;

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
  bool uniform_ = false, of_temperature_ = false, taken_over_ = false;
  double gx0_ = 0.0, gy0_ = 0.0, rho_c0_ = 1.0;
  Field2D<std::int32_t> law_;  // only if some law depends on T
  Field2D<double> kx_, ky_;    // of the cells; likewise
  std::shared_ptr<const CoefficientFields> fields_;
  Fields view_;
  View2D<double> gx_, gy_;  // of those that change with T
};

}  // namespace calor

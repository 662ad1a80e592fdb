// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "solver/model/area.hpp"
#include "solver/model/contact.hpp"
#include "solver/model/enthalpy_curve.hpp"
#include "solver/model/function.hpp"
#include "solver/model/voids.hpp"
#include "solver/model/walls/wall.hpp"

namespace calor {

/// Of the conductivities on the way between two cell centres. integral: harmonic, each material by its mean
/// over the temperatures it lies between (Kirchhoff); differs from harmonic only where k depends on T.
enum class FaceMean { harmonic, arithmetic, integral };

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
  std::optional<Function> density, specific_heat;  // kg/m3, J/(kg K), of x, y, or the latter of T alone
  std::vector<PhaseChange> changes{};              // beside the specific heat
  std::optional<double> liquid{};                  // initial, of what melts at one temperature
  std::optional<Function> temperature;             // initial, of x, y
  std::optional<Function> power;                   // W/m3, of x, y, t, T
  std::optional<Function> heat;                    // instead: W per metre of depth of all of it, of t, T
  bool capacity_known = true;                      // false: of a steady case that says nothing of it
  bool body = false;                               // seen where there are contacts
  std::optional<bool> is_void{};                   // a hole, or a body on top of one; absent: neither
  WallLaw wall{};                                  // of a hole
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
  void replace(std::int32_t n, F f) { functions_[static_cast<std::size_t>(n)] = std::move(f); }
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
  F& function(std::int32_t n) { return functions_[static_cast<std::size_t>(n)]; }
  /// Of function n > 0.
  const Area& area(std::int32_t n) const { return areas_[static_cast<std::size_t>(n - 1)]; }
  const F& operator[](std::int32_t n) const { return functions_[static_cast<std::size_t>(n)]; }
  const F& operator()(double x, double y) const { return (*this)[at(x, y)]; }
  friend bool operator==(const Layered&, const Layered&) = default;
  bool single() const { return areas_.empty(); }
  /// In order; the function of areas()[n] has the number n + 1.
  const std::vector<Area>& areas() const { return areas_; }
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
  /// One for each function of specific_heat, which is its reference where the specific heat depends on T or
  /// there are phase changes; else straight.
  std::vector<EnthalpyCurve> curves{EnthalpyCurve{}};
  FaceMean face_mean = FaceMean::harmonic;
  Contacts contacts;
  Voids voids;
  /// The specific heat of all that no area lies on, and of an area.
  /// @param zero  as for EnthalpyCurve, whose complaints it throws
  void set_specific_heat(const Function& c, const std::vector<PhaseChange>& changes, double zero);
  void add_specific_heat(const Area& area, const Function& c, const std::vector<PhaseChange>& changes,
                         double zero);
  bool of_temperature() const;  ///< some conductivity depends on T
  bool enthalpic() const;       ///< content is not proportional to T: some curve is not straight
  bool uniform() const;         ///< one constant conductivity and heat capacity everywhere
  bool constant() const;        ///< likewise, in each area, or on each pixel of it
  bool isotropic() const;       ///< every conductivity
  friend bool operator==(const Materials&, const Materials&) = default;
};

}  // namespace calor

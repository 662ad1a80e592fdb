// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <span>
#include <utility>
#include <vector>

#include "solver/model/function.hpp"

namespace calor {

/// Latent heat that is taken up evenly between two temperatures; all at once where they are equal.
struct PhaseChange {
  double from = 0.0, to = 0.0;  ///< on the case's scale
  double latent_heat = 0.0;     ///< J/kg
  friend bool operator==(const PhaseChange&, const PhaseChange&) = default;
};

/// What a material holds at a temperature. h = H / c_ref, H [J/kg] the integral of c(T) dT from 0 of the
/// case's scale with all latent heat passed on the way, c_ref [J/(kg K)] a fixed specific heat of it: so h is
/// a temperature where c is constant, and content per volume is rho c_ref h. c is piecewise linear and may
/// jump, so that h is piecewise quadratic, and T(h) has closed form; T stands still while h passes a sharp
/// phase change. Knots rise; c is constant beyond the first and the last.
class EnthalpyCurve {
 public:
  EnthalpyCurve() = default;  ///< h = T
  /// @param c   of T alone, > 0. A table is taken as it is, an expression by lines between as many points as
  ///            leave it off by 1e-7 of its largest value, from `zero` to `zero` + 10,000 as far as it is
  ///            positive there (valid())
  /// @param zero  absolute zero on the scale; a place to begin at where differences alone count
  /// @throws std::invalid_argument saying what is wrong: c is not positive at 293 degrees above `zero`, or is
  /// no smooth function
  EnthalpyCurve(const Function& c, std::span<const PhaseChange> changes, double zero);
  /// Of cells that consist of several materials at one temperature; weights rho c_ref, by share.
  static EnthalpyCurve mixture(std::span<const std::pair<double, const EnthalpyCurve*>> parts);

  /// h = T.
  bool straight() const { return parts_.empty(); }
  double reference() const { return reference_; }  ///< c_ref [J/(kg K)]
  double temperature(double h) const;
  /// @param liquid  share of the latent heat that is held, if T is where a sharp phase change takes place
  double heat(double T, double liquid = 0.0) const;
  /// dT/dh, from above where it jumps; 0 while a sharp phase change takes place.
  double slope(double h) const;
  /// Share of all latent heat that is held at h, 0 to 1; 0 where there is none.
  double liquid(double h) const;
  /// The largest of the numbers that temperature(h) is added up of [K]: its rounding is a few last places of
  /// it, however close to 0 it is itself.
  double magnitude(double h) const;
  /// The least dh/dT between two temperatures.
  double least_capacity(double T0, double T1) const;
  bool melts() const { return !changes_.empty(); }
  /// Where c was more than a thousandth of c_ref: first and last temperature. Beyond it stays as it is there.
  std::pair<double, double> valid() const { return valid_; }
  friend bool operator==(const EnthalpyCurve&, const EnthalpyCurve&) = default;

 private:
  /// Between two knots, from T0 on: dh/dT = c + slope (T - T0). The first one ends at its T0.
  struct Part {
    double T0, h0, c, slope;
    friend bool operator==(const Part&, const Part&) = default;
  };
  struct Held {  // a phase change, in h
    double from, to, latent;
    friend bool operator==(const Held&, const Held&) = default;
  };
  /// One-sided values of dh/dT.
  double capacity(double T, bool below) const;
  void build(std::vector<double> knots, const std::vector<std::pair<double, double>>& ends);

  std::vector<double> T_;       // knots
  std::vector<double> breaks_;  // h below and above each knot: two each
  std::vector<Part> parts_;     // one more than knots
  std::vector<Held> changes_;
  double reference_ = 1.0;
  std::pair<double, double> valid_{-1e300, 1e300};
};

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>

namespace calor::app {

/// A cavity of air in a frame as a solid that lets as much heat through: ISO 10077-2, "equivalent thermal
/// conductivity" of cavities that are unventilated, or slightly ventilated. Across the cavity heat goes by
/// convection and conduction, h_a, and by radiation between the faces, h_r:
///
///   k = d (h_a + h_r),  twice that where the cavity is slightly ventilated
///   h_a = max(C1 / d, C2 dT^(1/3));  C1 / d where d < 5 mm
///   h_r = 4 sigma T^3 E F,  E = 1 / (1 / e1 + 1 / e2 - 1),  F = (1 + sqrt(1 + (d / b)^2) - d / b) / 2
struct FrameCavity {
  double d = 0.0, b = 0.0;                     ///< m: along the heat flow, and across
  std::array<double, 2> emissivity{0.9, 0.9};  ///< of the faces that see each other along the flow
  double difference = 10.0;                    ///< K: dT between them
  bool slightly_ventilated = false;

  double convection(double dT) const;   ///< h_a [W m^-2 K^-1]
  double radiation_per_cube() const;    ///< h_r / T^3 [W m^-2 K^-4]
  double conductivity(double T) const;  ///< k [W m^-1 K^-1] at T [K]
  double conductivity(double T, double dT) const;
  double factor() const { return slightly_ventilated ? 2.0 : 1.0; }
};

/// One of another shape, of the area and of the sides' ratio of the rectangle around it.
/// @param along, across  sides of that rectangle [m]  @param area  of the shape itself [m2]
void make_rectangular(FrameCavity& cavity, double along, double across, double area);

/// Dry air at 10 deg C (ISO 10456), for what the cavity stores [kg m^-3, J kg^-1 K^-1].
inline constexpr double air_density = 1.23, air_specific_heat = 1008.0;

}  // namespace calor::app

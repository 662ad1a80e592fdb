// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace calor::app {

/// Values at rising temperatures [deg C], linear between them and constant beyond; two equal T are a jump.
struct OverCelsius {
  std::vector<double> T, value;
};

/// A material that a case can name. What a row needs is here once; the reading of cases, `calor materials`,
/// docs/materials.md and the tests follow.
struct BuiltInMaterial {
  std::string name;  ///< small letters, digits and _; what ends in _of_T has a conductivity of T
  std::string_view group;
  std::string what;
  std::variant<double, std::array<double, 2>, OverCelsius> conductivity;  ///< W/(m K): k, [kx, ky], or of T
  double density = 0.0;                                                   ///< kg/m3
  std::variant<double, OverCelsius> specific_heat;                        ///< J/(kg K)
  std::string source;  ///< standard or book, with the table
  std::string note;    ///< what holds of these values; may be empty
  struct Melting {
    double at;           ///< deg C
    double latent_heat;  ///< J/kg
  };
  std::optional<Melting> melting{};
};

/// In groups, in the order in which they are listed.
const std::vector<BuiltInMaterial>& built_in_materials();
/// nullptr: there is none of this name.
const BuiltInMaterial* find_built_in(std::string_view name);
std::vector<std::string> built_in_names();

/// `401`, `[1.06, 0.34]`, `{ T = [...], k = [...] }`, as in a case. @param zero  of deg C on the wanted scale
std::string conductivity_text(const BuiltInMaterial& m, double zero = 0.0);
/// `385`, `{ T = [...], c = [...] }`, likewise.
std::string specific_heat_text(const BuiltInMaterial& m, double zero = 0.0);

}  // namespace calor::app

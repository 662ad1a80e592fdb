// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/enthalpy_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "decomposition/error.hpp"

namespace calor {

void refuse_beside_enthalpy(const SimulationSpec& all, bool open_level) {
  const auto refuse = [](const char* what) {
    throw Error{Exit::bad_case, fmt::format("specific_heat of T or phase_change beside {}", what)};
  };
  if (open_level)
    refuse(
        "time.method = \"steady\" where nothing fixes the level of the temperature is not in this version; "
        "let a wall be a temperature, convection or radiation");
  const Materials& materials = all.problem.materials;
  // There a cell that melts would have the conductivity of one of its phases alone.
  if (materials.of_temperature() && materials.face_mean != FaceMean::integral &&
      std::any_of(materials.curves.begin(), materials.curves.end(),
                  [](const EnthalpyCurve& c) { return c.melts(); }))
    refuse(
        "a conductivity of T where material.face_mean is not \"integral\" is not in this version; leave "
        "face_mean out");
  for (const IntegralSpec& integral : all.integrals)
    if (const auto* word = std::get_if<std::string>(&integral.weight);
        word != nullptr && (*word == "specific_heat" || *word == "heat_capacity"))
      refuse(
          "an integral weighted by them; the heat that is held stands in heat_content and in the content of "
          "regions (weight = \"enthalpy\" is the sum of h V T, \"density\" that of rho V T)");
}

std::string beyond_specific_heats(const Problem& p, const Survey& now) {
  if (!p.enthalpy) return {};
  const auto beyond = [](const EnthalpyCurve& c, double T) {
    return !(T >= c.valid().first && T <= c.valid().second);
  };
  const auto& curves = p.coefficients.materials().curves;
  if (std::none_of(curves.begin(), curves.end(),
                   [&](const EnthalpyCurve& c) { return beyond(c, now.min) || beyond(c, now.max); }))
    return {};
  std::string wrong;
  for_each(p.owned, [&](int i, int j) {
    if (!p.live(i, j)) return;
    const EnthalpyCurve& c = p.enthalpy->of(i, j);
    const double T = p.u.cview()(i, j);
    if (wrong.empty() && beyond(c, T))
      wrong = fmt::format(
          "specific_heat is a sound number from T = {:.6g} to {:.6g} alone, and the temperature is {:.6g} at "
          "x = "
          "{:.6g} m, y = {:.6g} m",
          c.valid().first, c.valid().second, T, p.grid.x(i), p.grid.y(j));
  });
  return p.comm.first_message(wrong);
}

}  // namespace calor

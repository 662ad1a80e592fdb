// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <type_traits>
#include <utility>
#include <variant>

#include "solver/model/walls/convection.hpp"
#include "solver/model/walls/fixed_temperature.hpp"
#include "solver/model/walls/heat_flux.hpp"
#include "solver/model/walls/insulated.hpp"
#include "solver/model/walls/radiation.hpp"

namespace calor {

/// What a wall does to the cells behind it: the table of all kinds. What a kind says of itself: term.hpp.
using WallLaw = std::variant<Insulated, FixedTemperature, HeatFlux, Convection, Radiation>;

template <class Law>
struct ValuesOf;
template <class... Kinds>
struct ValuesOf<std::variant<Kinds...>> {
  using type = std::variant<typename Kinds::Values...>;
};
/// The functions of a wall at one place and time.
using WallValues = ValuesOf<WallLaw>::type;

/// Calls visit(name, function, Allowed) for each function of the wall.
template <class Law, class Visit>  // Law: WallLaw, const or not
void for_each_function(Law& law, Visit&& visit) {
  std::visit(
      [&](auto& wall) {
        std::remove_cvref_t<decltype(wall)>::functions(
            wall, [&](const char* name, auto& function, const Allowed& allowed) {
              visit(name, function, allowed);
              return 0.0;
            });
      },
      law);
}
template <class Holds>
bool any_function(const WallLaw& law, Holds&& holds) {
  bool any = false;
  for_each_function(law, [&](const char*, const Function& f, const Allowed&) { any = any || holds(f); });
  return any;
}
inline bool of_time(const WallLaw& law) {
  return any_function(law, [](const Function& f) { return f.of_time(); });
}
inline bool of_place(const WallLaw& law) {
  return any_function(law, [](const Function& f) { return f.of_place(); });
}
/// The user's own T in an expression.
inline bool of_temperature(const WallLaw& law) {
  return any_function(law, [](const Function& f) { return f.of_temperature(); });
}
/// Some temperature in it is counted from absolute zero.
inline bool absolute(const WallLaw& law) {
  bool any = false;
  for_each_function(law, [&](const char*, const Function&, const Allowed& a) { any = any || a.absolute; });
  return any;
}

/// The rule of a kind does not depend on u_in where its values are given: seen by what it takes.
template <class Values>
concept linear_in_cell = requires(const Values& values) {
  values.ghost_rule(1.0, 1.0);
};
inline bool linear(const WallLaw& law) {
  return std::visit([]<class Kind>(const Kind&) { return linear_in_cell<typename Kind::Values>; }, law);
}
/// The rule is the same at all times.
inline bool steady(const WallLaw& law) { return linear(law) && !of_time(law) && !of_temperature(law); }
inline bool passes_heat(const WallLaw& law) { return !std::holds_alternative<Insulated>(law); }
inline bool fixes_level(const WallLaw& law) {
  return std::visit([](const auto& wall) { return wall.fixes_level(); }, law);
}
inline bool exchange_varies(const WallLaw& law) {
  return std::visit([](const auto& wall) { return wall.exchange_varies(); }, law);
}

inline WallValues evaluate(const WallLaw& law, double x, double y, double t, double T) {
  return std::visit(
      [&]<class Kind>(const Kind& wall) -> WallValues {
        return Kind::functions(wall,
                               [&](const char*, const Function& f, const Allowed&) { return f(x, y, t, T); });
      },
      law);
}
/// @param k  conductivity of the cell at the wall, normal to it [W m^-1 K^-1]     @param dn  cell width
/// normal to the wall [m]     @param u_in  temperature of the cell [K]
inline GhostRule ghost_rule(const WallValues& values, double k, double dn, double u_in) {
  return std::visit(
      [&]<class Values>(const Values& v) -> GhostRule {
        if constexpr (linear_in_cell<Values>)
          return v.ghost_rule(k, dn);
        else
          return v.ghost_rule(k, dn, u_in);
      },
      values);
}

/// One piece of a side.
struct WallPiece {
  WallLaw law;
  double from = 0.0, to = 0.0;  // along the side [m]; a face at its end has its share of it
};

}  // namespace calor

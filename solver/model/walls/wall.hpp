// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "solver/model/walls/convection.hpp"
#include "solver/model/walls/fixed_temperature.hpp"
#include "solver/model/walls/heat_flux.hpp"
#include "solver/model/walls/insulated.hpp"
#include "solver/model/walls/radiation.hpp"

namespace calor {

/// What a wall may do to the cells behind it: the table of all kinds. What a kind says of itself: term.hpp.
using WallTerm = std::variant<Insulated, FixedTemperature, HeatFlux, Convection, Radiation>;

template <class Term>
struct ValuesOf;
template <class... Kinds>
struct ValuesOf<std::variant<Kinds...>> {
  using type = std::variant<typename Kinds::Values...>;
};
/// The functions of a term at one place and time.
using TermValues = ValuesOf<WallTerm>::type;

/// Its flux is a function of the wall's temperature: such terms add up.
template <class Values>
concept has_flux = requires(const Values& values) {
  values.outward(1.0, 0.0);
};
/// Its rule does not depend on any temperature where its values are given.
template <class Values>
concept has_rule = requires(const Values& values) {
  values.ghost_rule(1.0, 1.0);
};

/// What a wall does: one term, or several whose fluxes add up.
class WallLaw {
 public:
  static constexpr std::size_t most_terms = 4;
  WallLaw() : WallLaw{Insulated{}} {}
  template <class Kind>
  requires std::constructible_from<WallTerm, Kind> WallLaw(Kind term)
      : terms_{WallTerm{std::move(term)}} {}  // NOLINT: a term is a wall
  /// The same with this beside. Throws std::invalid_argument where a term is no flux, or at too many.
  WallLaw plus(WallTerm term) const;
  const std::vector<WallTerm>& terms() const { return terms_; }
  std::vector<WallTerm>& terms() { return terms_; }

 private:
  std::vector<WallTerm> terms_;
};

/// The functions of a wall at one place and time, term by term.
struct WallValues {
  std::array<TermValues, WallLaw::most_terms> term;
  std::size_t count = 0;
};

/// Calls visit(name, function, Allowed) for each function of a term. @param beside  it is not the wall's
/// first
template <class Term, class Visit>  // Term: WallTerm, const or not
void for_each_function_of_term(Term& term, bool beside, Visit&& visit) {
  std::visit(
      [&](auto& kind) {
        std::remove_cvref_t<decltype(kind)>::functions(
            kind, [&](const char* name, auto& function, const Allowed& allowed) {
              visit(beside && allowed.beside != nullptr ? allowed.beside : name, function, allowed);
              return 0.0;
            });
      },
      term);
}
/// The same for each function of the wall.
template <class Law, class Visit>  // Law: WallLaw, const or not
void for_each_function(Law& law, Visit&& visit) {
  bool beside = false;
  for (auto& term : law.terms()) {
    for_each_function_of_term(term, beside, visit);
    beside = true;
  }
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

template <class Holds>
bool all_terms(const WallLaw& law, Holds&& holds) {
  return std::all_of(law.terms().begin(), law.terms().end(),
                     [&](const WallTerm& term) { return std::visit(holds, term); });
}
/// Each term's rule does not depend on temperatures where its values are given.
inline bool linear(const WallLaw& law) {
  return all_terms(law, []<class Kind>(const Kind&) { return has_rule<typename Kind::Values>; });
}
/// Each term's flux is a function of the wall's temperature.
inline bool is_flux(const WallLaw& law) {
  return all_terms(law, []<class Kind>(const Kind&) { return has_flux<typename Kind::Values>; });
}
/// The rule is the same at all times.
inline bool steady(const WallLaw& law) { return linear(law) && !of_time(law) && !of_temperature(law); }
inline bool passes_heat(const WallLaw& law) {
  return !all_terms(law, []<class Kind>(const Kind&) { return std::is_same_v<Kind, Insulated>; });
}
inline bool fixes_level(const WallLaw& law) {
  return !all_terms(law, [](const auto& term) { return !term.fixes_level(); });
}
inline bool exchange_varies(const WallLaw& law) {
  return !all_terms(law, [](const auto& term) { return !term.exchange_varies(); });
}

WallValues evaluate(const WallLaw& law, double x, double y, double t, double T);

/// A wall face as its law sees it.
struct WallSite {
  double k;           ///< conductivity of the cell at the wall, normal to it [W m^-1 K^-1]
  double dn;          ///< twice the way from that cell's centre to the wall [m]
  double u_in;        ///< temperature of the cell [K]
  double zero = 0.0;  ///< absolute zero on the case's scale [K]
};

/// Heat that leaves at the wall's temperature w. Every term must be a flux.
WallFlux outward(const WallValues& values, double w, double zero);

GhostRule ghost_rule_of_terms(const WallValues& values, const WallSite& site);
/// The rule of a wall whose functions are known: not of T. Where the flux is not affine in the wall's
/// temperature, explicit steps get the exact flux, and implicit ones Newton's tangent.
inline GhostRule ghost_rule(const WallValues& values, const WallSite& site) {
  if (values.count > 1) return ghost_rule_of_terms(values, site);
  return std::visit(
      [&]<class Values>(const Values& v) -> GhostRule {
        if constexpr (has_rule<Values>)
          return v.ghost_rule(site.k, site.dn);
        else
          return ghost_rule_of_terms(values, site);
      },
      values.term[0]);
}

/// The rule of any wall at one place and time: T in its functions is the temperature of the wall itself, at
/// which what leaves is what the half cell behind it conducts,
///     k (u_in - w) / (dn/2) = sum of the terms at w.
/// Not a number where there is no such w, or more than one.
GhostRule ghost_rule(const WallLaw& law, double x, double y, double t, const WallSite& site);

/// One piece of a side.
struct WallPiece {
  WallLaw law;
  double from = 0.0, to = 0.0;  // along the side [m]; a face at its end has its share of it
  std::string name{};           // by which its heat is told; empty: none
};

}  // namespace calor

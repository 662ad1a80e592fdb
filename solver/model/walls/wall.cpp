// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/walls/wall.hpp"

#include <cmath>
#include <stdexcept>

#include "solver/model/walls/wall_balance.hpp"

namespace calor {

WallLaw WallLaw::plus(WallTerm term) const {
  WallLaw sum = *this;
  sum.terms_.push_back(std::move(term));
  if (!is_flux(sum)) throw std::invalid_argument{"only walls that give a heat flux can stand beside another"};
  if (sum.terms_.size() > most_terms) throw std::invalid_argument{"too many terms of one wall"};
  return sum;
}

namespace {
/// @param value_of  Function, Allowed -> number
template <class ValueOf>
WallValues evaluate(const WallLaw& law, ValueOf&& value_of) {
  WallValues values;
  for (const WallTerm& term : law.terms())
    values.term[values.count++] = std::visit(
        [&]<class Kind>(const Kind& kind) -> TermValues {
          return Kind::functions(
              kind, [&](const char*, const Function& f, const Allowed& a) { return value_of(f, a); });
        },
        term);
  return values;
}
}  // namespace

WallValues evaluate(const WallLaw& law, double x, double y, double t, double T) {
  return evaluate(law, [&](const Function& f, const Allowed&) { return f(x, y, t, T); });
}

WallFlux outward(const WallValues& values, double w, double zero) {
  WallFlux sum;
  for (std::size_t n = 0; n < values.count; ++n)
    std::visit(
        [&]<class Values>(const Values& v) {
          if constexpr (has_flux<Values>) {
            const WallFlux flux = v.outward(w, zero);
            sum.outward += flux.outward;
            sum.slope += flux.slope;
          }
        },
        values.term[n]);
  return sum;
}

namespace {

bool affine(const WallValues& values) {
  bool all = true;
  for (std::size_t n = 0; n < values.count; ++n)
    all = all && std::visit([]<class Values>(const Values&) { return has_rule<Values>; }, values.term[n]);
  return all;
}

/// From the wall's temperature, and how what leaves grows with it.
GhostRule rule_at(double w, double slope, double h, double u_in) {
  // Where more heat leaves, the less the wall holds: heat that feeds on itself. The operator of an implicit
  // step stays definite without it, and corrections bring it in.
  const double ratio = slope > 0.0 ? slope / h : 0.0;
  const double a = std::isfinite(ratio) ? (1.0 - ratio) / (1.0 + ratio) : -1.0;
  return {a, (2.0 * w - u_in) - a * u_in};
}

template <class Flux>
GhostRule balanced(const WallSite& site, Flux&& flux) {
  const double h = 2.0 * site.k / site.dn;
  const WallBalance found = wall_balance(h, site.u_in, flux);
  return rule_at(found.w, found.slope, h, site.u_in);
}

}  // namespace

GhostRule ghost_rule_of_terms(const WallValues& values, const WallSite& site) {
  if (affine(values)) {  // h (u_in - w) = at_zero + slope w
    const WallFlux at_zero = outward(values, 0.0, site.zero);
    const double h = 2.0 * site.k / site.dn, ratio = at_zero.slope / h;
    return {(1.0 - ratio) / (1.0 + ratio), -2.0 * (at_zero.outward / h) / (1.0 + ratio)};
  }
  return balanced(site, [&](double w) { return outward(values, w, site.zero); });
}

GhostRule ghost_rule(const WallLaw& law, double x, double y, double t, const WallSite& site) {
  if (!of_temperature(law)) return ghost_rule(evaluate(law, x, y, t, 0.0), site);
  return balanced(site, [&](double w) {
    // The search may pass where a function gives what is not allowed; at the balance that is an error.
    const auto allowed = [&](double v, const Allowed& a) {
      const double zero = a.absolute ? site.zero : 0.0;
      return std::clamp(v, a.least + zero, a.most);
    };
    const auto at = [&](double T) {
      return outward(evaluate(law,
                              [&](const Function& f, const Allowed& a) { return allowed(f(x, y, t, T), a); }),
                     T, site.zero)
          .outward;
    };
    // The cube root of the rounding error balances it against the third-derivative error of the difference.
    const double step = 6e-6 * std::max({1.0, std::abs(w), std::abs(site.u_in)});
    return WallFlux{at(w), (at(w + step) - at(w - step)) / (2.0 * step)};
  });
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "solver/model/measure.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// One array of a quantity.
struct Component {
  const char* name;       ///< in files
  const char* unit;       ///< as UDUNITS spells it; empty: that of temperatures, as the user wants it
  const char* long_name;  ///< for people
};

/// What can be told of every cell: written as fields of a snapshot, or the weight of an integral.
struct CellQuantity {
  std::string_view word;
  std::array<Component, 2> components;  ///< the second has no name where there is one
  bool field;                           ///< can be written
  bool weight;                          ///< can weigh an integral, by its first component
  /// Fills the owned cells at time t; the second view is empty where there is one component. Collective.
  void (*fill)(Problem& p, double t, View2D<double> first, View2D<double> second);

  bool of_density = false, of_specific_heat = false;  ///< what it is made of

  int count() const { return components[1].name == nullptr ? 1 : 2; }
};

/// The density, specific heat, heat capacity or conductivity (along x) of parts, for integrals over regions;
/// empty for other words. `p` must outlive it.
PartProperty property_of_parts(const Problem& p, std::string_view word);

/// Null: there is none of that name.
const CellQuantity* find_quantity(std::string_view word);
/// The words of those that can be written, or that can be weights.
std::vector<std::string_view> field_words();
std::vector<std::string_view> weight_words();

}  // namespace calor

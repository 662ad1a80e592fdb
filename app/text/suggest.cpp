// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/suggest.hpp"

#include <algorithm>
#include <cctype>

namespace calor::app {
namespace {

char small(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

constexpr std::size_t longest_word = 64;  // longer words are nobody's typing mistake

/// What other programs and books call a thing, and what a case file calls it. Of several rows the first holds
/// whose meaning is among the candidates.
struct Synonym {
  std::string_view word, meant;
};
constexpr Synonym synonyms[] = {
    // Materials and regions.
    {"k", "conductivity"},
    {"kappa", "conductivity"},
    {"lambda", "conductivity"},
    {"thermal_conductivity", "conductivity"},
    {"alpha", "film"},
    {"alpha", "conductivity"},
    {"diffusivity", "conductivity"},
    {"rho", "density"},
    {"c", "specific_heat"},
    {"cp", "specific_heat"},
    {"c_p", "specific_heat"},
    {"heat_capacity", "specific_heat"},
    {"thermal_mass", "specific_heat"},
    // Temperatures and sources.
    {"T", "temperature"},
    {"T", "value"},
    {"T", "ambient"},
    {"T0", "temperature"},
    {"T_0", "temperature"},
    {"T_init", "temperature"},
    {"temp", "temperature"},
    {"temperature", "value"},
    {"temperature", "ambient"},
    {"q", "power"},
    {"qdot", "power"},
    {"heat", "power"},
    {"source", "power"},
    // Walls.
    {"h", "film"},
    {"htc", "film"},
    {"heat_transfer_coefficient", "film"},
    {"T_inf", "ambient"},
    {"Tinf", "ambient"},
    {"T_ext", "ambient"},
    {"T_amb", "ambient"},
    {"T_sky", "radiant"},
    {"q", "inward"},
    {"flux", "inward"},
    {"power", "inward"},
    {"eps", "emissivity"},
    {"epsilon", "emissivity"},
    {"dirichlet", "temperature"},
    {"fixed", "temperature"},
    {"neumann", "flux"},
    {"heat_flux", "flux"},
    {"robin", "convection"},
    {"convective", "convection"},
    {"adiabatic", "insulated"},
    {"symmetry", "insulated"},
    {"cyclic", "periodic"},
    {"west", "left"},
    {"east", "right"},
    {"south", "bottom"},
    {"north", "top"},
    {"xmin", "left"},
    {"xmax", "right"},
    {"ymin", "bottom"},
    {"ymax", "top"},
    // Time and sections.
    {"t_end", "end"},
    {"tend", "end"},
    {"end_time", "end"},
    {"tmax", "end"},
    {"delta_t", "dt"},
    {"timestep", "dt"},
    {"time_step", "dt"},
    {"n_steps", "steps"},
    {"nt", "steps"},
    {"tol", "tolerance"},
    {"explicit", "euler"},
    {"implicit", "backward-euler"},
    {"steady-state", "steady"},
    {"stationary", "steady"},
    {"bc", "boundary"},
    {"ic", "initial"},
    {"mesh", "grid"},
    {"domain", "grid"},
};

/// The candidate that the word is another name of.
std::string meant_by(std::string_view word, const std::vector<std::string>& candidates) {
  for (const Synonym& s : synonyms)
    if (edit_distance(s.word, word) == 0 &&
        std::find(candidates.begin(), candidates.end(), s.meant) != candidates.end())
      return std::string{s.meant};
  return {};
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: a swap looks two rows back.
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = small(a[i - 1]) == small(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && small(a[i - 1]) == small(b[j - 2]) && small(a[i - 2]) == small(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > longest_word) return {};
  if (const std::string meant = meant_by(word, candidates); !meant.empty()) return meant;
  std::string best;
  int nearest = 1 + static_cast<int>(word.size()) / 3;
  for (const std::string& candidate : candidates) {
    const int distance = edit_distance(word, candidate);
    // A word of which nothing is left is no correction.
    if (distance >= static_cast<int>(std::max(word.size(), candidate.size()))) continue;
    if (distance < nearest || (distance == nearest && best.empty())) {
      nearest = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = closest(word, candidates);
  return best.empty() ? "" : "; did you mean \"" + best + "\"?";
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string all;
  for (const std::string& w : words) {
    if (!all.empty()) all += separator;
    all += w;
  }
  return all;
}

}  // namespace calor::app

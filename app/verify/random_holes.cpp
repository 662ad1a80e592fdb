// SPDX-License-Identifier: BSD-3-Clause
// A plate with a hundred holes, for which there is no solution on paper: against itself on four times finer
// cells.
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "app/verify/problems.hpp"

namespace calor::app::problems {

namespace {

/// Numbers in [0, 1), the same everywhere. Knuth's MMIX generator (TAOCP 2, 3.3.4, table 1), its upper 53
/// bits.
class Dice {
 public:
  double operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t state_ = 2026;
};

struct Hole {
  double x, y, radius;
  double gap(double px, double py) const { return std::hypot(px - x, py - y) - radius; }
};

/// A unit square, 1 on the left and 0 on the right, with a quarter of it in holes that keep 12 mm from each
/// other, and probes between them.
std::string plate(const std::string& wall) {
  Dice dice;
  std::vector<Hole> holes;
  const auto clear = [&](double x, double y, double room) {
    for (const Hole& h : holes)
      if (h.gap(x, y) < room) return false;
    return true;
  };
  std::string text =
      "[grid]\nnx = 64\nny = 64\nx = [0.0, 1.0]\ny = [0.0, 1.0]\n[material]\nconductivity = 1.0\n"
      "[boundary]\nleft = { type = \"temperature\", value = 1.0 }\n"
      "right = { type = \"temperature\", value = 0.0 }\n"
      "[time]\nmethod = \"steady\"\n[solver]\ntolerance = 1e-11\n";
  const auto within = [&](double margin) { return margin + dice() * (1.0 - 2.0 * margin); };
  while (holes.size() < 100) {
    const double radius = 0.02 + 0.02 * dice(), x = within(radius + 0.02), y = within(radius + 0.02);
    if (!clear(x, y, radius + 0.012)) continue;
    text += fmt::format(
        "[[region]]\nname = \"hole_{}\"\nshape = \"circle\"\ncenter = [{}, {}]\nradius = {}\n"
        "void = true\nwall = {}\n",
        holes.size(), x, y, radius, wall);
    holes.push_back({x, y, radius});
  }
  for (int n = 0; n < 100;) {
    const double x = within(0.02), y = within(0.02);
    if (!clear(x, y, 0.003)) continue;
    text += fmt::format("[[probe]]\nname = \"T{}\"\nat = [{}, {}]\n", n++, x, y);
  }
  return text;
}

}  // namespace

Verdicts random_holes(const mpi::Comm& comm) {
  // Second order where the temperature is given, the first where a film or nothing passes heat: faces are not
  // cut, and how far the staircase beside a hole is off changes from grid to grid without order, hence the
  // room.
  struct Kind {
    const char *name, *wall;
    double order, room, heat, temperature;
  };
  Verdicts v;
  for (const Kind& kind :
       {Kind{"held at 0", "{ type = \"temperature\", value = 0.0 }", 2.0, 0.4, 1e-3, 2e-4},
        Kind{"film", "{ type = \"convection\", film = 20.0, ambient = 0.0 }", 1.0, 0.5, 6e-3, 1e-3},
        Kind{"insulated", "{ type = \"insulated\" }", 1.0, 0.5, 4e-2, 3e-3}}) {
    const std::string text = plate(kind.wall);
    std::vector<double> heat;
    std::vector<std::vector<double>> T;
    for (const int n : {64, 128, 256, 512, 1024}) {
      const auto sim = compute_case(comm, "random_holes", text, {cells(n), rows(n)});
      heat.push_back(sim->measure().heat.sides[Side::left]);
      T.push_back(sim->probes());
    }
    std::vector<double> heat_errors, T_errors;
    for (std::size_t k = 0; k < 3; ++k) {
      heat_errors.push_back(std::abs(heat[k] / heat[k + 2] - 1.0));
      double square = 0.0;
      for (std::size_t p = 0; p < T[k].size(); ++p) square += std::pow(T[k][p] - T[k + 2][p], 2);
      T_errors.push_back(std::sqrt(square / static_cast<double>(T[k].size())));
      const int n = 64 << k;
      v.push_back({fmt::format("{}: heat, {} cells", kind.name, n), heat[k], heat[k + 2],
                   kind.heat * std::pow(2.0, kind.order * static_cast<double>(2 - k)), true});
      v.push_back({fmt::format("{}: T, rms, {} cells", kind.name, n), T_errors.back(), 0.0,
                   kind.temperature * std::pow(2.0, kind.order * static_cast<double>(2 - k)), false});
    }
    const double order = 0.5 * std::log2(heat_errors[0] / heat_errors[2]);  // over two halvings
    v.push_back({fmt::format("{}: order of the heat", kind.name), order, kind.order, kind.room, false});
    const double order_T = 0.5 * std::log2(T_errors[0] / T_errors[2]);
    v.push_back({fmt::format("{}: order of T", kind.name), order_T, kind.order, kind.room, false});
  }
  return v;
}

}  // namespace calor::app::problems

// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/wall_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace calor {

namespace {

std::string name_of(const Walls::Pieces& pieces, Side side, std::size_t n) {
  const WallPiece& piece = pieces[side][n];
  const std::string named = piece.name.empty() ? std::string{} : fmt::format(" '{}'", piece.name);
  return pieces[side].size() > 1 || !piece.name.empty()
             ? fmt::format("boundary.{}: the piece{} from {:.6g} to {:.6g} m", side_words[side], named,
                           piece.from, piece.to)
             : fmt::format("boundary.{}", side_words[side]);
}

/// Width of the cells along the side where the piece lies, the widest that it touches [m].
double cell_width(const Grid& g, Side side, const WallPiece& piece) {
  const bool upright = side == Side::left || side == Side::right;
  const auto number = [&](double at) {
    if (!g.even()) return std::clamp(upright ? g.row(at) : g.column(at), 0, (upright ? g.ny : g.nx) - 1);
    return 0;
  };
  const double within = 1e-9 * (piece.to - piece.from);  // a piece may end where cells do
  double widest = 0.0;
  for (int n = number(piece.from + within); n <= number(piece.to - within); ++n)
    widest = std::max(widest, upright ? g.face_y(n + 1) - g.face_y(n) : g.face_x(n + 1) - g.face_x(n));
  return widest;
}

}  // namespace

void check_walls(Problem& p, std::vector<std::string>& warnings) {
  const Walls::Pieces& pieces = p.walls.pieces();
  BySide<std::vector<std::int64_t>> faces;  // of cells that are computed
  for (const Side side : sides) faces[side].resize(pieces[side].size());
  const auto see = [&](const Walls::Face& f, int piece) {
    if (piece >= 0 && p.live(f.i, f.j)) ++faces[f.side][static_cast<std::size_t>(piece)];
  };
  p.walls.for_each_face(p.owned, [&](const Walls::Face& f) { see(f, f.piece); });
  p.walls.for_each_part_beside(p.owned,
                               [&](const Walls::Face& f, const Walls::Part& part) { see(f, part.piece); });
  const bool holes = p.coefficients.bodies() != nullptr;
  for (const Side side : sides)
    for (std::size_t n = 0; n < pieces[side].size(); ++n) {
      const WallPiece& piece = pieces[side][n];
      const double width = cell_width(p.grid, side, piece);
      const bool narrow = std::holds_alternative<FixedTemperature>(piece.law.terms()[0]) &&
                          piece.to - piece.from < width * (1.0 - 1e-9);
      if (!holes && !narrow) continue;
      const bool met = p.comm.sum(faces[side][n]) > 0;
      if (holes && !met && passes_heat(piece.law))
        warnings.push_back(name_of(pieces, side, n) +
                           " lies on holes: no cell that is computed touches it, and no heat passes it");
      if (met && narrow)
        warnings.push_back(
            fmt::format("{} has a given temperature and is narrower than a cell, {:.3g} m: the heat that "
                        "passes it may be half of what it should; take more cells there",
                        name_of(pieces, side, n), width));
    }
}

}  // namespace calor

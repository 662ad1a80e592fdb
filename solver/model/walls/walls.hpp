// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/model/coefficients.hpp"
#include "solver/model/enum_array.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/walls/wall.hpp"

namespace calor {

enum class Side { left, right, bottom, top };
inline constexpr std::array sides{Side::left, Side::right, Side::bottom, Side::top};
template <class T>
using BySide = EnumArray<Side, T, sides.size()>;
inline constexpr BySide<const char*> side_words{{"left", "right", "bottom", "top"}};

/// What walls need to know beside their laws.
struct WallOutlook {
  double absolute_zero = 0.0;  ///< on the case's scale [K]
  std::optional<double>
      end;  ///< of the run, if that is known: functions of time are looked at until then [s]
};

/// The four sides of the domain, as far as one rank's box (halo included) touches them.
class Walls {
 public:
  using Pieces = BySide<std::vector<WallPiece>>;  // what no piece covers is insulated
  /// Error{bad_case} where T is in a function of a wall that is no heat flux.
  Walls(const Pieces& pieces, const Grid& grid, const Box& cells, const WallOutlook& outlook = {});

  bool of_time() const { return of_time_; }
  /// Rules depend on u: of themselves, or by a T in an expression.
  bool of_temperature() const { return of_temperature_; }
  /// A user's own function of T stands in a wall, so that the explicit limit changes while running.
  bool of_users_temperature() const { return of_users_temperature_; }
  /// Some piece ties the temperature down: steady state is unique.
  bool fixes_level() const { return fixes_level_; }

  /// How much heat some wall lets through for a degree may change while running.
  bool exchange_varies() const { return exchange_varies_; }
  /// Heat passes somewhere on the side.
  bool passes_heat(Side side) const;

  /// Works out the rules at time t, and the conductances. @param c  conductivities on the wall faces   @param
  /// u cells at the wall, where rules depend on it; without it those that do are left as they are
  /// @param region  cells whose walls are meant
  void update(const Box& region, double t, const Coefficients& c, View2D<const double> u);
  /// After update(), where k on a wall is the mean over the temperatures from the cell to the wall
  /// (Coefficients::between_temperatures): finds the wall's temperature that goes with it, by the rules
  /// themselves, and leaves rules and conductances, also in c, as they then are.
  void settle(const Box& region, double t, Coefficients& c, View2D<const double> u);
  /// How far the exchange of heat through a wall face may grow while running: what to take for 1 - a of its
  /// rule in a limit that holds at all times. Where it varies with time alone, and the end is known, its
  /// largest value until then, as a scan at set-up finds it; else never more than of a fixed temperature.
  double most_exchange(Side side, int along) const;
  /// What the face exchanges at the most in this run, as far as that is known: the same where a scan found
  /// it, else 1 - a of the present rule.
  double reached_exchange(Side side, int along) const;
  /// What went wrong on this rank where rules were worked out since forget_trouble(), for people: a wall
  /// whose balance has no solution, or several, whose ghosts are no numbers. Empty: nothing.
  std::string trouble() const;
  void forget_trouble();
  /// A wall of this rank that exchanged more heat than most_exchange() foresaw, for people. Empty: none.
  std::string surprise() const;
  /// Middle of a wall face [m].
  std::array<double, 2> middle(Side side, int along) const;
  /// Writes the ghosts that the stencil of `region` reads: one layer, no corners.
  void fill(const Box& region, View2D<double> u) const;
  /// As fill, with b = 0: for corrections and search directions of implicit solvers.
  void fill_homogeneous(const Box& region, View2D<double> u) const;

  /// One wall face of this rank's region.
  struct Face {
    Side side;
    int piece;   // number in Pieces, -1: insulated by default
    int i, j;    // the cell inside
    int gi, gj;  // the ghost outside
    GhostRule rule;
    double g;  // conductance, gx or gy of the face [W m^-3 K^-1]
  };
  /// Calls f(face) for each wall face of the cells of `region`.
  template <class F>
  void for_each_face(const Box& region, F&& f) const;

  /// What a piece has of a face that it shares with another one, with which the ledger books the face.
  struct Part {
    int piece;       // -1: insulated by default
    double share;    // of the face
    bool books;      // heat passes it
    GhostRule rule;  // as of the last update() or settle()
    /// Heat that enters through it [W m^-3]. @param g  conductance of the whole face   @param T  of the cell
    double heat(double g, double T, bool homogeneous) const {
      return share * (g * ((homogeneous ? rule.a * T : rule.a * T + rule.b) - T));
    }
  };
  /// Calls f(face, part) for each part of a face of `region` that is not of the face's own piece, and passes
  /// heat: what the ledger moves from the face's piece to the part's.
  template <class F>
  void for_each_part_beside(const Box& region, F&& f) const;
  const Pieces& pieces() const { return pieces_; }

  /// The rules at one time, worked out face by face where they are asked for: what steps need that are taken
  /// while the data is in cache. Safe for several threads at a time. Valid as long as the walls, and, where
  /// rules are steady, until the next update().
  class Moment {
   public:
    Moment(const Walls& walls, double t);
    /// @param along  row or column of the wall face   @param T  temperature of the cell inside [K]
    GhostRule operator()(Side side, int along, double T) const;
    /// Rules indexed by the along-coordinate where nothing on the side changes with t or T, else null.
    const GhostRule* steady(Side side) const;
    /// Pieces that the faces belong to, indexed likewise; -1 where heat cannot pass.
    const int* pieces(Side side) const;
    /// Conductances of the faces, indexed likewise [W m^-3 K^-1].
    const double* conductances(Side side) const;
    /// The faces of the side that pieces share, by their along-coordinates; null if there are none.
    const std::map<int, std::vector<Part>>* shared(Side side) const;
    /// The parts of such a face that Walls::for_each_part_beside calls for, with their rules at this time.
    /// @param T  of the cell inside [K]
    std::vector<Part> parts_beside(Side side, int along, double T) const;

   private:
    GhostRule rule_of_piece(Side side, int piece, int along, double T) const;
    const Walls& walls_;
    double t_;
    // Of pieces that are the same all along, and know no T.
    BySide<std::vector<std::optional<WallValues>>> values_;
  };

 private:
  struct Line {  // rules along one side, for along-coordinates [first, first + rule.size())
    int first = 0;
    std::vector<int> piece;
    std::vector<int> books;  // the same, but -1 for insulated ones too: what the ledger needs to see
    std::vector<GhostRule> rule;
    std::vector<double> conductance;  // gx or gy of the faces [W m^-3 K^-1]
    std::vector<double> most_slope;   // of the heat that leaves, until the end [W m^-2 K^-1]; or infinite
    /// Faces in which a piece begins or ends.
    std::map<int, std::vector<Part>> shared;
    bool steady = true;
    std::size_t at(int along) const { return static_cast<std::size_t>(along - first); }
  };
  struct Range {
    int begin, end;
  };
  Range range(Side side, const Box& region) const;
  WallSite site(Side side, int along, double u_in) const;
  GhostRule rule_at(const WallPiece& piece, Side side, int along, double t, double u_in) const;
  /// The rule as it was found, after a look at whether it is one.
  GhostRule looked_at(GhostRule rule, Side side, int along, double t, double u_in) const;
  void look_ahead(Side side);
  void share_out(Side side, Line& line, const Range& r);
  /// The rule of a face: of its piece, or, where pieces share it, by their shares. Heat is linear in the
  /// ghost, so what passes is what passes each on its own part. of(piece): its rule.
  /// @param of_parts  becomes the rules of the parts
  template <class Of>
  static GhostRule rule_of(const Line& line, int along, Of&& of, std::vector<GhostRule>* of_parts = nullptr) {
    const auto found = line.shared.find(along);
    if (of_parts != nullptr) of_parts->clear();
    if (found == line.shared.end()) {
      const int piece = line.piece[line.at(along)];
      return piece < 0 ? GhostRule{} : of(piece);
    }
    GhostRule mixed{0.0, 0.0};
    for (const Part& part : found->second) {
      const GhostRule rule = part.piece < 0 ? GhostRule{} : of(part.piece);
      mixed.a += part.share * rule.a;
      mixed.b += part.share * rule.b;
      if (of_parts != nullptr) of_parts->push_back(rule);
    }
    return mixed;
  }
  static void keep(Line& line, int along, const GhostRule& rule, const std::vector<GhostRule>& of_parts);
  /// Twice the way from the centre of a cell to the wall [m].
  double width(Side side) const {
    const int axis = side == Side::left || side == Side::right ? 0 : 1;
    if (grid_.even()) return axis == 0 ? grid_.dx() : grid_.dy();
    return grid_.distance(axis, side == Side::left || side == Side::bottom ? 0
                                : axis == 0                                ? grid_.nx
                                                                           : grid_.ny);
  }
  /// Conductivity of a face on a wall from its conductance, and the other way round.
  double conductivity_of(Side side, int along, double g) const {
    const double dn = width(side);
    return grid_.even() ? g * dn * dn : g / conductance_of_one(side, along);
  }
  double conductance_of(Side side, int along, double k) const {
    const double dn = width(side);
    return grid_.even() ? k / (dn * dn) : k * conductance_of_one(side, along);
  }
  double conductance_of_one(Side side, int along) const;
  template <bool homogeneous>
  void fill_sides(const Box& region, View2D<double> u) const;

  std::string first_no_number(Side side, int along, double t, double u_in) const;

  struct Notes;
  Pieces pieces_;
  Grid grid_;
  Box cells_;
  WallOutlook outlook_;
  std::shared_ptr<Notes> notes_;
  BySide<Line> lines_;
  bool of_time_ = false, of_temperature_ = false, of_users_temperature_ = false, fixes_level_ = false,
       exchange_varies_ = false;
};

/// Cell inside and ghost outside of a side at the along-coordinate n.
struct WallCells {
  int i, j, gi, gj;
};
constexpr WallCells wall_cells(Side side, int n, const Grid& g) {
  switch (side) {
    case Side::left:
      return {0, n, -1, n};
    case Side::right:
      return {g.nx - 1, n, g.nx, n};
    case Side::bottom:
      return {n, 0, n, -1};
    case Side::top:
      break;
  }
  return {n, g.ny - 1, n, g.ny};
}

template <class F>
void Walls::for_each_face(const Box& region, F&& f) const {
  for (const Side side : sides) {
    const Line& line = lines_[side];
    const Range r = range(side, region);
    for (int n = r.begin; n < r.end; ++n) {
      const WallCells w = wall_cells(side, n, grid_);
      const auto at = static_cast<std::size_t>(n - line.first);
      f(Face{side, line.piece[at], w.i, w.j, w.gi, w.gj, line.rule[at], line.conductance[at]});
    }
  }
}

template <class F>
void Walls::for_each_part_beside(const Box& region, F&& f) const {
  for (const Side side : sides) {
    const Line& line = lines_[side];
    if (line.shared.empty()) continue;
    const Range r = range(side, region);
    for (auto at = line.shared.lower_bound(r.begin); at != line.shared.end() && at->first < r.end; ++at) {
      const WallCells w = wall_cells(side, at->first, grid_);
      const std::size_t n = line.at(at->first);
      const Face face{side, line.piece[n], w.i, w.j, w.gi, w.gj, line.rule[n], line.conductance[n]};
      for (const Part& part : at->second)
        if (part.books && part.piece != face.piece) f(face, part);
    }
  }
}

}  // namespace calor

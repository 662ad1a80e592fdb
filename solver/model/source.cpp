// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "decomposition/clones.hpp"

namespace calor {

namespace {

/// Gauss's points and weights on [0, 1], as many as asked for: 4 or 8 (Abramowitz, Stegun 1964, table 25.4).
struct Rule {
  std::array<double, 8> at, weight;
  int count;
};
Rule rule(int count) {
  constexpr std::array a4{0.3399810435848563, 0.8611363115940526}, w4{0.6521451548625461, 0.3478548451374538};
  constexpr std::array a8{0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363},
      w8{0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
  Rule r{{}, {}, count};
  const auto half = static_cast<std::size_t>(count / 2);
  for (std::size_t n = 0; n < half; ++n) {
    const double a = count == 4 ? a4[n] : a8[n], w = count == 4 ? w4[n] : w8[n];
    r.at[half + n] = 0.5 * (1.0 + a);
    r.at[half - 1 - n] = 0.5 * (1.0 - a);
    r.weight[half + n] = r.weight[half - 1 - n] = 0.5 * w;
  }
  return r;
}
const Rule rule_4 = rule(4), rule_8 = rule(8);
const Rule& rule_of(int count) { return count == 4 ? rule_4 : rule_8; }

template <class F>
double mean_over(const Frame& f, const Rule& r, F&& at) {
  double sum = 0.0;
  for (std::size_t b = 0; b < static_cast<std::size_t>(r.count); ++b)
    for (std::size_t a = 0; a < static_cast<std::size_t>(r.count); ++a)
      sum += r.weight[a] * r.weight[b] * at(f.x0 + r.at[a] * (f.x1 - f.x0), f.y0 + r.at[b] * (f.y1 - f.y0));
  return sum;
}

template <class F>
double refined_mean(const Frame& f, double coarse, double tolerance, int left, F&& at) {
  const double x = 0.5 * (f.x0 + f.x1), y = 0.5 * (f.y0 + f.y1);
  const std::array quarters{Frame{f.x0, x, f.y0, y}, Frame{x, f.x1, f.y0, y}, Frame{f.x0, x, y, f.y1},
                            Frame{x, f.x1, y, f.y1}};
  std::array<double, 4> means{};
  for (std::size_t n = 0; n < 4; ++n) means[n] = mean_over(quarters[n], rule_4, at);
  const double fine = 0.25 * ((means[0] + means[1]) + (means[2] + means[3]));
  if (left == 0 || !(std::abs(fine - coarse) > std::max(tolerance, 1e-10 * std::abs(fine)))) return fine;
  for (std::size_t n = 0; n < 4; ++n) means[n] = refined_mean(quarters[n], means[n], tolerance, left - 1, at);
  return 0.25 * ((means[0] + means[1]) + (means[2] + means[3]));
}

constexpr int most_quarterings = 6;

/// Mean of a function of x, y over a cell. @param scale  what its largest value is about
/// @param radius  of its centre from the axis that the cell is a ring around: the mean over its volume; 0:
/// none
double cell_mean(const Function& f, const Frame& cell, double centre, double scale, double radius) {
  if (!f.of_place()) return centre;
  double largest = std::abs(centre);
  const auto at = [&](double x, double y) {
    const double v = f(x, y);
    largest = std::max(largest, std::abs(v));
    return radius > 0.0 ? v * (x / radius) : v;
  };
  const double coarse = mean_over(cell, rule_4, at);
  if (!(std::abs(coarse - centre) > 1e-13 * largest))
    return centre;  // constant and linear ones keep their bits
  if (!std::isfinite(coarse)) return centre;
  const double tolerance = 1e-10 * std::max(scale, largest);
  return refined_mean(cell, coarse, tolerance, most_quarterings, at);
}

/// Points of a piece of a cut cell for a rule of count x count, with shares of the whole cell.
/// @param volume  of the cell, as of the piece     @param around  an axis: shares are of the volume
template <class Use>
void for_points(const Overlay::Piece& piece, double volume, bool around, int count, Use&& use) {
  if (count == 1) {
    use(piece.x, piece.y, piece.volume / volume);
    return;
  }
  const Rule& r = rule_of(count);
  double sum = 0.0;
  for (const bool use_now :
       {false, true})  // the weights' sum is the area: exactly, whatever bounds the piece
    for (std::size_t b = 0; b < static_cast<std::size_t>(count); ++b) {
      const double y = piece.y0 + r.at[b] * (piece.y1 - piece.y0);
      const double left = piece.left.at(y), width = piece.right.at(y) - left;
      for (std::size_t a = 0; a < static_cast<std::size_t>(count); ++a) {
        double weight = r.weight[a] * r.weight[b] * width;
        if (around) weight *= left + r.at[a] * width;
        if (!use_now)
          sum += weight;
        else
          use(left + r.at[a] * width, y, weight / sum * (piece.volume / volume));
      }
    }
}

}  // namespace

/// How many points each function needs that has place and t or T in it.
void Source::find_points(const mpi::Comm* comm) {
  constexpr double too_sharp = 0.02, very_sharp = 0.2;  // of the largest value, in one cell
  points_.assign(static_cast<std::size_t>(power_.size()), 1);
  const auto most = [&](double v) { return comm != nullptr ? comm->max(v) : v; };
  for (std::int32_t n = 0; n < power_.size(); ++n) {
    const Function& f = power_[n];
    if (!f.of_place() || !(f.of_time() || f.of_temperature())) continue;
    // When there is most of it, as 16 places tell from a microsecond to 30 years. Not as far as the run goes:
    // one that goes on from another is to have its bits.
    double when = 0.0, best = -1.0;
    for (int m = -1; m <= 240; ++m) {
      double sum = 0.0;
      const double t = m < 0 ? 0.0 : std::pow(10.0, m / 16.0 - 6.0);
      for (int p = 0; p < 16; ++p)
        sum += std::abs(f(grid_.x0 + (grid_.x1 - grid_.x0) * (p % 4 + 0.37) / 4.0,
                          grid_.y0 + (grid_.y1 - grid_.y0) * (p / 4 + 0.61) / 4.0, t, 0.0));
      if (!(sum > best) || !std::isfinite(sum)) continue;
      best = sum;
      when = t;
    }
    double largest = 0.0, off = 0.0;
    // Nothing at any of them: so narrow that between them it is no number but 0.
    const std::vector<double> times = best > 0.0 ? std::vector{0.0, when} : std::vector{0.0, 1e-3, 1.0, 1e3};
    for (const double t : times) {
#pragma omp parallel for schedule(static) reduction(max : largest, off) if (worth_threads(owned_))
      for (int j = owned_.j0; j < owned_.j1; ++j)
        for (int i = owned_.i0; i < owned_.i1; ++i) {
          if (power_.at(grid_.x(i), grid_.y(j)) != n) continue;
          const Frame c = grid_.cell(i, j);
          const double centre = f(grid_.x(i), grid_.y(j), t, 0.0);
          constexpr double a = 0.2113248654051871, b = 0.7886751345948129;  // Gauss, 2 points
          double sum = 0.0, high = std::abs(centre);
          for (const double y : {a, b})
            for (const double x : {a, b}) {
              const double v = f(c.x0 + x * (c.x1 - c.x0), c.y0 + y * (c.y1 - c.y0), t, 0.0);
              sum += 0.25 * v;
              high = std::max(high, std::abs(v));
            }
          if (!std::isfinite(sum) || !std::isfinite(centre)) continue;
          largest = std::max(largest, high);
          off = std::max(off, std::abs(sum - centre));
        }
    }
    largest = most(largest);
    off = most(off);
    if (off > too_sharp * largest) points_[static_cast<std::size_t>(n)] = off > very_sharp * largest ? 8 : 4;
  }
}

template <class At>
double Source::mean(const Run& run, int i, double constants, At&& at) const {
  if (run.layer < 0) {
    const Cut& c = cuts_[static_cast<std::size_t>(-1 - run.layer)];
    double sum = constants * c.constant;
    for (const Node& n : c.nodes) sum += n.share * at(power_[n.layer], n.x, n.y);
    return sum;
  }
  const Function& f = power_[run.layer];
  const int points = points_[static_cast<std::size_t>(run.layer)];
  const double weight = grid_.weight(i, run.j);
  if (points == 1) return weight * at(f, grid_.x(i), grid_.y(run.j));
  const double radius = grid_.axisymmetric() ? grid_.x(i) : 0.0;
  return weight * mean_over(grid_.cell(i, run.j), rule_of(points), [&](double x, double y) {
           return radius > 0.0 ? at(f, x, y) * (x / radius) : at(f, x, y);
         });
}

double Source::value(const Run& run, int i, double t, double T) const {
  return mean(run, i, 1.0, [&](const Function& f, double x, double y) { return f(x, y, t, T); });
}

namespace {

/// Temperatures to look at a function of T at: every third of a degree from -300 to 3000, and further apart
/// beyond.
const std::vector<double>& looks_in_temperature() {
  static const std::vector<double> all = [] {
    std::vector<double> T;
    for (double v = -1e5; v < -300.0; v *= 0.97) T.push_back(v);
    for (double v = -300.0; v < 3000.0; v += 1.0 / 3.0) T.push_back(v);
    for (double v = 3000.0; v < 1e5; v *= 1.03) T.push_back(v);
    return T;
  }();
  return all;
}

constexpr double far = 1024.0;  // K: a line's slope is best seen from afar

/// f = a - b T at all times, b >= 0, as far as looking tells.
bool is_linear_sink(const Function& f, const Grid& g) {
  if (!f.of_temperature()) return true;
  if (f.of_time()) return false;
  const int places = f.of_place() ? 9 : 1;
  for (int n = 0; n < places * places; ++n) {
    const double x = g.x0 + (n % places + 0.37) / places * (g.x1 - g.x0),
                 y = g.y0 + (n / places + 0.61) / places * (g.y1 - g.y0);
    const double zero = f(x, y, 0.0, 0.0), slope = (f(x, y, 0.0, far) - zero) / far;
    if (!(slope <= 0.0)) return false;
    for (const double T : looks_in_temperature())
      if (!(std::abs(f(x, y, 0.0, T) - (zero + slope * T)) <=
            1e-12 * (std::abs(zero) + std::abs(slope * T) + std::abs(slope) * far)))
        return false;
  }
  return true;
}

}  // namespace

bool is_linear(const Layered<Function>& power, const std::optional<Plate>& plate, const Grid& grid) {
  return (!plate || plate->linear()) &&
         !power.any([&](const Function& f) { return !is_linear_sink(f, grid); });
}

/// Works out what is given: where it never changes, and, row by row, where it does.
class Source::Builder {
 public:
  /// @param comm  null: alone     @param voids  null: there are no holes
  Builder(Source& source, int depth, const mpi::Comm* comm, const Voids* voids)
      : to_{source},
        power_{source.power_},
        grid_{source.grid_},
        comm_{comm},
        voids_{voids},
        bodies_{source.holes_ ? &source.holes_->cells() : nullptr},
        depth_{depth},
        cells_{grid_.within_reach(source.owned_.grown(depth))},
        overlay_{grid_, {&power_.areas(), bodies_ != nullptr ? &voids->areas : &no_voids_}},
        // What is given to neighbours reaches further.
        cut_{grid_, bodies_ != nullptr ? grid_.within_reach(source.owned_.grown(depth + 2)) : cells_,
             overlay_} {}

  /// Collective.
  void lay() {
    to_.q_ = Field2D<double>{to_.owned_, depth_};
    steady_ = Field2D<std::uint8_t>{to_.owned_, 0};
    to_.find_points(comm_);
    find_scales();
    if (!cut_.empty()) number_ = Field2D<std::int32_t>{to_.owned_, depth_};
    find_gifts();
    find_cuts();
    add_cuts_of_gifts();
    number_cuts();
    for_each_in_order(cells_, [&](int i, int j) { lay_cell(i, j); });
    index_rows();
    const View2D<const double> q = to_.q_.view();
    const View2D<const std::uint8_t> steady = steady_.cview();
    to_.steady_sum_ = exact_sum(to_.owned_, [&](int i, int j) { return steady(i, j) != 0 ? q(i, j) : 0.0; });
  }

 private:
  template <class F>
  static void for_each_in_order(const Box& cells, F&& f) {
    for (int j = cells.j0; j < cells.j1; ++j)
      for (int i = cells.i0; i < cells.i1; ++i) f(i, j);
  }
  static bool fixed(const Function& f) { return !f.of_time() && !f.of_temperature(); }
  bool live(int i, int j) const { return bodies_ == nullptr || bodies_->live(i, j); }
  bool is_body(const Overlay::Numbers& top) const {
    return bodies_ == nullptr || voids_->of(top[1]) == Voids::body;
  }
  /// The mean of a function of place alone over a cell that nothing cuts.
  double mean(std::int32_t layer, int i, int j) const {
    const Function& f = power_[layer];
    return cell_mean(f, grid_.cell(i, j), f(grid_.x(i), grid_.y(j)), scale_[static_cast<std::size_t>(layer)],
                     grid_.axisymmetric() ? grid_.x(i) : 0.0);
  }

  /// What functions of place alone are about, so that their tails are not looked at too closely.
  void find_scales() {
    scale_.assign(static_cast<std::size_t>(power_.size()), 0.0);
    if (!power_.any([&](const Function& f) { return fixed(f) && f.of_place(); })) return;
    for_each_in_order(to_.owned_, [&](int i, int j) {
      const double x = grid_.x(i), y = grid_.y(j);
      const std::int32_t n = power_.at(x, y);
      double& scale = scale_[static_cast<std::size_t>(n)];
      if (fixed(power_[n]) && power_[n].of_place()) scale = std::max(scale, std::abs(power_[n](x, y)));
    });
    for (double& s : scale_)
      if (comm_ != nullptr) s = comm_->max(s);
  }

  void find_gifts() {
    if (bodies_ == nullptr) return;
    for (const BodyCells::Gift& g : bodies_->gifts())
      if (cells_.contains(g.to_i, g.to_j))
        for (const CutCells::Cell& c : cut_.in_rows(g.j, g.j + 1))
          if (c.i == g.i) given_to_[{g.to_j, g.to_i}].emplace_back(&c, g.part);
  }

  /// Adds what a cell's parts bring. @param of_it  as much of that
  void add_parts(const CutCells::Cell& c, double of_it, Cut& mine) const {
    const auto fix = [&](std::int32_t layer, double amount) {
      mine.constant += amount;
      mine.fixed.emplace_back(layer, amount);
    };
    const Frame frame = grid_.cell(c.i, c.j);
    const bool around = grid_.axisymmetric();
    const double weight = of_it * grid_.weight(c.i, c.j),
                 volume = around ? frame.area() * grid_.x(c.i) : frame.area();
    for (const CutCells::Part& part : cut_.parts(c)) {  // the same in all places
      const Function& f = power_[part.top[0]];
      if (f.of_place() || !is_body(part.top)) continue;
      if (fixed(f))
        fix(part.top[0], part.share * weight * f(0.0, 0.0));
      else
        mine.nodes.push_back({part.top[0], part.share * weight, part.x, part.y});
    }
    for (const Overlay::Piece& piece : overlay_.pieces(frame)) {
      const Function& f = power_[piece.top[0]];
      if (!f.of_place() || !is_body(piece.top)) continue;
      const int points = fixed(f) ? 8 : to_.points_[static_cast<std::size_t>(piece.top[0])];
      for_points(piece, volume, around, points, [&](double x, double y, double share) {
        if (fixed(f))
          fix(piece.top[0], share * weight * f(x, y));
        else
          mine.nodes.push_back({piece.top[0], share * weight, x, y});
      });
    }
  }

  /// With what neighbours give to it.
  void keep(Cut mine) {
    if (const auto gifts = given_to_.find({mine.j, mine.i}); gifts != given_to_.end()) {
      for (const auto& [cell, part] : gifts->second) add_parts(*cell, part, mine);
      given_to_.erase(gifts);
    }
    for (const Node& n : mine.nodes)
      mine.of_temperature = mine.of_temperature || power_[n.layer].of_temperature();
    number_.view()(mine.i, mine.j) = 1;
    to_.cuts_.push_back(std::move(mine));
  }

  /// Live cells that edges cut.
  void find_cuts() {
    for (const CutCells::Cell& c : cut_.cells()) {
      if (!cells_.contains(c.i, c.j) || !live(c.i, c.j)) continue;
      Cut mine{c.i, c.j};
      add_parts(c, 1.0, mine);
      keep(std::move(mine));
    }
  }

  /// Cells that nothing cuts, but to which neighbours give.
  void add_cuts_of_gifts() {
    while (!given_to_.empty()) {
      const auto [j, i] = given_to_.begin()->first;
      const std::int32_t n = power_.at(grid_.x(i), grid_.y(j));
      Cut mine{i, j};
      const double weight = grid_.weight(i, j);
      if (fixed(power_[n])) {
        mine.constant = weight * mean(n, i, j);
        mine.fixed.emplace_back(n, mine.constant);
      } else {
        mine.nodes.push_back({n, weight, grid_.x(i), grid_.y(j)});
      }
      keep(std::move(mine));
    }
  }

  /// In the order of rows, from 1.
  void number_cuts() {
    std::sort(to_.cuts_.begin(), to_.cuts_.end(), [](const Cut& a, const Cut& b) {
      return std::pair{a.j, a.i} < std::pair{b.j, b.i};
    });
    for (std::size_t n = 0; n < to_.cuts_.size(); ++n)
      number_.view()(to_.cuts_[n].i, to_.cuts_[n].j) = static_cast<std::int32_t>(n + 1);
  }

  /// What is there for good, or the run of cells that it belongs to. Row by row, from the left.
  void lay_cell(int i, int j) {
    const auto for_good = [&](double q) {
      to_.q_.view()(i, j) = q;
      if (to_.owned_.contains(i, j)) steady_.view()(i, j) = 1;
    };
    if (!live(i, j)) {
      for_good(0.0);
      return;
    }
    std::vector<Run>& varying = to_.varying_;
    if (!cut_.empty() && number_.view()(i, j) > 0) {
      const std::int32_t n = number_.view()(i, j) - 1;
      const Cut& c = to_.cuts_[static_cast<std::size_t>(n)];
      if (c.nodes.empty())
        for_good(c.constant);
      else
        varying.push_back({j, i, i + 1, -1 - n});
      return;
    }
    const std::int32_t layer = power_.at(grid_.x(i), grid_.y(j));
    if (fixed(power_[layer]))
      for_good(grid_.weight(i, j) * mean(layer, i, j));
    else if (!varying.empty() && varying.back().j == j && varying.back().i1 == i &&
             varying.back().layer == layer)
      ++varying.back().i1;
    else
      varying.push_back({j, i, i + 1, layer});
  }

  /// Where the runs of each row begin.
  void index_rows() {
    const std::vector<Run>& varying = to_.varying_;
    std::vector<std::size_t>& start = to_.row_start_;
    to_.first_row_ = cells_.j0;
    start.assign(static_cast<std::size_t>(cells_.ny()) + 1, varying.size());
    for (std::size_t n = varying.size(); n-- > 0;)
      start[static_cast<std::size_t>(varying[n].j - to_.first_row_)] = n;
    for (std::size_t r = start.size() - 1; r-- > 0;) start[r] = std::min(start[r], start[r + 1]);
  }

  Source& to_;
  const Layered<Function>& power_;
  const Grid& grid_;
  const mpi::Comm* const comm_;
  const Voids* const voids_;
  const BodyCells* const bodies_;  // null: no holes
  const int depth_;
  const Box cells_;
  const std::vector<Area> no_voids_{};
  const Overlay overlay_;
  const CutCells cut_;
  std::vector<double> scale_;  // of each function
  Field2D<std::uint8_t> steady_;
  Field2D<std::int32_t> number_;  // of each cell's cut, from 1; 0: none
  std::map<std::pair<int, int>, std::vector<std::pair<const CutCells::Cell*, double>>> given_to_;  // j, i
};

Source::Source(const Layered<Function>& power, const Grid& grid, const Box& owned, int depth,
               const mpi::Comm* comm, const std::optional<Plate>& plate, const Voids* voids,
               std::optional<HoleWalls> holes)
    : power_{power},
      grid_{grid},
      owned_{owned},
      plate_{plate},
      alike_{plate && plate->film.constant() && plate->ambient.constant()
                 ? std::optional{Alike{plate->exchange(0.0, 0.0, 0.0, 0.0), plate->ambient(0.0, 0.0)}}
                 : std::nullopt},
      holes_{std::move(holes)},
      zero_{!power.any([](const Function& f) { return !f.constant() || f(0.0, 0.0) != 0.0; })},
      of_temperature_{power.any([](const Function& f) { return f.of_temperature(); })},
      of_place_and_time_{power.any([](const Function& f) { return f.of_time() && f.of_place(); })},
      recalls_{
          power.any([](const Function& f) { return f.of_time() && f.of_place() && !f.of_temperature(); })},
      linear_{is_linear(power, plate, grid) && (!holes_ || holes_->linear())},
      of_time_{(plate && plate->of_time()) || (holes_ && holes_->of_time()) ||
               power.any([](const Function& f) { return f.of_time(); })} {
  if (plate_ || holes_) with_plate_ = Field2D<double>{owned, depth};
  if (plate_ && holes_) plate_part_ = Field2D<double>{owned, depth};
  if (!zero_) Builder{*this, depth, comm, voids}.lay();
}

bool Source::Evaluation::holds(const Box& region, double at) const {
  return at == t && cells.contains(region);
}

/// Whether q_ holds the functions of time at t, or is given what it held before. If not, they are to be
/// worked out on the region.
bool Source::recall(const Box& region, double t) {
  if (now_.holds(region, t)) return true;
  const auto two = [&] { return before_q_.view().first != nullptr; };
  bool again = before_.holds(region, t);
  if (again && !two()) {  // a time has come back: keep two from now on
    before_q_ = Field2D<double>{q_.owned(), q_.depth()};
    const View2D<const double> from = q_.cview();
    const View2D<double> to = before_q_.view();
    const Box& all = from.box;
    for_rows(all, [&](int j) { std::copy_n(from.row(j) + all.i0, all.nx(), to.row(j) + all.i0); });
    again = false;
  }
  std::swap(now_, before_);
  if (two()) q_.swap(before_q_);
  if (!again) now_ = {t, region};
  return again;
}

void Source::update(const Box& region, double t, View2D<const double> u) {
  t_ = t;
  update_given(region, t, u);
  if (!plate_ && !holes_) return;
  const View2D<double> all = with_plate_.view();
  const View2D<const double> q = given();
  const auto at = [&](int i, int j) { return q.first != nullptr ? q(i, j) : 0.0; };
  if (plate_) {
    const View2D<double> part = plate_part_.view();
    for_cells(region, [&](int i, int j) {
      const double gain = plate_gain(i, j, t, u(i, j));
      all(i, j) = at(i, j) + gain;
      if (holes_) part(i, j) = gain;
    });
  } else if (laid_) {
    holes_->for_cells_of(region, [&](int i, int j) { all(i, j) = at(i, j); });
  } else {
    const Box cells = varies() ? region : grid_.within_reach(all.box);
    for_each(cells, [&](int i, int j) { all(i, j) = at(i, j); });
    laid_ = !varies();
  }
  if (!holes_) return;
  holes_->update(region, t, u);
  holes_->add_to(region, all);
}

namespace {

/// factor * plate_gain where that is the same everywhere, and a cell gives off what a nominal one does.
CALOR_WIDE_CLONES void gains_alike(double factor, double exchange, double ambient, const double* T, int count,
                                   double* out) {
#pragma omp simd
  for (int n = 0; n < count; ++n) out[n] = factor * (exchange * (ambient - T[n]));
}
CALOR_WIDE_CLONES void gains_alike(double factor, double exchange, double ambient, const float* T, int count,
                                   double* out) {
#pragma omp simd
  for (int n = 0; n < count; ++n) out[n] = factor * (exchange * (ambient - static_cast<double>(T[n])));
}

}  // namespace

template <class Real>
void Source::plate_gains_of(int j, int i0, int i1, double factor, const Real* T, double* out) const {
  if (alike_ && !holes_ && !grid_.lines) {
    gains_alike(factor, alike_->exchange, alike_->ambient, T + i0, i1 - i0, out + i0);
    return;
  }
  for (int i = i0; i < i1; ++i) out[i] = factor * plate_gain(i, j, 0.0, static_cast<double>(T[i]));
}
void Source::plate_gains(int j, int i0, int i1, double factor, const double* T, double* out) const {
  plate_gains_of(j, i0, i1, factor, T, out);
}
void Source::plate_gains(int j, int i0, int i1, double factor, const float* T, double* out) const {
  plate_gains_of(j, i0, i1, factor, T, out);
}

ExactSum Source::plate_sum(double factor) const {
  const View2D<const double> all = with_plate_.view(), q = given(), part = plate_part_.view();
  if (holes_) return exact_sum(owned_, [&](int i, int j) { return factor * part(i, j); });
  return exact_sum(
      owned_, [&](int i, int j) { return factor * (q.first != nullptr ? all(i, j) - q(i, j) : all(i, j)); });
}

void Source::update_given(const Box& region, double t, View2D<const double> u) {
  if (varying_.empty()) return;
  const bool known = recalls_ && recall(region, t);
  const View2D<double> q = q_.view();
  const auto runs = static_cast<std::ptrdiff_t>(varying_.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t n = 0; n < runs; ++n) {
    const Run& run = varying_[static_cast<std::size_t>(n)];
    if (run.j < region.j0 || run.j >= region.j1) continue;
    const bool of_T = of_temperature(run);
    // Those of t alone are cheap, and may be others in the next step (StepValues).
    if (known && !of_T && run.layer >= 0 && power_[run.layer].of_place()) continue;
    const int i0 = std::max(run.i0, region.i0), i1 = std::min(run.i1, region.i1);
    if (i0 < i1 && !of_place(run) && !of_T) {
      std::fill_n(q.row(run.j) + i0, i1 - i0, power_[run.layer](0.0, 0.0, t));
      continue;
    }
    for (int i = i0; i < i1; ++i) q(i, run.j) = value(run, i, t, of_T ? u(i, run.j) : 0.0);
  }
}

template <class F>
void Source::for_runs(int j, int i0, int i1, F&& f) const {
  const auto r = static_cast<std::size_t>(j - first_row_);
  for (std::size_t n = row_start_[r]; n < row_start_[r + 1]; ++n) {
    const int begin = std::max(varying_[n].i0, i0), end = std::min(varying_[n].i1, i1);
    if (begin < end) f(varying_[n], begin, end);
  }
}

Source::Moment::Moment(const Source& source, double t) : source_{source}, t_{t} {
  for (std::int32_t n = 0; n < source.power_.size(); ++n) {
    const Function& f = source.power_[n];
    values_.push_back(f.of_place() ? 0.0 : f(0.0, 0.0, t));
  }
}

double Source::Moment::of(std::int32_t varying) const {
  if (varying >= 0) return values_[static_cast<std::size_t>(varying)];
  const Cut& c = source_.cuts_[static_cast<std::size_t>(-2 - varying)];
  double sum = c.constant;
  for (const Node& n : c.nodes) sum += n.share * values_[static_cast<std::size_t>(n.layer)];
  return sum;
}

void Source::linear_sink_row(int j, int i0, int i1, double* a, double* b) const {
  for (int i = i0; i < i1; ++i) {
    a[i] = plate_ ? plate_gain(i, j, 0.0, 0.0) : 0.0;
    const double share = plate_ ? plate_share(i, j) : 0.0;
    b[i] = share > 0.0 ? share * std::max(0.0, plate_->sink_slope(grid_.x(i), grid_.y(j), 0.0, 0.0)) : 0.0;
  }
  if (holes_) holes_->add_steady(j, i0, i1, a, b);
}

void Source::parts(int j, int i0, int i1, double* q, std::int32_t* varying) const {
  std::fill(varying + i0, varying + i1, -1);
  if (zero_) {  // beside a plate or holes
    std::fill(q + i0, q + i1, 0.0);
    return;
  }
  std::copy_n(q_.view().row(j) + i0, i1 - i0, q + i0);
  for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    std::fill(q + begin, q + end, 0.0);
    std::fill(varying + begin, varying + end, run.layer >= 0 ? run.layer : run.layer - 1);
  });
}

void Source::Moment::row(int j, int i0, int i1, double* out) const {
  const View2D<const double> q = source_.q_.view();
  std::copy_n(q.row(j) + i0, i1 - i0, out + i0);
  source_.for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    if (!source_.of_place(run)) {
      std::fill(out + begin, out + end, values_[static_cast<std::size_t>(run.layer)]);
      return;
    }
    for (int i = begin; i < end; ++i) out[i] = source_.value(run, i, t_, 0.0);
  });
}

void Source::Moment::book(int j, int i0, int i1, double factor, const double* q, ExactSum& sum) const {
  source_.for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    if (run.layer < 0 && source_.in_parts()) {
      sum.add(factor * of(run.layer - 1));
      return;
    }
    if (!source_.of_place(run)) {
      sum.add_equal(factor * values_[static_cast<std::size_t>(run.layer)], end - begin);
      return;
    }
    constexpr int chunk = 512;
    double terms[chunk];
    for (int i = begin; i < end; i += chunk) {
      const int count = std::min(chunk, end - i);
      for (int n = 0; n < count; ++n) terms[n] = factor * q[i + n];
      sum.add(terms, count);
    }
  });
}

ExactSum Source::varying_sum(double factor) const {
  constexpr int chunk = 512;
  double terms[chunk];
  ExactSum sum;
  const View2D<const double> q = q_.view();
  for (const Run& run : varying_) {
    if (run.j < owned_.j0 || run.j >= owned_.j1) continue;
    const int i0 = std::max(run.i0, owned_.i0), i1 = std::min(run.i1, owned_.i1);
    for (int i = i0; i < i1; i += chunk) {
      const int count = std::min(chunk, i1 - i);
      for (int n = 0; n < count; ++n) terms[n] = factor * q(i + n, run.j);
      sum.add(terms, count);
    }
  }
  return sum;
}

namespace {

/// The region's share of what a function holds of the cell.
double share_of(const RegionCells::Run& run, std::int32_t layer) {
  for (const RegionCells::Heating& h : run.heating)
    if (h.layer == layer) return h.share;
  return 0.0;
}

}  // namespace

const Source::Cut* Source::find_cut(int i, int j) const {
  const auto before = [](const Cut& c, const std::pair<int, int>& at) { return std::pair{c.j, c.i} < at; };
  const auto found = std::lower_bound(cuts_.begin(), cuts_.end(), std::pair{j, i}, before);
  return found != cuts_.end() && found->i == i && found->j == j ? &*found : nullptr;
}

double Source::varying_part(const Cut& cut, const RegionCells::Run& run, double t, double T) const {
  double sum = 0.0;
  for (const Node& n : cut.nodes)
    if (const double share = share_of(run, n.layer); share > 0.0)
      sum += share * n.share * power_[n.layer](n.x, n.y, t, T);
  return sum;
}

double Source::made(const RegionCells::Run& run, int i, double T) const {
  if (zero_) return 0.0;
  const View2D<const double> q = given();
  if (run.whole()) return q(i, run.j);
  const Cut* const cut = find_cut(i, run.j);
  if (cut == nullptr) return run.heating.front().share * q(i, run.j);  // one function holds all of it
  double sum = varying_part(*cut, run, t_, T);
  for (const auto& [layer, amount] : cut->fixed) sum += share_of(run, layer) * amount;
  return sum;
}

ExactSum Source::steady_sum(const RegionCells& cells) const {
  ExactSum sum;
  if (zero_) return sum;  // beside a plate or holes
  const View2D<const double> q = q_.view();
  for (const RegionCells::Run& r : cells.runs()) {
    if (!r.whole())
      if (const Cut* const cut = find_cut(r.i0, r.j); cut != nullptr) {
        for (const auto& [layer, amount] : cut->fixed) sum.add(share_of(r, layer) * amount);
        continue;
      }
    const double share = r.whole() ? 1.0 : r.heating.front().share;
    int next = r.i0;  // cells before it are done
    const auto add_until = [&](int end) {
      for (; next < end; ++next) sum.add(share * q(next, r.j));
    };
    for_runs(r.j, r.i0, r.i1, [&](const Run&, int begin, int end) {
      add_until(begin);
      next = end;
    });
    add_until(r.i1);
  }
  return sum;
}

ExactSum Source::varying_sum(double factor, const RegionCells& cells, View2D<const double> u) const {
  ExactSum sum;
  const View2D<const double> q = q_.view();
  for (const RegionCells::Run& r : cells.runs()) {
    if (!r.whole())
      if (const Cut* const cut = find_cut(r.i0, r.j); cut != nullptr) {
        if (!cut->nodes.empty()) sum.add(factor * varying_part(*cut, r, t_, u(r.i0, r.j)));
        continue;
      }
    const double share = r.whole() ? 1.0 : r.heating.front().share;
    for_runs(r.j, r.i0, r.i1, [&](const Run&, int begin, int end) {
      for (int i = begin; i < end; ++i) sum.add(factor * share * q(i, r.j));
    });
  }
  return sum;
}

void Source::Moment::book(const RegionCells::Run& run, int i0, int i1, double factor, const double* q,
                          ExactSum& sum) const {
  if (run.whole()) {
    book(run.j, i0, i1, factor, q, sum);
    return;
  }
  const Cut* const cut = source_.find_cut(i0, run.j);
  if (cut == nullptr)
    book(run.j, i0, i1, factor * run.heating.front().share, q, sum);
  else if (!cut->nodes.empty())
    sum.add(factor * source_.varying_part(*cut, run, t_, 0.0));
}

double Source::given_sink_slope(const Run& run, int i, double t, double T) const {
  if (linear_)
    return mean(run, i, 0.0, [&](const Function& f, double x, double y) {
      return f.of_temperature() ? (f(x, y, t, 0.0) - f(x, y, t, far)) / far : 0.0;
    });
  return std::max(
      0.0, -mean(run, i, 0.0, [&](const Function& f, double x, double y) { return f.slope(x, y, t, T); }));
}

void Source::sink_slope(const Box& region, double t, View2D<const double> u, View2D<double> out) const {
  for_cells(region, [&](int i, int j) {
    const double share = plate_ ? plate_share(i, j) : 0.0;
    out(i, j) =
        share > 0.0 ? share * std::max(0.0, plate_->sink_slope(grid_.x(i), grid_.y(j), t, u(i, j))) : 0.0;
  });
  const auto runs = static_cast<std::ptrdiff_t>(varying_.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t n = 0; n < runs; ++n) {
    const Run& run = varying_[static_cast<std::size_t>(n)];
    if (run.j < region.j0 || run.j >= region.j1 || !of_temperature(run)) continue;
    for (int i = std::max(run.i0, region.i0); i < std::min(run.i1, region.i1); ++i)
      out(i, run.j) += given_sink_slope(run, i, t, u(i, run.j));
  }
  if (holes_) holes_->add_sink_slope(region, t, u, out);
}

Source::Response Source::response(double factor, View2D<const double> v,
                                  const std::vector<RegionCells>& cells) const {
  Response r;
  r.regions.resize(cells.size());
  if (holes_) r.holes = holes_->response(factor, v);
  if (plate_)
    r.plate = exact_sum(owned_, [&](int i, int j) {
      return -factor * (plate_share(i, j) * plate_->sink_slope(grid_.x(i), grid_.y(j), t_, 0.0) * v(i, j));
    });
  for (const Run& run : varying_)
    if (run.j >= owned_.j0 && run.j < owned_.j1 && of_temperature(run))
      for (int i = std::max(run.i0, owned_.i0); i < std::min(run.i1, owned_.i1); ++i)
        r.given.add(-factor * (given_sink_slope(run, i, t_, 0.0) * v(i, run.j)));
  for (std::size_t n = 0; of_temperature_ && n < cells.size(); ++n)
    for (const RegionCells::Run& part : cells[n].runs()) {
      if (!part.whole())
        if (const Cut* const cut = find_cut(part.i0, part.j); cut != nullptr) {
          double slope = 0.0;
          for (const Node& node : cut->nodes)
            slope +=
                share_of(part, node.layer) * node.share *
                ((power_[node.layer](node.x, node.y, t_, far) - power_[node.layer](node.x, node.y, t_, 0.0)) /
                 far);
          r.regions[n].add(factor * (slope * v(part.i0, part.j)));
          continue;
        }
      const double share = part.whole() ? 1.0 : part.heating.front().share;
      for_runs(part.j, part.i0, part.i1, [&](const Run& run, int begin, int end) {
        if (!of_temperature(run)) return;
        for (int i = begin; i < end; ++i)
          r.regions[n].add(-factor * share * (given_sink_slope(run, i, t_, 0.0) * v(i, run.j)));
      });
    }
  return r;
}

}  // namespace calor

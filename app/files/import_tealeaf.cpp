// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/import_tealeaf.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string_view>

#include "decomposition/error.hpp"

namespace calor::app {
namespace {

/// One line of the deck that says something: lower case, without comment, `=` and `,` read as blanks.
struct Line {
  int number = 0;  // in the file, from 1
  std::vector<std::string> words;
};

struct State {
  int line = 0;
  std::optional<double> density, energy, xmin, xmax, ymin, ymax, radius;
  std::string geometry;
};

/// What a deck sets, with TeaLeaf's own defaults.
struct Deck {
  std::int64_t x_cells = 10, y_cells = 10;
  double xmin = 0.0, xmax = 100.0, ymin = 0.0, ymax = 100.0;
  double timestep = 0.1, end_time = 10.0, eps = 1e-10;
  std::int64_t end_step = std::numeric_limits<std::int32_t>::max();
  std::int64_t visit_frequency = 0;
  std::optional<std::int64_t> max_iters;
  bool inverse_density = false;  // k = density instead of 1/density
  bool names_solver = false;
  std::string preconditioner;            // none: by the solver
  std::map<std::int64_t, State> states;  // by their number: later ones overwrite
};

/// Keys, without tl_, that change neither the problem nor its answer, and how many values follow each.
constexpr std::array<std::pair<std::string_view, int>, 27> without_effect{{
    {"summary_frequency", 1},
    {"tiles_per_task", 1},
    {"sub_tiles_per_tile", 1},
    {"tiles_per_problem", 1},
    {"num_chunks_per_rank", 1},
    {"halo_depth", 1},
    {"ch_cg_presteps", 1},
    {"presteps", 1},
    {"ch_cg_epslim", 1},
    {"epslim", 1},
    {"ch_cg_errswitch", 0},
    {"errswitch", 0},
    {"ppcg_inner_steps", 1},
    {"check_result", 0},
    {"test_problem", 1},
    {"profiler_on", 0},
    {"verbose_on", 0},
    {"reflective_boundary", 0},  // insulated walls are all there is
    {"use_fortran_kernels", 0},
    {"use_c_kernels", 0},
    {"use_opencl_kernels", 0},
    {"use_cuda_kernels", 0},
    // The choice of linear solver: any that meets the tolerance gives the same field.
    {"use_jacobi", 0},
    {"use_cg", 0},
    {"use_chebyshev", 0},
    {"use_ppcg", 0},
    {"use_dpcg", 0},
}};
constexpr std::array<std::string_view, 16> with_effect{"x_cells",
                                                       "y_cells",
                                                       "xmin",
                                                       "xmax",
                                                       "ymin",
                                                       "ymax",
                                                       "state",
                                                       "eps",
                                                       "end_time",
                                                       "end_step",
                                                       "max_iters",
                                                       "visit_frequency",
                                                       "initial_timestep",
                                                       "preconditioner_type",
                                                       "preconditioner_on",
                                                       "coefficient_density"};
constexpr std::array<std::string_view, 2> inverse_words{
    "coefficient_inverse_density", "coefficient_inverrse_density"};  // as TeaLeaf's README has it

/// Of those, the solvers that TeaLeaf can be told to use.
constexpr std::array<std::string_view, 5> solver_words{"use_jacobi", "use_cg", "use_chebyshev", "use_ppcg",
                                                       "use_dpcg"};
/// Keys of TeaLeaf3D.
constexpr std::array<std::string_view, 3> solid_words{"z_cells", "zmin", "zmax"};

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string without_prefix(const std::string& word) {
  return word.rfind("tl_", 0) == 0 ? word.substr(3) : word;
}

const std::pair<std::string_view, int>* find_without_effect(std::string_view key) {
  const auto* found = std::find_if(without_effect.begin(), without_effect.end(),
                                   [&](const auto& entry) { return entry.first == key; });
  return found == without_effect.end() ? nullptr : found;
}

bool is_key(const std::string& word) {
  const std::string key = without_prefix(word);
  return contains(with_effect, key) || contains(solid_words, key) || contains(inverse_words, key) ||
         find_without_effect(key) != nullptr;
}

std::vector<Line> split(const std::string& text) {
  std::vector<Line> all;
  bool marked = false, inside = false, continued = false;
  std::vector<Line> within;  // between *tea and *endtea
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    line.resize(std::min(line.find_first_of("!#;"), line.size()));
    for (char& c : line) {
      if (c == '=' || c == ',' || static_cast<unsigned char>(c) <= ' ') c = ' ';
      if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    Line next{number, {}};
    for (std::size_t i = 0; i < line.size();) {
      const std::size_t start = line.find_first_not_of(' ', i);
      if (start == std::string::npos) break;
      i = std::min(line.find(' ', start), line.size());
      next.words.push_back(line.substr(start, i - start));
    }
    if (next.words.empty()) continue;
    if (next.words.front().front() == '*') {
      inside = next.words.front() == "*tea";
      marked = marked || inside;
      continued = false;
      continue;
    }
    const bool continues = next.words.back() == "\\";
    if (continues) next.words.pop_back();
    for (std::vector<Line>* list : {&all, &within}) {
      if (list == &within && !inside) continue;
      if (continued && !list->empty()) {
        list->back().words.insert(list->back().words.end(), next.words.begin(), next.words.end());
      } else {
        list->push_back(next);
      }
    }
    continued = continues;
  }
  return marked ? within : all;
}

/// Reads the lines into a Deck, keeping every mistake and every word it does not know.
class Reader {
 public:
  Reader(std::string name, std::vector<std::string>& unknown) : name_{std::move(name)}, unknown_{unknown} {}

  Deck read(const std::string& text) {
    for (const Line& line : split(text)) {
      line_ = &line;
      for (at_ = 0; at_ < line.words.size();) setting(line.words[at_++]);
    }
    return deck_;
  }

  void wrong(int line, const std::string& what) {
    mistakes_.push_back(fmt::format("{}:{}: {}", name_, line, what));
  }
  void wrong(const std::string& what) { mistakes_.push_back(fmt::format("{}: {}", name_, what)); }
  void note(int line, const std::string& what) {
    unknown_.push_back(fmt::format("{}:{}: {}", name_, line, what));
  }
  void throw_if_wrong() const {
    if (!mistakes_.empty()) throw Error{Exit::bad_case, fmt::format("{}", fmt::join(mistakes_, "\n"))};
  }

 private:
  void setting(const std::string& word) {
    const std::string key = without_prefix(word);
    if (key == "state") {
      state();
    } else if (key == "x_cells") {
      integer(key, 1, deck_.x_cells);
    } else if (key == "y_cells") {
      integer(key, 1, deck_.y_cells);
    } else if (key == "xmin") {
      real(key, deck_.xmin);
    } else if (key == "xmax") {
      real(key, deck_.xmax);
    } else if (key == "ymin") {
      real(key, deck_.ymin);
    } else if (key == "ymax") {
      real(key, deck_.ymax);
    } else if (key == "initial_timestep") {
      positive(key, deck_.timestep);
    } else if (key == "end_time") {
      positive(key, deck_.end_time);
    } else if (key == "eps") {
      positive(key, deck_.eps);
    } else if (key == "end_step") {
      integer(key, 1, deck_.end_step);
    } else if (key == "visit_frequency") {
      integer(key, 0, deck_.visit_frequency);
    } else if (key == "max_iters") {
      integer(key, 1, deck_.max_iters.emplace(1));
    } else if (contains(solid_words, key)) {
      solid(key);
    } else if (key == "preconditioner_type") {
      preconditioner();
    } else if (key == "preconditioner_on") {
      deck_.preconditioner = "jacobi";
    } else if (key == "coefficient_density") {
      deck_.inverse_density = false;
    } else if (contains(inverse_words, key)) {
      deck_.inverse_density = true;
    } else if (const auto* known = find_without_effect(key)) {
      deck_.names_solver = deck_.names_solver || contains(solver_words, key);
      for (int i = 0; i < known->second; ++i) value(key);
    } else {
      note(line_->number,
           fmt::format("\"{}\" is no key of a TeaLeaf deck that calor knows; it is left out", word));
      while (at_ < line_->words.size() && !is_key(line_->words[at_])) ++at_;  // its values
    }
  }

  void state() {
    std::int64_t number = 0;
    if (!integer("state", 1, number)) {
      at_ = line_->words.size();
      return;
    }
    const auto [entry, added] = deck_.states.try_emplace(number);
    State& s = entry->second;
    if (!added) wrong(line_->number, fmt::format("state {} was defined in line {} already", number, s.line));
    s = State{};
    s.line = line_->number;
    const std::map<std::string_view, std::optional<double>*> numbers{
        {"density", &s.density}, {"energy", &s.energy}, {"xmin", &s.xmin},     {"xmax", &s.xmax},
        {"ymin", &s.ymin},       {"ymax", &s.ymax},     {"radius", &s.radius},
    };
    while (at_ < line_->words.size()) {
      const std::string& word = line_->words[at_++];
      if (word == "geometry") {
        s.geometry = value("geometry");
      } else if (const auto found = numbers.find(word); found != numbers.end()) {
        double x = 0.0;
        if (real(word, x)) *found->second = x;
      } else if (contains(solid_words, word)) {
        solid(word);
      } else {
        note(line_->number, fmt::format("\"{}\" means nothing in a state; it is left out", word));
      }
    }
  }

  void solid(std::string_view key) {
    value(key);
    wrong(line_->number, fmt::format("{}: this deck is of three dimensions; calor computes in two", key));
  }

  void preconditioner() {
    const std::string word = value("preconditioner_type");
    if (word == "none") {
      deck_.preconditioner = "none";
    } else if (word == "jac_diag" || word == "jac_block") {
      deck_.preconditioner = "jacobi";
    } else if (!word.empty()) {
      wrong(line_->number,
            fmt::format("preconditioner_type = {}: none, jac_diag or jac_block expected", word));
    }
  }

  /// The next word of the line; a mistake and "" where the line ends.
  std::string value(std::string_view key) {
    if (at_ < line_->words.size()) return line_->words[at_++];
    wrong(line_->number, fmt::format("{} has no value", key));
    return "";
  }

  bool real(std::string_view key, double& out) {
    std::string word = value(key);
    if (word.empty()) return false;
    const std::string as_written = word;
    std::replace(word.begin(), word.end(), 'd', 'e');  // 1.0d-15, as Fortran writes double precision
    if (word.front() == '+') word.erase(0, 1);
    double x = 0.0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), x);
    if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(x)) {
      wrong(line_->number, fmt::format("{} = {}: a finite number expected", key, as_written));
      return false;
    }
    out = x;
    return true;
  }

  void positive(std::string_view key, double& out) {
    double x = 0.0;
    if (!real(key, x)) return;
    if (x > 0.0) {
      out = x;
    } else {
      wrong(line_->number, fmt::format("{} = {}: a number above 0 expected", key, x));
    }
  }

  bool integer(std::string_view key, std::int64_t least, std::int64_t& out) {
    const std::string word = value(key);
    if (word.empty()) return false;
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (error != std::errc{} || end != word.data() + word.size() || n < least ||
        n > std::numeric_limits<std::int32_t>::max()) {
      wrong(line_->number, fmt::format("{} = {}: a whole number from {} to {} expected", key, word, least,
                                       std::numeric_limits<std::int32_t>::max()));
      return false;
    }
    out = n;
    return true;
  }

  std::string name_;
  std::vector<std::string>& unknown_;
  std::vector<std::string> mistakes_;
  Deck deck_;
  const Line* line_ = nullptr;
  std::size_t at_ = 0;  // the next word of *line_
};

/// Shortest text that reads back as the same double, and reads as a TOML float.
std::string number(double x) {
  std::string text = fmt::format("{}", x);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
  }
  return out + '"';
}

/// One direction of the grid: vertex j lies at low + j h.
struct Axis {
  double low, high;
  std::int64_t cells;
  double width() const { return (high - low) / static_cast<double>(cells); }
  double vertex(std::int64_t j) const {
    return j == cells ? high : low + (high - low) * static_cast<double>(j) / static_cast<double>(cells);
  }
  /// First j of 0..cells for which `holds(vertex(j))`; it holds for all later ones.
  template <class Condition>
  std::int64_t first(Condition holds) const {
    std::int64_t a = 0, b = cells + 1;
    while (a < b) {
      const std::int64_t middle = a + (b - a) / 2;
      if (holds(vertex(middle))) {
        b = middle;
      } else {
        a = middle + 1;
      }
    }
    return a;
  }
};

/// The edges of a run of cells, or nothing when it is empty.
using Interval = std::optional<std::array<double, 2>>;

/// The deck's own number where it names that vertex up to rounding, else the vertex.
double snapped(const Axis& axis, std::int64_t j, double written) {
  const double v = axis.vertex(j);
  return std::abs(v - written) <= 1e-9 * axis.width() ? written : v;
}

/// Cells j that TeaLeaf fills for the extent [from, to]: it draws the extent in by a hundredth of a cell on
/// both sides and takes every cell that it still touches, vertex(j + 1) >= from' and vertex(j) < to'.
Interval touched(const Axis& axis, double from, double to) {
  const double shrink = axis.width() / 100.0;
  const double a = from + shrink, b = to - shrink;
  const std::int64_t begin = std::max<std::int64_t>(axis.first([&](double v) { return v >= a; }) - 1, 0);
  const std::int64_t end = std::min(axis.first([&](double v) { return v >= b; }), axis.cells);
  if (begin >= end) return std::nullopt;
  return std::array{snapped(axis, begin, from), snapped(axis, end, to)};
}

/// The one cell whose lower vertex is `at`.
Interval cell_of_vertex(const Axis& axis, double at) {
  const double near = std::round((at - axis.low) / axis.width());
  if (!(near >= 0.0) || !(near < static_cast<double>(axis.cells))) return std::nullopt;
  const auto j = static_cast<std::int64_t>(near);
  if (std::abs(axis.vertex(j) - at) > 1e-9 * axis.width()) return std::nullopt;
  return std::array{axis.vertex(j), axis.vertex(j + 1)};
}

/// Steps that TeaLeaf takes: all of length dt, up to the first whose end is not before end_time.
std::int64_t steps(const Deck& deck) {
  const double wanted = std::ceil(deck.end_time / deck.timestep * (1.0 - 1e-12));
  return wanted < static_cast<double>(deck.end_step) ? static_cast<std::int64_t>(std::max(wanted, 1.0))
                                                     : deck.end_step;
}

class Writer {
 public:
  Writer(const Deck& deck, const std::string& name, Reader& reader)
      : deck_{deck},
        name_{name},
        reader_{reader},
        x_{deck.xmin, deck.xmax, deck.x_cells},
        y_{deck.ymin, deck.ymax, deck.y_cells} {}

  std::string write() {
    check();
    header();
    for (const auto& [n, shape] : shapes_) {
      add("\n[[region]]\nname = \"state_{}\"\n{}", n, shape);
      material(deck_.states.at(n), true);
    }
    rest();
    return text_;
  }

 private:
  /// Finds the cells of every state; throws when anything of the deck is wrong.
  void check() {
    bool sound = true;
    for (const auto& [axis, name] : {std::pair{&x_, 'x'}, std::pair{&y_, 'y'}}) {
      if (axis->low < axis->high) continue;
      sound = false;
      reader_.wrong(fmt::format("{0}min = {1} and {0}max = {2}: {0}min must be below {0}max", name, axis->low,
                                axis->high));
    }
    if (deck_.states.find(1) == deck_.states.end()) {
      reader_.wrong("state 1, the background, is missing: \"state 1 density=... energy=...\"");
    }
    for (const auto& [n, s] : deck_.states) {
      if (!s.density || !(*s.density > 0.0))
        reader_.wrong(s.line, fmt::format("state {} needs a density above 0", n));
      if (!s.energy) reader_.wrong(s.line, fmt::format("state {} needs an energy", n));
      if (n == 1 || !sound) continue;  // the background has no geometry
      const std::optional<std::string> found = shape(n, s);
      if (!found) continue;
      if (found->empty()) {
        reader_.note(s.line,
                     fmt::format("state {} ({}) fills no cell of this grid; it is left out", n, s.geometry));
      } else {
        shapes_.emplace_back(n, *found);
      }
    }
    reader_.throw_if_wrong();
  }

  /// k, rho, c and u of a state.
  void material(const State& s, bool with_temperature) {
    const double rho = *s.density;
    line("conductivity", deck_.inverse_density ? rho : 1.0 / rho);
    line("density", rho);
    line("specific_heat", 1.0 / rho);
    if (with_temperature) line("temperature", rho * *s.energy);
  }

  void header() {
    const State& background = deck_.states.at(1);
    add("{} TeaLeaf's unknown is u = density x energy, with heat capacity 1\n"
        "# per volume and conductivity {}; here it is the temperature, and specific_heat = 1/density.\n",
        imported_mark, deck_.inverse_density ? "density" : "1/density");
    add("title = {}\n\n[grid]\n", quoted("TeaLeaf " + name_));
    add("nx = {}\nny = {}\nx = [{}, {}]\ny = [{}, {}]\n", deck_.x_cells, deck_.y_cells, number(deck_.xmin),
        number(deck_.xmax), number(deck_.ymin), number(deck_.ymax));
    add("\n[material]\n");
    material(background, false);
    add("face_mean = \"arithmetic\"\n\n[initial]\n");
    line("temperature", *background.density * *background.energy);
  }

  /// The region's shape as TOML; "" where it fills no cell, nothing where the state is wrong.
  std::optional<std::string> shape(std::int64_t n, const State& s) {
    if (s.geometry == "rectangle") {
      if (!needs(n, s, {{"xmin", &s.xmin}, {"xmax", &s.xmax}, {"ymin", &s.ymin}, {"ymax", &s.ymax}}))
        return {};
      return rectangle(touched(x_, *s.xmin, *s.xmax), touched(y_, *s.ymin, *s.ymax));
    }
    if (s.geometry == "circle" || s.geometry == "circular") {
      if (!needs(n, s, {{"xmin", &s.xmin}, {"ymin", &s.ymin}, {"radius", &s.radius}})) return {};
      if (!(*s.radius >= 0.0)) {
        reader_.wrong(s.line, fmt::format("state {}: radius = {}: a number from 0 expected", n, *s.radius));
        return {};
      }
      if (*s.radius == 0.0) return "";
      // TeaLeaf moves xmin and ymin of every state by a hundredth of a cell, a circle's centre with them.
      const double cx = *s.xmin + x_.width() / 100.0, cy = *s.ymin + y_.width() / 100.0;
      return fmt::format("shape = \"circle\"\ncenter = [{}, {}]\nradius = {}\n", number(cx), number(cy),
                         number(*s.radius));
    }
    if (s.geometry == "point") {
      if (!needs(n, s, {{"xmin", &s.xmin}, {"ymin", &s.ymin}})) return {};
      return rectangle(cell_of_vertex(x_, *s.xmin), cell_of_vertex(y_, *s.ymin));
    }
    reader_.wrong(s.line, fmt::format("state {}: geometry = {}: rectangle, circle or point expected", n,
                                      s.geometry.empty() ? "(none)" : s.geometry));
    return {};
  }

  static std::string rectangle(const Interval& x, const Interval& y) {
    if (!x || !y) return "";
    return fmt::format("shape = \"rectangle\"\nx = [{}, {}]\ny = [{}, {}]\n", number((*x)[0]),
                       number((*x)[1]), number((*y)[0]), number((*y)[1]));
  }

  bool needs(std::int64_t n, const State& s,
             const std::vector<std::pair<const char*, const std::optional<double>*>>& keys) {
    bool complete = true;
    for (const auto& [key, value] : keys) {
      if (*value) continue;
      complete = false;
      reader_.wrong(s.line, fmt::format("state {}: geometry = {} needs {}", n, s.geometry, key));
    }
    return complete;
  }

  void rest() {
    add("\n[boundary]\n");
    for (const char* side : {"left", "right", "bottom", "top"})
      add("{} = {{ type = \"insulated\" }}\n", side);
    add("\n[time]\nmethod = \"backward-euler\"\n");
    line("dt", deck_.timestep);
    add("steps = {}\n\n[solver]\n", steps(deck_));
    if (deck_.eps < least_tolerance) {
      add("# The deck asks for {}, of a residual carried along by recurrence; calor measures the true "
          "residual, which\n"
          "# double precision does not take that far.\n",
          deck_.eps);
    }
    line("tolerance", std::max(deck_.eps, least_tolerance));
    // TeaLeaf's own solvers are here for comparison; a deck that leaves it open gets the one that is fast.
    const std::string unsaid = deck_.names_solver ? "jacobi" : "multigrid";
    add("preconditioner = \"{}\"\n", deck_.preconditioner.empty() ? unsaid : deck_.preconditioner);
    if (deck_.max_iters) {
      add("# The deck's max_iters = {} is not taken over: TeaLeaf goes on with what it has by then, calor "
          "would stop.\n",
          *deck_.max_iters);
    }
    if (deck_.visit_frequency > 0) add("\n[output]\nevery_steps = {}\n", deck_.visit_frequency);
    add("\n# TeaLeaf's check value: the sum of volume x density x u.\n"
        "[[integral]]\nname = \"mass_weighted\"\nweight = \"density\"\n");
  }

  void line(const char* key, double value) { add("{} = {}\n", key, number(value)); }
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    text_ += fmt::format(format, std::forward<Arguments>(arguments)...);
  }

  static constexpr double least_tolerance = 1e-12;
  const Deck& deck_;
  const std::string& name_;
  Reader& reader_;
  Axis x_, y_;
  std::vector<std::pair<std::int64_t, std::string>> shapes_;  // state and its shape, in TOML
  std::string text_;
};

}  // namespace

std::string import_tealeaf(const std::string& deck_text, const std::string& name,
                           std::vector<std::string>& unknown) {
  Reader reader{name, unknown};
  const Deck deck = reader.read(deck_text);
  return Writer{deck, name, reader}.write();
}

}  // namespace calor::app

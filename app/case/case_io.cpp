// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case_io.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>

#include "app/case/context.hpp"
#include "app/case/properties.hpp"
#include "app/case/schema.hpp"
#include "app/case/shipped_cases.hpp"
#include "app/case/sweep_case.hpp"
#include "app/case/wall_words.hpp"
#include "app/console/patient_read.hpp"
#include "app/materials/table.hpp"
#include "app/text/suggest.hpp"
#include "app/text/version.hpp"
#include "decomposition/error.hpp"
#include "solver/model/function.hpp"
#include "solver/run/quantities.hpp"
#include "solver/run/thermal_bridge.hpp"

namespace calor {
namespace {

const Words<std::optional<Coverage>> coverage_words{
    {"auto", std::nullopt}, {"area", Coverage::area}, {"centre", Coverage::centre}};
const Words<std::optional<FaceMean>> face_mean_words{{"auto", std::nullopt},
                                                     {"harmonic", FaceMean::harmonic},
                                                     {"arithmetic", FaceMean::arithmetic},
                                                     {"integral", FaceMean::integral}};

const Words<Shape> shape_words{{"rectangle", Shape::rectangle},
                               {"circle", Shape::circle},
                               {"polygon", Shape::polygon},
                               {"image", Shape::rectangle, false},
                               {"hdf5", Shape::rectangle, false}};

const Words<const Method*> method_words = [] {
  Words<const Method*> words{{"auto", nullptr}};
  for (const Method* m : all_methods()) words.push_back({std::string{m->word}, m});
  return words;
}();

const Words<PreconditionerKind> preconditioner_words{{"multigrid", PreconditionerKind::multigrid},
                                                     {"algebraic", PreconditionerKind::algebraic},
                                                     {"jacobi", PreconditionerKind::jacobi},
                                                     {"none", PreconditionerKind::none}};

const Words<IterationKind> iteration_words{{"auto", IterationKind::automatic},
                                           {"conjugate-gradients", IterationKind::conjugate_gradients},
                                           {"none", IterationKind::none}};
const Words<FirstGuess> first_guess_words{{"present", FirstGuess::present},
                                          {"full-multigrid", FirstGuess::full_multigrid},
                                          {"extrapolated", FirstGuess::extrapolated}};

const Words<TemperatureUnit> temperature_unit_words{{"K", TemperatureUnit::kelvin},
                                                    {"degC", TemperatureUnit::celsius}};
const Words<Precision> precision_words{{"double", Precision::double_}, {"single", Precision::single}};
const Words<GuardKind> guard_words{
    {"off", GuardKind::off}, {"ledger", GuardKind::ledger}, {"full", GuardKind::full}};
const Words<FileWriter> writer_words{{"hdf5", FileWriter::hdf5}, {"direct", FileWriter::direct}};
const Words<std::string> balance_words{{"off", "off"}, {"measured", "measured", false}};

std::vector<std::string> texts(const std::vector<std::string_view>& words) {
  return {words.begin(), words.end()};
}
const std::vector<std::string> output_fields = texts(field_words()), weight_fields = texts(weight_words());

constexpr double most_cells_a_side = 1 << 30;  // room for halos within an int
constexpr std::int64_t most_cells = std::int64_t{1} << 40;
constexpr double most_steps = 1e15;  // counted exactly, and time still moves with every step
constexpr double most_outputs = 1e9;
constexpr std::size_t longest_title = 200, longest_name = 100, longest_path = 4096;

// One line a key: what it is bound to, its unit, range and help.

void bind(Schema& schema, GridCase& c) {
  schema.integer("grid.nx", c.nx).at_least(1).at_most(most_cells_a_side).required().help("Cells along x");
  schema.integer("grid.ny", c.ny).at_least(1).at_most(most_cells_a_side).required().help("Cells along y");
  schema.pair("grid.x", c.x, "m").help("Extent of the domain along x, [left, right]");
  schema.pair("grid.y", c.y, "m").help("Extent of the domain along y, [bottom, top]");
  schema.word("grid.coverage", c.coverage, coverage_words)
      .help(
          "Cells that the edge of a region cuts: area, by their parts; centre, wholly by where their centre "
          "lies; "
          "auto: area, but centre beside arithmetic face means");
}

void bind(Schema& schema, NamedMaterialCase& c) {
  schema.conductivity("conductivity", c.conductivity).help("Thermal conductivity, as in [material]");
  schema.quantity("density", c.density, "kg/m3", "xy").positive().help("Density");
  schema.quantity("specific_heat", c.specific_heat, "J/(kg K)", "xy").positive().help("Specific heat");
}

void bind(Schema& schema, MaterialCase& c) {
  const std::string then = "an integral or the level of the temperature hangs on it";
  schema.text("material.material", c.material, longest_name)
      .help(
          "Name of a material, of [materials.NAME] or built in (calor materials); properties beside it win");
  schema.conductivity("material.conductivity", c.conductivity)
      .help(
          "Thermal conductivity, required unless a material is named; expressions of x, y, T; the table is "
          "linear between its points, constant "
          "beyond");
  schema.quantity("material.density", c.density, "kg/m3", "xy")
      .positive()
      .help("Density; steady cases need it only where " + then);
  schema.quantity("material.specific_heat", c.specific_heat, "J/(kg K)", "xy")
      .positive()
      .help("Specific heat; likewise");
  schema.word("material.face_mean", c.face_mean, face_mean_words)
      .help(
          "Mean of conductivities between two cell centres; integral: harmonic, each over the temperatures "
          "it lies "
          "between; auto: integral where a conductivity depends on T, else harmonic");
}

void bind(Schema& schema, RegionCase& c) {
  schema.text("name", c.name, longest_name).label().required().help("Name, for integrals and messages");
  schema.word("shape", c.shape, shape_words)
      .selects()
      .required()
      .help(
          "Shape; later regions win; cells that its edge cuts: "
          "grid.coverage");
  schema.pair("x", c.x, "m").only_for({"rectangle"}).required().help("Left and right edge");
  schema.pair("y", c.y, "m").only_for({"rectangle"}).required().help("Lower and upper edge");
  schema.pair("center", c.center, "m").only_for({"circle"}).required().help("Centre, [x, y]");
  schema.number("radius", c.radius, "m").positive().only_for({"circle"}).required().help("Radius");
  schema.points("points", c.points, "m")
      .only_for({"polygon"})
      .required()
      .help("Corners in order, at least 3");
  schema.text("material", c.material, longest_name)
      .help("Name of the material here, of [materials.NAME] or built in; properties beside it win");
  schema.conductivity("conductivity", c.conductivity).help("Thermal conductivity here, as in [material]");
  schema.quantity("density", c.density, "kg/m3", "xy").positive().help("Density here");
  schema.quantity("specific_heat", c.specific_heat, "J/(kg K)", "xy").positive().help("Specific heat here");
  schema.quantity("temperature", c.temperature, "K", "xy").help("Initial temperature here");
  schema.quantity("power", c.power, "W/m3", "xytT").help("Heat source here");
  schema.quantity("heat", c.heat, "W/m", "tT")
      .instead_of("power")
      .help("Instead: of all of the region that no later one with power or heat covers, per metre of depth");
}

void bind(Schema& schema, ContactCase& c) {
  schema.name_pair("between", c.between)
      .help("Two regions that touch, by name; \"material\" is what lies under all regions");
  schema.text("around", c.around, longest_name)
      .instead_of("between")
      .help("Instead: one region, and all that touches it");
  schema.number("resistance", c.resistance, "m2 K/W")
      .positive()
      .required()
      .help("Resistance to heat where they touch; a probe there tells both sides");
}

void bind(Schema& schema, PlateCase& c) {
  schema.number("plate.thickness", c.thickness, "m")
      .positive()
      .help("Thickness of a plate that gives heat off through its faces, out of the plane");
  schema.quantity("plate.film", c.film, "W/(m2 K)", "xytT").at_least(0.0).help("Film coefficient of a face");
  schema.quantity("plate.ambient", c.ambient, "K", "xyt").help("Temperature around it");
  schema.integer("plate.faces", c.faces).at_least(1).at_most(2).help("Faces that give heat off");
}

void bind(Schema& schema, InitialCase& c) {
  schema.quantity("initial.temperature", c.temperature, "K", "xy")
      .help(
          "Temperature at time 0; steady cases, which begin their search there, need it only where no wall "
          "fixes the level");
  schema.text("initial.file", c.file, longest_path)
      .instead_of("initial.temperature")
      .help("Instead: a snapshot, checkpoint or other HDF5 file; relative paths count from this file");
  schema.text("initial.dataset", c.dataset, longest_path)
      .help("The file's dataset that holds the temperature");
}

void bind(Schema& schema, BoundaryCase& c) {
  const std::string help = "what no piece covers is insulated";
  schema.pieces("boundary.left", c.left, bind_wall).help("Wall at the lower end of x; " + help);
  schema.pieces("boundary.right", c.right, bind_wall).help("Wall at the upper end of x; " + help);
  schema.pieces("boundary.bottom", c.bottom, bind_wall).help("Wall at the lower end of y; " + help);
  schema.pieces("boundary.top", c.top, bind_wall).help("Wall at the upper end of y; " + help);
}

void bind(Schema& schema, SourceCase& c) {
  schema.quantity("source.power", c.power, "W/m3", "xytT").help("Heat source everywhere; regions replace it");
}

void bind(Schema& schema, TimeCase& c) {
  schema.word("time.method", c.method, method_words)
      .help("Time integration (docs/numerics.md, section 5); steady: the state without change in time");
  schema.number("time.end", c.end, "s")
      .positive()
      .help("End time; the last step lands on it; not used by steady");
  schema.integer("time.steps", c.steps)
      .at_least(1)
      .at_most(most_steps)
      .instead_of("time.end")
      .help("Number of steps, instead of the end time");
  schema.number_or_auto("time.dt", c.dt, "s")
      .positive()
      .help("Time step; auto: by time.tolerance, with euler the stable one");
  schema.stamp("time.start", c.start)
      .help("The instant that t = 0 is, for tables with stamps; absent: their first, which must be the same");
  schema.number("time.tolerance", c.tolerance)
      .positive()
      .below(1.0)
      .help(
          "Local error, over the range of temperatures, of a step whose length is chosen, or that auto "
          "makes");
  schema.number("time.max_dt", c.max_dt, "s").positive().help("No step is longer");
  schema.numbers("time.breaks", c.breaks, "s")
      .at_least(0.0)
      .help(
          "Times that steps end at, and where integration begins afresh, as it does at jumps of functions of "
          "t");
  schema.number("time.until_steady", c.until_steady, "K/s")
      .positive()
      .help("Ends before time.end, as soon as no temperature changes faster");
}

void bind(Schema& schema, SolverCase& c) {
  schema.number("solver.tolerance", c.tolerance)
      .positive()
      .below(1.0)
      .help("Residual over initial residual at which a linear solve ends");
  schema.integer_or_auto("solver.max_iterations", c.max_iterations)
      .at_least(1)
      .help("Most iterations of a solve");
  schema.word("solver.preconditioner", c.preconditioner, preconditioner_words)
      .help(
          "What helps conjugate gradients: a multigrid cycle, an algebraic one in any case, the diagonal, "
          "nothing");
  schema.word("solver.iteration", c.iteration, iteration_words)
      .help(
          "What iterates: auto is Chebyshev's iteration or conjugate gradients; none repeats multigrid "
          "cycles "
          "alone");
  schema.word("solver.first_guess", c.first_guess, first_guess_words)
      .help(
          "What a solve begins with: the present temperatures; full multigrid on their residual, not with "
          "the "
          "algebraic cycle; or, in steps of linear problems, what the last states lead to");
}

void bind(Schema& schema, OutputCase& c) {
  schema.number("output.every", c.every, "s").positive().help("Simulated time between snapshots");
  schema.integer_or_auto("output.history_steps", c.history_steps)
      .at_least(1)
      .at_most(most_steps)
      .help(
          "Steps between rows of history.csv and probes.csv; auto: about 100 rows, or fewer on large grids");
  schema.integer("output.every_steps", c.every_steps)
      .at_least(1)
      .instead_of("output.every")
      .help("Steps between snapshots");
  schema.numbers("output.times", c.times, "s")
      .at_least(0.0)
      .instead_of("output.every")
      .instead_of("output.every_steps")
      .help("Times of snapshots, rising");
  schema.names("output.fields", c.fields, output_fields).help("What a snapshot holds");
  schema.word("output.precision", c.precision, precision_words).help("Numbers in snapshots");
  schema.word("output.temperature_unit", c.temperature_unit, temperature_unit_words)
      .help(
          "What the case's temperatures are in, absent: K; in degC radiation adds 273.15. Given, or where a "
          "wall radiates, nothing may be below absolute zero");
}

void bind(Schema& schema, CheckpointCase& c) {
  schema.number_or_auto("checkpoint.every", c.every_seconds, "s")
      .positive()
      .help(
          "Wall time between checkpoints; auto: by what they cost and checkpoint.mtbf, or none where "
          "every_steps is given");
  schema.integer("checkpoint.every_steps", c.every_steps)
      .at_least(1)
      .help("Steps between checkpoints; of steady: outer iterations, or linear ones of a linear problem");
  schema.number("checkpoint.mtbf", c.mtbf, "s")
      .positive()
      .help("Mean time between failures of the machine, for every = \"auto\"");
  schema.integer("checkpoint.keep", c.keep).at_least(1).at_most(1000).help("Checkpoints kept");
  schema.word("checkpoint.writer", c.writer, writer_words)
      .help(
          "Who writes snapshots and checkpoints on several ranks: parallel HDF5, or calor's own calls; the "
          "files "
          "are the same");
}

void bind(Schema& schema, ProbeCase& c) {
  schema.text("name", c.name, longest_name).label().required().help("Column in probes.csv");
  schema.pair("at", c.at, "m").required().help("Place, [x, y], in the domain or on its wall");
}

void bind(Schema& schema, IntegralCase& c) {
  schema.text("name", c.name, longest_name).label().required().help("Name in summary.json");
  schema.quantity_or_name("weight", c.weight, "", "xyt", weight_fields)
      .help("w in the sum of w V T over the cells");
  schema.text("region", c.region, longest_name).help("Name of a region; absent: everywhere");
}

void bind(Schema& schema, SectionCase& c) {
  schema.text("name", c.name, longest_name).label().required().help("Name, for columns in sections.csv");
  schema.pair("from", c.from, "m")
      .required()
      .help("Where the line begins, [x, y], in the domain or on its wall");
  schema.pair("to", c.to, "m").required().help("Where it ends; heat to its left, seen this way, is positive");
}

void bind(Schema& schema, BridgePartCase& c) {
  schema.number("U", c.U, "W/(m2 K)").at_least(0.0).required().help("Thermal transmittance of a plane part");
  schema.number("length", c.length, "m").at_least(0.0).required().help("Length that it counts over");
}

void bind(Schema& schema, ThermalBridgeCase& c) {
  schema.number("thermal_bridge.inside", c.inside, "K")
      .help(
          "Temperature inside, the ambient of the walls that count there: a steady case then tells L2D, psi, "
          "fRsi (ISO 10211)");
  schema.number("thermal_bridge.outside", c.outside, "K").help("Temperature outside, likewise");
  schema.pieces("thermal_bridge.parts", c.parts, bind)
      .help("Plane parts whose U times length psi is without");
}

void bind(Schema& schema, ParallelCase& c) {
  schema.integer_or_auto("parallel.halo_depth", c.halo_depth)
      .at_least(1)
      .at_most(1000)
      .help(
          "Layers of cells exchanged at once; euler makes as many steps in one pass through memory, rkl2 and "
          "exponential as many stages, up to 16 or 32, where ranks have neighbours");
  schema.integers_or_auto("parallel.tile", c.tile)
      .at_least(1)
      .at_most(most_cells_a_side)
      .help("Columns and rows of the tiles in which euler makes the steps of a pass; changes no result");
  schema.integers_or_auto("parallel.ranks", c.ranks).at_least(1).at_most(1 << 24).help("Ranks along x and y");
  schema.word("parallel.precision", c.precision, precision_words)
      .help("Numbers that euler computes with; single takes half the time and keeps about 7 digits");
  schema.word("parallel.balance", c.balance, balance_words)
      .help("Moving cells between ranks of unequal speed");
  schema.word("parallel.guard", c.guard, guard_words)
      .help(
          "What is looked at while steps are made: ledger compares the heat balance with what rounding and "
          "solver leave of it and goes back where it is off, for a hundredth of the time; full does so ten "
          "times as often");
}

void bind(Schema& schema, Case& c) {
  schema.text("title", c.title, longest_title).help("What the case is, for people");
  bind(schema, c.grid);
  schema.named_tables<FunctionCase>("functions", c.functions, calor::bind);  // before what calls them
  bind(schema, c.material);
  schema.named_tables<NamedMaterialCase>("materials", c.materials, bind);
  schema.tables<RegionCase>("region", c.regions, bind);
  schema.tables<ContactCase>("contact", c.contacts, bind);
  bind(schema, c.plate);
  bind(schema, c.initial);
  bind(schema, c.boundary);
  bind(schema, c.source);
  bind(schema, c.time);
  bind(schema, c.solver);
  bind(schema, c.output);
  bind(schema, c.checkpoint);
  schema.tables<ProbeCase>("probe", c.probes, bind);
  schema.tables<IntegralCase>("integral", c.integrals, bind);
  schema.tables<SectionCase>("section", c.sections, bind);
  bind(schema, c.thermal_bridge);
  bind(schema, c.parallel);
  schema.leave("sweep");  // app/plan
}

std::optional<double> number_in(const Quantity& q) {
  return std::holds_alternative<double>(q) ? std::optional{std::get<double>(q)} : std::nullopt;
}

/// What no key can tell alone. Looks only at values that were read without a mistake, so that one mistake is
/// reported once.
class Check {
 public:
  Check(const Case& c, const FunctionTable& functions, const Document& document, Mistakes& mistakes)
      : c_{c}, functions_{functions}, document_{document}, mistakes_{mistakes} {}

  /// The end of the run, as far as the case alone tells it; steady: 0.
  std::optional<double> run_end() const {
    if (!good("time.method")) return {};
    return c_.time.steady() ? 0.0 : end();
  }
  void all() {
    grid();
    regions();
    materials();
    contacts();
    plate();
    boundary();
    properties();
    time();
    output();
    probes();
    integrals();
    sections();
    thermal_bridge();
  }

 private:
  void refuse(const std::string& key, const std::string& what) {
    mistakes_.add(document_.place_of(key), key, document_.find(key), what);
  }
  bool good(const std::string& key) const { return !mistakes_.about(key); }
  bool given(const std::string& key) const { return document_.find(key) != nullptr; }

  void rising(const std::string& key, const std::array<double, 2>& ends) {
    if (good(key) && !(ends[0] < ends[1])) refuse(key, "the first number must be less than the second");
  }

  void grid() {
    rising("grid.x", c_.grid.x);
    rising("grid.y", c_.grid.y);
    if (good("grid.nx") && good("grid.ny") && c_.grid.nx > most_cells / c_.grid.ny)
      refuse("grid.nx", fmt::format("{} x {} cells are more than {}", c_.grid.nx, c_.grid.ny, most_cells));
    narrow("grid.x", "grid.nx", c_.grid.x, c_.grid.nx);
    narrow("grid.y", "grid.ny", c_.grid.y, c_.grid.ny);
    if (c_.grid.coverage == Coverage::area && c_.material.face_mean == FaceMean::arithmetic &&
        good("grid.coverage") && good("material.face_mean"))
      refuse("grid.coverage",
             "needs resistances in series, and material.face_mean is \"arithmetic\"; write \"centre\", or "
             "leave it "
             "out, or take another face_mean");
  }
  void narrow(const std::string& key, const std::string& count, const std::array<double, 2>& ends,
              std::int64_t n) {
    if (!good(key) || !good(count)) return;
    const double width = (ends[1] - ends[0]) / static_cast<double>(n);
    const double largest = std::max(std::abs(ends[0]), std::abs(ends[1]));
    if (!std::isfinite(ends[1] - ends[0]))
      refuse(key, "the domain is too wide for double precision");
    else if (!(width > 16.0 * std::numeric_limits<double>::epsilon() * largest) ||
             !std::isnormal(width * width))
      refuse(key, fmt::format("{} cells of {} m cannot be told apart in double precision", n, width));
  }

  /// Paths of a list's entries; none if the list was not read as a whole.
  std::vector<std::string> paths(const std::string& key, std::size_t count) const {
    std::vector<std::string> all;
    const Node* const list = document_.find(key);
    if (list == nullptr) return all;
    if (list->kind == Node::Kind::table && count == 1) return {key};
    if (list->kind != Node::Kind::array || list->items.size() != count) return all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(entry_path(*list, key, i));
    return all;
  }
  template <class T>
  void unique_names(const std::string& key, const std::vector<T>& list) {
    const std::vector<std::string> path = paths(key, list.size());
    std::set<std::string> seen;
    for (std::size_t i = 0; i < path.size(); ++i)
      if (good(path[i] + ".name") && !seen.insert(list[i].name).second)
        refuse(path[i] + ".name", fmt::format("another [[{}]] has this name", key));
  }

  void regions() {
    unique_names("region", c_.regions);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const RegionCase& r = c_.regions[i];
      if (!good(path[i] + ".shape")) continue;
      if (r.shape == Shape::rectangle) {
        rising(path[i] + ".x", r.x);
        rising(path[i] + ".y", r.y);
      }
      if (r.shape == Shape::polygon && good(path[i] + ".points") && flat(r.points))
        refuse(path[i] + ".points", "all points lie on one line");
    }
  }
  /// Every name of a material stands for one.
  void materials() {
    const auto known = [&](const std::string& key, const std::string& name) {
      if (name.empty() || !good(key) || material_of(c_, name) != nullptr) return;
      std::vector<std::string> names = built_in_names();
      for (const NamedMaterialCase& m : c_.materials) names.insert(names.begin(), m.name);
      refuse(key, "no [materials." + name + "] is given, and none is built in" + did_you_mean(name, names) +
                      "; `calor materials` lists those");
    };
    known("material.material", c_.material.material);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) known(path[i] + ".material", c_.regions[i].material);
    const Node* const section = document_.find("material");
    if (c_.material.conductivity || !good("material.conductivity") || !good("material.material")) return;
    if (section != nullptr && section->kind != Node::Kind::table) return;
    if (c_.material.material.empty())
      refuse("material.conductivity", "missing; it must be given, or the name of a material");
    else if (!properties_of(c_, c_.material).conductivity)
      refuse("material.conductivity",
             "missing; it must be given, as [materials." + c_.material.material + "] does not give it");
  }
  void contacts() {
    std::vector<std::string> names{"material"};
    for (const RegionCase& r : c_.regions) names.push_back(r.name);
    const std::vector<std::string> path = paths("contact", c_.contacts.size());
    std::set<std::set<std::string>> seen;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const ContactCase& contact = c_.contacts[i];
      if (!good(path[i]) || !good("region")) continue;
      std::vector<std::string> mine = contact.between;
      if (mine.empty()) mine = {contact.around};
      if (mine.size() == 1 && mine[0].empty()) {
        refuse(path[i], "lacks between = [two regions] or around = \"a region\"");
        continue;
      }
      const std::string key = path[i] + (mine.size() == 2 ? ".between" : ".around");
      for (const std::string& name : mine) {
        if (std::count(names.begin(), names.end(), name) == 0)
          refuse(key, fmt::format("no [[region]] has the name \"{}\"; there is: {}{}", printable(name, 60),
                                  joined(names), did_you_mean(name, names)));
        else if (name == "material" && std::count(names.begin(), names.end(), name) > 1)
          refuse(key,
                 "\"material\" is what lies under all regions; give the region of that name another one");
      }
      if (mine.size() == 2 && mine[0] == mine[1]) refuse(key, "must be two different ones");
      if (good(key) && !seen.insert({mine.begin(), mine.end()}).second)
        refuse(key, "another [[contact]] says the same");
    }
    if (!c_.contacts.empty() && c_.material.face_mean == FaceMean::arithmetic && good("material.face_mean"))
      refuse("material.face_mean",
             "\"arithmetic\" is for no resistances in series, and [[contact]] is one; "
             "leave it out, or take another");
  }
  void plate() {
    const PlateCase& p = c_.plate;
    if (!p.given()) {
      if (p.faces != 2) refuse("plate.thickness", "missing; it must be given in [plate]");
      return;
    }
    for (const auto& [key, there] : {std::pair{"plate.thickness", p.thickness.has_value()},
                                     {"plate.film", p.film.has_value()},
                                     {"plate.ambient", p.ambient.has_value()}})
      if (!there && good(key)) refuse(key, "missing; it must be given in [plate]");
  }
  static bool flat(const std::vector<std::array<double, 2>>& points) {
    for (const auto& p : points)
      for (std::size_t i = 1; i < points.size(); ++i) {
        const auto& o = points[0];
        const auto& q = points[i];
        if ((p[0] - o[0]) * (q[1] - o[1]) != (p[1] - o[1]) * (q[0] - o[0])) return false;
      }
    return true;
  }

  void boundary() {
    struct Side {
      std::string key, opposite;
      const std::vector<WallCase>&pieces, &across;
      std::string along;
      const std::array<double, 2>& ends;
    };
    const BoundaryCase& b = c_.boundary;
    const std::array<Side, 4> sides{
        {{"boundary.left", "boundary.right", b.left, b.right, "grid.y", c_.grid.y},
         {"boundary.right", "boundary.left", b.right, b.left, "grid.y", c_.grid.y},
         {"boundary.bottom", "boundary.top", b.bottom, b.top, "grid.x", c_.grid.x},
         {"boundary.top", "boundary.bottom", b.top, b.bottom, "grid.x", c_.grid.x}}};
    bool level_fixed = false, absolute = false;
    std::array<std::vector<std::optional<WallLaw>>, 4> all_laws;
    for (std::size_t n = 0; n < sides.size(); ++n)
      for (const WallCase& w : sides[n].pieces) {
        const std::optional<WallLaw>& law = all_laws[n].emplace_back(law_of(w, functions_));
        level_fixed = level_fixed || (law && fixes_level(*law));
        absolute = absolute || (law && calor::absolute(*law));
      }
    if (absolute || c_.output.temperature_unit) coldest_ = absolute_zero(c_.output.unit());
    for (std::size_t n = 0; n < sides.size(); ++n) {
      const Side& side = sides[n];
      const auto is_periodic = [](const WallCase& w) { return calor::periodic(w); };
      const bool periodic = std::any_of(side.pieces.begin(), side.pieces.end(), is_periodic);
      if (!good(side.key)) continue;
      const std::vector<std::string> path = paths(side.key, side.pieces.size());
      for (std::size_t i = 0; i < path.size(); ++i) {
        const WallCase& wall = side.pieces[i];
        if (wall.given("radiant") && !wall.given("emissivity") && good(path[i] + ".radiant"))
          refuse(path[i] + ".radiant", "needs emissivity beside it");
        if (!all_laws[n][i]) continue;
        for_each_function(*all_laws[n][i], [&](const char* key, const Function&, const Allowed& allowed) {
          if (allowed.temperature() && wall.given(key))
            not_too_cold(fmt::format("{}.{}", path[i], key), wall.value(key));
        });
      }
      if (good(side.along)) pieces(side.key, side.pieces, path, side.ends, periodic);
      if (periodic && kinds_known(side.opposite, side.across.size()) &&
          std::none_of(side.across.begin(), side.across.end(), is_periodic))
        refuse(side.key, side.opposite + " must be periodic as well");
    }
    initial_temperatures();
    if (c_.plate.ambient) not_too_cold("plate.ambient", *c_.plate.ambient);
    level_open_ = !level_fixed && !source_of_temperature();
  }
  bool kinds_known(const std::string& key, std::size_t count) const {
    const std::vector<std::string> path = paths(key, count);
    return (!given(key) || path.size() == count) &&
           std::all_of(path.begin(), path.end(), [this](const std::string& p) { return good(p + ".type"); });
  }
  void pieces(const std::string& key, const std::vector<WallCase>& walls,
              const std::vector<std::string>& path, const std::array<double, 2>& ends, bool periodic) {
    struct Piece {
      double from, to;
      std::size_t i;
    };
    std::vector<Piece> order;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const Piece p{walls[i].from.value_or(ends[0]), walls[i].to.value_or(ends[1]), i};
      const auto outside = [&ends](double v) { return !(ends[0] <= v && v <= ends[1]); };
      const std::string side = fmt::format("the side, which runs from {} to {} m", ends[0], ends[1]);
      if (walls[i].from && outside(p.from)) refuse(path[i] + ".from", "lies outside " + side);
      if (walls[i].to && outside(p.to)) refuse(path[i] + ".to", "lies outside " + side);
      if (!good(path[i] + ".from") || !good(path[i] + ".to")) continue;
      if (!(p.from < p.to)) {
        refuse(path[i] + (walls[i].to ? ".to" : ".from"),
               fmt::format("the piece from {} to {} m is empty: from must be less than to", p.from, p.to));
        continue;
      }
      order.push_back(p);
    }
    if (periodic &&
        (walls.size() != 1 || (order.size() == 1 && (order[0].from != ends[0] || order[0].to != ends[1]))))
      refuse(key, "a periodic wall must take the whole side");
    std::stable_sort(order.begin(), order.end(),
                     [](const Piece& a, const Piece& b) { return a.from < b.from; });
    for (std::size_t n = 1; n < order.size(); ++n)
      if (order[n].from < order[n - 1].to)
        refuse(path[order[n].i],
               fmt::format("overlaps the piece from {} to {} m", order[n - 1].from, order[n - 1].to));
  }
  bool source_of_temperature() const {
    const auto of_T = [](const Quantity& q) {
      const auto* text = std::get_if<std::string>(&q);
      if (text == nullptr) return false;
      const std::vector<std::string_view> names = Function::names_in(*text);
      return std::find(names.begin(), names.end(), "T") != names.end();
    };
    return c_.plate.given() || of_T(c_.source.power) ||
           std::any_of(c_.regions.begin(), c_.regions.end(), [&](const RegionCase& r) {
             return (r.power && of_T(*r.power)) || (r.heat && of_T(*r.heat));
           });
  }
  /// Nothing physical is guessed.
  void properties() {
    if (!good("time.method") || !good("boundary")) return;
    const auto need = [&](const std::string& key, bool given, const std::string& why) {
      const Node* const section = document_.find(key.substr(0, key.find('.')));
      if (given || this->given(key) || !good(key)) return;
      if (section != nullptr && section->kind != Node::Kind::table) return;
      refuse(key, "missing; it must be given, " + why);
    };
    const bool steady = c_.time.steady();
    const auto need_density = [&](const std::string& why) {
      need("material.density", properties_of(c_, c_.material).density.has_value(), why);
      need_of_regions("density", why, [](const Properties& p) { return p.density.has_value(); });
    };
    const auto need_specific_heat = [&](const std::string& why) {
      need("material.specific_heat", properties_of(c_, c_.material).specific_heat.has_value(), why);
      need_of_regions("specific_heat", why, [](const Properties& p) { return p.specific_heat.has_value(); });
    };
    std::string why = "as the case goes through time";
    if (steady) why = "as no wall fixes the level of the temperature, and the heat at the start stays";
    if (!steady || level_open_) {
      need_density(why);
      need_specific_heat(why);
      need("initial.temperature", c_.initial.temperature || !c_.initial.file.empty(), why);
      return;
    }
    for (const IntegralCase& i : c_.integrals) {
      const auto* const word = std::get_if<std::string>(&i.weight);
      const CellQuantity* const q = word != nullptr ? find_quantity(*word) : nullptr;
      if (q == nullptr) continue;
      why = fmt::format("as integral {} is weighted with {}", i.name, *word);
      if (q->of_density) need_density(why);
      if (q->of_specific_heat) need_specific_heat(why);
    }
  }
  /// A material that a region names must not leave what lies under the region in force.
  template <class Has>
  void need_of_regions(const std::string& what, const std::string& why, Has&& has) {
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const std::string& name = c_.regions[i].material;
      if (name.empty() || !good(path[i] + ".material") || !good(path[i] + "." + what)) continue;
      if (material_of(c_, name) == nullptr || has(properties_of(c_, c_.regions[i]))) continue;
      refuse(path[i] + "." + what,
             fmt::format("missing; [materials.{}] does not give it, and it must be given, {}", name, why));
    }
  }
  void not_too_cold(const std::string& key, const Quantity& q) {
    const std::optional<double> v = number_in(q);
    if (coldest_ && v && *v < *coldest_ && good(key))
      refuse(key, fmt::format("lies below absolute zero, {} {}", *coldest_, name_of(c_.output.unit())));
  }
  void initial_temperatures() {
    if (c_.initial.file.empty() && c_.initial.temperature)
      not_too_cold("initial.temperature", *c_.initial.temperature);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i)
      if (c_.regions[i].temperature) not_too_cold(path[i] + ".temperature", *c_.regions[i].temperature);
  }

  /// The end time, as far as the case alone tells it.
  std::optional<double> end() const {
    if (!good("time.end") || !good("time.steps") || !good("time.dt")) return {};
    if (c_.time.end) return c_.time.end;
    if (c_.time.steps && c_.time.dt) return static_cast<double>(*c_.time.steps) * *c_.time.dt;
    return {};
  }

  void time() {
    const TimeCase& t = c_.time;
    if (!good("time.method")) return;
    const bool steady = t.steady();
    if (!steady && !t.end && !t.steps && good("time.end") && good("time.steps"))
      refuse("time.end", "missing; give time.end or time.steps");
    const bool by_count = t.method == nullptr || steady || t.method->automatic == AutomaticStep::by_limit;
    if (t.steps && !t.dt && !by_count && good("time.steps"))
      refuse("time.steps", "needs a number for time.dt: " + name_of(t.method) +
                               " chooses its own, and with it how many they are");
    if (t.end && t.dt && good("time.end") && good("time.dt") && *t.end / *t.dt > most_steps)
      refuse("time.dt", fmt::format("would take {:g} steps to the end", *t.end / *t.dt));
    if (c_.solver.iteration == IterationKind::none && !is_multigrid(c_.solver.preconditioner) &&
        good("solver.iteration") && good("solver.preconditioner"))
      refuse(
          "solver.iteration",
          "needs solver.preconditioner = \"multigrid\" or \"algebraic\"; nothing else converges by itself");
    if (t.steps && t.dt && good("time.steps") && good("time.dt") &&
        !std::isfinite(static_cast<double>(*t.steps) * *t.dt))
      refuse("time.steps", "steps times dt is no finite time");
  }

  void output() {
    const OutputCase& o = c_.output;
    if (good("output.fields") && std::find(o.fields.begin(), o.fields.end(), "temperature") == o.fields.end())
      refuse("output.fields", "must include \"temperature\"");
    const std::optional<double> last = end();
    if (o.every && last && good("output.every") && *last / *o.every > most_outputs)
      refuse("output.every", fmt::format("would write {:g} snapshots", *last / *o.every));
    if (!good("output.times")) return;
    for (std::size_t i = 0; i < o.times.size(); ++i) {
      const std::string key = "output.times";
      if (i > 0 && !(o.times[i - 1] < o.times[i])) {
        refuse(key, fmt::format("must rise; {} follows {}", o.times[i], o.times[i - 1]));
        return;
      }
      if (last && o.times[i] > *last * (1.0 + 1e-12)) {  // steps times dt is rounded
        refuse(key, fmt::format("{} s lies beyond the end of the run, {} s", o.times[i], *last));
        return;
      }
    }
  }

  void probes() {
    unique_names("probe", c_.probes);
    const std::vector<std::string> path = paths("probe", c_.probes.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const std::array<double, 2>& at = c_.probes[i].at;
      if (good(path[i] + ".name") && c_.probes[i].name == "time")
        refuse(path[i] + ".name", "is the name of the first column of probes.csv");
      in_domain(path[i] + ".at", at);
    }
  }
  void in_domain(const std::string& key, const std::array<double, 2>& at) {
    if (!good(key) || !good("grid.x") || !good("grid.y")) return;
    const std::array<double, 2>&x = c_.grid.x, &y = c_.grid.y;
    if (!(x[0] <= at[0] && at[0] <= x[1] && y[0] <= at[1] && at[1] <= y[1]))
      refuse(key,
             fmt::format("lies outside the domain, x in [{}, {}], y in [{}, {}]", x[0], x[1], y[0], y[1]));
  }

  void sections() {
    unique_names("section", c_.sections);
    const std::vector<std::string> path = paths("section", c_.sections.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      in_domain(path[i] + ".from", c_.sections[i].from);
      in_domain(path[i] + ".to", c_.sections[i].to);
      if (good(path[i] + ".from") && good(path[i] + ".to") && c_.sections[i].from == c_.sections[i].to)
        refuse(path[i] + ".to", "is where the line begins");
    }
  }

  void thermal_bridge() {
    const ThermalBridgeCase& b = c_.thermal_bridge;
    if (!b.given() || !good("thermal_bridge") || !good("boundary")) return;
    for (const auto& [key, value] :
         {std::pair{"thermal_bridge.inside", b.inside}, {"thermal_bridge.outside", b.outside}})
      if (!value) refuse(key, "missing; it must be given beside the rest of [thermal_bridge]");
    if (!b.inside || !b.outside) return;
    if (*b.inside == *b.outside) refuse("thermal_bridge.outside", "must be another temperature than inside");
    if (good("time.method") && !c_.time.steady())
      refuse("thermal_bridge.inside", "is asked of a steady state; write time.method = \"steady\"");
    const ThermalBridge bridge{*b.inside, *b.outside, {}};
    bool inside = false, outside = false;
    const std::array<std::pair<std::string, const std::vector<WallCase>*>, 4> sides{
        {{"boundary.left", &c_.boundary.left},
         {"boundary.right", &c_.boundary.right},
         {"boundary.bottom", &c_.boundary.bottom},
         {"boundary.top", &c_.boundary.top}}};
    for (const auto& [key, pieces] : sides) {
      const std::vector<std::string> path = paths(key, pieces->size());
      for (std::size_t i = 0; i < path.size(); ++i) {
        const std::optional<WallLaw> law = law_of((*pieces)[i], functions_);
        const BridgeWall kind = law ? bridge_wall(*law, bridge) : BridgeWall::insulated;
        inside = inside || kind == BridgeWall::inside;
        outside = outside || kind == BridgeWall::outside;
        if (kind == BridgeWall::other)
          refuse(path[i],
                 fmt::format("has no place in a thermal bridge: heat may pass walls to inside ({}) and "
                             "outside ({}) alone, and what they name must be one of these, the same "
                             "everywhere",
                             *b.inside, *b.outside));
      }
    }
    for (const auto& [key, found] :
         {std::pair{"thermal_bridge.inside", inside}, {"thermal_bridge.outside", outside}})
      if (!found) refuse(key, "is the ambient of no wall");
    const auto heats = [&](const std::string& key, const std::optional<Quantity>& q) {
      if (q && number_in(*q) != std::optional{0.0} && good(key))
        refuse(key, "has no place in a thermal bridge: what passes it comes from inside alone");
    };
    if (c_.plate.given()) refuse("plate.film", "has no place beside a thermal bridge");
    heats("source.power", c_.source.power);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      heats(path[i] + ".power", c_.regions[i].power);
      heats(path[i] + ".heat", c_.regions[i].heat);
    }
  }

  void integrals() {
    unique_names("integral", c_.integrals);
    std::vector<std::string> names;
    for (const RegionCase& r : c_.regions) names.push_back(r.name);
    const std::vector<std::string> path = paths("integral", c_.integrals.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const std::string& region = c_.integrals[i].region;
      if (!good(path[i] + ".region") || !good("region")) continue;
      if (!region.empty() && std::find(names.begin(), names.end(), region) == names.end())
        refuse(path[i] + ".region",
               (names.empty() ? "no [[region]] is given"
                              : "no [[region]] has this name; there is: " + joined(names)) +
                   did_you_mean(region, names));
    }
  }

  const Case& c_;
  const FunctionTable& functions_;
  const Document& document_;
  Mistakes& mistakes_;
  bool level_open_ = false;        // nothing fixes the level of a steady state
  std::optional<double> coldest_;  // absolute zero, where something hangs on it
};

/// Several texts in one, for one broadcast.
std::string packed(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& t : texts) all += fmt::format("{}:", t.size()) + t;
  return all;
}
std::vector<std::string> unpacked(const std::string& all) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < all.size();) {
    std::size_t digits = 0;
    const std::size_t size = std::stoull(all.substr(at, 20), &digits);
    texts.push_back(all.substr(at + digits + 1, size));
    at += digits + 1 + size;
  }
  return texts;
}

const std::string standard_input = "-";

/// The bytes of a file, at most one more than a case may have. `wrong`: why it cannot be read.
std::string bytes_of(const std::string& file, std::string& wrong) {
  return file == standard_input ? read_patiently(STDIN_FILENO, longest_document + 1, wrong)
                                : read_patiently(file, longest_document + 1, wrong);
}

std::string stem(const std::string& file) {
  return file == standard_input ? "stdin" : std::filesystem::path{file}.stem().string();
}

}  // namespace

Case parse_case(const std::vector<Text>& texts, const std::vector<std::string>& overrides) {
  Mistakes mistakes;
  const Document document{texts, overrides, mistakes};
  document.tables().read_alone();
  CaseReader reader{texts.empty() ? "" : stem(texts.front().name)};
  Case c = reader.read(document, mistakes);
  mistakes.throw_if_any();
  if (!reader.missing().empty()) throw Error{Exit::no_input, reader.missing()};
  return c;
}

struct CaseReader::Bound {
  Case c;
  Schema schema;
};

CaseReader::CaseReader(std::string name) : name_{std::move(name)}, bound_{std::make_unique<Bound>()} {
  bind(bound_->schema, bound_->c);
}
CaseReader::~CaseReader() = default;

namespace {

/// A text that comes later than the properties beside a material names another material: they go with the old
/// one.
template <class T>
void drop_overruled(const Node* table, T& c) {
  const Node* const name = table != nullptr ? table->member("material") : nullptr;
  if (name == nullptr) return;
  const auto overruled = [&](const char* key) {
    const Node* const n = table->member(key);
    return n != nullptr && n->place.layer < name->place.layer;
  };
  if (overruled("conductivity")) c.conductivity.reset();
  if (overruled("density")) c.density.reset();
  if (overruled("specific_heat")) c.specific_heat.reset();
}

}  // namespace

const Case& CaseReader::read(const Document& document, Mistakes& mistakes) {
  Case& c = bound_->c;
  c = {};
  c.name = name_;
  c.has_plan = document.root().member("sweep") != nullptr;
  CaseContext context{document, c, mistakes};
  bound_->schema.read(document.root(), "", mistakes, &context);
  drop_overruled(document.find("material"), c.material);
  if (const Node* const list = document.find("region");
      list != nullptr && list->items.size() == c.regions.size())
    for (std::size_t i = 0; i < c.regions.size(); ++i) drop_overruled(&list->items[i], c.regions[i]);
  add_built_in(c);
  Check check{c, context.functions(), document, mistakes};
  check.all();
  context.finish(check.run_end());
  c.inputs = context.inputs();
  c.covered_until = context.covered_until();
  missing_ = joined(context.missing(), "\n");
  return c;
}

CaseText read_texts(const mpi::Comm& comm, const std::vector<std::string>& files,
                    const std::vector<std::string>& overrides) {
  // Everything comes from rank 0, its command line too: all ranks must parse the same bytes.
  std::vector<std::string> parts;
  if (comm.root()) {
    std::string missing;
    parts = {"", std::to_string(files.size())};
    try {
      for (const std::string& file : files) {
        std::string wrong;
        parts.push_back(file);
        const auto shipped = shipped_cases().find(file);
        std::error_code none;
        if (shipped != shipped_cases().end() &&
            (!std::filesystem::exists(file, none) || std::filesystem::is_directory(file, none)))
          parts.push_back(shipped->second);
        else
          parts.push_back(bytes_of(file, wrong));
        if (!wrong.empty())
          missing += fmt::format("{}{}: {}{}", missing.empty() ? "" : "\n", printable(file, 255), wrong,
                                 did_you_mean(file, shipped_names()));
      }
      parts[0] = missing;
    } catch (const Error& e) {
      parts = {e.what()};
    }
    parts.insert(parts.end(), overrides.begin(), overrides.end());
  }
  parts = unpacked(comm.broadcast(packed(parts)));
  if (parts.size() == 1) throw Error{Exit::stopped, parts[0]};
  if (!parts[0].empty()) throw Error{Exit::no_input, "case file: " + parts[0]};
  const std::size_t count = std::stoull(parts[1]);
  if (count == 0) throw Error{Exit::usage, "no case file given"};
  std::vector<Text> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back({parts[2 + 2 * i], parts[3 + 2 * i]});
  return {texts, {parts.begin() + 2 + 2 * static_cast<std::ptrdiff_t>(count), parts.end()}};
}

Case read_with_tables(const mpi::Comm& comm, CaseReader& reader, const Document& document,
                      Mistakes& mistakes) {
  Mistakes early;
  reader.read(document, early);  // for what it asks for
  document.tables().load(comm);
  return reader.read(document, mistakes);
}

std::string find_initial_file(Case& c, const Document& document) {
  if (c.initial.file.empty()) return {};
  std::error_code error;
  const std::string path =
      std::filesystem::absolute(document.path_from(document.place_of("initial.file"), c.initial.file), error)
          .lexically_normal()
          .string();
  std::string wrong;
  if (!std::filesystem::exists(path, error))
    wrong = "there is no such file";
  else if (std::filesystem::is_directory(path, error))
    wrong = "is a directory";
  if (!wrong.empty())
    wrong = fmt::format("{}: initial.file = {}: {}", document.place_of("initial.file").text,
                        toml_string(printable(c.initial.file, 255)), wrong);
  c.initial.file = path;
  return wrong;
}

Case read_case(const mpi::Comm& comm, const std::vector<std::string>& files,
               const std::vector<std::string>& overrides) {
  const CaseText text = read_texts(comm, files, overrides);
  Mistakes mistakes;
  const Document document{text.texts, text.overrides, mistakes};
  CaseReader reader{stem(text.texts.front().name)};
  Case c = read_with_tables(comm, reader, document, mistakes);
  mistakes.throw_if_any();
  if (!reader.missing().empty()) throw Error{Exit::no_input, reader.missing()};
  if (!c.initial.file.empty()) {
    std::string wrong;
    if (comm.root()) wrong = find_initial_file(c, document);
    if (wrong = comm.broadcast(wrong); !wrong.empty()) throw Error{Exit::no_input, wrong};
    c.initial.file = comm.broadcast(c.initial.file);
  }
  return c;
}

std::string emit(const Case& c) {
  Case copy = c;  // the schema binds to what it could also change
  for (FunctionCase& f : copy.functions) point_to_copies(f.course);
  Schema schema;
  bind(schema, copy);
  return "# The resolved case, written by calor: every key with its value. Running it again gives the same "
         "result.\n"
         "# `calor schema` explains the keys.\n\n" +
         schema.write();
}

namespace {
template <class F>
auto of_all_keys(F&& text) {
  Case defaults;
  SweepCase plan;
  Schema schema;
  bind(schema, defaults);
  bind(schema, plan);
  return text(schema);
}
}  // namespace

std::string schema_text(bool markdown) {
  return of_all_keys([&](const Schema& s) { return s.reference(markdown); });
}

std::vector<KeyWords> case_keys() {
  return of_all_keys([](const Schema& s) { return s.single_keys(); });
}

KeyNumbers numbers_at(const std::vector<std::string>& path) {
  return of_all_keys([&](const Schema& s) { return s.numbers_at(path); });
}

std::string schema_json() {
  return of_all_keys([](const Schema& s) { return s.json_schema(); });
}

std::string results_signature(const Case& c) {
  Case p = c;
  p.name = p.title = "";
  p.checkpoint = {};
  p.parallel = {};
  p.parallel.precision = c.parallel.precision;
  return version + ("\n" + emit(p));
}

Case without_places(Case c) {
  c.name.clear();
  c.has_plan = false;
  for (FunctionCase& f : c.functions) f.where.clear();
  for (NamedMaterialCase& m : c.materials) m.where.clear();
  for (RegionCase& r : c.regions) r.where.clear();
  for (ProbeCase& p : c.probes) p.where.clear();
  for (IntegralCase& i : c.integrals) i.where.clear();
  for (SectionCase& s : c.sections) s.where.clear();
  for (ContactCase& k : c.contacts) k.where.clear();
  for (BridgePartCase& b : c.thermal_bridge.parts) b.where.clear();
  for (std::vector<WallCase>* side :
       {&c.boundary.left, &c.boundary.right, &c.boundary.bottom, &c.boundary.top})
    for (WallCase& w : *side) w.where.clear();
  return c;
}

std::string name_of(TemperatureUnit unit) { return unit == TemperatureUnit::kelvin ? "K" : "degC"; }
std::string name_of(const Method* method) { return method == nullptr ? "auto" : std::string{method->word}; }

std::string name_of(PreconditionerKind preconditioner) {
  for (const Word<PreconditionerKind>& w : preconditioner_words)
    if (w.value == preconditioner) return w.name;
  return {};
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case_io.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/case/case_check.hpp"
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
#include "io/snapshot.hpp"
#include "solver/run/quantities.hpp"

namespace calor::app {
namespace {

const Words<std::optional<Coverage>> coverage_words{
    {"auto", std::nullopt}, {"area", Coverage::area}, {"centre", Coverage::centre}};
const Words<Coordinates> coordinates_words{{"plane", Coordinates::plane},
                                           {"axisymmetric", Coordinates::axisymmetric}};
const Words<std::optional<FaceMean>> face_mean_words{{"auto", std::nullopt},
                                                     {"harmonic", FaceMean::harmonic},
                                                     {"arithmetic", FaceMean::arithmetic},
                                                     {"integral", FaceMean::integral}};

const Words<Shape> shape_words{{"rectangle", Shape::rectangle}, {"circle", Shape::circle},
                               {"polygon", Shape::polygon},     {"image", Shape::image},
                               {"hdf5", Shape::hdf5},           {"dxf", Shape::dxf}};

const Words<bool> direction_words{{"x", false}, {"y", true}};
const Words<bool> ventilation_words{{"none", false}, {"slight", true}};

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
constexpr std::size_t longest_title = 200, longest_path = 4096;

// One line a key: what it is bound to, its unit, range and help.

void bind(Schema& schema, GridCase& c) {
  schema.cells("grid.nx", c.nx)
      .at_least(1)
      .at_most(most_cells_a_side)
      .help("Cells along x; required, but where grid.x has parts or faces: as many, or left out");
  schema.cells("grid.ny", c.ny).at_least(1).at_most(most_cells_a_side).help("Cells along y; likewise");
  schema.extent("grid.x", c.x, c.x_lines, "m")
      .help(
          "Extent of the domain along x, [left, right]; or parts between the places at, each of so many "
          "cells whose "
          "widths go in a geometric row, ratio (absent: 1) being the last one's over the first's; or the "
          "faces of "
          "all cells");
  schema.extent("grid.y", c.y, c.y_lines, "m").help("Extent of the domain along y, [bottom, top]; likewise");
  schema.word("grid.coordinates", c.coordinates, coordinates_words)
      .help(
          "axisymmetric: a body around an axis, x is the distance r >= 0 from it, y runs along it; heat is "
          "of the "
          "whole turn, in J and W");
  schema.number("grid.depth", c.depth, "m")
      .positive()
      .help("Depth of a plane: heat is of this depth, in J and W; absent: per metre");
  schema.word("grid.coverage", c.coverage, coverage_words)
      .help(
          "Cells that the edge of a region cuts: area, by their parts; centre, wholly by where their centre "
          "lies; "
          "auto: area, but centre beside arithmetic face means");
}

void bind(Schema& schema, PhaseChangeCase& c) {
  schema.number("from", c.from, "K").required().help("Temperature at which it begins");
  schema.number("to", c.to, "K").required().help("Temperature at which it ends, not below from");
  schema.number("latent_heat", c.latent_heat, "J/kg").positive().required().help("Heat that it takes up");
}

void bind(Schema& schema, NamedMaterialCase& c) {
  schema.conductivity("conductivity", c.conductivity).help("Thermal conductivity, as in [material]");
  schema.quantity("density", c.density, "kg/m3", "xy").positive().help("Density");
  schema.specific_heat("specific_heat", c.specific_heat).help("Specific heat, as in [material]");
  schema.pieces("phase_change", c.phase_change, bind)
      .help(
          "Latent heat that is taken up evenly between two temperatures, at once where they are equal; goes "
          "with the specific heat beside it");
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
  schema.specific_heat("material.specific_heat", c.specific_heat)
      .help(
          "Specific heat; likewise; an expression of x, y, or of T alone; the table is linear between its "
          "points, "
          "constant beyond, and two equal T are a jump");
  schema.word("material.face_mean", c.face_mean, face_mean_words)
      .help(
          "Mean of conductivities between two cell centres; integral: harmonic, each over the temperatures "
          "it lies "
          "between; auto: integral where a conductivity depends on T, else harmonic");
  schema.pieces("material.phase_change", c.phase_change, bind)
      .help(
          "Latent heat that is taken up evenly between two temperatures, at once where they are equal; goes "
          "with the specific heat beside it");
}

void bind(Schema& schema, CavityCase& c) {
  schema.word("direction", c.along_y, direction_words).required().help("Along which heat crosses the cavity");
  schema.number("emissivity", c.emissivity, "")
      .positive()
      .at_most(1.0)
      .help("Emissivity of its faces; temperatures are in K, or in what output.temperature_unit says");
  schema.number("other_emissivity", c.other_emissivity, "")
      .positive()
      .at_most(1.0)
      .help("Of one of them; absent: as the other");
  schema.number("difference", c.difference, "K")
      .positive()
      .help("Between the temperatures of these faces, for its convection; a run tells the one that it found");
  schema.word("ventilation", c.slightly_ventilated, ventilation_words)
      .help("slight: open by a slit of 2 to 10 mm, twice as conductive; wider open: a hole with a wall");
}

void bind(Schema& schema, RegionCase& c) {
  schema.text("name", c.name, longest_name).label().required().help("Name, for integrals and messages");
  schema.word("shape", c.shape, shape_words)
      .selects()
      .required()
      .help(
          "Shape; later regions win; cells that its edge cuts: "
          "grid.coverage");
  schema.pair("x", c.x, "m").only_for({"rectangle", "image", "hdf5"}).required().help("Left and right edge");
  schema.pair("y", c.y, "m").only_for({"rectangle", "image", "hdf5"}).required().help("Lower and upper edge");
  schema.datasets([&c] { return c.shape == Shape::hdf5 ? &c.arrays : nullptr; });
  schema.region_file("file", c)
      .only_for({"image", "hdf5", "dxf"})
      .required()
      .help(
          "Picture whose colours stand for materials, drawn upright, a cell being of the pixel at its "
          "centre; "
          "file of arrays (ny, nx), the first row at the lower edge, a cell having the mean of what it "
          "covers: "
          "conductivity, density, specific_heat, temperature and power then may be names of its datasets; or "
          "drawing whose closed polylines and circles are the outline, of several what lies in an odd "
          "number");
  schema.file_hash("hash", c.arrays.hash, c.arrays.found)
      .only_for({"hdf5"})
      .help("Of the bytes of the file: another file is then refused, with status 65; resolved cases have it");
  schema.text("layer", c.drawing.layer, longest_name)
      .only_for({"dxf"})
      .required()
      .help("Layer of the drawing that the outline is on");
  schema.number("scale", c.drawing.scale, "m")
      .positive()
      .only_for({"dxf"})
      .help("What a unit of the drawing is, 1e-3 for mm; absent: as the drawing says ($INSUNITS)");
  schema.colours("materials", c.picture)
      .only_for({"image"})
      .required()
      .help(
          "Materials of its colours, of [materials.NAME] or built in; a colour that is not named is refused");
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
  schema.specific_heat("specific_heat", c.specific_heat).help("Specific heat here, as in [material]");
  schema.quantity("temperature", c.temperature, "K", "xy").help("Initial temperature here");
  schema.number("liquid", c.liquid, "")
      .at_least(0.0)
      .at_most(1.0)
      .help("Initial share of liquid here, as in [initial]");
  schema.quantity("power", c.power, "W/m3", "xytT").help("Heat source here");
  schema.quantity("heat", c.heat, "W/m", "tT")
      .instead_of("power")
      .help(
          "Instead: of all of the region that no later one with power or heat covers, per metre of depth; in "
          "W "
          "where grid.depth is given, or of the whole turn");
  schema.truth("void", c.is_void)
      .help(
          "true: a hole, beside which name, shape and wall alone can stand; false: a body, also on top of a "
          "hole, as is a region with a conductivity or material");
  schema.pieces("wall", c.wall, bind_wall)
      .pieces_as("boundary.top")
      .help("What the wall of a hole does, as a side of [boundary]; absent: insulated");
  schema.pieces("phase_change", c.phase_change, bind)
      .help(
          "Latent heat that is taken up evenly between two temperatures, at once where they are equal; goes "
          "with the specific heat beside it");
  schema.pieces("cavity", c.cavity, bind)
      .help(
          "Instead of a conductivity: the region is a cavity of air in a frame, as conductive as ISO 10077-2 "
          "says of its size and temperature");
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
  schema.integer("plate.faces", c.faces).at_least(1).at_most(2).help("Faces that give heat off; absent: 2");
}

void bind(Schema& schema, InitialCase& c) {
  schema.quantity("initial.temperature", c.temperature, "K", "xy")
      .help(
          "Temperature at time 0; steady cases, which begin their search there, need it only where no wall "
          "fixes the level");
  schema.number("initial.liquid", c.liquid, "")
      .at_least(0.0)
      .at_most(1.0)
      .help("Share of liquid in what begins at the very temperature of a sharp phase change");
  schema.text("initial.file", c.file, longest_path)
      .instead_of("initial.temperature")
      .help(
          "Instead: a snapshot, checkpoint or other HDF5 file, or a run's directory: its last snapshot; "
          "relative paths "
          "count from this file");
  schema.text("initial.dataset", c.dataset, longest_path)
      .help("The file's dataset that holds the temperature");
  schema.file_hash("initial.hash", c.hash, c.found)
      .help("Of the bytes of the file: another file is then refused, with status 65; resolved cases have it");
}

void bind(Schema& schema, BoundaryCase& c) {
  const std::string help = "what no piece covers is insulated";
  schema.pieces("boundary.left", c.left, bind_wall)
      .pieces_as("boundary.top")
      .help("Wall at the lower end of x; " + help);
  schema.pieces("boundary.right", c.right, bind_wall)
      .pieces_as("boundary.top")
      .help("Wall at the upper end of x; " + help);
  schema.pieces("boundary.bottom", c.bottom, bind_wall)
      .pieces_as("boundary.top")
      .help("Wall at the lower end of y; " + help);
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
      .help("Ends before time.end, as soon as no temperature changes faster and no known load is to come");
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
  schema.named_tables<FunctionCase>("functions", c.functions, app::bind);  // before what calls them
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
  if (!reader.changed().empty()) throw Error{Exit::bad_data, reader.changed()};
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
  if (overruled("phase_change")) c.phase_change.clear();
}

/// Cells of lines count themselves, unless a text that comes no earlier gives their number, which then must
/// agree.
void count_cells(const Document& document, const std::string& lines_key, const std::string& count_key,
                 const AxisCase& lines, std::int64_t& count) {
  if (!lines.given()) return;
  const Node *const node = document.find(lines_key), *const given = document.find(count_key);
  auto layer = node->place.layer;
  for (const Node& member : node->members) layer = std::max(layer, member.place.layer);
  if (count == 0 || given == nullptr || given->place.layer < layer) count = lines.count();
}

}  // namespace

const Case& CaseReader::read(const Document& document, Mistakes& mistakes) {
  Case& c = bound_->c;
  c = {};
  c.name = name_;
  c.has_plan = document.root().member("sweep") != nullptr;
  CaseContext context{document, c, mistakes};
  bound_->schema.read(document.root(), "", mistakes, &context);
  count_cells(document, "grid.x", "grid.nx", c.grid.x_lines, c.grid.nx);
  count_cells(document, "grid.y", "grid.ny", c.grid.y_lines, c.grid.ny);
  drop_overruled(document.find("material"), c.material);
  if (const Node* const list = document.find("region");
      list != nullptr && list->items.size() == c.regions.size())
    for (std::size_t i = 0; i < c.regions.size(); ++i) drop_overruled(&list->items[i], c.regions[i]);
  add_built_in(c);
  context.finish(check_case(c, context.functions(), document, mistakes));
  c.inputs = context.inputs();
  c.covered_until = context.covered_until();
  missing_ = joined(context.missing(), "\n");
  changed_ = joined(context.changed(), "\n");
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
        const std::filesystem::path inside = std::filesystem::path{file} / "case.toml";
        if (!wrong.empty() && std::filesystem::is_regular_file(inside, none))
          wrong += fmt::format("; the case of the run there is {}", printable(inside.string(), 255));
        else if (!wrong.empty())
          wrong += did_you_mean(file, shipped_names());
        if (!wrong.empty())
          missing += fmt::format("{}{}: {}", missing.empty() ? "" : "\n", printable(file, 255), wrong);
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

InitialFile find_initial_file(Case& c, const Document& document, FileHashes& hashes) {
  if (c.initial.file.empty()) return {};
  std::error_code error;
  std::string path =
      std::filesystem::absolute(document.path_from(document.place_of("initial.file"), c.initial.file), error)
          .lexically_normal()
          .string();
  // A run's directory stands for its last snapshot.
  try {
    if (std::filesystem::is_directory(path, error))
      if (const auto snapshots = io::snapshots_in(path); !snapshots.empty()) path = snapshots.back().string();
  } catch (const std::filesystem::filesystem_error&) {
    // It may not be listed: then there is none.
  }
  const auto told = [&](const std::string& wrong) {
    return fmt::format("{}: initial.file = {}: {}", document.place_of("initial.file").text,
                       toml_string(printable(c.initial.file, 255)), wrong);
  };
  InitialFile result;
  if (!std::filesystem::exists(path, error))
    result.missing = told("there is no such file");
  else if (std::filesystem::is_directory(path, error))
    result.missing = told("is a directory, and no snapshot is in it");
  else
    try {
      c.initial.found = hashes.of(path);
      if (!c.initial.hash.empty() && c.initial.hash != c.initial.found)
        result.changed = told(fmt::format(
            "has the hash {}, and the case was made with {}: it has changed; give the file as it was, or "
            "leave the key initial.hash out",
            c.initial.found, c.initial.hash));
    } catch (const Error& e) {
      result.missing = told(e.what());
    }
  c.initial.file = path;
  return result;
}

Case read_case(const mpi::Comm& comm, const std::vector<std::string>& files,
               const std::vector<std::string>& overrides) {
  const CaseText text = read_texts(comm, files, overrides);
  Mistakes mistakes;
  const Document document{text.texts, text.overrides, mistakes};
  CaseReader reader{stem(text.texts.front().name)};
  Case c = read_with_tables(comm, reader, document, mistakes);
  InitialFile at;
  if (!c.initial.file.empty()) {
    FileHashes hashes;
    if (comm.root()) at = find_initial_file(c, document, hashes);
    for (std::string* const word : {&at.missing, &at.changed, &c.initial.file, &c.initial.found})
      *word = comm.broadcast(*word);
  }
  // All of it is told in one go; what is to be mended in the case comes first.
  std::vector<std::string> missing, changed;
  const auto put = [](std::vector<std::string>& to, const std::string& line) {
    if (!line.empty()) to.push_back(line);
  };
  put(missing, reader.missing());
  put(missing, at.missing);
  put(changed, reader.changed());
  put(changed, at.changed);
  std::vector<std::string> besides = missing;
  besides.insert(besides.end(), changed.begin(), changed.end());
  mistakes.throw_if_any(besides);
  if (!missing.empty()) throw Error{Exit::no_input, joined(besides, "\n")};
  if (!changed.empty()) throw Error{Exit::bad_data, joined(changed, "\n")};
  return c;
}

namespace {
/// The units that stand behind values, as remarks, where the case says others than the schema.
std::string with_own_units(std::string text, const Case& c) {
  const auto replace = [&](const std::string& unit, const std::string& by) {
    const std::string remark = "  # " + unit + "\n", other = "  # " + by + "\n";
    for (auto at = text.find(remark); at != std::string::npos; at = text.find(remark, at + other.size()))
      text.replace(at, remark.size(), other);
  };
  if (c.output.unit() == TemperatureUnit::celsius) replace("K", name_of(TemperatureUnit::celsius));
  if (!c.grid.per_metre()) replace("W/m", "W");
  return text;
}
}  // namespace

std::string emit(const Case& c) {
  Case copy = c;  // the schema binds to what it could also change
  for (FunctionCase& f : copy.functions) point_to_copies(f.course);
  Schema schema;
  bind(schema, copy);
  return "# The resolved case, written by calor: every key with its value. Running it again gives the same "
         "result.\n"
         "# `calor schema` explains the keys.\n\n" +
         with_own_units(schema.write(), c);
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
  Case p = without_array_places(c);
  p.name = p.title = "";
  p.checkpoint = {};
  p.parallel = {};
  p.parallel.precision = c.parallel.precision;
  return version + ("\n" + emit(p));
}

Case without_array_places(Case c) {
  for (RegionCase& r : c.regions) r.arrays.path = r.arrays.place = "";
  return c;
}

Case without_places(Case c) {
  c.name.clear();
  c.has_plan = false;
  for (FunctionCase& f : c.functions) f.where.clear();
  const auto clear = [](std::vector<PhaseChangeCase>& changes) {
    for (PhaseChangeCase& p : changes) p.where.clear();
  };
  clear(c.material.phase_change);
  for (NamedMaterialCase& m : c.materials) {
    m.where.clear();
    clear(m.phase_change);
  }
  for (RegionCase& r : c.regions) {
    r.where.clear();
    clear(r.phase_change);
    for (WallCase& w : r.wall) w.where.clear();
    for (CavityCase& k : r.cavity) k.where.clear();
  }
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

}  // namespace calor::app

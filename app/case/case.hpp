// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/case/arrays.hpp"
#include "app/case/course.hpp"
#include "app/case/drawing.hpp"
#include "app/case/inputs.hpp"
#include "app/case/picture.hpp"
#include "solver/linear/options.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"
#include "solver/model/precision.hpp"
#include "solver/run/guard_kind.hpp"
#include "solver/time/methods.hpp"

namespace calor::app {

// A case as the user wrote it: plain values in SI units, every member with its default. app/case/schema binds
// each to its key, unit, range and help; app/case/spec_of_case turns a case into the objects that are
// computed with.

// What a case may ask for at most.
inline constexpr double most_cells_a_side = 1 << 30;  // room for halos within an int
inline constexpr std::int64_t most_cells = std::int64_t{1} << 40;
inline constexpr double most_cells_of_lines = 1
                                              << 24;  // a side, of unequal cells: all ranks know their faces
inline constexpr double most_steps = 1e15;            // counted exactly, and time still moves with every step
inline constexpr double most_outputs = 1e9;

/// A number, the text of an expression of some of x, y [m], t [s], T and functions of the case, a table over
/// t, or an array of a region's file.
using Quantity = std::variant<double, std::string, CourseCase, DatasetCase>;

/// Conductivity [W/(m K)]: `x` along x and `y` along y (equal when one value was given), or a table over T.
struct ConductivityCase {
  Quantity x = 1.0, y = 1.0;
  bool anisotropic = false;     ///< written as [kx, ky]
  std::vector<double> table_T;  ///< rising temperatures; empty: no table
  std::vector<double> table_k;  ///< W/(m K), linear between the temperatures, constant beyond the ends

  friend bool operator==(const ConductivityCase&, const ConductivityCase&) = default;
};

/// Specific heat [J/(kg K)]: a number, an expression of x, y or of T, or a table over T.
struct SpecificHeatCase {
  Quantity value = 1.0;
  std::vector<double> table_T;  ///< rising temperatures, two equal ones a jump; empty: no table
  std::vector<double> table_c;  ///< J/(kg K), linear between the temperatures, constant beyond the ends

  friend bool operator==(const SpecificHeatCase&, const SpecificHeatCase&) = default;
};

/// Latent heat between two temperatures.
struct PhaseChangeCase {
  double from = 0.0, to = 0.0, latent_heat = 0.0;  // J/kg
  std::string where;                               ///< "file:line"

  friend bool operator==(const PhaseChangeCase&, const PhaseChangeCase&) = default;
};

/// Cells along an axis where they are not equal: parts between places, or the faces themselves. Empty: equal.
struct AxisCase {
  std::vector<double> at;           // m, rising
  std::vector<std::int64_t> cells;  // of each part
  std::vector<double> ratio;        // of each part: its last cell's width over its first's; empty: 1
  std::vector<double> faces;        // instead of the parts, m, rising

  bool given() const { return !at.empty() || !faces.empty(); }
  std::int64_t count() const;         ///< cells
  std::vector<double> lines() const;  ///< faces of the cells; empty: equal
  friend bool operator==(const AxisCase&, const AxisCase&) = default;
};

enum class Coordinates { plane, axisymmetric };

struct GridCase {
  std::int64_t nx = 0, ny = 0;        // cells
  std::array<double, 2> x{0.0, 1.0};  // m
  std::array<double, 2> y{0.0, 1.0};  // m
  AxisCase x_lines, y_lines;
  Coordinates coordinates =
      Coordinates::plane;            // axisymmetric: x is the distance from the axis, y runs along it
  std::optional<double> depth;       // m, of a plane
  std::optional<Coverage> coverage;  // absent: "auto"

  bool around_axis() const { return coordinates == Coordinates::axisymmetric; }
  /// Nobody gave a depth: heat is told per metre of it.
  bool per_metre() const { return !depth && !around_axis(); }
  friend bool operator==(const GridCase&, const GridCase&) = default;
};

/// A material with a name, [materials.NAME]. What is absent is not known of it.
struct NamedMaterialCase {
  std::string name;
  std::optional<ConductivityCase> conductivity;
  std::optional<Quantity> density;  // of x, y
  std::optional<SpecificHeatCase> specific_heat;
  std::vector<PhaseChangeCase> phase_change;
  std::string where;  ///< "file:line"; empty: taken from those built in

  friend bool operator==(const NamedMaterialCase&, const NamedMaterialCase&) = default;
};

struct MaterialCase {
  std::string material;                           // a name; what stands beside it wins
  std::optional<ConductivityCase> conductivity;   // absent only beside a material
  std::optional<Quantity> density;                // kg/m3, of x, y; absent only where nothing hangs on it
  std::optional<SpecificHeatCase> specific_heat;  // likewise
  std::vector<PhaseChangeCase> phase_change;
  std::optional<FaceMean> face_mean;  // absent: "auto"

  friend bool operator==(const MaterialCase&, const MaterialCase&) = default;
};

enum class Shape { rectangle, circle, polygon, image, hdf5, dxf };

constexpr std::size_t longest_name = 100;  // of what a case names

/// One piece of a side. `from`, `to` run along x (bottom, top) or y (left, right) [m].
struct WallCase {
  std::string type = "insulated";  // of app/case/wall_words
  std::string name;                // empty: none
  std::optional<double> from, to;  // absent: the whole side
  /// By key, as the type takes them; absent where it was not given.
  std::map<std::string, std::optional<Quantity>, std::less<>> values;
  std::string where;  ///< "file:line"

  /// The value of a key; where it was not given, 0.
  Quantity value(std::string_view key) const {
    const auto found = values.find(key);
    return found == values.end() ? Quantity{0.0} : found->second.value_or(0.0);
  }
  bool given(std::string_view key) const {
    const auto found = values.find(key);
    return found != values.end() && found->second.has_value();
  }
  friend bool operator==(const WallCase&, const WallCase&) = default;
};

/// A cavity of air in a frame, which conducts as ISO 10077-2 says (app/materials/frame_cavity).
struct CavityCase {
  bool along_y = false;                    // that heat crosses it
  double emissivity = 0.9;                 // of both faces
  std::optional<double> other_emissivity;  // of the other one
  double difference = 10.0;                // K, between the faces
  bool slightly_ventilated = false;
  std::string where;

  friend bool operator==(const CavityCase&, const CavityCase&) = default;
};

struct RegionCase {
  std::string name;
  Shape shape = Shape::rectangle;
  std::array<double, 2> x{0.0, 0.0}, y{0.0, 0.0};  // rectangle, image, hdf5, m
  PictureCase picture;                             // image
  ArrayFileCase arrays;                            // hdf5
  DrawingCase drawing;                             // dxf
  std::array<double, 2> center{0.0, 0.0};          // circle, m
  double radius = 0.0;                             // circle, m
  std::vector<std::array<double, 2>> points;       // polygon, m
  std::string material;                            // a name; what stands beside it wins
  std::optional<ConductivityCase> conductivity;    // what is absent stays as it was underneath
  std::optional<Quantity> density, temperature, power;
  std::optional<SpecificHeatCase> specific_heat;
  std::vector<PhaseChangeCase> phase_change;  ///< goes with the specific heat
  std::optional<double> liquid;               ///< initial, of what melts at one temperature
  std::optional<Quantity> heat;               ///< W/m, of t, T: instead of power
  std::optional<bool> is_void;                ///< a hole, or a body on top of one
  std::vector<WallCase> wall;                 ///< of a hole, one; none: insulated
  std::vector<CavityCase> cavity;             ///< one or none: instead of a conductivity
  std::string where;  ///< "file:line" of the region's header, for messages about the whole region

  friend bool operator==(const RegionCase&, const RegionCase&) = default;
};

struct InitialCase {
  std::optional<Quantity> temperature;  // of x, y; absent only where nothing hangs on it: 0
  std::optional<double> liquid;         // share of what begins where it melts at one temperature
  std::string file;  // instead: a snapshot or checkpoint, or any HDF5 file with that dataset
  std::string dataset = "temperature";
  std::string hash;   // that the file's bytes must have, 16 hexadecimal digits; empty: any
  std::string found;  // that they have; empty until the file is looked for

  friend bool operator==(const InitialCase&, const InitialCase&) = default;
};

struct BoundaryCase {
  std::vector<WallCase> left, right, bottom, top;  // empty: insulated

  friend bool operator==(const BoundaryCase&, const BoundaryCase&) = default;
};

struct SourceCase {
  Quantity power = 0.0;  // W/m3, of x, y, t, T

  friend bool operator==(const SourceCase&, const SourceCase&) = default;
};

struct TimeCase {
  const Method* method = nullptr;      // a row of solver/time/methods; null: "auto"
  std::optional<double> end;           // s
  std::optional<std::int64_t> steps;   // instead of end; needs a number for dt, or an explicit method
  std::optional<double> dt;            // s; absent: "auto"
  std::string start;                   // the instant that t = 0 stands for, ISO 8601; empty: nobody said
  double tolerance = 1e-4;             // local error for automatic steps
  std::optional<double> max_dt;        // s
  std::vector<double> breaks;          // s
  std::optional<double> until_steady;  // K/s

  bool steady() const { return method != nullptr && method->steady(); }
  friend bool operator==(const TimeCase&, const TimeCase&) = default;
};

struct SolverCase {
  double tolerance = 1e-10;                    // residual over initial residual
  std::optional<std::int64_t> max_iterations;  // absent: "auto"
  PreconditionerKind preconditioner = PreconditionerKind::multigrid;
  IterationKind iteration = IterationKind::automatic;
  FirstGuess first_guess = FirstGuess::present;

  friend bool operator==(const SolverCase&, const SolverCase&) = default;
};

enum class TemperatureUnit { kelvin, celsius };
/// Absolute zero on the scale of the unit.
constexpr double absolute_zero(TemperatureUnit unit) {
  return unit == TemperatureUnit::kelvin ? 0.0 : -273.15;
}

struct OutputCase {
  std::optional<double> every;  // s of simulated time
  std::optional<std::int64_t> every_steps;
  std::optional<std::int64_t> history_steps;       // absent: "auto"
  std::vector<double> times;                       // s
  std::vector<std::string> fields{"temperature"};  // also "flux", "conductivity"
  Precision precision = Precision::double_;
  std::optional<TemperatureUnit> temperature_unit;  // absent: K as far as anybody can tell

  TemperatureUnit unit() const { return temperature_unit.value_or(TemperatureUnit::kelvin); }
  friend bool operator==(const OutputCase&, const OutputCase&) = default;
};

/// Who moves the bytes of snapshots and checkpoints; the files are the same.
enum class FileWriter { hdf5, direct };

struct CheckpointCase {
  std::optional<double> every_seconds;  // wall time: written as "10min", "30s", "2h" or a number of seconds;
                                        // absent: "auto"
  double mtbf = 86400.0;                // s between failures of the machine, for "auto"
  std::optional<std::int64_t> every_steps;
  std::int64_t keep = 2;
  FileWriter writer = FileWriter::hdf5;

  friend bool operator==(const CheckpointCase&, const CheckpointCase&) = default;
};

struct ProbeCase {
  std::string name;
  std::array<double, 2> at{0.0, 0.0};  // m
  std::string where;

  friend bool operator==(const ProbeCase&, const ProbeCase&) = default;
};

struct SectionCase {
  std::string name;
  std::array<double, 2> from{0.0, 0.0}, to{0.0, 0.0};  // m
  std::string where;

  friend bool operator==(const SectionCase&, const SectionCase&) = default;
};

/// A resistance where two bodies touch, or around one.
struct ContactCase {
  std::vector<std::string> between;  // two names of regions, or "material"
  std::string around;                // instead: one
  double resistance = 0.0;           // m2 K/W
  std::string where;

  friend bool operator==(const ContactCase&, const ContactCase&) = default;
};

/// The body as a thin plate that gives heat off through its faces.
struct PlateCase {
  std::optional<double> thickness;        // m
  std::optional<Quantity> film, ambient;  // W/(m2 K), of x, y, t, T; of x, y, t
  std::optional<std::int64_t> faces;      // absent: 2

  bool given() const { return thickness || film || ambient || faces; }
  friend bool operator==(const PlateCase&, const PlateCase&) = default;
};

/// A plane part beside a thermal bridge.
struct BridgePartCase {
  double U = 0.0, length = 0.0;  // W/(m2 K), m
  std::string where;

  friend bool operator==(const BridgePartCase&, const BridgePartCase&) = default;
};

struct ThermalBridgeCase {
  std::optional<double> inside, outside;  // temperatures of both environments
  std::vector<BridgePartCase> parts;

  bool given() const { return inside || outside || !parts.empty(); }
  friend bool operator==(const ThermalBridgeCase&, const ThermalBridgeCase&) = default;
};

struct IntegralCase {
  std::string name;
  Quantity weight = 1.0;  // number, a field's name (density, specific_heat, heat_capacity, conductivity), or
                          // expression of x, y, t
  std::string region;     // empty: everywhere
  std::string where;

  friend bool operator==(const IntegralCase&, const IntegralCase&) = default;
};

struct ParallelCase {
  std::optional<std::int64_t> halo_depth;            // absent: "auto"
  std::optional<std::array<std::int64_t, 2>> tile;   // absent: "auto"
  std::optional<std::array<std::int64_t, 2>> ranks;  // absent: "auto"
  Precision precision = Precision::double_;
  std::string balance = "off";  // | "measured"
  GuardKind guard = GuardKind::ledger;

  friend bool operator==(const ParallelCase&, const ParallelCase&) = default;
};

struct Case {
  std::string name;       ///< the first file's stem; not a key of the file
  bool has_plan = false;  ///< the text has a [sweep] too, which only `calor sweep` reads
  std::string title;
  GridCase grid;
  std::vector<FunctionCase> functions;
  std::vector<NamedMaterialCase> materials;  ///< of the file, and those built in that it names
  MaterialCase material;
  std::vector<RegionCase> regions;
  std::vector<ContactCase> contacts;
  PlateCase plate;
  InitialCase initial;
  BoundaryCase boundary;
  SourceCase source;
  TimeCase time;
  SolverCase solver;
  OutputCase output;
  CheckpointCase checkpoint;
  std::vector<ProbeCase> probes;
  std::vector<IntegralCase> integrals;
  std::vector<SectionCase> sections;
  ThermalBridgeCase thermal_bridge;
  ParallelCase parallel;
  std::vector<InputFile> inputs;        ///< tables that were read from files, each once
  std::optional<double> covered_until;  ///< s: tables that end with an error have values until here

  friend bool operator==(const Case&, const Case&) = default;
};

}  // namespace calor::app

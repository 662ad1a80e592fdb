// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/run/setup.hpp"
#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Catch::Contains;
using Strings = std::vector<std::string>;

namespace {

// What every transient must say.
const std::string iron =
    "[material]\nconductivity = 50.0\ndensity = 7850.0\nspecific_heat = 460.0\n[initial]\ntemperature = "
    "20.0\n";

// A sound case that every bad one below differs from in one place.
const std::string base = R"(title = "base"
[grid]
nx = 60
ny = 100
x = [0.0, 0.6]
y = [0.0, 1.0]
[material]
conductivity = 52.0
density = 7850.0
specific_heat = 460.0
face_mean = "harmonic"
[[region]]
name = "duct"
shape = "rectangle"
x = [0.1, 0.2]
y = [0.1, 0.2]
power = 5.0
[[region]]
name = "disc"
shape = "circle"
center = [0.3, 0.3]
radius = 0.1
[[region]]
name = "wedge"
shape = "polygon"
points = [[0, 0], [0.1, 0], [0, 0.1]]
[initial]
temperature = 20.0
[boundary]
left = { type = "insulated" }
right = { type = "convection", film = 750.0, ambient = 0.0 }
bottom = { type = "temperature", value = 100.0 }
top = [{ type = "flux", inward = 1e4, to = 0.3 }, { type = "radiation", emissivity = 0.9, ambient = 300.0, from = 0.3 }]
[source]
power = 0.0
[time]
method = "backward-euler"
end = 32.0
dt = 0.5
tolerance = 1e-4
[solver]
tolerance = 1e-10
max_iterations = 200
preconditioner = "jacobi"
[output]
every = 1.0
fields = ["temperature"]
precision = "double"
[checkpoint]
every = "10min"
keep = 2
[[probe]]
name = "E"
at = [0.6, 0.2]
[[probe]]
name = "F"
at = [0.3, 0.2]
[[integral]]
name = "heat"
weight = "density"
region = "duct"
[parallel]
halo_depth = "auto"
ranks = "auto"
precision = "double"
balance = "off"
)";

std::string replaced(const std::string& text, const std::string& find, const std::string& by) {
  const std::size_t at = text.find(find);
  REQUIRE(at != std::string::npos);
  return text.substr(0, at) + by + text.substr(at + find.size());
}

int line_of(const std::string& text, const std::string& find) {
  const std::size_t at = text.find(find);
  REQUIRE(at != std::string::npos);
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

struct Refusal {
  int code = 0;
  std::string message = "accepted";
};

Refusal refusal(const std::vector<Text>& texts, const Strings& overrides = {}) {
  try {
    parse_case(texts, overrides);
  } catch (const Error& error) {
    return {static_cast<int>(error.code()), error.what()};
  }
  return {};
}

std::size_t lines_in(const std::string& message) {
  return 1 + static_cast<std::size_t>(std::count(message.begin(), message.end(), '\n'));
}

Case parsed(const std::string& text, const Strings& overrides = {}) {
  return parse_case({{"case.toml", text}}, overrides);
}

}  // namespace

TEST_CASE("a sound case says what its text says", "[case]") {
  const Case c = parsed(base);
  CHECK(c.name == "case");
  CHECK(c.title == "base");
  CHECK(c.grid.nx == 60);
  CHECK(c.grid.ny == 100);
  CHECK(c.grid.x == std::array<double, 2>{0.0, 0.6});
  CHECK(c.material.conductivity->x == Quantity{52.0});
  CHECK(c.material.conductivity->y == Quantity{52.0});
  CHECK_FALSE(c.material.conductivity->anisotropic);
  REQUIRE(c.regions.size() == 3);
  CHECK(c.regions[0].name == "duct");
  CHECK(c.regions[0].power == Quantity{5.0});
  CHECK_FALSE(c.regions[0].density);
  CHECK(c.regions[0].where == "case.toml:12");
  CHECK(c.regions[1].shape == Shape::circle);
  CHECK(c.regions[2].points.size() == 3);
  REQUIRE(c.boundary.left.size() == 1);
  CHECK(c.boundary.left[0].type == "insulated");
  REQUIRE(c.boundary.top.size() == 2);
  CHECK(c.boundary.top[0].value("inward") == Quantity{1e4});
  CHECK(c.boundary.top[0].to == 0.3);
  CHECK_FALSE(c.boundary.top[0].from);
  CHECK(c.boundary.top[1].value("emissivity") == Quantity{0.9});
  CHECK(c.boundary.top[1].where == "case.toml:33");
  CHECK(c.time.method == &methods::backward_euler);
  CHECK(c.time.end == 32.0);
  CHECK(c.time.dt == 0.5);
  CHECK_FALSE(c.time.steps);
  CHECK(c.solver.max_iterations == 200);
  CHECK(c.checkpoint.every_seconds == 600.0);
  CHECK(c.probes[1].at == std::array<double, 2>{0.3, 0.2});
  CHECK(c.integrals[0].weight == Quantity{std::string{"density"}});
  CHECK_FALSE(c.parallel.halo_depth);
  CHECK_FALSE(c.parallel.ranks);
}

TEST_CASE("a grid, an end and what is physical are enough", "[case]") {
  const Case c = parsed("grid = { nx = 3, ny = 4 }\ntime.end = 1\n" + iron);
  CHECK(c.grid.nx == 3);
  CHECK(c.time.end == 1.0);
  CHECK(c.boundary.left.empty());
  CHECK(c.output.fields == Strings{"temperature"});
  CHECK(c.solver.preconditioner == PreconditionerKind::multigrid);
}

TEST_CASE("every wrong line is refused with its place and key", "[case][bad]") {
  struct Row {
    std::string find, by, key, says;  // `by` replaces `find`; an empty `find`: `by` is appended
    std::size_t lines = 1;            // of the message
  };
  const Row row = GENERATE(values<Row>({
      // Numbers.
      {"nx = 60", "nx = 0", "grid.nx", "must be in [1"},
      {"nx = 60", "nx = -5", "grid.nx", "must be in [1"},
      {"nx = 60", "nx = 12.7", "grid.nx", "whole number"},
      {"nx = 60", "nx = 60.0", "grid.nx", "whole number"},
      {"nx = 60", "nx = 1e3", "grid.nx", "whole number"},
      {"nx = 60", "nx = \"60\"", "grid.nx", "not a string"},
      {"nx = 60", "nx = true", "grid.nx", "not true or false"},
      {"nx = 60", "nx = [60]", "grid.nx", "not a list"},
      {"nx = 60", "nx = {}", "grid.nx", "not a table"},
      {"nx = 60", "nx = 1979-05-27", "grid.nx", "not a date"},
      {"nx = 60", "nx = nan", "grid.nx", "finite"},
      {"nx = 60", "nx = 0x3C", "grid.nx", "base 10"},
      {"nx = 60", "nx = 0o74", "grid.nx", "base 10"},
      {"nx = 60", "nx = 2147483648", "grid.nx", "must be in [1"},
      {"nx = 60\nny = 100", "nx = 1073741824\nny = 2000", "grid.nx", "cells are"},
      {"end = 32.0", "end = 0", "time.end", "must be > 0"},
      {"end = 32.0", "end = -1.5", "time.end", "must be > 0"},
      {"end = 32.0", "end = inf", "time.end", "finite"},
      {"end = 32.0", "end = -inf", "time.end", "finite"},
      {"end = 32.0", "end = nan", "time.end", "finite"},
      {"end = 32.0", "end = 1e-400", "time.end", "too small"},
      {"end = 32.0", "end = \"32\"", "time.end", "must be a number of seconds"},
      {"end = 32.0", "end = true", "time.end", "not true or false"},
      {"dt = 0.5", "dt = 0", "time.dt", "must be > 0"},
      {"dt = 0.5", "dt = -0.5", "time.dt", "must be > 0"},
      {"dt = 0.5", "dt = \"often\"", "time.dt", "\"auto\""},
      {"dt = 0.5", "dt = 1e-300", "time.dt", "would take"},
      {"tolerance = 1e-4", "tolerance = 0", "time.tolerance", "in (0, 1)"},
      {"tolerance = 1e-10", "tolerance = 1", "solver.tolerance", "in (0, 1)"},
      {"max_iterations = 200", "max_iterations = 0", "solver.max_iterations", ">= 1"},
      {"max_iterations = 200", "max_iterations = \"some\"", "solver.max_iterations", "\"auto\""},
      {"keep = 2", "keep = 0", "checkpoint.keep", "in [1"},
      {"keep = 2", "writer = \"mpi\"", "checkpoint.writer", "hdf5, direct"},
      {"every = \"10min\"", "every = \"10 lightyears\"", "checkpoint.every", "\"auto\""},
      {"every = \"10min\"", "every = \"0s\"", "checkpoint.every", "must be > 0"},
      {"every = \"10min\"", "every = -3", "checkpoint.every", "must be > 0"},
      {"halo_depth = \"auto\"", "halo_depth = 0", "parallel.halo_depth", "in [1"},
      {"ranks = \"auto\"", "ranks = [2, 0]", "parallel.ranks", "in [1"},
      {"ranks = \"auto\"", "ranks = [2]", "parallel.ranks", "two whole numbers"},
      {"ranks = \"auto\"", "ranks = 4", "parallel.ranks", "two whole numbers"},
      // Extents.
      {"x = [0.0, 0.6]", "x = [0.6, 0.0]", "grid.x", "less than"},
      {"x = [0.0, 0.6]", "x = [0.6, 0.6]", "grid.x", "less than"},
      {"x = [0.0, 0.6]", "x = [0.6]", "grid.x", "two numbers"},
      {"x = [0.0, 0.6]", "x = 0.6", "grid.x", "two numbers"},
      {"x = [0.0, 0.6]", "x = [0.0, \"0.6\"]", "grid.x", "not a string"},
      {"x = [0.0, 0.6]", "x = [0.0, inf]", "grid.x", "finite"},
      {"y = [0.0, 1.0]", "y = [1e20, 1.00000000000001e20]", "grid.y", "told apart"},
      // Material.
      {"conductivity = 52.0", "conductivity = 0", "material.conductivity", "must be > 0"},
      {"conductivity = 52.0", "conductivity = -1", "material.conductivity", "must be > 0"},
      {"conductivity = 52.0", "conductivity = [1, 2, 3]", "material.conductivity", "[kx, ky]"},
      {"conductivity = 52.0", "conductivity = [1, -2]", "material.conductivity", "must be > 0"},
      {"conductivity = 52.0", "conductivity = \"x + z\"", "material.conductivity", "'z'"},
      {"conductivity = 52.0", "conductivity = \"1 + t\"", "material.conductivity", "variable 't'"},
      {"conductivity = 52.0", "conductivity = \"1 - 2\"", "material.conductivity", "must be > 0; it is -1"},
      {"conductivity = 52.0", "conductivity = \"1/0\"", "material.conductivity", "finite"},
      {"conductivity = 52.0", "conductivity = true", "material.conductivity", "not true or false"},
      {"conductivity = 52.0", "conductivity = { T = [0, 1] }", "material.conductivity", "needs both"},
      {"conductivity = 52.0", "conductivity = { T = [0, 1], k = [1] }", "material.conductivity", "T has 2"},
      {"conductivity = 52.0", "conductivity = { T = [1, 1], k = [1, 2] }", "material.conductivity.T",
       "must rise"},
      {"conductivity = 52.0", "conductivity = { T = [0, 1], k = [1, 0] }", "material.conductivity.k",
       "must be > 0"},
      {"conductivity = 52.0", "conductivity = { T = [0], k = [1], q = 2 }", "material.conductivity.q",
       "unknown key"},
      {"conductivity = 52.0", "conductivity = { T = [], k = [] }", "material.conductivity.T",
       "list of numbers", 2},
      {"density = 7850.0", "density = \"1 + T\"", "material.density", "variable 'T'"},
      {"density = 7850.0", "density = 0.0", "material.density", "must be > 0"},
      {"specific_heat = 460.0", "specific_heat = \"sin(\"", "material.specific_heat", "too early"},
      {"specific_heat = 460.0", "specific_heat = \"x=5\"", "material.specific_heat", "assignment"},
      {"face_mean = \"harmonic\"", "face_mean = \"harmonik\"", "material.face_mean",
       "did you mean \"harmonic\"?"},
      {"face_mean = \"harmonic\"", "face_mean = 3", "material.face_mean", "harmonic, arithmetic"},
      // Regions.
      {"name = \"duct\"", "name = \"\"", "region.0.name", "must not be empty"},
      {"name = \"duct\"", "name = \"a,b\"", "region.0.name", "comma"},
      {"name = \"duct\"", "name = \"a\\nb\"", "region.0.name", "control"},
      {"name = \"disc\"", "name = \"duct\"", "region.1.name", "another [[region]]"},
      {"shape = \"circle\"", "shape = \"square\"", "region.disc.shape", "rectangle, circle, polygon"},
      {"shape = \"circle\"", "shape = \"hdf5\"", "region.disc.file", "missing", 5},
      {"shape = \"circle\"", "", "region.disc.shape", "missing"},
      {"x = [0.1, 0.2]", "x = [0.2, 0.2]", "region.duct.x", "less than"},
      {"radius = 0.1", "radius = 0", "region.disc.radius", "must be > 0"},
      {"radius = 0.1", "", "region.disc.radius", "missing"},
      {"radius = 0.1", "radius = 0.1\npoints = [[0, 0], [1, 0], [0, 1]]", "region.disc.points",
       "does not belong"},
      {"points = [[0, 0], [0.1, 0], [0, 0.1]]", "points = [[0, 0], [1, 1]]", "region.wedge.points",
       "at least 3"},
      {"points = [[0, 0], [0.1, 0], [0, 0.1]]", "points = [[0, 0], [1, 1], [2]]", "region.wedge.points",
       "[x, y]"},
      {"points = [[0, 0], [0.1, 0], [0, 0.1]]", "points = [[0, 0], [1, 1], [2, 2]]", "region.wedge.points",
       "one line"},
      {"power = 5.0", "power = \"x*q\"", "region.duct.power", "'q'"},
      {"power = 5.0", "powr = 5.0", "region.duct.powr", "did you mean \"power\"?"},
      {"power = 5.0", "density = -1", "region.duct.density", "must be > 0"},
      {"power = 5.0", "temperature = \"x*T\"", "region.duct.temperature", "variable 'T'"},
      // Initial state.
      {"temperature = 20.0", "temperature = \"t\"", "initial.temperature", "variable 't'"},
      {"temperature = 20.0", "temperature = -20.0", "initial.temperature", "below absolute zero, 0 K"},
      {"temperature = 20.0", "temperature = 20.0\nfile = \"a.h5\"", "initial.file",
       "stands beside initial.temperature"},
      // Walls.
      {"{ type = \"insulated\" }", "{ type = \"isolated\" }", "boundary.left.type",
       "did you mean \"insulated\"?"},
      {"{ type = \"insulated\" }", "{}", "boundary.left.type", "missing"},
      {"{ type = \"insulated\" }", "\"insulated\"", "boundary.left", "{ key = value, ... }"},
      {"{ type = \"insulated\" }", "{ type = \"insulated\", film = 3 }", "boundary.left.film",
       "does not belong"},
      {"{ type = \"insulated\" }", "{ type = \"periodic\" }", "boundary.left",
       "boundary.right must be periodic"},
      {"{ type = \"insulated\" }", "{ type = \"periodic\", to = 0.5 }", "boundary.left", "whole side", 2},
      {"{ type = \"insulated\" }", "{ type = \"insulated\", from = 0.5, to = 0.5 }", "boundary.left.to",
       "empty"},
      {"{ type = \"insulated\" }", "{ type = \"insulated\", from = 0.5, to = 1.5 }", "boundary.left.to",
       "outside"},
      {"{ type = \"insulated\" }", "{ type = \"insulated\", from = -0.1 }", "boundary.left.from", "outside"},
      {"{ type = \"insulated\" }", "{ type = \"insulated\", fron = 0.1 }", "boundary.left.fron",
       "did you mean \"from\"?"},
      {"value = 100.0", "value = \"x*\"", "boundary.bottom.value", "too early"},
      {"value = 100.0", "value = nan", "boundary.bottom.value", "finite"},
      {", value = 100.0", "", "boundary.bottom.value", "missing"},
      {"film = 750.0", "film = -1", "boundary.right.film", ">= 0"},
      {"film = 750.0, ", "", "boundary.right.film", "missing"},
      {", ambient = 0.0", "", "boundary.right.ambient", "missing"},
      {"emissivity = 0.9", "emissivity = 0", "boundary.top.1.emissivity", "in (0, 1]"},
      {"emissivity = 0.9", "emissivity = 1.01", "boundary.top.1.emissivity", "in (0, 1]"},
      {"emissivity = 0.9", "emissivity = \"q\"", "boundary.top.1.emissivity", "'q'"},
      {"emissivity = 0.9", "emissivity = 0.9, radiant = 3", "boundary.top.1.radiant", "does not belong"},
      {"film = 750.0", "film = 750.0, radiant = 3", "boundary.right.radiant", "needs emissivity"},
      {"film = 750.0", "film = 750.0, emissivity = 2", "boundary.right.emissivity", "in (0, 1]"},
      {"film = 750.0", "film = 750.0, emissivity = 0.5, radiant = -3", "boundary.right.radiant",
       "below absolute zero, 0 K"},
      {"ambient = 300.0", "ambient = -1", "boundary.top.1.ambient", "below absolute zero, 0 K"},
      {"value = 100.0", "value = \"20 + T\"", "boundary.bottom.value", "variable 'T'"},
      {"from = 0.3", "from = 0.2", "boundary.top.1", "overlaps the piece from 0 to 0.3"},
      {"inward = 1e4", "outward = 1e4", "boundary.top.0.outward", "unknown key", 2},
      // Source and time.
      {"[source]\npower = 0.0", "[source]\npower = \"T +\"", "source.power", "too early"},
      {"method = \"backward-euler\"", "method = \"trapezoid\"", "time.method", "there is: auto, euler"},
      {"method = \"backward-euler\"", "method = \"eular\"", "time.method", "did you mean \"euler\"?"},
      {"method = \"backward-euler\"", "method = 2", "time.method", "word"},
      {"end = 32.0", "", "time.end", "missing; give time.end or time.steps"},
      {"end = 32.0", "end = 32.0\nsteps = 3", "time.steps", "stands beside time.end"},
      {"end = 32.0", "steps = 0", "time.steps", "in [1"},
      {"end = 32.0\ndt = 0.5", "steps = 10", "time.steps", "needs a number for time.dt"},
      {"preconditioner = \"jacobi\"", "preconditioner = \"ilu\"", "solver.preconditioner", "multigrid"},
      // Output.
      {"every = 1.0", "every = 0.0", "output.every", "must be > 0"},
      {"every = 1.0", "every = 1e-300", "output.every", "snapshots"},
      {"every = 1.0", "every = 1.0\nevery_steps = 5", "output.every_steps", "stands beside output.every"},
      {"every = 1.0", "times = [1, 40]", "output.times", "beyond the end"},
      {"every = 1.0", "times = [2, 1]", "output.times", "must rise; 1 follows 2"},
      {"every = 1.0", "times = [-1, 1]", "output.times", ">= 0"},
      {"every = 1.0", "times = []", "output.times", "list of numbers"},
      {"every = 1.0", "every_steps = 1.5", "output.every_steps", "whole number"},
      {"fields = [\"temperature\"]", "fields = [\"temprature\"]", "output.fields",
       "did you mean \"temperature\"?"},
      {"fields = [\"temperature\"]", "fields = [\"temperature\", \"temperature\"]", "output.fields", "twice"},
      {"fields = [\"temperature\"]", "fields = []", "output.fields", "list of"},
      {"fields = [\"temperature\"]", "fields = [\"flux\"]", "output.fields", "must include"},
      {"[\"temperature\"]\nprecision = \"double\"", "[\"temperature\"]\nprecision = \"half\"",
       "output.precision", "double, single"},
      // Probes and integrals.
      {"name = \"E\"", "", "probe.0.name", "missing"},
      {"name = \"E\"", "name = 5", "probe.0.name", "must be a string"},
      {"name = \"E\"", "name = \"time\"", "probe.time.name", "first column"},
      {"name = \"F\"", "name = \"E\"", "probe.1.name", "another [[probe]]"},
      {"at = [0.6, 0.2]", "at = [0.7, 0.2]", "probe.E.at", "outside the domain"},
      {"at = [0.6, 0.2]", "at = [0.6]", "probe.E.at", "two numbers"},
      {"at = [0.6, 0.2]", "", "probe.E.at", "missing"},
      {"weight = \"density\"", "weight = \"densty\"", "integral.heat.weight", "did you mean \"density\"?"},
      {"weight = \"density\"", "weight = \"T\"", "integral.heat.weight", "variable 'T'"},
      {"region = \"duct\"", "region = \"dust\"", "integral.heat.region", "did you mean \"duct\"?"},
      {"precision = \"double\"\nbalance", "precision = \"half\"\nbalance", "parallel.precision", "single"},
      {"balance = \"off\"", "balance = \"measured\"", "parallel.balance", "not in this version"},
      {"balance = \"off\"", "balance = \"of\"", "parallel.balance", "did you mean \"off\"?"},
      // Unknown names.
      {"nx = 60", "nx = 60\nnz = 3", "grid.nz", "did you mean \"grid.nx\"?"},
      {"[source]\n", "[sauce]\n", "sauce", "did you mean \"source\"?"},
      {"", "[qwertz]\na = 1\n", "qwertz", "there is: title, grid"},
      {"tolerance = 1e-4", "tolerance = 1e-4\ndensity = 3", "time.density",
       "did you mean \"material.density\""},
      {"title = \"base\"", "title = \"base\"\nnx = 3", "nx", "did you mean \"grid.nx\"?"},
      {"title = \"base\"", "title = 5", "title", "must be a string"},
      {"title = \"base\"", "title = \"a\\u0007b\"", "title", "control"},
      {"title = \"base\"", "title = \"" + std::string(201, 'a') + "\"", "title", "longer than 200"},
  }));
  INFO(row.find << " -> " << row.by);
  const std::string text = row.find.empty() ? base + row.by : replaced(base, row.find, row.by);
  const Refusal r = refusal({{"case.toml", text}});
  CHECK(r.code == 78);
  CHECK_THAT(r.message, Contains(row.key) && Contains(row.says));
  // One mistake, one line, with the place of the key: its own line, or the line of the section that lacks it.
  CHECK(lines_in(r.message) == row.lines);
  CHECK_THAT(r.message, Catch::StartsWith("case.toml:"));
  CHECK_THAT(r.message, Contains(": " + row.key + " = ") || Contains(": " + row.key + ": "));
  if (row.says.find("missing") == std::string::npos && row.key != "time.method") {
    const std::string leaf = row.key.substr(row.key.rfind('.') + 1);
    const std::size_t changed = row.find.empty() ? text.find(row.by) : text.find(row.by, base.find(row.find));
    const int first = line_of(text, text.substr(changed, 60));
    const int last = first + static_cast<int>(std::count(row.by.begin(), row.by.end(), '\n'));
    const int line = std::stoi(r.message.substr(10));
    CHECK(first <= line);
    CHECK(line <= last);
  }
}

TEST_CASE("every number refuses what is no number, as an override", "[case][bad]") {
  const std::string key =
      GENERATE(as<std::string>{}, "grid.nx", "grid.ny", "time.end", "time.tolerance", "solver.tolerance",
               "output.every", "checkpoint.keep", "region.disc.radius", "boundary.top.1.emissivity",
               "time.dt", "checkpoint.every", "parallel.halo_depth", "solver.max_iterations",
               "boundary.top.1.from", "output.every_steps");
  for (const std::string value :
       {"true", "[1, 2]", "{ a = 1 }", "nan",  "inf", "-inf",       "1e999", "1e-400", "010",
        "word", "\"5\"",  "\"\"",      "1_0_", "1,5", "1979-05-27", "-1",    "",       "99999999999999999999",
        "0x1F", "[1",     "'",         "1 2"}) {
    const std::string text = key + "=" + value;
    const bool seconds = key == "checkpoint.every" && value == "\"5\"";  // "5" is a duration
    INFO(text);
    const Refusal r = refusal({{"case.toml", base}}, {text});
    if (seconds) continue;
    CHECK(r.code == 78);
    CHECK_THAT(r.message, Contains("command line: " + text + ": " + key));
  }
}

TEST_CASE("missing things are named at the section that lacks them", "[case][bad]") {
  CHECK(refusal({{"case.toml", "title = \"a\"\n[time]\nend = 1\n" + iron}}).message ==
        "case.toml:1: grid.nx: missing; it must be given\ncase.toml:1: grid.ny: missing; it must be given");
  CHECK(refusal({{"case.toml", "\n[grid]\nnx = 3\n[time]\nend = 1\n" + iron}}).message ==
        "case.toml:2: grid.ny: missing; it must be given");
  CHECK_THAT(refusal({{"case.toml", "grid = 5\ntime.end = 1\n" + iron}}).message,
             Contains("case.toml:1: grid = 5: is a section") && !Contains("missing"));
  CHECK_THAT(refusal({{"case.toml", "grid = { nx = 3, ny = 3 }\n[time]\nmethod = \"euler\""}}).message,
             Contains("case.toml:2: time.end: missing; give time.end or time.steps"));
}

TEST_CASE("nothing physical is guessed", "[case][bad]") {
  const std::string grid = "[grid]\nnx = 4\nny = 4\n";
  const std::string transient = "[time]\nend = 1\n", steady = "[time]\nmethod = \"steady\"\n",
                    fixed = "[boundary]\nleft = { type = \"temperature\", value = 3 }\n",
                    k = "[material]\nconductivity = 5.0\n";
  const auto told = [&](const std::string& text, const Strings& overrides = {}) {
    const std::string message = refusal({{"case.toml", grid + text}}, overrides).message;
    std::string missing;
    for (const char* key :
         {"material.conductivity", "material.density", "material.specific_heat", "initial.temperature"})
      if (message.find(std::string{key} + ": missing") != std::string::npos)
        missing += key[0] == 'i' ? 'T' : key[9];
    return missing;
  };
  CHECK(told(transient) == "cdsT");
  CHECK(told(transient + k + fixed) == "dsT");
  CHECK(told(transient + iron) == "");
  CHECK(told(transient + k,
             {"material.density=3", "material.specific_heat=\"1+x\"", "initial.temperature=5"}) == "");
  CHECK(told(transient + k + "density = 3\nspecific_heat = 4\n[initial]\nfile = \"a.h5\"\n") == "");
  CHECK(told(steady + fixed) == "c");
  CHECK(told(steady + fixed + k) == "");
  CHECK(told(steady + k) == "dsT");  // the heat of the start stays
  CHECK(told(steady + iron) == "");
  CHECK(told(steady + k + "[source]\npower = \"5 - T\"\n") == "");
  const auto weighted = [&](const std::string& w) {
    return told(steady + fixed + k + "[[integral]]\nname = \"a\"\nweight = " + w + "\n");
  };
  CHECK(weighted("\"density\"") == "d");
  CHECK(weighted("\"specific_heat\"") == "s");
  CHECK(weighted("\"heat_capacity\"") == "ds");
  CHECK(weighted("\"conductivity\"") == "");
  CHECK(weighted("\"1 + x\"") == "");
  CHECK(weighted("2.0") == "");
  const auto along_two = [&](const std::string& w) {
    return refusal({{"case.toml", grid + steady + fixed +
                                      "[material]\nconductivity = 5.0\n[[region]]\nname = \"grain\"\n"
                                      "shape = \"circle\"\ncentre = [0.5, 0.5]\nradius = 0.3\n"
                                      "conductivity = [2.0, 1.0]\n[[integral]]\nname = \"a\"\nweight = " +
                                      w + "\n"}})
        .message;
  };
  CHECK_THAT(along_two("\"conductivity\""), Contains("integral.a.weight") && Contains("[kx, ky]"));
  CHECK_THAT(along_two("\"density\""), !Contains("[kx, ky]"));
}

TEST_CASE("all mistakes are told in one go, in the order of the lines", "[case][bad]") {
  std::string text = replaced(base, "nx = 60", "nx = -1");
  text = replaced(text, "radius = 0.1", "radius = 0");
  text = replaced(text, "film = 750.0", "flim = 750.0");
  text = replaced(text, "at = [0.6, 0.2]", "at = [9, 0.2]");
  text = replaced(text, "keep = 2", "keep = \"two\"");
  const Refusal r = refusal({{"case.toml", text}}, {"time.method=warp", "grid.ny="});
  CHECK(r.code == 78);
  CHECK(lines_in(r.message) == 8);
  std::size_t at = 0;
  for (const char* part :
       {"case.toml:3: grid.nx = -1", "case.toml:22: region.disc.radius = 0",
        "case.toml:31: boundary.right.film: missing", "case.toml:31: boundary.right.flim = 750.0",
        "case.toml:51: checkpoint.keep = \"two\"", "case.toml:54: probe.E.at = [9, 0.2]",
        "command line: time.method=warp: time.method", "command line: grid.ny=: grid.ny"}) {
    INFO(part << " in\n" << r.message);
    const std::size_t next = r.message.find(part);
    REQUIRE(next != std::string::npos);
    CHECK(next >= at);
    at = next;
  }
  // More mistakes than anybody reads are counted.
  std::string many = "[grid]\n";
  for (int i = 0; i < 200; ++i) many += fmt::format("qq{} = 1\n", i);
  CHECK_THAT(refusal({{"case.toml", many}}).message, Contains("mistakes more"));
}

TEST_CASE("text that is not TOML is refused with line and column", "[case][bad]") {
  CHECK_THAT(refusal({{"a.toml", "[grid]\nnx = \n"}}).message,
             Catch::StartsWith("a.toml:2:") && Contains("not TOML"));
  CHECK(refusal({{"a.toml", "[grid]\nnx = 1\nnx = 2\n"}}).code == 78);
  CHECK_THAT(refusal({{"a.toml", "[grid]\nnx = 1\nnx = 2\n"}}).message, Catch::StartsWith("a.toml:3:"));
  CHECK_THAT(refusal({{"a.toml", "a = 1e999"}}).message, Catch::StartsWith("a.toml:1:"));
  CHECK_THAT(refusal({{"a.toml", "a = 010"}}).message, Contains("leading zeroes"));
  CHECK(refusal({{"a.toml", std::string("a = \"\0\"", 7)}}).code == 78);
  // Every unreadable file is named.
  const Refusal two = refusal({{"a.toml", "x ="}, {"b.toml", "[[["}});
  CHECK_THAT(two.message, Contains("a.toml:1:") && Contains("\nb.toml:1:"));
}

TEST_CASE("texts too large or too deep are refused", "[case][bad]") {
  CHECK_THAT(refusal({{"a.toml", std::string((1 << 20) + 1, '\n')}}).message, Contains("bytes"));
  std::string many = "[qq]\n";
  for (int i = 0; i < 10001; ++i) many += fmt::format("k{} = 1\n", i);
  CHECK_THAT(refusal({{"a.toml", many}}).message, Contains("10002 keys"));
  CHECK_THAT(refusal({{"a.toml", "a = \"\u00e9" + std::string(70000, 'b') + "\""}}).message,
             Contains("line of"));
  std::string deep = "a";
  for (int i = 0; i < 30000; ++i) deep += ".a";
  CHECK_THAT(refusal({{"a.toml", deep + " = 1"}}).message, Contains("parts"));
  CHECK_THAT(refusal({{"a.toml", "[" + deep + "]"}}).message, Contains("parts"));
  CHECK(refusal({{"a.toml", base}}, {deep + "=1"}).code == 64);
  CHECK_THAT(refusal({{"a.toml", "a = " + std::string(60000, '[')}}).message, Contains("not TOML"));
}

TEST_CASE("what is no key=value is a wrong command line", "[case][bad]") {
  for (const std::string text : {"grid.nx", "=3", ".=3", "a b=3", "grid..nx=3", "\"a=3", "#=3"}) {
    INFO(text);
    const Refusal r = refusal({{"case.toml", base}}, {text});
    CHECK(r.code == 64);
    CHECK_THAT(r.message, Contains("command line: " + text));
  }
}

TEST_CASE("control characters of a case do not reach the terminal", "[case][bad]") {
  const Refusal r = refusal({{"case.toml", base}}, {"grid.nx=\x1b[31mred", "title=\"a\\u001b[2Jb\""});
  CHECK(r.code == 78);
  CHECK(r.message.find('\x1b') == std::string::npos);
}

TEST_CASE("later files and overrides win, table by table", "[case][merge]") {
  const Text first{"first.toml", base};
  const Text second{
      "second.toml",
      "[grid]\nnx = 30\n[boundary]\nright.ambient = 7.5\n[material]\nconductivity = [1.0, 2.0]\n"};
  const Case c = parse_case({first, second}, {"grid.ny=50", "boundary.right.film=2.5"});
  CHECK(c.name == "first");
  CHECK(c.grid.nx == 30);
  CHECK(c.grid.ny == 50);
  CHECK(c.grid.y == std::array<double, 2>{0.0, 1.0});
  CHECK(c.boundary.right[0].value("film") == Quantity{2.5});
  CHECK(c.boundary.right[0].value("ambient") == Quantity{7.5});
  CHECK(c.material.conductivity->anisotropic);
  CHECK(c.material.conductivity->y == Quantity{2.0});
  CHECK(parse_case({second, first}).grid.nx == 60);
  CHECK(parse_case({first, second}, {"grid.nx=5", "grid.nx=6"}).grid.nx == 6);
  CHECK(parse_case({first, {"s.toml", "probe = []\n"}}).probes.empty());
  CHECK_THAT(refusal({first, {"second.toml", "[grid]\nnx = 0"}}).message,
             Contains("second.toml:2: grid.nx = 0"));
}

TEST_CASE("an override sets any key, in TOML or as a bare word", "[case][merge]") {
  const auto with = [](const Strings& overrides) { return parsed(base, overrides); };
  CHECK(with({"time.method=euler"}).time.method == &methods::euler);
  CHECK(with({"time.method=\"euler\""}).time.method == &methods::euler);
  CHECK(with({"title=two words"}).title == "two words");
  CHECK(with({"title=\"a = b # c\""}).title == "a = b # c");
  CHECK(with({"checkpoint.every=2h"}).checkpoint.every_seconds == 7200.0);
  CHECK(with({"checkpoint.every=90"}).checkpoint.every_seconds == 90.0);
  CHECK(with({"boundary.bottom.value=100*sin(t)"}).boundary.bottom[0].value("value") ==
        Quantity{std::string{"100*sin(t)"}});
  CHECK(with({"boundary.bottom.value=350.0"}).boundary.bottom[0].value("value") == Quantity{350.0});
  CHECK(with({" grid.nx = 7 "}).grid.nx == 7);
  CHECK(with({"grid.x=[-1, 1]"}).grid.x == std::array<double, 2>{-1.0, 1.0});
  CHECK(with({"probe.E.at=[0.1, 0.25]"}).probes[0].at == std::array<double, 2>{0.1, 0.25});
  CHECK(with({"probe.1.at=[0.1, 0.25]"}).probes[1].at == std::array<double, 2>{0.1, 0.25});
  CHECK(with({"region.duct.power=1e6"}).regions[0].power == Quantity{1e6});
  CHECK(with({"boundary.top.1.emissivity=0.5"}).boundary.top[1].value("emissivity") == Quantity{0.5});
  CHECK(with({"material.conductivity={ T = [0, 9], k = [1, 2] }"}).material.conductivity->table_k ==
        std::vector<double>{1.0, 2.0});
  const Refusal r =
      refusal({{"case.toml", base}}, {"probe.G.at=[0, 0]", "probe.2.at=[0, 0]", "region.dukt.power=1"});
  CHECK(r.code == 78);
  CHECK_THAT(r.message, Contains("no entry \"G\" in the list probe") && Contains("no entry \"2\"") &&
                            Contains("did you mean \"duct\"?"));
}

TEST_CASE("a table in braces that says what it is replaces the one before", "[case][merge]") {
  const std::string wall =
      "[boundary]\nleft = { type = \"convection\", film = 5.0, ambient = { t = [0, 9], value = [1, 2], scale "
      "= "
      "3.0 }, inward = 7.0 }\n[plate]\nthickness = 0.1\nfilm = 2.0\nambient = 1.0\n";
  const Text first{"first.toml", "[grid]\nnx = 4\nny = 4\n[time]\nend = 1\n" + iron + wall};
  const auto left = [&](const std::vector<Text>& more, const Strings& overrides) {
    std::vector<Text> texts{first};
    texts.insert(texts.end(), more.begin(), more.end());
    return parse_case(texts, overrides).boundary.left[0];
  };
  const std::string other = "{ type = \"convection\", film = 6.0, ambient = 1.0 }";
  for (const WallCase& w :
       {left({}, {"boundary.left=" + other}), left({{"s.toml", "[boundary]\nleft = " + other}}, {})}) {
    CHECK(w.value("film") == Quantity{6.0});
    CHECK(w.value("inward") == Quantity{});
  }
  // A section is several values: what a later one does not name stays.
  CHECK(left({{"s.toml", "[boundary.left]\nfilm = 8.0\n"}}, {}).value("inward") == Quantity{7.0});
  CHECK(left({}, {"boundary.left.film=8.0"}).value("inward") == Quantity{7.0});
  CHECK(left({}, {"boundary={ right = { type = \"insulated\" } }"}).value("inward") == Quantity{7.0});
  CHECK(parse_case({first, {"s.toml", "[plate]\nfilm = 3.0\n"}}).plate.thickness == 0.1);
  // An entry of a list keeps its name and what else is not named.
  const Case entry =
      parsed(base, {"probe.E.at=[0.1, 0.25]", "probe.E={ at = [0.2, 0.3] }", "region.duct={ power = 7.0 }"});
  CHECK(entry.probes[0].name == "E");
  CHECK(entry.probes[0].at == std::array<double, 2>{0.2, 0.3});
  CHECK(entry.regions[0].power == Quantity{7.0});
  CHECK(entry.regions[0].name == "duct");
  // What does not say what it is changes what it names.
  CHECK(left({}, {"boundary.left={ film = 6.0 }"}).value("inward") == Quantity{7.0});
  CHECK(refusal({first}, {"boundary.left={ type = \"convection\", film = 6.0 }"}).code == 78);
}

TEST_CASE("a later text that changes the kind of thing leaves the old kind's keys behind", "[case][merge]") {
  const Case wall = parsed(base, {"boundary.right.type=insulated"});
  CHECK(wall.boundary.right[0].type == "insulated");
  const Case steps = parsed(base, {"time.steps=7"});
  CHECK(steps.time.steps == 7);
  CHECK_FALSE(steps.time.end);
  const Case times = parsed(base, {"output.times=[1, 2]"});
  CHECK_FALSE(times.output.every);
  CHECK(times.output.times.size() == 2);
  const Case file = parsed(base, {"initial.file=a.h5"});
  CHECK(file.initial.file == "a.h5");
  CHECK(refusal({{"case.toml", base}}, {"time.steps=7", "time.end=3"}).code == 78);
  CHECK(refusal({{"case.toml", base}}, {"boundary.right.type=insulated", "boundary.right.film=3"}).code ==
        78);
}

TEST_CASE("periodic walls come in pairs over whole sides", "[case]") {
  const std::string head = "[grid]\nnx = 4\nny = 4\n[time]\nend = 1\n" + iron + "[boundary]\n";
  const auto code = [&head](const std::string& more) { return refusal({{"case.toml", head + more}}).code; };
  CHECK(code("left = { type = \"periodic\" }\nright = { type = \"periodic\" }\n") == 0);
  CHECK(code("top = { type = \"periodic\", from = 0, to = 1 }\nbottom = { type = \"periodic\" }\n") == 0);
  CHECK(code("left = { type = \"periodic\" }\ntop = { type = \"periodic\" }\n") == 78);
  CHECK(code("left = [{ type = \"periodic\" }]\nright = [{ type = \"periodic\", from = 0.5 }]\n") == 78);
  CHECK(code("left = [{ type = \"periodic\", to = 0.5 }, { type = \"insulated\", from = 0.5 }]\n"
             "right = { type = \"periodic\" }\n") == 78);
}

TEST_CASE("the resolved copy gives the same case to the last bit", "[case][emit]") {
  const std::string every_key = R"(title = "quote \" backslash \\ é"
[grid]
nx = 61
ny = 1_00
x = [-0.1, 0.30000000000000004]
y = [1e-3, 12345678.9]
[material]
conductivity = { T = [-40.5, 0.1, 1e3], k = [5e-324, 1.7976931348623157e308, 3] }
density = "1 + x^2"
specific_heat = 0.1
face_mean = "arithmetic"
[[region]]
name = "a region"
shape = "rectangle"
x = [0.1, 0.2]
y = [0.3, 0.7]
conductivity = ["1 + T", 2]
density = 3
specific_heat = "4 + y"
temperature = "x"
power = "sin(t)*T"
[[region]]
name = "c"
shape = "circle"
center = [0.1, 0.2]
radius = 0.3333333333333333
conductivity = "2 + x"
[[region]]
name = "p"
shape = "polygon"
points = [[0, 0], [1, 0.1], [0.5, 1.1]]
[initial]
file = "a \"b\".h5"
dataset = "/fields/T"
[boundary]
left = [{ type = "temperature", value = "20 + y", from = 0.5, to = 1.0 }, { type = "flux", inward = 5, from = 2 }]
right = { type = "convection", film = "10 + T", ambient = -3.5 }
bottom = { type = "radiation", emissivity = 0.98, ambient = "300 + t" }
top = []
[source]
power = "x*y*t*T"
[time]
method = "euler"
steps = 1000
dt = 1e-7
tolerance = 1e-4
[solver]
tolerance = 1e-12
max_iterations = 17
preconditioner = "none"
[output]
times = [0, 1e-7, 1e-4]
fields = ["temperature", "flux", "conductivity"]
precision = "single"
temperature_unit = "degC"
[checkpoint]
every = "1h30m"
every_steps = 50
keep = 3
[[probe]]
name = "P-1"
at = [0.1, 0.2]
[[integral]]
name = "w"
weight = "x*t"
region = "c"
[[integral]]
name = "v"
weight = 2.5
[[integral]]
name = "d"
weight = "density"
[parallel]
halo_depth = 4
ranks = [2, 3]
precision = "double"
balance = "off"
)";
  const std::string other_keys = R"([grid]
nx = 2
ny = 3
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = -0.0
[boundary]
left = { type = "periodic" }
right = { type = "periodic" }
[time]
end = 0.1
[output]
every = 0.05
)";
  const std::string third =
      "[grid]\nnx=1\nny=1\n[time]\nmethod=\"steady\"\n[boundary]\nleft={type=\"temperature\",value=1}\n"
      "[output]\nevery_steps=3\n[material]\nconductivity=[0.1, \"1+x\"]\n";
  for (const std::string& text : {every_key, other_keys, third, base}) {
    const Case c = parsed(text);
    const std::string copy = emit(c);
    INFO(copy);
    const Case again = parse_case({{"resolved.toml", copy}});
    CHECK(without_places(again) == without_places(c));
    CHECK(emit(again) == copy);
    const auto below_zero = [](const Case& of) {
      const auto* const T = of.initial.temperature ? std::get_if<double>(&*of.initial.temperature) : nullptr;
      return T != nullptr && std::signbit(*T);
    };
    CHECK(below_zero(again) == below_zero(c));
  }
  // Each key of the schema appears in the copy, given or not.
  const std::string copy = emit(parsed(every_key)) + emit(parsed(other_keys));
  for (const char* key :
       {"title", "nx", "face_mean", "file", "dataset", "end", "steps", "dt", "every", "every_steps", "times",
        "fields", "precision", "keep", "halo_depth", "ranks", "balance", "weight"})
    CHECK_THAT(copy, Contains(fmt::format("\n{} = ", key)) || Contains(fmt::format("\n# {}:", key)));
  // Places are no part of what is compared, values are.
  CHECK(without_places(parsed("\n\n" + base)) == without_places(parsed(base)));
  CHECK_FALSE(without_places(parsed(base, {"region.disc.radius=0.11"})) == without_places(parsed(base)));
}

TEST_CASE("the reference lists every key with unit, default and range", "[case][schema]") {
  const std::string text = schema_text(false), markdown = schema_text(true);
  for (const std::string& all : {text, markdown}) {
    CHECK_THAT(all, Contains("[grid]") && Contains("[[region]]") && Contains("[boundary.SIDE]") &&
                        Contains("[parallel]"));
    CHECK_THAT(
        all, Contains("W/(m K)") && Contains("emissivity") && Contains("in (0, 1]") && Contains("required"));
    CHECK_THAT(all, Contains("not in this version: "));
  }
  CHECK_THAT(markdown, Contains("| `nx` | integer |") && Contains("|---|"));
  // No key goes without help.
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = markdown.find("\n| `", at)) != std::string::npos; ++at) {
    const std::string line = markdown.substr(at + 1, markdown.find('\n', at + 1) - at - 1);
    INFO(line);
    CHECK(line.substr(line.size() - 4) != "|  |");
    ++rows;
  }
  CHECK(rows > 50);
}

TEST_CASE("suggestions", "[case][suggest]") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(edit_distance("NX", "nx") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(closest("temprature", {"temperature", "flux"}) == "temperature");
  CHECK(closest("zzz", {"temperature", "flux"}).empty());
  CHECK(closest("", {"a"}).empty());
  CHECK(closest("k", {"density", "conductivity"}) == "conductivity");
  CHECK(closest("cp", {"density", "specific_heat"}) == "specific_heat");
  CHECK(closest("Robin", {"flux", "convection"}) == "convection");
  CHECK(closest("alpha", {"film", "ambient"}) == "film");
  CHECK(closest("alpha", {"conductivity"}) == "conductivity");
  CHECK(closest("alpha", {"end"}).empty());
  CHECK(closest("north", {"left", "right", "bottom", "top"}) == "top");
  CHECK(did_you_mean("gird", {"time", "grid"}) == "; did you mean \"grid\"?");
  CHECK(joined({"a", "b"}) == "a, b");
}

TEST_CASE("auto reckons with what the source costs", "[case][auto]") {
  // A limit that makes rkl2 cheaper than tr-bdf2, but not by much.
  constexpr double stable_dt = 1.06e-7;
  const auto chosen = [](const std::string& source) {
    return choose_method(simulation_spec(parsed("[grid]\nnx = 1024\nny = 1024\n" + iron +
                                                "[boundary]\nleft = { type = \"temperature\", value = "
                                                "\"1 + t\" }\n[time]\nmethod = \"auto\"\nend = 0.1\n" +
                                                source)),
                         stable_dt, {})
        .method;
  };
  CHECK(chosen("") == &methods::rkl2);
  CHECK(chosen("[source]\npower = \"sin(t)\"\n") == &methods::rkl2);
  CHECK(chosen("[source]\npower = \"sin(x)*sin(y)\"\n") == &methods::rkl2);
  CHECK(chosen("[source]\npower = \"sin(x)*sin(t)\"\n") == &methods::tr_bdf2);
  // Within a small region it costs little.
  const std::string heater =
      "[[region]]\nname = \"heater\"\nshape = \"rectangle\"\nx = [0.2, 0.2156]\ny = [0.2, 0.2156]\n";
  CHECK(chosen(heater + "power = \"sin(x)*sin(t)\"\n") == &methods::rkl2);
}

TEST_CASE("the numbers of a key have its unit, wherever its path leads", "[case][schema]") {
  const auto unit = [](const std::string& key) { return numbers_at(key_path(key)).unit; };
  CHECK(unit("material.conductivity") == "W/(m K)");
  CHECK(unit("grid.x.1") == "m");
  CHECK(unit("region.duct.radius") == "m");
  CHECK(unit("region.0.power") == "W/m3");
  CHECK(unit("probe.E.at") == "m");
  CHECK(unit("boundary.left.film") == "W/(m2 K)");
  CHECK(unit("boundary.left.2.film") == "W/(m2 K)");
  CHECK(unit("boundary.left.window.film") == "W/(m2 K)");
  CHECK(unit("boundary.top.ambient") == "K");
  CHECK(unit("time.end") == "s");
  for (const char* none : {"time.method", "no.such.key", "region", "boundary.left", "material"})
    CHECK(unit(none).empty());
  CHECK(numbers_at(key_path("grid.nx")).whole);
  CHECK(numbers_at(key_path("parallel.ranks.0")).whole);
  CHECK_FALSE(numbers_at(key_path("time.end")).whole);
}

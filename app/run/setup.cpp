// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "app/case/context.hpp"
#include "app/case/spec_of_case.hpp"
#include "app/run/bits.hpp"
#include "io/array_file.hpp"
#include "solver/run/quantities.hpp"

namespace calor::app {

namespace {

/// As an int; what is larger is more than any grid has.
int small(std::int64_t n) {
  return static_cast<int>(std::min<std::int64_t>(n, std::numeric_limits<int>::max()));
}

std::optional<std::array<int, 2>> small(const std::optional<std::array<std::int64_t, 2>>& n) {
  if (!n) return {};
  return std::array{small((*n)[0]), small((*n)[1])};
}

IntegralSpec integral(const IntegralCase& i, const ProblemSpec& problem, const FunctionTable& named) {
  IntegralSpec s{i.name, 1.0, {}};
  if (const auto* number = std::get_if<double>(&i.weight))
    s.weight = *number;
  else if (const auto& word = std::get<std::string>(i.weight); find_quantity(word) != nullptr)
    s.weight = word;
  else
    s.weight = Function::expression(word, "xyt", named);
  for (const Region& r : problem.regions)
    if (r.name == i.region) s.area = r.area;
  return s;
}

/// What a file of calor's says of itself; nothing of others. Collective.
std::optional<io::Manifest> manifest_of(const mpi::Comm& comm, const std::string& file) {
  bool ours = false;
  if (comm.root()) ours = io::has_trailer(file);
  comm.broadcast(&ours, sizeof ours);
  if (!ours) return {};
  return io::verify_file(comm, file);
}

/// Where its cells or the case's are not equal, or are rings, they must be the same.
void refuse_other_cells(const Problem& p, const std::string& file, const io::GlobalGrid& theirs) {
  const Grid& g = p.grid;
  if (g.even() && theirs.equal_cells() && !theirs.axisymmetric) return;
  const auto lines = [](const std::vector<double>& faces, double from, double to, std::int64_t n) {
    std::vector<double> all = faces;
    for (std::int64_t k = 0; faces.empty() && k <= n; ++k)
      all.push_back(from + static_cast<double>(k) * ((to - from) / static_cast<double>(n)));
    return all;
  };
  const auto differ = [](const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) return true;
    const double near = 1e-9 * (b.back() - b.front());
    for (std::size_t k = 0; k < a.size(); ++k)
      if (!(std::abs(a[k] - b[k]) <= near)) return true;
    return false;
  };
  const auto mine = [&](int n, auto&& face) {
    std::vector<double> all;
    for (int k = 0; k <= n; ++k) all.push_back(face(k));
    return all;
  };
  if (theirs.axisymmetric == g.axisymmetric() &&
      !differ(lines(theirs.x_faces, theirs.x0, theirs.x1, theirs.nx),
              mine(g.nx, [&](int k) { return g.face_x(k); })) &&
      !differ(lines(theirs.y_faces, theirs.y0, theirs.y1, theirs.ny),
              mine(g.ny, [&](int k) { return g.face_y(k); })))
    return;
  throw Error{Exit::bad_data,
              file +
                  ": its cells lie elsewhere than those of the case ([grid] x, y, coordinates), so that its "
                  "temperatures are of other places; give a file of the same grid"};
}

/// Where the case has a body and no region says its temperature the file must: it may have had a hole there.
/// Collective. @param initial  temperatures of regions, which win over the file
void refuse_gaps(const Problem& p, const std::string& file, const Layered<Function>& initial) {
  std::int64_t gaps = 0;
  for_each(p.owned, [&](int i, int j) {
    const bool asked = p.live(i, j) && initial.at(p.grid.x(i), p.grid.y(j)) == 0;
    gaps += asked && !std::isfinite(p.u.cview()(i, j)) ? 1 : 0;
  });
  gaps = p.comm.sum(gaps);
  if (gaps > 0)
    throw Error{
        Exit::bad_data,
        fmt::format(
            "initial.file: {} has no number in {} of the case's cells, as where it has a hole and the "
            "case a body; give a file of the same holes",
            file, gaps)};
}

/// Its temperatures must be in the case's unit.
void refuse_other_unit(const io::Manifest& manifest, const std::string& file, const std::string& dataset,
                       TemperatureUnit unit) {
  const io::FieldEntry* const entry = manifest.find(dataset);
  if (entry == nullptr || (entry->units != "K" && entry->units != "degC")) return;
  const bool celsius = unit == TemperatureUnit::celsius;
  if ((entry->units == "degC") == celsius) return;
  throw Error{Exit::bad_case,
              fmt::format("initial.file: {} holds temperatures in {}, and the case's are in {}; give "
                          "output.temperature_unit = \"{}\", and all temperatures in it",
                          file, entry->units, celsius ? "degC" : "K", entry->units)};
}

}  // namespace

SimulationSpec simulation_spec(const Case& c) {
  SimulationSpec s;
  s.problem = make_spec(c);
  s.time = {c.time.method, c.time.end,    c.time.steps,        c.time.dt,      c.time.tolerance,
            c.time.max_dt, c.time.breaks, c.time.until_steady, c.output.every, c.output.times};
  s.solver.tolerance = c.solver.tolerance;
  s.solver.preconditioner = c.solver.preconditioner;
  s.solver.iteration = c.solver.iteration;
  s.solver.first_guess = c.solver.first_guess;
  const std::int64_t enough =
      is_multigrid(c.solver.preconditioner) ? 1000 : 20 * (c.grid.nx + c.grid.ny) + 1000;
  s.solver.max_iterations = c.solver.max_iterations.value_or(enough);
  if (c.parallel.halo_depth) s.layout.halo_depth = small(*c.parallel.halo_depth);
  s.layout.tile = small(c.parallel.tile);
  s.layout.ranks = small(c.parallel.ranks);
  s.layout.precision = c.parallel.precision;
  for (const ProbeCase& p : c.probes) {
    const Contacts& contacts = s.problem.materials.contacts;
    std::vector<std::int32_t> bodies;
    if (contacts.any()) bodies = bodies_meeting(contacts, s.problem.grid, p.at[0], p.at[1]);
    // A hole touches nothing: on its edge there is its wall.
    const std::vector<std::string>& holes = s.problem.materials.voids.names;
    std::erase_if(bodies, [&](std::int32_t body) {
      return std::find(holes.begin(), holes.end(), contacts.names[static_cast<std::size_t>(body)]) !=
             holes.end();
    });
    if (bodies.size() < 2) bodies.clear();
    if (bodies.empty()) s.probes.push_back({p.name, p.at});
    for (const std::int32_t body : bodies)
      s.probes.push_back({p.name + "." + contacts.names[static_cast<std::size_t>(body)], p.at, body});
  }
  const FunctionTable named = c.integrals.empty() ? FunctionTable{} : functions_of(c);
  for (const IntegralCase& i : c.integrals) s.integrals.push_back(integral(i, s.problem, named));
  if (c.thermal_bridge.inside && c.thermal_bridge.outside) {
    s.thermal_bridge = ThermalBridge{*c.thermal_bridge.inside, *c.thermal_bridge.outside, {}};
    for (const BridgePartCase& part : c.thermal_bridge.parts)
      s.thermal_bridge->parts.push_back({part.U, part.length});
  }
  if (!c.initial.file.empty())
    s.initial_field = [file = c.initial.file, dataset = c.initial.dataset, unit = c.output.unit(),
                       initial = s.problem.initial](Problem& p) {
      if (const std::optional<io::Manifest> manifest = manifest_of(p.comm, file)) {
        refuse_other_cells(p, file, manifest->header.grid);
        refuse_other_unit(*manifest, file, dataset, unit);
      }
      const auto read = [&](const std::string& name, View2D<double> to) {
        io::read_foreign(p.comm, file, name, p.grid.nx, p.grid.ny, to, p.owned);
      };
      read(dataset, p.u.view());
      refuse_gaps(p, file, initial);
      // What is half melted its temperature alone does not say.
      if (!p.enthalpy || dataset != "temperature") return;
      if (io::has_dataset(p.comm, file, "enthalpy_state")) {  // a checkpoint
        read("enthalpy_state", p.h.view());
        return;
      }
      if (!io::has_dataset(p.comm, file, "enthalpy")) return;
      read("enthalpy", p.h.view());
      const View2D<double> h = p.h.view();
      for_cells(p.owned, [&](int i, int j) { h(i, j) *= p.grid.weight(i, j) / p.coefficients.rho_c(i, j); });
    };
  return s;
}

std::vector<std::string> probe_names(const Case& c) {
  std::vector<std::string> names;
  if (c.contacts.empty())
    for (const ProbeCase& p : c.probes) names.push_back(p.name);
  else
    for (const ProbeSpec& p : simulation_spec(c).probes) names.push_back(p.name);
  return names;
}

Partition partition_of(const Case& c, int ranks, double* imbalance) {
  const SimulationSpec s = simulation_spec(c);
  Partition parts = make_partition(s.problem, s.layout, s.time.method, ranks);
  if (imbalance != nullptr) {
    const std::optional<CellCosts> costs = cell_costs(s.problem, s.time.method);
    *imbalance = costs ? calor::imbalance(s.problem.grid.domain(), parts, *costs) : calor::imbalance(parts);
  }
  return parts;
}

nlohmann::json to_json(const Simulation::State& s) {
  const Clock::State& c = s.clock;
  return {{"clock",
           {{"time", bits_of(c.time)},
            {"last_dt", bits_of(c.last_dt)},
            {"step", c.step},
            {"start", bits_of(c.start)},
            {"target", bits_of(c.target)},
            {"dt", bits_of(c.dt)},
            {"count", c.count},
            {"done", c.done}}},
          {"iterations", s.iterations},
          {"rejected", s.rejected},
          {"control", bits_of_all(s.control)},
          {"method", bits_of_all(s.method)},
          {"loads", bits_of_all(s.loads)},
          {"initial_heat", bits_of(s.initial_heat)},
          {"budget", s.budget}};
}

Simulation::State state_from_json(const nlohmann::json& j) {
  const nlohmann::json& c = j.at("clock");
  const auto bits = [&](const char* key) { return j.at(key).get<std::vector<std::int64_t>>(); };
  Simulation::State s;
  s.clock = {from_bits(c.at("time")),   from_bits(c.at("last_dt")), c.at("step"),  from_bits(c.at("start")),
             from_bits(c.at("target")), from_bits(c.at("dt")),      c.at("count"), c.at("done")};
  // Before there was a step that moves no time, a steady state that was solved stood beside the clock.
  if (j.value("steady_done", false)) s.clock.step = 1;
  s.iterations = j.at("iterations");
  s.rejected = j.at("rejected");
  s.control = all_from_bits(bits("control"));
  s.method = all_from_bits(bits("method"));
  if (j.contains("loads")) s.loads = all_from_bits(bits("loads"));
  s.initial_heat = from_bits(j.at("initial_heat"));
  s.budget = bits("budget");
  return s;
}

}  // namespace calor::app

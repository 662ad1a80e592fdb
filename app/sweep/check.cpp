// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/run/estimate.hpp"
#include "app/run/setup.hpp"
#include "app/sweep/table.hpp"
#include "app/sweep/team.hpp"
#include "app/text/csv.hpp"
#include "app/text/units.hpp"
#include "io/file.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t longest_table = std::int64_t{1} << 28;  // bytes of sweep.file

struct PlanTable {
  std::optional<CsvTable> rows;
  std::optional<InputFile> file;
};
/// Rank 0 reads the table of a plan. Collective.
PlanTable read_plan_table(const mpi::Comm& world, const SweepCase& sweep) {
  if (sweep.file.empty()) return {};
  std::string text;
  io::collectively(world, [&] {
    const io::File file{sweep.file, io::File::Mode::read};
    if (file.size() > longest_table)
      throw Error{Exit::bad_case, fmt::format("sweep.file = {}: {} is more than {}", sweep.file,
                                              bytes_text(file.size()), bytes_text(longest_table))};
    text = file.read_from(0, longest_table);
  });
  text = world.broadcast(text);
  return {read_csv(text, printable(sweep.file, 255)), to_be_copied(sweep.file, text)};
}

bool has_expressions(const Case& c) {
  const auto varies = [](const Quantity& q) { return !std::holds_alternative<double>(q); };
  const auto varies_if = [&](const std::optional<Quantity>& q) { return q && varies(*q); };
  const auto of_law = [&](const std::optional<ConductivityCase>& k) {
    return k && (varies(k->x) || varies(k->y));
  };
  const auto any = [&](const auto& properties) {
    return of_law(properties.conductivity) || varies_if(properties.density) ||
           (properties.specific_heat && varies(properties.specific_heat->value));
  };
  if (any(c.material) || varies_if(c.initial.temperature) ||
      std::any_of(c.materials.begin(), c.materials.end(), any))
    return true;
  for (const RegionCase& r : c.regions)
    if (any(r) || varies_if(r.temperature)) return true;
  for (const auto* side : {&c.boundary.left, &c.boundary.right, &c.boundary.bottom, &c.boundary.top})
    for (const WallCase& w : *side)
      for (const auto& [key, value] : w.values)
        if (value && varies(*value)) return true;
  return false;
}

/// A number for each method, 0 where it is not known.
std::int64_t method_number(const Method* method) {
  const auto rows = all_methods();
  const auto row = std::find(rows.begin(), rows.end(), method);
  return row == rows.end() ? 0 : row - rows.begin() + 1;
}

/// Whether only setting it up can tell that the case is sound.
bool needs_trial(const Case& c) {
  const bool explicit_step =
      c.time.dt && (c.time.method == nullptr || c.time.method->automatic == AutomaticStep::by_limit);
  const bool cut_steps = c.time.steps && (c.output.every || !c.output.times.empty());
  return explicit_step || cut_steps || has_expressions(c) || c.parallel.precision == Precision::single ||
         (c.time.method != nullptr && c.time.method->linear_only);
}

/// Throws what any rank has found, each line once. Collective.
void throw_all(const mpi::Comm& world, const Mistakes& mistakes, Exit code) {
  std::string mine, all;
  try {
    mistakes.throw_if_any();
  } catch (const Error& e) {
    mine = e.what() + std::string{"\n"};
  }
  if (!world.any(!mine.empty())) return;
  std::set<std::string> seen;
  for (int rank = 0; rank < world.size(); ++rank) {
    std::istringstream lines{world.broadcast(mine, rank)};
    for (std::string line; std::getline(lines, line);)
      if (seen.insert(line).second) all += (all.empty() ? "" : "\n") + line;
  }
  throw Error{code, all};
}

/// A mistake of case n as a whole.
void refuse(const PlanReading& r, std::int64_t n, const std::string& what, Mistakes& here) {
  here.add({std::numeric_limits<int>::max(), static_cast<int>(n), 0, r.plan.label(n)}, what);
}

/// Whether case n can be laid out on the ranks it will have.
void check_ranks(const PlanReading& r, std::int64_t n, const Case& c, int ranks, Mistakes& here) {
  const std::int64_t ranks_a_case = r.sweep.ranks_per_case.value_or(1);
  if (here.empty() && c.parallel.ranks && (*c.parallel.ranks)[0] * (*c.parallel.ranks)[1] != ranks_a_case)
    refuse(r, n,
           fmt::format("parallel.ranks makes {} ranks, sweep.ranks_per_case is {}",
                       (*c.parallel.ranks)[0] * (*c.parallel.ranks)[1],
                       r.sweep.ranks_per_case ? std::to_string(ranks_a_case) : "\"auto\""),
           here);
  const std::int64_t cells = c.grid.nx * c.grid.ny;
  if (here.empty() && cells < std::min<std::int64_t>(ranks_a_case, ranks))
    refuse(r, n,
           fmt::format("sweep.ranks_per_case = {}: the grid has {} cells, and every rank needs "
                       "one",
                       ranks_a_case, cells),
           here);
}

/// Whether the columns of sweep.csv would all have names of their own.
void check_columns(const PlanReading& r, const Case& c, Mistakes& here) {
  std::vector<std::string> names = r.plan.keys();
  if (here.empty())
    for (const std::string& probe : probe_names(c)) names.push_back(probe);
  for (const IntegralCase& i : c.integrals) names.push_back(i.name);
  for (const io::Column& part : part_columns(c)) names.push_back(part.name);
  for (auto name = names.begin() + static_cast<std::ptrdiff_t>(r.plan.keys().size()); name != names.end();
       ++name)
    if (here.empty() && (is_table_column(*name) || std::find(names.begin(), name, *name) != name))
      here.add({0, 0, 0, r.name},
               fmt::format(
                   "\"{}\" is the name of a probe, an integral or a part and of another column of sweep.csv",
                   *name));
}

Finding found_in(const PlanReading& r, const Case& c) {
  Finding f;
  const std::int64_t cells = c.grid.nx * c.grid.ny;
  const Outlook o = outlook(simulation_spec(c));
  f.work = o.work;
  f.kind = 64 * method_number(o.method) + std::bit_width(static_cast<std::uint64_t>(cells)) / 2;
  f.cells = cells;
  f.per_metre = c.grid.per_metre() ? 1 : 0;
  f.steady = c.time.steady() ? 1 : 0;
  f.celsius = c.output.unit() == TemperatureUnit::celsius ? 1 : 0;
  const std::string grid = text_sum(fmt::format(
      "{} {} {} {} {} {} {} {}", c.grid.nx, c.grid.ny, c.grid.x[0], c.grid.x[1], c.grid.y[0], c.grid.y[1],
      fmt::join(c.grid.x_lines.lines(), " "), fmt::join(c.grid.y_lines.lines(), " ")));
  std::copy(grid.begin(), grid.end(), f.grid.begin());
  Case alone = c;
  alone.parallel.ranks.reset();
  f.bytes =
      memory_estimate(alone, 1).at("bytes_per_rank").get<std::int64_t>() / r.sweep.ranks_per_case.value_or(1);
  return f;
}

/// What is kept of a case belongs to its name: asked for later, it is computed again.
std::array<char, 32> name_of_results(const PlanReading& r, const Case& c) {
  std::array<char, 32> characters{};
  const std::string name = content_name(fmt::format("{}fields {} directories {}", results_signature(c),
                                                    static_cast<int>(r.sweep.fields),
                                                    r.sweep.directories == SweepDirectories::all));
  std::copy(name.begin(), name.end(), characters.begin());
  return characters;
}

/// Sets the case up where only that can tell that it is sound.
void try_case(const PlanReading& r, std::int64_t n, const Case& c, const mpi::Comm& self, Mistakes& here) {
  constexpr std::int64_t most_of_a_trial = 16'000'000;  // cells that one rank has room for
  if (c.grid.nx * c.grid.ny > most_of_a_trial || !needs_trial(c)) return;
  Case alone = c;
  alone.parallel.ranks.reset();
  try {
    const Simulation trial{simulation_spec(alone), self};
  } catch (const Error& e) {
    // What numbers make of it is told when the case is computed: the others are computed as well.
    if (e.code() != Exit::numerical) refuse(r, n, e.what(), here);
  }
}

/// What each rank found about its cases, n = rank, rank + size, ..., in the order of the cases. Collective.
std::vector<Finding> gather_findings(const mpi::Comm& world, const PlanReading& r,
                                     const std::vector<Finding>& mine) {
  std::vector<int> bytes(static_cast<std::size_t>(world.size())), starts(bytes.size());
  for (int rank = 0; rank < world.size(); ++rank) {
    const auto count = (r.plan.size() - rank + world.size() - 1) / world.size();
    bytes[static_cast<std::size_t>(rank)] = static_cast<int>(count * std::int64_t{sizeof(Finding)});
  }
  for (std::size_t rank = 1; rank < starts.size(); ++rank) starts[rank] = starts[rank - 1] + bytes[rank - 1];
  std::vector<Finding> shared(static_cast<std::size_t>(r.plan.size())), all(shared.size());
  mpi::check(MPI_Allgatherv(mine.data(), static_cast<int>(mine.size() * sizeof(Finding)), MPI_BYTE,
                            shared.data(), bytes.data(), starts.data(), MPI_BYTE, world.get()));
  for (std::size_t rank = 0, from = 0; rank < starts.size(); ++rank)
    for (std::size_t n = rank; n < all.size(); n += starts.size()) all[n] = shared[from++];
  return all;
}

}  // namespace

std::string method_of(const Finding& f) {
  const std::int64_t number = f.kind / 64;
  return name_of(number == 0 ? nullptr : all_methods()[static_cast<std::size_t>(number - 1)]);
}

PlanReading read_plan(const mpi::Comm& world, const SweepOptions& options) {
  const CaseText text = read_texts(world, options.files, options.overrides);
  Mistakes mistakes;
  Document document{text.texts, text.overrides, mistakes};
  SweepCase sweep = read_sweep(document, mistakes);
  mistakes.throw_if_any();
  SweepCase located = sweep;
  if (!sweep.file.empty()) located.file = document.path_from(document.place_of("sweep.file"), sweep.file);
  PlanTable table = read_plan_table(world, located);
  Plan plan{sweep, std::move(table.rows), document.layers(), mistakes};
  mistakes.throw_if_any();
  {  // the tables that all cases have
    CaseReader reader{""};
    Mistakes unused;
    read_with_tables(world, reader, document, unused);
  }
  return {fs::path{text.texts.front().name}.stem().string(), std::move(document), std::move(sweep),
          std::move(plan), std::move(table.file)};
}

std::vector<InputFile> PlanReading::inputs() const {
  std::vector<InputFile> all = document.tables().files();
  if (table) all.push_back(*table);
  return all;
}

std::vector<Finding> check_cases(const mpi::Comm& world, const PlanReading& r, bool thoroughly) {
  constexpr std::size_t enough = 200;  // mistakes of one rank
  const mpi::Comm self = world.split(world.rank());
  CaseMaker maker{r.document, r.plan, r.name};
  Mistakes mistakes, missing;
  std::vector<Finding> mine;
  for (std::int64_t n = world.rank(); n < r.plan.size() && mistakes.count() < enough; n += world.size()) {
    Mistakes here;
    const Case& c = maker.make(n, here);
    if (here.empty() && !maker.missing_file().empty()) missing.add({0, 0, 0, r.name}, maker.missing_file());
    check_ranks(r, n, c, world.size(), here);
    check_columns(r, c, here);
    Finding f;
    if (here.empty() && maker.missing_file().empty()) {
      f = found_in(r, c);
      if (thoroughly) {
        f.name = name_of_results(r, c);
        try_case(r, n, c, self, here);
      }
    }
    mine.push_back(f);
    mistakes.take(std::move(here));
  }
  throw_all(world, mistakes, Exit::bad_case);
  throw_all(world, missing, Exit::no_input);
  return gather_findings(world, r, mine);
}

void check_together(const PlanReading& r, const std::vector<Finding>& findings) {
  const auto one_unit = [&](std::int64_t Finding::*what, const char* some) {
    if (std::any_of(findings.begin(), findings.end(),
                    [&](const Finding& f) { return f.*what != findings[0].*what; }))
      throw Error{
          Exit::bad_case,
          fmt::format("sweep.vary: in some cases {}, and columns of a sweep have one unit; make two sweeps",
                      some)};
  };
  one_unit(&Finding::per_metre,
           "heat is per metre of depth, in others of a depth or a whole turn (grid.coordinates, grid.depth)");
  one_unit(&Finding::celsius, "temperatures are in deg C, in others in K (output.temperature_unit)");
  if (r.sweep.fields == SweepFields::final)
    for (const Finding& f : findings)
      if (f.grid != findings[0].grid)
        throw Error{
            Exit::bad_case,
            "sweep.fields = \"final\": the cases have different grids, and their fields no common array; "
            "write \"none\", and sweep.directories = \"all\" for files of each case"};
  std::map<std::string_view, std::int64_t> names;
  for (std::int64_t n = 0; n < r.plan.size(); ++n) {
    const Finding& f = findings[static_cast<std::size_t>(n)];
    const auto [other, is_new] = names.emplace(std::string_view{f.name.data(), f.name.size()}, n);
    if (!is_new && f.name[0] != '\0')
      throw Error{Exit::bad_case,
                  fmt::format("{} is the same as {}; every value, and every row of a table, must "
                              "make a case of its own",
                              r.plan.label(n), r.plan.label(other->second))};
  }
}

}  // namespace calor::app

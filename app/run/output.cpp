// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/output.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string_view>

#include "app/case/case_io.hpp"
#include "app/case/case_warnings.hpp"
#include "app/console/stopwatch.hpp"
#include "app/run/cavity_table.hpp"
#include "app/run/region_table.hpp"
#include "app/run/setup.hpp"
#include "app/text/version.hpp"
#include "decomposition/error.hpp"
#include "io/checkpoint.hpp"
#include "io/ours.hpp"
#include "solver/run/columns.hpp"
#include "solver/run/quantities.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

std::string first_difference(const std::string& a, const std::string& b) {
  std::string here, there;
  std::size_t i = 0, j = 0;
  const auto line = [](const std::string& text, std::size_t& at) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string s = text.substr(std::min(at, text.size()), end - std::min(at, text.size()));
    at = end + 1;
    return s;
  };
  while (i < a.size() || j < b.size())
    if ((here = line(a, i)) != (there = line(b, j)))
      return fmt::format("it has \"{}\", the case \"{}\"", there, here);
  return "";
}

/// The step in the name of a snapshot; -1 for other names.
std::int64_t step_of_snapshot(const std::string& name) {
  constexpr std::size_t begin = std::string_view{"snapshot_"}.size(), most_digits = 18;
  const std::size_t digits = name.find_first_not_of("0123456789", std::min(begin, name.size())) - begin;
  if (name.size() <= begin || digits == 0 || digits > most_digits) return -1;
  const std::int64_t step = std::stoll(name.substr(begin, digits));
  return io::snapshot_name(step) == name ? step : -1;
}

/// Removes calor's snapshots of steps after `step`. A snapshot costs a look at its end, and only here are
/// they listed.
void remove_snapshots(const RunDirectory& directory, std::int64_t step) {
  for (const std::string& name : io::names_in(directory.snapshots())) {
    const fs::path path = directory.snapshots() / name;
    if (step_of_snapshot(name) <= step || !io::is_calors(path)) continue;
    directory.check_still_ours();
    io::remove_name(path);
  }
}

Error not_a_checkpoint(const io::Manifest& file, const std::exception& e) {
  return Error{Exit::bad_data, fmt::format("{}: not a checkpoint of this version of calor ({})",
                                           file.path.string(), e.what())};
}

}  // namespace

std::string problem_signature(const Case& c) {
  Case p = without_array_places(c);
  p.name = p.title = "";
  p.time.end = 1.0;
  p.time.steps.reset();
  p.output = {};
  p.output.temperature_unit = c.output.temperature_unit;  // radiation goes by it
  p.checkpoint = {};
  p.parallel = {};
  p.solver = {};  // what is solved, not how exactly
  p.probes.clear();
  p.integrals.clear();
  p.thermal_bridge = {};
  return emit(p);
}

void check_same_problem(const io::Manifest& checkpoint, const Case& c, const Simulation& sim) {
  const nlohmann::json& s = checkpoint.header.state;
  const std::string mine = problem_signature(c);
  try {
    if (s.at("problem") != mine)
      throw Error{Exit::bad_data,
                  fmt::format("{}: the checkpoint is of another problem: {}", checkpoint.path.string(),
                              first_difference(mine, s.at("problem")))};
    if (s.at("method") != name_of(sim.method().method))
      throw Error{Exit::bad_data, fmt::format("{}: the checkpoint is of method {}, the case means {}",
                                              checkpoint.path.string(), s.at("method").get<std::string>(),
                                              name_of(sim.method().method))};
  } catch (const nlohmann::json::exception& e) {
    throw not_a_checkpoint(checkpoint, e);
  }
  if (!sim.steady() && checkpoint.header.time > sim.method().end)
    throw Error{Exit::bad_case,
                fmt::format("time.end = {:.9g} s lies before the checkpoint {} at {:.9g} s; give a later "
                            "end, or another checkpoint",
                            sim.method().end, checkpoint.path.string(), checkpoint.header.time)};
}

io::Header checkpoint_header(const Case& c, Simulation& sim, std::uint64_t run_id) {
  io::Header header;
  header.kind = "checkpoint";
  header.run_id = run_id;
  header.step = sim.step();
  header.time = sim.clock().time();
  header.grid = grid_of(c);
  header.state = {{"simulation", to_json(sim.state())},
                  {"problem", problem_signature(c)},
                  {"method", name_of(sim.method().method)}};
  return header;
}

std::vector<io::FieldOut> checkpoint_fields(const Case& c, Simulation& sim) {
  const Box owned = sim.problem().owned;
  const std::string unit = name_of(c.output.unit());
  std::vector<io::FieldOut> fields{{"temperature", unit, "temperature", sim.problem().u.cview(), owned}};
  for (const Memory& m : sim.memory())
    fields.push_back({m.name, unit, "what the method needs besides", m.field, owned});
  return fields;
}

double seconds_for_first_checkpoint(const Simulation& sim) {
  constexpr double least = 0.05, rate = 2e8;  // s; bytes a second that most file systems reach
  return least + static_cast<double>(sim.spec().problem.grid.domain().cells()) * sizeof(double) / rate;
}

void restore(const Case& c, Simulation& sim, const io::Manifest& checkpoint) {
  check_same_problem(checkpoint, c, sim);
  try {
    const Simulation::State state = state_from_json(checkpoint.header.state.at("simulation"));
    io::read_array(sim.comm(), checkpoint, "temperature", sim.problem().u.view(), sim.problem().owned);
    for (const Memory& m : sim.memory_for(state))
      io::read_array(sim.comm(), checkpoint, m.name, m.field, sim.problem().owned);
    sim.restore(state);
  } catch (const nlohmann::json::exception& e) {
    throw not_a_checkpoint(checkpoint, e);
  }
}

namespace {

/// Steps between rows of the history: about a hundred rows a run. A row costs as much as a dozen explicit
/// steps that are made many at once; on large grids it comes after whole passes of them, and the fewer the
/// steps, the fewer the rows.
std::int64_t automatic_stride(const Case& c, std::int64_t steps) {
  constexpr std::int64_t large = 1 << 18, pass = 32;  // cells, steps
  const std::int64_t stride = std::max<std::int64_t>(1, steps / 100);
  const bool many = steps >= 4 * pass && c.grid.nx * c.grid.ny >= large;
  if (!many) return stride;
  const std::int64_t passes = std::clamp<std::int64_t>(steps / (4 * pass), 1, 8) * pass;
  return (stride + passes - 1) / passes * passes;
}

}  // namespace

Output::Output(const Case& c, Simulation& sim, const RunDirectory& directory, std::string text)
    : case_{c}, sim_{sim}, directory_{directory}, case_text_{std::move(text)} {
  RegionTable of_regions = region_table(sim_);
  region_lines_ = std::move(of_regions.lines);
  region_sizes_ = std::move(of_regions.summary);
  warnings_ = case_warnings(c);
  warnings_.insert(warnings_.end(), of_regions.warnings.begin(), of_regions.warnings.end());
  run_id_ = io::random_id();
  sim_.comm().broadcast(&run_id_, sizeof run_id_);
  for (RunTable& table : run_tables(sim_.spec())) tables_.push_back({std::move(table)});
  history_stride_ =
      c.output.history_steps.value_or(sim_.method().by_error ? 1 : automatic_stride(c, sim_.steps_left()));
}

void Output::start() {
  const Stopwatch watch{seconds_};
  io::collectively(sim_.comm(), [&] {
    io::write_atomically(directory_.path() / "case.toml", case_text_, ours_);
    for (const char* name : {"summary.json", "snapshots.xdmf"}) {
      if (io::kind_of(directory_.path() / name) == io::Kind::nothing) continue;
      directory_.check_still_ours();
      io::remove_name(directory_.path() / name);
    }
    remove_snapshots(directory_, -1);  // of a run that was killed before its first checkpoint
    for (TableFile& t : tables_) {
      const auto heading = [&](io::File& anew) { anew.append(t.table.heading); };
      t.file.emplace(io::AppendFile::anew(directory_.path() / t.table.file, heading, ours_));
    }
  });
  state("running", "");
  if (sim_.steady()) return;
  write_row();
  const OutputCase& o = case_.output;
  if (o.every || o.every_steps || !o.times.empty()) write_snapshot();
  stop_if_writer_lost();
}

void Output::resume(const io::Manifest& checkpoint) {
  const Stopwatch watch{seconds_};
  const nlohmann::json& s = checkpoint.header.state;
  try {
    restore(case_, sim_, checkpoint);
    run_id_ = checkpoint.header.run_id;
    history_stride_ = case_.output.history_steps.value_or(s.value("history_stride", history_stride_));
    // A case of a sweep that had no directory of its own left no rows and snapshots.
    last_row_ = s.value("last_row", std::int64_t{-1});
    last_snapshot_ = s.value("last_snapshot", std::int64_t{-1});
    last_checkpoint_ = checkpoint.header.step;
  } catch (const nlohmann::json::exception& e) {
    throw not_a_checkpoint(checkpoint, e);
  }
  const std::int64_t step = checkpoint.header.step;
  io::collectively(sim_.comm(), [&] {
    try {
      resume_tables(s.value("table_bytes", nlohmann::json::object()));
      resume_series(s);
    } catch (const nlohmann::json::exception& e) {
      throw not_a_checkpoint(checkpoint, e);
    }
  });
  std::int64_t last[2] = {last_row_, last_snapshot_};
  sim_.comm().broadcast(last, sizeof last);
  last_row_ = last[0];
  last_snapshot_ = last[1];
  io::remove_later(sim_.comm(), directory_.checkpoints(), step, ours_);
  io::collectively(sim_.comm(),
                   [&] { io::write_atomically(directory_.path() / "case.toml", case_text_, ours_); });
  measure();
  state("running", fmt::format("resumed at step {}", step));
}

/// Files may be gone, or the checkpoint may come from another directory: then they start anew. What is kept
/// is copied: a former owner of the directory who was only stopped must not go on writing into these files.
void Output::resume_tables(const nlohmann::json& bytes) {
  bool all_kept = true;
  for (TableFile& t : tables_) {
    const fs::path path = directory_.path() / t.table.file;
    const std::int64_t keep = bytes.value(t.table.file, std::int64_t{0});
    const auto heading = static_cast<std::int64_t>(t.table.heading.size());
    std::optional<io::File> former;
    if (io::kind_of(path) == io::Kind::file) former.emplace(path, io::File::Mode::read);
    const bool same =
        former && keep > 0 && former->size() >= keep && former->read_from(0, heading) == t.table.heading;
    all_kept = all_kept && same;
    const auto fill = [&](io::File& anew) {
      if (same)
        io::append_copy(*former, keep, anew);
      else
        anew.append(t.table.heading);
    };
    t.file.emplace(io::AppendFile::anew(path, fill, ours_));
  }
  if (!all_kept) last_row_ = -1;
}

void Output::resume_series(const nlohmann::json& state) {
  const fs::path index = directory_.path() / "snapshots.xdmf";
  // The checkpoint may come from another directory: what it relies on is then not here.
  if (last_snapshot_ >= 0 && !io::is_calors(directory_.snapshots() / io::snapshot_name(last_snapshot_)))
    last_snapshot_ = -1;
  remove_snapshots(directory_, last_snapshot_);
  if (const std::int64_t bytes = state.value("series_bytes", std::int64_t{0});
      bytes > 0 && last_snapshot_ >= 0)
    series_ = io::XdmfSeries::resumed(index, bytes, last_snapshot_, ours_);
  if (series_) return;
  // Of a version that kept the whole series in its checkpoints, or the index was removed.
  const std::vector<io::SeriesEntry> entries = snapshots_until(last_snapshot_);
  if (!entries.empty()) {
    series_.emplace(index, entries, shape(), ours_);
    return;
  }
  directory_.check_still_ours();
  io::remove_name(index);
}

std::vector<io::SeriesEntry> Output::snapshots_until(std::int64_t step) const {
  std::vector<io::SeriesEntry> entries;
  for (const std::string& name : io::names_in(directory_.snapshots())) {
    const std::int64_t n = step_of_snapshot(name);
    const fs::path path = directory_.snapshots() / name;
    if (n < 0 || n > step || !io::is_calors(path)) continue;
    try {
      entries.push_back({"snapshots/" + name, io::read_snapshot_info(path).time, n});
    } catch (const Error&) {
      // Damaged: readers of the series are better off without it.
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const io::SeriesEntry& a, const io::SeriesEntry& b) { return a.step < b.step; });
  return entries;
}

std::int64_t Output::steps_until_due() const {
  const Case& c = case_;
  const std::int64_t now = sim_.step();
  // On the way to a steady state there is nothing to tell, only to save.
  std::int64_t most =
      sim_.steady() ? std::numeric_limits<std::int64_t>::max() : history_stride_ - now % history_stride_;
  for (const auto& every : {sim_.steady() ? std::nullopt : c.output.every_steps, c.checkpoint.every_steps})
    if (every) most = std::min(most, *every - now % *every);
  return most;
}

bool Output::snapshot_due() const {
  const OutputCase& o = case_.output;
  if (sim_.finished()) return true;
  if (o.every_steps && sim_.step() % *o.every_steps == 0) return true;
  return (o.every || !o.times.empty()) && sim_.clock().on_target();
}

bool Output::due(bool checkpoint_now) const {
  const CheckpointCase& c = case_.checkpoint;
  return checkpoint_now || sim_.finished() || snapshot_due() || sim_.step() % history_stride_ == 0 ||
         (c.every_steps && sim_.step() % *c.every_steps == 0);
}

void Output::write_due(bool checkpoint_now) {
  const Stopwatch watch{seconds_};
  const bool on_the_way = sim_.steady() && !sim_.finished();
  const bool snapshot = !on_the_way && snapshot_due();
  if (snapshot || (!on_the_way && sim_.step() % history_stride_ == 0)) write_row();
  if (snapshot) write_snapshot();
  const CheckpointCase& c = case_.checkpoint;
  const bool by_step = c.every_steps && sim_.step() % *c.every_steps == 0;
  const bool at_end =
      sim_.finished() && (c.every_steps || c.every_seconds);  // so that a later end can go on from here
  if (by_step || checkpoint_now || at_end) checkpoint();
  stop_if_writer_lost();
  heartbeat();
}

void Output::measure() {
  row_ = sim_.measure();
  probes_ = sim_.probes();
}

void Output::write_row() {
  if (last_row_ >= sim_.step()) return;  // steps that were made twice have their rows
  measure();
  last_row_ = sim_.step();
  io::collectively(sim_.comm(), [&] {
    directory_.check_still_ours();
    for (auto& [table, file] : tables_) file->append(table.line(row_, probes_));
  });
}

namespace {

nlohmann::json sections_summary(const HistoryRow& row, const SimulationSpec& spec) {
  nlohmann::json all = nlohmann::json::object();
  for (std::size_t n = 0; n < row.sections.size(); ++n)
    for (const auto& c : section_columns())
      all[spec.problem.sections[n].name][std::string{c.name}] = json_number(c.value(row.sections[n]));
  return all;
}

nlohmann::json bridge_summary(const HistoryRow& row) {
  nlohmann::json j = nlohmann::json::object();
  if (row.thermal_bridge)
    for (const auto& c : thermal_bridge_columns())
      if (const double v = c.value(*row.thermal_bridge); std::isfinite(v)) j[std::string{c.name}] = v;
  return j;
}

}  // namespace

io::GlobalGrid grid_of(const Case& c) {
  const GridCase& g = c.grid;
  return {g.nx, g.ny, g.x[0], g.x[1], g.y[0], g.y[1], g.x_lines.lines(), g.y_lines.lines(), g.around_axis()};
}

io::SeriesShape Output::shape() const {
  io::SeriesShape all{grid_of(case_), {}, case_.output.precision == Precision::single};
  for (const std::string& word : case_.output.fields) {
    const CellQuantity& q = *find_quantity(word);
    for (std::size_t n = 0; n < static_cast<std::size_t>(q.count()); ++n)
      all.fields.emplace_back(q.components[n].name);
  }
  return all;
}

std::vector<io::FieldOut> Output::fields(std::vector<Field2D<double>>& room) {
  Problem& p = sim_.problem();
  std::vector<io::FieldOut> list;
  room.clear();
  const std::string unit = name_of(case_.output.unit());
  room.reserve(2 * case_.output.fields.size());  // the views below point into it
  const auto blank = [&](View2D<double> values) {
    for_cells(p.owned, [&](int i, int j) {
      if (!p.live(i, j)) values(i, j) = std::numeric_limits<double>::quiet_NaN();
    });
  };
  const bool holes = p.coefficients.bodies() != nullptr;
  const auto add = [&](const Component& what, View2D<const double> values) {
    list.push_back({what.name, *what.unit != '\0' ? what.unit : unit, what.long_name, values, p.owned});
  };
  for (const std::string& word : case_.output.fields) {
    const CellQuantity& q = *find_quantity(word);
    if (word == "temperature" && !holes) {  // as it is, without a copy
      add(q.components[0], p.u.cview());
      continue;
    }
    std::array<View2D<double>, 2> views;
    for (std::size_t n = 0; n < static_cast<std::size_t>(q.count()); ++n)
      views[n] = room.emplace_back(p.owned, 0).view();
    q.fill(p, sim_.clock().time(), views[0], views[1]);
    for (std::size_t n = 0; n < static_cast<std::size_t>(q.count()); ++n) {
      if (holes) blank(views[n]);
      add(q.components[n], views[n]);
    }
  }
  return list;
}

io::WriteOptions Output::write_options() {
  io::WriteOptions options;
  switch (case_.checkpoint.writer) {
    case FileWriter::hdf5:
      options.writer = io::Writer::parallel_hdf5;
      break;
    case FileWriter::direct:
      options.writer = io::Writer::direct;
      break;
  }
  options.before_commit = ours_;
  options.say = [&](const std::string& text) { warnings_.push_back(text); };
  options.lost = [&](const std::string& why) { writer_lost_ = why; };
  return options;
}

void Output::stop_if_writer_lost() {
  if (writer_lost_.empty()) return;
  checkpoint_before_stop();
  throw Error{
      Exit::io_error,
      fmt::format("parallel HDF5 has failed: {}; the checkpoint of step {} was then written by calor's "
                  "own calls, and the run ends, since MPI cannot be relied on any more: go on with "
                  "--resume; checkpoint.writer = \"direct\" does without parallel HDF5",
                  writer_lost_, sim_.step())};
}

void Output::write_snapshot() {
  if (last_snapshot_ >= sim_.step()) return;
  std::vector<Field2D<double>> room;
  const std::vector<io::FieldOut> list = fields(room);
  io::SnapshotInfo info;
  info.title = case_.title;
  info.case_text = case_text_;
  info.run_id = run_id_;
  info.step = sim_.step();
  info.time = sim_.clock().time();
  info.grid = grid_of(case_);
  info.single = case_.output.precision == Precision::single;
  info.gaps = sim_.problem().coefficients.bodies() != nullptr;
  io::WriteOptions options = write_options();
  options.single = info.single;
  const std::string name = io::snapshot_name(info.step);
  const fs::path path = directory_.snapshots() / name;
  options.before_commit = [&] {
    directory_.check_still_ours();
    io::refuse_foreign(path);
  };
  io::write_snapshot(sim_.comm(), path, info, list, options);
  last_snapshot_ = info.step;
  const io::SeriesEntry entry{"snapshots/" + name, info.time, info.step};
  io::collectively(sim_.comm(), [&] {
    if (series_)
      series_->append(entry, shape());
    else
      series_.emplace(directory_.path() / "snapshots.xdmf", std::vector<io::SeriesEntry>{entry}, shape(),
                      ours_);
  });
}

void Output::write_checkpoint() {
  const double begin = wall_seconds();
  io::Header header = checkpoint_header(case_, sim_, run_id_);
  nlohmann::json offsets = nlohmann::json::object();
  std::int64_t series_bytes = 0;
  io::collectively(sim_.comm(), [&] {
    look_after_files();
    for (auto& [table, file] : tables_) {
      offsets[table.file] = file->offset();
      file->sync();  // the rows that the checkpoint relies on
    }
    if (!series_) return;
    series_->sync();
    series_bytes = series_->offset();
  });
  sim_.comm().broadcast(&series_bytes, sizeof series_bytes);
  offsets = nlohmann::json::parse(sim_.comm().broadcast(offsets.dump()));
  header.state.update({{"history_stride", history_stride_},
                       {"table_bytes", offsets},
                       {"last_row", last_row_},
                       {"last_snapshot", last_snapshot_},
                       {"series_bytes", series_bytes}});
  io::WriteOptions options = write_options();
  options.before_commit = [&] {
    directory_.check_still_ours();
    io::refuse_foreign(directory_.checkpoints() / io::checkpoint_name(header.step));
  };
  io::write_checkpoint(sim_.comm(), directory_.checkpoints(), header, checkpoint_fields(case_, sim_),
                       static_cast<int>(case_.checkpoint.keep), options);
  last_checkpoint_ = sim_.step();
  last_checkpoint_seconds_ = wall_seconds() - begin;
  seconds_in_checkpoints_ += last_checkpoint_seconds_;
  ++checkpoints_written_;
}

double Output::checkpoint_seconds() const {
  return checkpoints_written_ > 0 ? last_checkpoint_seconds_ : seconds_for_first_checkpoint(sim_);
}

/// Never commits a field with NaN over a good one.
void Output::look_before_checkpoint() {
  if (sim_.steady() && !sim_.finished())
    sim_.refuse_not_finite();  // an iterate need not be sound otherwise
  else if (!row_.temperature.finite || last_row_ != sim_.step())
    sim_.measure();
}

/// Somebody may have removed a table, or put another file in its place. The rows are in the file that is open
/// here, whatever its name has come to: they get it back, and the other file another one. Whether it was the
/// next owner of the directory who did it is asked once they are seen to be gone: asked before, a run that
/// was stopped in between would take that owner's tables for somebody's.
void Output::look_after_files() {
  directory_.check_still_ours();
  const auto make_way = [&](const std::string& name) {
    const fs::path path = directory_.path() / name;
    directory_.check_still_ours();
    if (io::kind_of(path) == io::Kind::nothing) {
      warnings_.push_back(
          fmt::format("{} was removed during the run: written anew, with all of its rows", name));
      return;
    }
    const std::string other = fmt::format("{}.other-{}", name, io::random_token());
    fs::rename(path, directory_.path() / other);
    warnings_.push_back(
        fmt::format("{} was replaced during the run: written anew, with all of its rows; what "
                    "stood there is now {}",
                    name, other));
  };
  for (TableFile& t : tables_) {
    if (t.file->in_place()) continue;
    make_way(t.table.file);
    const auto all = [&](io::File& anew) { io::append_copy(t.file->file(), t.file->offset(), anew); };
    t.file.emplace(io::AppendFile::anew(directory_.path() / t.table.file, all, ours_));
  }
  if (!series_ || series_->in_place()) return;
  make_way("snapshots.xdmf");
  series_->restore(ours_);
}

/// A directory or somebody else's file under the name of the next checkpoint stays; the one before then has
/// to do.
bool Output::checkpoint_name_taken() {
  const fs::path path = directory_.checkpoints() / io::checkpoint_name(sim_.step());
  bool taken = false;
  io::collectively(sim_.comm(),
                   [&] { taken = io::kind_of(path) != io::Kind::nothing && !io::is_calors(path); });
  sim_.comm().broadcast(&taken, sizeof taken);
  if (taken)
    warnings_.push_back(
        fmt::format("checkpoint at step {} not written: {} is there already and is not calor's", sim_.step(),
                    path.string()));
  return taken;
}

void Output::checkpoint() {
  if (last_checkpoint_ >= sim_.step() || checkpoint_name_taken()) return;
  look_before_checkpoint();
  write_checkpoint();
}

void Output::checkpoint_before_stop() {
  const Stopwatch watch{seconds_};
  if (last_checkpoint_ == sim_.step()) return;
  look_before_checkpoint();
  write_checkpoint();
}

void Output::write_status(const std::string& state, const std::string& reason) {
  directory_.check_still_ours();
  last_status_ = wall_seconds();
  nlohmann::json j = directory_.status(state, reason);
  j.update({{"step", sim_.step()}, {"time", sim_.clock().time()}, {"generation", last_checkpoint_}});
  if (sim_.steady()) j["residual"] = sim_.left();
  io::write_atomically(directory_.path() / "status.json", j.dump(2) + "\n", ours_);
}

void Output::state(const std::string& state, const std::string& reason) {
  io::collectively(sim_.comm(), [&] { write_status(state, reason); });
}

void Output::heartbeat() noexcept {
  if (!sim_.comm().root() || wall_seconds() - last_status_ < 1.0) return;
  try {
    write_status("running", "");
  } catch (const Error& e) {
    taken_over_ = e.code() == Exit::cannot_create;
    last_status_ = wall_seconds();
  } catch (const std::exception&) {
    last_status_ = wall_seconds();  // one beat may be missed; the next file that matters will tell
  }
}

const std::vector<std::string>& Output::warnings() {
  for (const std::vector<std::string>& said = sim_.warnings(); taken_ < said.size(); ++taken_)
    warnings_.push_back(said[taken_]);
  return warnings_;
}

nlohmann::json Output::summary(const std::string& state, const std::string& reason) const {
  const Case& c = case_;
  const SolveReport solver = sim_.solver();
  nlohmann::json pieces = nlohmann::json::object(), side_heat = nlohmann::json::object();
  for (const Side s : sides) {
    side_heat[side_words[s]] = row_.heat.sides[s];
    if (row_.heat.pieces[s].size() > 1) pieces[side_words[s]] = row_.heat.pieces[s];
  }
  nlohmann::json walls = nlohmann::json::object(), named_pieces = nlohmann::json::object();
  for (const NamedWall& w : named_walls(sim_.spec().problem)) {
    // A run that fails before its first row has no heat to tell.
    const bool told = w.number < (w.side ? row_.heat.pieces[*w.side].size() : row_.heat.holes.size());
    walls[w.name] = told ? w.heat(row_.heat) : 0.0;
    if (w.side) named_pieces[w.name] = side_words[*w.side];
  }
  nlohmann::json loads = nlohmann::json::array(), probes = nlohmann::json::object();
  for (const Loads::Course& l : sim_.loads())
    loads.push_back({{"name", l.name},
                     {"unit", c.grid.per_metre() || l.unit != std::string{"J/m"} ? l.unit : "J"},
                     {"integral", l.integral},
                     {"used", l.used}});
  for (std::size_t n = 0; n < probes_.size(); ++n) probes[sim_.spec().probes[n].name] = probes_[n];
  return {{"status", state},
          {"reason", reason},
          {"title", c.title},
          {"calor", {{"version", version}, {"commit", commit}}},
          {"cells", c.grid.nx * c.grid.ny},
          {"ranks", sim_.comm().size()},
          {"threads", omp_get_max_threads()},
          {"method", name_of(sim_.method().method)},
          {"method_reason", sim_.method().reason},
          {"time", row_.time},
          {"steps", row_.step},
          {"dt_last", row_.dt},
          {"temperature",
           {{"min", row_.temperature.min}, {"max", row_.temperature.max}, {"mean", row_.temperature.mean}}},
          {"heat",
           {{"unit", std::string{sim_.steady() ? "W" : "J"} + (c.grid.per_metre() ? "/m" : "")},
            {"initial", row_.heat.initial},
            {"final", row_.heat.content},
            {"sides", side_heat},
            {"pieces", pieces},
            {"walls", walls},
            {"named_pieces", named_pieces},
            {"plate", row_.heat.plate},
            {"source", row_.heat.source},
            {"residual", row_.heat.residual()},
            {"relative_residual", row_.heat.relative_residual()}}},
          {"loads", loads},
          {"probes", probes},
          {"regions", regions_summary(row_, sim_.spec(), region_sizes_)},
          {"sections", sections_summary(row_, sim_.spec())},
          {"thermal_bridge", bridge_summary(row_)},
          {"integrals", nlohmann::json::object()},
          {"solver",
           {{"iterations", solver.iterations},
            {"corrections", solver.outer_iterations},
            {"setup_seconds", solver.setup_seconds},
            {"steps_rejected", sim_.steps_rejected()},
            {"residual", solver.residual}}},
          {"seconds", {{"total", wall_seconds()}, {"stepping", sim_.seconds_stepping()}, {"io", seconds_}}},
          {"warnings", warnings_},
          {"final_snapshot", last_snapshot_ < 0 ? "" : "snapshots/" + io::snapshot_name(last_snapshot_)}};
}

nlohmann::json Output::finish(const std::string& state, const std::string& reason,
                              const nlohmann::json& about_run) {
  const Stopwatch watch{seconds_};
  if (last_row_ != sim_.step()) {
    if (state == "finished")
      write_row();
    else  // not a row of the undisturbed run
      measure();
  }
  if (!sim_.steady() || sim_.finished()) write_snapshot();
  nlohmann::json integrals = nlohmann::json::object();
  const Case& c = case_;
  const std::vector<double> values = sim_.integrals();
  for (std::size_t n = 0; n < c.integrals.size(); ++n) integrals[c.integrals[n].name] = values[n];
  io::collectively(sim_.comm(), [&] { look_after_files(); });
  warnings();
  nlohmann::json j = summary(state, reason);
  j["integrals"] = integrals;
  const CavityTable cavities = cavity_table(c, j["regions"], cavity_differences(c, sim_));
  for (const auto& [name, cavity] : cavities.summary.items()) j["regions"][name]["cavity"] = cavity;
  if (state == "finished") {
    warnings_.insert(warnings_.end(), cavities.warnings.begin(), cavities.warnings.end());
    j["warnings"] = warnings_;
  }
  j.update(about_run);
  io::collectively(sim_.comm(), [&] {
    for (auto& [table, file] : tables_) file->sync();
    if (series_) series_->sync();
    io::write_atomically(directory_.path() / "summary.json", j.dump(2) + "\n", ours_);
  });
  this->state(state, reason);
  return j;
}

void Output::failed(const std::string& reason) noexcept {
  if (!sim_.comm().root()) return;
  try {
    directory_.check_still_ours();
    // No collective call any more: the last row that all ranks agreed on.
    nlohmann::json j = summary("failed", reason);
    io::write_atomically(directory_.path() / "summary.json", j.dump(2) + "\n", ours_);
    write_status("failed", reason);
  } catch (const std::exception&) {
    // The error that is on its way says more than this one could.
  }
}

void Output::dump_suspect() noexcept {
  try {
    io::SnapshotInfo info;
    info.title = "suspect: " + case_.title;
    info.case_text = case_text_;
    info.run_id = run_id_;
    info.step = sim_.step();
    info.time = sim_.clock().time();
    info.grid = grid_of(case_);
    const Problem& p = sim_.problem();
    io::write_snapshot(
        sim_.comm(), directory_.path() / suspect_name(info.step), info,
        {{"temperature", name_of(case_.output.unit()), "temperature", sim_.problem().u.cview(), p.owned}});
  } catch (const std::exception&) {
    // Only a help for finding the cause.
  }
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/run/run_directory.hpp"
#include "app/run/run_tables.hpp"
#include "io/file.hpp"
#include "io/snapshot.hpp"
#include "io/xdmf.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// Writes what a run leaves in its directory, when it is due. All functions are collective unless they say
/// otherwise.
class Output {
 public:
  /// @param c  what the simulation was made from     @param text  the same, resolved
  Output(const Case& c, Simulation& sim, const RunDirectory& directory, std::string text);

  /// First rows and files of a new run.
  void start();
  /// Goes on from a checkpoint: reads the field and the state, cuts rows and files that were written after
  /// it.
  void resume(const io::Manifest& checkpoint);

  /// Steps that may be made at once before something is due.
  std::int64_t steps_until_due() const;
  /// Whether write_due() would write something. The same on all ranks.
  bool due(bool checkpoint_now) const;
  /// After steps were made: rows, snapshots and checkpoints that are due. `checkpoint_now`: the wall clock
  /// says so.
  void write_due(bool checkpoint_now);
  void checkpoint();  ///< Error{io_error} if it cannot be written: what was computed since would be lost with
                      ///< the run
  /// The checkpoint of the present step if there is none; used before stopping. Throws if it cannot be
  /// written.
  void checkpoint_before_stop();

  /// Last snapshot, summary.json and status.json. @param reason  why it ended, for stopped runs
  nlohmann::json finish(const std::string& status, const std::string& reason,
                        const nlohmann::json& about_run);
  /// After an error: says so in status.json and summary.json, as far as that can still be done. Not
  /// collective.
  void failed(const std::string& reason) noexcept;
  /// Rank 0: another run has taken the directory over, as the last beat of the heart found.
  bool taken_over() const { return taken_over_; }
  /// The field as it is, under a name that no reader of the series looks at.
  void dump_suspect() noexcept;

  double seconds() const { return seconds_; }  ///< spent here
  /// What the next checkpoint may take [s]: as the last one; before the first, by its size. The same on no
  /// two ranks.
  double checkpoint_seconds() const;
  std::int64_t checkpoints_written() const { return checkpoints_written_; }
  double seconds_in_checkpoints() const { return seconds_in_checkpoints_; }
  /// Of the case, of the simulation, and of the files so far: for the log, and in summary.json.
  const std::vector<std::string>& warnings();
  void warn(std::string text) { warnings_.push_back(std::move(text)); }
  const std::vector<std::string>& region_lines() const { return region_lines_; }  ///< for the log

  /// Rank 0, also in the midst of a step: keeps status.json true, at most once a second, as well as it goes.
  void heartbeat() noexcept;

 private:
  /// Keeps status.json true, at once and agreed.
  void state(const std::string& state, const std::string& reason);
  void write_status(const std::string& state, const std::string& reason);  // rank 0
  nlohmann::json summary(const std::string& state, const std::string& reason) const;
  void measure();
  void write_row();
  void write_snapshot();
  void write_checkpoint();
  bool checkpoint_name_taken();
  void look_before_checkpoint();
  bool snapshot_due() const;
  io::WriteOptions write_options();
  /// Where parallel HDF5 has failed: the last checkpoint, and then the end of the run.
  void stop_if_writer_lost();
  std::vector<io::FieldOut> fields(std::vector<Field2D<double>>& room);
  /// What the snapshots of this case hold.
  io::SeriesShape shape() const;
  void resume_tables(const nlohmann::json& bytes);                        // rank 0
  void resume_series(const nlohmann::json& state);                        // rank 0
  std::vector<io::SeriesEntry> snapshots_until(std::int64_t step) const;  // rank 0
  void look_after_files();                                                // rank 0

  const Case& case_;
  Simulation& sim_;
  const RunDirectory& directory_;
  std::string case_text_;
  io::BeforeCommit ours_ = [this] { directory_.check_still_ours(); };
  std::uint64_t run_id_ = 0;
  std::int64_t history_stride_ = 1;  // a row at least every so many steps
  std::int64_t last_row_ = -1, last_snapshot_ = -1, last_checkpoint_ = -1;  // steps
  HistoryRow row_;
  nlohmann::json region_sizes_;            // by name, what is known of each from the start
  std::vector<std::string> region_lines_;  // the same for the log
  std::vector<double> probes_;
  struct TableFile {
    RunTable table;
    std::optional<io::AppendFile> file{};  // rank 0
  };
  std::vector<TableFile> tables_;
  std::optional<io::XdmfSeries> series_;  // rank 0, from the first snapshot on
  bool taken_over_ = false;               // rank 0
  std::int64_t checkpoints_written_ = 0;
  double seconds_ = 0.0, last_checkpoint_seconds_ = 0.0, seconds_in_checkpoints_ = 0.0, last_status_ = -1e9;
  std::vector<std::string> warnings_;
  std::size_t taken_ = 0;    // of the simulation's
  std::string writer_lost_;  // why parallel HDF5 is used no more, and was until now
};

/// The part of a case that decides the solution: a checkpoint serves only cases that agree in it. Free to
/// differ are the end, output, checkpoints, parallel layout and titles.
std::string problem_signature(const Case& c);

/// Error{bad_data}, naming the first line that differs, if the checkpoint does not serve the case. Same on
/// all ranks.
void check_same_problem(const io::Manifest& checkpoint, const Case& c, const Simulation& sim);

io::GlobalGrid grid_of(const Case& c);

/// What a checkpoint holds so that the simulation can go on from it; its writer may add to the state.
/// Collective.
io::Header checkpoint_header(const Case& c, Simulation& sim, std::uint64_t run_id);
std::vector<io::FieldOut> checkpoint_fields(const Case& c, Simulation& sim);
/// What the first checkpoint of a run may take [s], by its size.
double seconds_for_first_checkpoint(const Simulation& sim);
/// Brings the simulation to where it was. Collective. Error{bad_data} if the checkpoint does not serve it.
void restore(const Case& c, Simulation& sim, const io::Manifest& checkpoint);

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/case/document.hpp"
#include "app/console/wall_clock.hpp"
#include "app/run/command.hpp"
#include "app/sweep/directory.hpp"
#include "app/sweep/plan.hpp"
#include "app/sweep/queue.hpp"
#include "solver/model/region_report.hpp"

namespace calor::app {

/// What all teams of a sweep work from.
struct SweepJob {
  const Document& base;
  const Plan& plan;
  const SweepCase& sweep;
  std::string name;
  const std::vector<Expectation>& expected;  ///< of every case
  const std::vector<std::int64_t>& cells;    ///< of every case
  SweepDirectory& directory;
  const RunContext& context;
  std::function<void(const SweepQueue&)> write_table;  ///< rank 0, now and then
};

/// The ranks of a sweep, in teams that each compute a case at a time. A team's first rank takes the cases
/// from the queue, so no rank does nothing else. With "auto" teams of one rank are halves of teams of two,
/// and so on: a team that finds the longest waiting case too long for one rank computes it together, else its
/// halves go on by themselves; they meet again when nothing waits. A rank that is alone with a long case
/// while the other half has nothing to do saves the case's state and hands it over to both.
class SweepTeams {
 public:
  /// Collective over the world; the journal has been opened by rank 0.
  SweepTeams(const mpi::Comm& world, SweepJob job);
  ~SweepTeams();

  /// Computes until nothing waits, or the job is to stop. Collective over the world. Error{io_error} if the
  /// journal cannot be written.
  void serve();

  SweepQueue& queue() { return *queue_; }  ///< rank 0
  struct Times {
    double solving = 0.0, setup = 0.0, waiting = 0.0;  ///< s of this rank
    double first_setup = 0.0, later_setup = 0.0;       ///< of its first case, and the mean of the others
    std::int64_t cases = 0;
  };
  const Times& times() const { return times_; }
  double dispatch_seconds() const { return queue_ ? queue_->seconds() : 0.0; }
  bool stopped() const { return stopped_; }
  /// Rank 0: shows how far the sweep is, now and then.
  void tell(bool now);

 private:
  struct Team {
    mpi::Comm comm;
    Team* parent = nullptr;
    int first_half = 0;  // ranks in it
    std::unique_ptr<Team> half = nullptr;
    SetupCache cache{};  // from case to case
  };
  enum class Ending { done, stopped, widened, lost };  // lost: another job has the case by now
  static Ending ending_by(const std::string& why);     // it was left
  struct Attempt {
    Ending ending = Ending::done;
    nlohmann::json result;
    bool had_checkpoint = false;  // that is needed no more once the result is safe
  };
  class LightSteps;

  void serve(Team& team);
  void meet(Team& team);
  std::int64_t choose(const Team& team);
  bool worth_all(const Team& team, std::int64_t n, double seconds) const;
  Ending compute(Team& team, std::int64_t n);
  Attempt compute_in_directory(Team& team, const Case& c, const std::filesystem::path& where, double begun);
  Attempt compute_light(Team& team, const Case& c, const std::filesystem::path& where, std::int64_t n,
                        double begun, bool from_checkpoint = true);
  bool has_directory(const Case& c) const;
  std::string why_stop(const Team& team, const Simulation& sim);
  bool other_half_idle(const Team& team) const;
  nlohmann::json store_field(Simulation& sim);
  nlohmann::json store_field(const std::vector<double>& values);
  template <class F>
  void lead(const Team& team, F&& f);

  const mpi::Comm& world_;
  const SweepJob job_;
  mpi::Comm self_;
  std::unique_ptr<Team> top_;
  CaseMaker maker_;
  std::vector<RegionReport> regions_;  // of a case before, where all have the same
  bool regions_vary_;
  std::optional<SweepQueue> queue_;  // ranks that lead a team
  std::optional<io::AppendFile> fields_;
  std::uint64_t run_id_ = 0;
  int processes_ = 1;  // that take cases
  std::optional<Error> wrong_;
  bool stopped_ = false;
  Times times_;
  double told_ = 0.0, asked_ = 0.0, table_ = wall_seconds(), status_ = 0.0, total_work_ = 0.0;
};

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/run/process_id.hpp"
#include "app/sweep/journal.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

/// What is known of a case before it is computed.
struct Expectation {
  std::string name;       ///< of its content, see content_name
  double work = 1.0;      ///< cell updates, or what costs as much as one
  std::int64_t kind = 0;  ///< cases of one kind take the same time for the same work
};

/// The cases of a sweep as one process sees them: which wait, which are being computed, by whom, and which
/// are done. All of it follows from the journal, so that processes of several jobs, which may come and die at
/// any time, agree without talking to each other: whose claim comes first in the journal has the case; a job
/// that is dead is buried by a record, which gives its cases back. Not collective.
class SweepQueue {
 public:
  /// @param job   token of this job; each of its processes has the queue's name job.rank
  /// @param plan  the cases, in the order of the plan
  SweepQueue(const std::filesystem::path& journal, std::string job, int rank, std::vector<Expectation> plan,
             std::int64_t retries);

  /// The first process of a job: gives numbers to cases that have none, and says that the job is there.
  void open(const ProcessId& process, int ranks);

  /// Takes note of what happened since the last call, and writes down what this process has finished.
  void refresh();

  /// Takes the case that comes next, the longest first; -1: none waits. Takes several at once where they are
  /// short, and hands them out one by one. @param processes  that take cases for this job
  std::int64_t take(int processes);
  /// The case that take() would give, and its expected time [s]; -1: none waits.
  std::int64_t longest_waiting(double& seconds);
  /// Expected time of all that waits, on one rank [s].
  double seconds_waiting() const;

  /// Goes to the journal within a fraction of a second. @param seconds  of wall time     @param result  an
  /// object
  void done(std::int64_t n, double seconds, int ranks, const nlohmann::json& result);
  void failed(std::int64_t n, Exit code, const std::string& reason);
  /// Gives the case back (-1: none), and all that were taken with it. @param wide  it is worth more ranks
  void give_back(std::int64_t n, bool wide = false);
  /// Whether the case is this process's still: another may have buried its job by mistake.
  bool still_mine(std::int64_t n) const;
  /// All to stable storage.
  void flush();

  struct Other {
    std::string job;
    ProcessId process;
    std::int64_t cases = 0;  ///< that it has
  };
  /// Other jobs that have cases which nobody else may take.
  std::vector<Other> others() const;
  /// Takes all cases away from a dead job.
  void bury(const std::string& job);
  /// Done cases are computed again: what is kept of their fields is damaged.
  void lose(const std::vector<std::int64_t>& cases);
  /// The last process of the job: says that it has gone.
  void leave();

  enum class State { waiting, taken, done, failed };
  struct Entry {
    State state = State::waiting;
    std::string owner;  ///< job.rank, while it is taken
    int tries = 0;      ///< that came to an end
    int lost = 0;       ///< times that a job died with it
    Exit code = Exit::done;
    double seconds = 0.0;
    int ranks = 0;
    std::string reason;                             ///< of its last failure
    std::int64_t result_at = -1, result_bytes = 0;  ///< in the journal
    bool wide = false;                              ///< given back because it is worth more ranks
    std::int64_t place = -1;                        ///< in the plan; -1: not of this one
  };
  const Entry& entry(std::int64_t n) const { return entries_[static_cast<std::size_t>(numbers_[index(n)])]; }
  /// What done() was told, of a case that is done. Error{io_error}
  nlohmann::json result(std::int64_t n) const { return result_of(entry(n)); }
  /// For good, of directory and table.
  std::int64_t number(std::int64_t n) const { return numbers_[index(n)]; }
  std::int64_t size() const { return static_cast<std::int64_t>(plan_.size()); }
  struct Counts {
    std::int64_t waiting = 0, taken = 0, done = 0, failed = 0;
  };
  Counts counts() const;
  std::int64_t elsewhere() const;  ///< done cases that are not in this plan
  double seconds_expected(std::int64_t n) const;
  bool stopping() const { return stopping_; }  ///< some process of the job has said so
  /// Another job has taken this one for dead: it gets no case any more.
  bool buried() const { return buried_.count(job_) > 0; }
  bool has_in_hand() const { return !taken_.empty(); }  ///< cases taken and not yet handed out
  /// Tells the job's other processes to stop taking cases.
  void stop_job();

  double seconds() const { return seconds_; }  ///< spent here

 private:
  static std::size_t index(std::int64_t n) { return static_cast<std::size_t>(n); }
  // What a record of the journal changes.
  void apply(const Journal::Record& record);
  template <class F>
  void each_case(const nlohmann::json& event, F&& f);
  void job_came(const nlohmann::json& event);
  void cases_claimed(const nlohmann::json& event);
  void release_cases_of(const std::string& job);
  void fields_lost(const nlohmann::json& event);
  void case_done(const Journal::Record& record);
  void case_failed(const nlohmann::json& event);

  void release(Entry& e);
  void note(nlohmann::json event);
  void write();
  void put_in_order();
  Entry& entry_of(const std::string& name);
  nlohmann::json result_of(const Entry& e) const;
  /// A name in 16 bytes, for 10^6 of them.
  struct Key {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const { return k.low; }
  };
  static Key key_of(const std::string& name);

  Journal journal_;
  std::string job_, me_;
  int rank_;
  std::vector<Expectation> plan_;
  std::int64_t retries_;
  std::unordered_map<Key, std::int64_t, KeyHash> number_of_, place_of_;  // by name
  std::vector<Entry> entries_;                                           // by number
  std::vector<std::int64_t> numbers_;                                    // by place in the plan; -1: none yet
  std::vector<std::int64_t> order_;                                      // of the plan: the longest first
  std::size_t first_ = 0;                                                // before it in order_, nothing waits
  std::vector<std::int64_t> taken_;  // in hand, not yet begun; the next one last
  std::vector<Journal::Record> unwritten_;
  std::map<std::string, ProcessId> jobs_;
  std::set<std::string> buried_;  // jobs; one that was only stopped may still claim cases
  struct Rate {
    double work = 0.0, seconds = 0.0;
  };
  std::map<std::int64_t, Rate> rates_;  // by kind
  double ordered_at_ = 0.0, written_at_ = 0.0, synced_at_ = 0.0, seconds_ = 0.0;
  double seconds_left_ = 0.0, waiting_asked_ = 0.0;
  std::int64_t finished_since_order_ = 0;
  bool stopping_ = false;
};

}  // namespace calor::app

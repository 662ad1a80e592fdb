// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "app/torture/process.hpp"

namespace calor::app::torture {

using Random = std::mt19937_64;
/// Evenly from [from, to].
std::int64_t pick(Random& random, std::int64_t from, std::int64_t to);
double pick_real(Random& random, double from, double to);

/// A small case that is run again and again, and disturbed.
struct Victim {
  const char* name;
  const char* verb;      ///< run, sweep
  const char* text;      ///< of its case file
  std::int64_t every;    ///< steps between checkpoints; 0: none are promised
  const char* settings;  ///< "" or a key=value
};
extern const std::array<Victim, 9> victims;
const Victim& victim(std::string_view name);

/// One call on a file of an undisturbed run.
struct Call {
  int rank = 0;
  std::int64_t number = 0;  ///< as the shim counts, from 1 on
  std::string sort{};       ///< the shim's word
};

/// What an undisturbed run of a victim left, and how long it took.
struct Reference {
  std::filesystem::path directory;
  double seconds = 0.0;
};

/// The installation that is tried, and where.
class Rig {
 public:
  /// @param scratch  exists, empty; absolute, without links
  /// @param program  "": this one     @param shim  "": the one beside this one
  /// Error{no_input} without the shim or the program.
  Rig(std::filesystem::path scratch, const std::string& program, const std::string& shim);

  std::filesystem::path program, shim, scratch;
  std::string launcher;     ///< mpirun or $MPIEXEC; empty: none is there
  bool supervises = false;  ///< `run --supervise` is to be had
  bool mounts = false;      ///< a file system of our own can be mounted
  bool direct = false;      ///< checkpoint.writer is a key
  double patience = 5.0;    ///< s, after which what should end counts as hung, besides its own time

  /// `calor VERB CASE -o output ...` on so many ranks; 1: without a launcher.
  Start start(const Victim& v, int ranks, const std::filesystem::path& output,
              const std::vector<std::string>& words) const;
  /// Made at its first use: the victim undisturbed on one rank, and once more on two, which must be the same.
  const Reference& reference(const Victim& v) const;
  /// The calls on files of an undisturbed run; with `resumed`, of one that goes on from `stopped(v)`.
  const std::vector<Call>& calls(const Victim& v, int ranks, bool resumed) const;
  /// A directory that a run of the victim has left after it was stopped half-way: to be copied.
  const std::filesystem::path& stopped(const Victim& v) const;
  double limit(const Victim& v) const { return patience + 10.0 * reference(v).seconds; }

 private:
  std::filesystem::path case_file(const Victim& v) const;

  mutable std::recursive_mutex mutex_;
  mutable std::map<std::string, Reference> references_;
  mutable std::map<std::string, std::vector<Call>> calls_;
  mutable std::map<std::string, std::filesystem::path> stopped_;
};

/// The shim's settings for a fault in one call.
struct Fault {
  std::string kind{};         ///< its words: EIO, kill-before, ...
  std::int64_t number = 1;    ///< which call
  std::optional<int> rank{};  ///< nobody else's
  bool late = false, sticky = false;
  std::string calls{};     ///< sorts that count; "": the usual ones
  std::int64_t every = 0;  ///< also each so many calls later; 0: once
  std::string except{};    ///< calls on paths that hold one of these words, between commas, do not count
};

/// One case of a row while it is made: a directory of its own, random numbers of its own, and what came of
/// it.
class Trial {
 public:
  Trial(const Rig& rig, std::filesystem::path directory, std::uint64_t seed);

  const Rig& rig;
  const std::filesystem::path directory;  ///< holds all of this case; `output()` lies in it
  Random random;
  std::int64_t injected = 0, fired = 0;
  std::vector<std::string> violations{};  ///< "B: what"
  std::string story{};                    ///< what was done, for people
  bool lossless = false;                  ///< it was stopped in order (75): nothing at all may be lost

  std::filesystem::path output() const { return directory / "out"; }
  void violated(char invariant, const std::string& what);
  /// Settings that make the fault; it is counted as injected, and by `look_for_fault` as fired.
  std::vector<std::string> settings(const Fault& fault);
  void look_for_fault();
  /// Starts a victim on output().
  std::unique_ptr<Process> begin(const Victim& v, int ranks, const std::vector<std::string>& words,
                                 const std::vector<std::string>& settings = {},
                                 std::optional<std::uint64_t> most_file_bytes = {});
  /// The same and waits; being hung is a violation.
  Ended run(const Victim& v, int ranks, const std::vector<std::string>& words,
            const std::vector<std::string>& settings = {}, std::optional<std::uint64_t> most_file_bytes = {});
  /// After the disturbance: --resume must do what was left to do, and everything must be as undisturbed.
  /// Checks B, L, C, O; sometimes I. Where nothing was written yet that a run could lose, the same as it was
  /// started must do as well: sometimes that is tried instead.
  void finish(const Victim& v, int ranks);
  /// What all programs of this case have said since the last call.
  std::string said();

 private:
  int faults_ = 0;
  std::streamoff heard_ = 0;
};

// Checks of a directory.

/// What differs from the undisturbed run's: fields bit by bit, tables byte by byte. Empty: nothing.
std::string difference(const Victim& v, const std::filesystem::path& output,
                       const std::filesystem::path& reference);
/// Left-overs of the dead: partial files, locks, leases. Empty: none.
std::string left_over(const std::filesystem::path& output);
/// The last whole line's step in history.csv; -1: none.
std::int64_t last_step(const std::filesystem::path& output);
/// The step that status.json names; -1: none.
std::int64_t stopped_at(const std::filesystem::path& output);
/// Whether nothing is there that a run could lose.
bool nothing_to_lose(const std::filesystem::path& output);
/// Bytes of all fields of a snapshot or checkpoint, found by the trailer of its file. Error{bad_data}
std::string stored_fields(const std::filesystem::path& file);
/// Files below `directory`, sorted, relative.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory);
std::string bytes_of(const std::filesystem::path& file);  ///< "" where there is none
void put_bytes(const std::filesystem::path& file, const std::string& bytes);

}  // namespace calor::app::torture

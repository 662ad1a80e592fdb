// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <mpi.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace calor::mpi {

/// An MPI call failed; the message names the call site and MPI's own words.
class Failure : public std::runtime_error {
 public:
  Failure(int code, const char* file, int line);
};

/// Throws Failure, naming the call site, unless `code` is MPI_SUCCESS.
/// (The builtins do what std::source_location does, which Clang 14 lacks.)
inline void check(int code, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (code != MPI_SUCCESS) throw Failure{code, file, line};
}

/// Waits for the requests without keeping the core busy.
void wait_quietly(MPI_Request* requests, int count);

/// How many exchanges and reductions have come back in this process: what a watchdog looks at.
std::uint64_t signs_of_life();
void sign_of_life();

/// Owns one communicator. Move-only: duplicating is collective, so it is a named call, never a copy.
class Comm {
 public:
  explicit Comm(MPI_Comm owned) : comm_{owned} {
    check(MPI_Comm_rank(comm_, &rank_));
    check(MPI_Comm_size(comm_, &size_));
  }
  Comm(Comm&& o) noexcept : comm_{std::exchange(o.comm_, MPI_COMM_NULL)}, rank_{o.rank_}, size_{o.size_} {}
  Comm& operator=(Comm&& o) noexcept {
    std::swap(comm_, o.comm_);
    rank_ = o.rank_;
    size_ = o.size_;
    return *this;
  }
  Comm(const Comm&) = delete;
  Comm& operator=(const Comm&) = delete;
  ~Comm() {
    if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
  }

  MPI_Comm get() const { return comm_; }
  int rank() const { return rank_; }
  int size() const { return size_; }
  bool root() const { return rank_ == 0; }

  // All below are collective: every rank of the communicator calls, and all get the same answer.
  Comm split(int colour) const;  ///< ranks of one colour form a job, in their present order
  bool all(bool mine) const;     ///< true iff `mine` is true on every rank
  bool any(bool mine) const;     ///< true iff `mine` is true on at least one rank
  double max(double mine) const;
  double min(double mine) const;
  std::int64_t sum(std::int64_t mine) const;
  std::int64_t max(std::int64_t mine) const;
  void broadcast(void* data, std::int64_t bytes, int root = 0) const;
  std::string broadcast(const std::string& text, int root = 0) const;  ///< `text` matters on root only
  void barrier() const;
  /// As barrier, but leaves the core to others while it waits, and counts as a sign of life.
  void barrier_quietly() const;
  /// The message of the lowest rank whose `mine` is not empty, on every rank; empty if all are.
  std::string first_message(const std::string& mine) const;

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
};

/// MPI for the life of the program: first object in, last out. Asks for MPI_THREAD_FUNNELED and checks it;
/// aborts instead of finalising while an exception is in flight. The one place that names MPI_COMM_WORLD.
class Environment {
 public:
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  Comm world() const;  ///< our own duplicate of MPI_COMM_WORLD; errors are returned, not fatal
  /// Ends all ranks at once; for what one rank alone has met while the others may be waiting.
  [[noreturn]] static void abort(int code);
  static std::string library();  ///< "Open MPI 4.1.4"

 private:
  int exceptions_at_start_ = 0;
};

}  // namespace calor::mpi

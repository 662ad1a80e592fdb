// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/mpi.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <limits>
#include <thread>
#include <vector>

#include "decomposition/ending.hpp"
#include "decomposition/waits.hpp"

namespace calor::mpi {

namespace {
std::atomic<std::uint64_t> alive{0};
bool abandoned = false;
#ifdef OPEN_MPI
constexpr bool gives_cores_away = true;
#else
constexpr bool gives_cores_away = false;
#endif
bool crowded = false;  // ranks outnumber cores, and MPI does not care

/// Whether some host has more ranks than one of them may use cores: the same on all, since calls that ask in
/// turn and calls that wait are not the same operation.
bool more_ranks_than_cores() {
  MPI_Comm host = MPI_COMM_NULL;
  check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host));
  int ranks = 1;
  check(MPI_Comm_size(host, &ranks));
  check(MPI_Comm_free(&host));
  cpu_set_t mask;
  const int here = ::sched_getaffinity(0, sizeof mask, &mask) == 0 && ranks > CPU_COUNT(&mask) ? 1 : 0;
  int anywhere = 0;
  check(MPI_Allreduce(&here, &anywhere, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD));
  return anywhere != 0;
}

void give_core_away(MPI_Request* requests, int count) {
  for (;;) {
    int done = 0;
    check(MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE));
    if (done != 0) return;
    ::sched_yield();
  }
}

std::string describe(int code, const char* file, int line) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return std::string{"MPI call failed at "} + file + ":" + std::to_string(line) + ": " +
         std::string(text, static_cast<std::size_t>(length));
}

template <class T>
T reduced(MPI_Comm comm, T mine, MPI_Datatype type, MPI_Op op) {
  T result{};
  all_reduce(&mine, &result, 1, type, op, comm);
  sign_of_life();
  return result;
}
}  // namespace

void wait_all(MPI_Request* requests, int count) {
  if (crowded)
    give_core_away(requests, count);
  else
    check(MPI_Waitall(count, requests, MPI_STATUSES_IGNORE));
}

void all_reduce(const void* mine, void* result, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
  if (!crowded) return check(MPI_Allreduce(mine, result, count, type, op, comm));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallreduce(mine, result, count, type, op, comm, &request));
  give_core_away(&request, 1);
}

std::uint64_t signs_of_life() { return alive.load(std::memory_order_relaxed); }
void sign_of_life() { alive.fetch_add(1, std::memory_order_relaxed); }

Failure::Failure(int code, const char* file, int line) : std::runtime_error{describe(code, file, line)} {}

Comm Comm::split(int colour) const {
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(comm_, colour, rank_, &part));
  return Comm{part};
}
bool Comm::all(bool mine) const { return reduced(comm_, int{mine}, MPI_INT, MPI_MIN) != 0; }
bool Comm::any(bool mine) const { return reduced(comm_, int{mine}, MPI_INT, MPI_MAX) != 0; }
double Comm::max(double mine) const { return reduced(comm_, mine, MPI_DOUBLE, MPI_MAX); }
double Comm::min(double mine) const { return reduced(comm_, mine, MPI_DOUBLE, MPI_MIN); }
std::int64_t Comm::sum(std::int64_t mine) const { return reduced(comm_, mine, MPI_INT64_T, MPI_SUM); }
std::int64_t Comm::max(std::int64_t mine) const { return reduced(comm_, mine, MPI_INT64_T, MPI_MAX); }
void Comm::barrier() const {
  if (!crowded) return check(MPI_Barrier(comm_));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibarrier(comm_, &request));
  give_core_away(&request, 1);
}

void Comm::barrier_quietly() const {
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibarrier(comm_, &request));
  wait_quietly(&request, 1);
}

void wait_quietly(MPI_Request* requests, int count) {
  using std::chrono::microseconds;
  constexpr microseconds longest{2000};
  for (microseconds nap{20};; nap = std::min(2 * nap, longest)) {
    int done = 0;
    check(MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE));
    if (done != 0) return;
    sign_of_life();
    std::this_thread::sleep_for(nap);
  }
}

void Comm::broadcast(void* data, std::int64_t bytes, int root) const {
  sign_of_life();
  constexpr std::int64_t most = std::numeric_limits<int>::max();  // MPI counts are ints
  for (char* p = static_cast<char*>(data); bytes > 0; p += most, bytes -= most)
    if (const auto part = static_cast<int>(std::min(bytes, most)); !crowded) {
      check(MPI_Bcast(p, part, MPI_BYTE, root, comm_));
    } else {
      MPI_Request request = MPI_REQUEST_NULL;
      check(MPI_Ibcast(p, part, MPI_BYTE, root, comm_, &request));
      give_core_away(&request, 1);
    }
}

std::string Comm::broadcast(const std::string& text, int root) const {
  std::string result = text;
  auto bytes = static_cast<std::int64_t>(text.size());
  broadcast(&bytes, sizeof bytes, root);
  result.resize(static_cast<std::size_t>(bytes));
  broadcast(result.data(), bytes, root);
  return result;
}

std::string Comm::first_message(const std::string& mine) const {
  const int speaker = reduced(comm_, mine.empty() ? size_ : rank_, MPI_INT, MPI_MIN);
  return speaker == size_ ? std::string{} : broadcast(mine, speaker);
}

Environment::Environment(int& argc, char**& argv) {
  // Open MPI 4.1's collective file writer can place data wrongly when it believes that all ranks share a node
  // and skips its lock (open-mpi/ompi#12718); range locks cure it. Harmless elsewhere.
  setenv("OMPI_MCA_fs_ufs_lock_algorithm", "3", 0);
  // Shared file pointers, which nobody asks for: to find out whether it could have them by this way, it puts
  // a file of its own beside each that it opens.
  setenv("OMPI_MCA_sharedfp", "^lockedfile", 0);
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
  exceptions_at_start_ = std::uncaught_exceptions();
  if (provided < MPI_THREAD_FUNNELED) {
    MPI_Finalize();
    throw std::runtime_error{"this MPI library has no MPI_THREAD_FUNNELED, which OpenMP threads need"};
  }
  crowded = !gives_cores_away && more_ranks_than_cores();
}

Environment::~Environment() {
  if (std::uncaught_exceptions() > exceptions_at_start_) MPI_Abort(MPI_COMM_WORLD, 70);
  MPI_Finalize();
}

void abandon_files() { abandoned = true; }
bool files_abandoned() { return abandoned; }

void at_finalize(void (*f)()) {
  // The attributes of MPI_COMM_SELF go first.
  const auto call = [](MPI_Comm, int, void*, void* extra) {
    reinterpret_cast<void (*)()>(extra)();
    return MPI_SUCCESS;
  };
  int key = MPI_KEYVAL_INVALID;
  check(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, call, &key, reinterpret_cast<void*>(f)));
  check(MPI_Comm_set_attr(MPI_COMM_SELF, key, nullptr));
  check(MPI_Comm_free_keyval(&key));
}

Comm Environment::world() const {
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &copy));
  check(MPI_Comm_set_errhandler(copy, MPI_ERRORS_RETURN));
  return Comm{copy};
}

void Environment::abort(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::abort();
}

std::string Environment::library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  std::string version(text, static_cast<std::size_t>(length));
  version = version.substr(0, version.find_first_of(",\n"));
  if (version.rfind("Open MPI v", 0) == 0) version.erase(9, 1);
  return version;
}

}  // namespace calor::mpi

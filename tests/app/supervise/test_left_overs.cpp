// SPDX-License-Identifier: BSD-3-Clause
// What a killed process has left in /dev/shm is removed when nobody uses it any more, and not before. The
// program starts itself with a token in the environment; that child maps the segment and waits.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "app/supervise/left_overs.hpp"
#include "tests/support/catch.hpp"

using calor::app::LeftOvers;

namespace {

constexpr std::size_t page = 4096;
constexpr const char* segment_variable = "CALOR_TEST_SEGMENT";

/// Before main(): in the child, and never past it.
const bool is_parent = [] {
  const char* path = std::getenv(segment_variable);
  if (path == nullptr) return true;
  const int fd = ::open(path, O_RDWR);
  if (fd < 0 || ::mmap(nullptr, page, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) ::_exit(1);
  for (;;) ::pause();
}();

class User {
 public:
  User(const std::string& token, const std::string& segment) {
    const std::string where = fmt::format("{}={}", segment_variable, segment);
    std::vector<char*> environment{const_cast<char*>(token.c_str()), const_cast<char*>(where.c_str()),
                                   nullptr};
    char name[] = "user";
    char* const arguments[] = {name, nullptr};
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execve("/proc/self/exe", arguments, environment.data());
      ::_exit(1);
    }
  }
  User(const User&) = delete;
  User& operator=(const User&) = delete;
  ~User() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

template <class Happened>
bool await(const Happened& happened) {
  for (int n = 0; n < 1000; ++n) {
    if (happened()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return false;
}

class Segment {
 public:
  explicit Segment(const std::string& name) : path_{fmt::format("/dev/shm/{}.{}", name, ::getpid())} {
    std::ofstream{path_} << std::string(page, ' ');
  }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }
  bool there() const { return ::access(path_.c_str(), F_OK) == 0; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a segment is removed when the last one that uses it has gone") {
  REQUIRE(is_parent);
  const Segment segment{"calor-test-used"}, of_others{"calor-test-of-others"};
  const std::string token = fmt::format("CALOR_TEST_TOKEN={}", ::getpid());
  User ours{token, segment.path()}, stranger{"CALOR_TEST_TOKEN=another", of_others.path()};
  LeftOvers left{token};
  REQUIRE(await([&] {
    left.look();
    return left.any();
  }));
  CHECK(left.processes() == std::vector<pid_t>{ours.pid()});

  // Killed, but not dead yet: it is still mapped.
  CHECK(left.remove(ours.pid()) == 0);
  CHECK(segment.there());
  CHECK(left.any());

  CHECK(left.end() == 1);
  REQUIRE(await([&] { return left.processes().empty(); }));
  CHECK(left.remove(ours.pid()) == 1);
  CHECK_FALSE(segment.there());
  CHECK_FALSE(left.any());

  // Of a process without the token: neither ended nor removed.
  CHECK(::kill(stranger.pid(), 0) == 0);
  CHECK(of_others.there());
}

TEST_CASE("a segment that another process maps as well stays until that one has gone") {
  const Segment segment{"calor-test-shared"};
  const std::string token = fmt::format("CALOR_TEST_TOKEN={}", ::getpid());
  User ours{token, segment.path()}, stranger{"CALOR_TEST_TOKEN=another", segment.path()};
  LeftOvers left{token}, of_stranger{"CALOR_TEST_TOKEN=another"};
  REQUIRE(await([&] {
    left.look();
    of_stranger.look();
    return left.any() && of_stranger.any();
  }));
  ours.end();
  CHECK(left.remove(ours.pid()) == 0);
  CHECK(segment.there());
  stranger.end();
  CHECK(left.remove(ours.pid()) == 1);
  CHECK_FALSE(segment.there());
}

// SPDX-License-Identifier: BSD-3-Clause
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

#include "app/sweep/queue.hpp"
#include "io/file.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
namespace fs = std::filesystem;

namespace {

/// A directory that goes when the test ends.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("calor-queue-" + io::random_token());
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
  fs::path journal() const { return path / "journal"; }
};

std::vector<Expectation> cases(int count) {
  std::vector<Expectation> all;
  for (int n = 0; n < count; ++n) {
    const double work = 1.0 + (n * 7) % count;
    all.push_back({content_name("case " + std::to_string(n)), work, 0});
  }
  return all;
}

Journal::Record record(int n) {
  return {{{"event", "x"}, {"n", n}}, n == 2 ? nlohmann::json({7, "\t"}).dump() : ""};
}

const nlohmann::json result{{"by", "anybody"}};

}  // namespace

TEST_CASE("a journal gives back what several writers put in, and passes over what is broken", "[journal]") {
  const Scratch s;
  Journal a{s.journal()}, b{s.journal()};
  a.append({record(1), record(2)});
  std::ofstream{s.journal(), std::ios::app}
      << "0123456789abcdef {\"event\":\"forged\"}\n3e";  // and a torn line
  b.append({record(3)});
  std::vector<int> seen;
  for (const Journal::Record& r : a.read_new()) {
    seen.push_back(r.event.at("n"));
    CHECK(r.result == (seen.back() == 2 ? "[7,\"\\t\"]" : ""));
  }
  CHECK(seen == std::vector<int>{1, 2, 3});
  CHECK(a.read_new().empty());
  // A line that is not whole yet is read when it is.
  b.append({record(4)});
  const std::string whole = io::read_text(s.journal());
  std::ofstream{s.journal()} << whole.substr(0, whole.size() - 5);
  Journal c{s.journal()};
  CHECK(c.read_new().size() == 3);
  std::ofstream{s.journal(), std::ios::app} << whole.substr(whole.size() - 5);
  REQUIRE(c.read_new().size() == 1);
}

TEST_CASE("processes of several jobs share the cases: each is taken once, the longest first",
          "[sweep_queue]") {
  const Scratch s;
  constexpr int count = 50;
  std::vector<std::unique_ptr<SweepQueue>> all;
  for (const char* job : {"a", "b"}) {
    all.push_back(std::make_unique<SweepQueue>(s.journal(), job, 0, cases(count), 2));
    all.back()->open(this_process(), 2);
    all.push_back(std::make_unique<SweepQueue>(s.journal(), job, 1, cases(count), 2));
  }
  std::set<std::int64_t> taken;
  std::vector<double> work;
  for (std::size_t turn = 0, idle = 0; idle < all.size(); turn = (turn + 1) % all.size()) {
    const std::int64_t n = all[turn]->take(4);
    if (n < 0) {
      ++idle;
      continue;
    }
    idle = 0;
    CHECK(taken.insert(n).second);
    work.push_back(cases(count)[static_cast<std::size_t>(n)].work);
    all[turn]->done(n, work.back(), 1, result);
    all[turn]->flush();
  }
  CHECK(taken.size() == count);
  // All look at the same list; where two begin at once they may pass each other by a few places.
  for (std::size_t i = 0; i + 6 < work.size(); ++i) CHECK(work[i] > work[i + 6]);
  for (const auto& queue : all) {
    queue->refresh();
    CHECK(queue->counts().done == count);
    CHECK(queue->others().empty());
  }
}

TEST_CASE("of two claims the first in the journal has the case", "[sweep_queue]") {
  const Scratch s;
  SweepQueue x{s.journal(), "x", 0, cases(2), 2}, y{s.journal(), "y", 0, cases(2), 2};
  x.open(this_process(), 1);
  y.open(this_process(), 1);
  Journal both{s.journal()};
  for (const char* owner : {"x.0", "y.0"})
    both.append({{{{"event", "claim"}, {"owner", owner}, {"cases", {0}}}, ""}});
  both.append({{{{"event", "give back"}, {"owner", "y.0"}, {"cases", {0}}}, ""}});  // not y's to give
  x.refresh();
  y.refresh();
  CHECK(x.still_mine(0));
  CHECK_FALSE(y.still_mine(0));
  CHECK(y.take(1) == 1);
  CHECK(y.take(1) == -1);
}

TEST_CASE("short cases are taken by the handful", "[sweep_queue]") {
  const Scratch s;
  SweepQueue queue{s.journal(), "a", 0, cases(1000), 2};
  queue.open(this_process(), 1);
  for (std::int64_t n = queue.take(1); n >= 0; n = queue.take(1)) queue.done(n, 1e-5, 1, result);
  queue.flush();
  CHECK(queue.counts().done == 1000);
  const std::string text = io::read_text(s.journal());
  int claims = 0;
  for (std::size_t at = text.find("\"claim\""); at != std::string::npos; at = text.find("\"claim\"", at + 1))
    ++claims;
  CHECK(claims < 100);
}

TEST_CASE("a dead job's cases are taken over; what it still says counts no more than once", "[sweep_queue]") {
  const Scratch s;
  SweepQueue dead{s.journal(), "dead", 0, cases(3), 2}, heir{s.journal(), "heir", 0, cases(3), 2};
  dead.open(this_process(), 1);
  const std::int64_t n = dead.take(1);
  REQUIRE(n >= 0);
  heir.refresh();
  REQUIRE(heir.others().size() == 1);
  CHECK(heir.others()[0].job == "dead");
  CHECK(heir.others()[0].process == this_process());
  heir.bury("dead");
  CHECK(heir.others().empty());
  std::set<std::int64_t> got;
  for (std::int64_t m = heir.take(1); m >= 0; m = heir.take(1)) {
    got.insert(m);
    heir.done(m, 1.0, 1, {{"by", "heir"}});
  }
  heir.flush();
  CHECK(got.size() == 3);
  // It was only asleep.
  dead.refresh();
  CHECK_FALSE(dead.still_mine(n));
  dead.done(n, 1.0, 1, {{"by", "dead"}});
  dead.flush();
  heir.refresh();
  CHECK(heir.result(n) == nlohmann::json{{"by", "heir"}});
  CHECK(heir.entry(n).tries == 1);
}

TEST_CASE("a job that was buried by mistake gets no case any more, and finds it", "[sweep_queue]") {
  const Scratch s;
  SweepQueue frozen{s.journal(), "frozen", 0, cases(3), 2}, heir{s.journal(), "heir", 0, cases(3), 2};
  frozen.open(this_process(), 1);
  REQUIRE(frozen.take(1) >= 0);
  heir.refresh();
  heir.bury("frozen");
  // It claims before it has read so.
  Journal{s.journal()}.append({{{{"event", "claim"}, {"owner", "frozen.0"}, {"cases", {0, 1, 2}}}, ""}});
  heir.refresh();
  CHECK(heir.counts().waiting == 3);
  CHECK_FALSE(heir.buried());
  CHECK(frozen.take(1) == -1);
  CHECK(frozen.buried());
  int got = 0;
  for (std::int64_t m = heir.take(1); m >= 0; m = heir.take(1)) ++got;
  CHECK(got == 3);
}

TEST_CASE("a journal is whole from its first moment, and known by what is in it", "[journal]") {
  const Scratch s;
  CHECK_FALSE(Journal::is_one(s.journal()));
  CHECK(Journal::begin(s.journal()));
  CHECK(Journal::is_one(s.journal()));
  CHECK_FALSE(Journal::begin(s.journal()));
  SweepQueue queue{s.journal(), "a", 0, cases(700), 2};
  queue.open(this_process(), 1);
  queue.done(queue.take(1), 1.0, 1, result);
  queue.flush();
  CHECK(queue.counts().done == 1);
  Journal::begin_anew(s.journal());
  SweepQueue anew{s.journal(), "b", 0, cases(700), 2};
  anew.open(this_process(), 1);
  CHECK(anew.counts().waiting == 700);
  // Of a version without the first record, and of somebody else.
  fs::remove(s.journal());
  {
    SweepQueue old{s.journal(), "c", 0, cases(700), 2};
    old.open(this_process(), 1);
  }
  CHECK(Journal::is_one(s.journal()));
  for (const char* text : {"", "Dear diary,\n", "0123456789abcdef {\"event\":\"sweep\"}\n"}) {
    std::ofstream{s.journal()} << text;
    CHECK_FALSE(Journal::is_one(s.journal()));
  }
}

TEST_CASE("a case that fails is tried again, at most so many times; a refused one is not", "[sweep_queue]") {
  const Scratch s;
  SweepQueue queue{s.journal(), "a", 0, cases(2), 2};
  queue.open(this_process(), 1);
  int tries = 0;
  for (std::int64_t n = queue.take(1); n >= 0; n = queue.take(1)) {
    ++tries;
    queue.failed(n, n == 0 ? Exit::numerical : Exit::bad_case, "why");
  }
  CHECK(tries == 3 + 1);
  CHECK(queue.counts().failed == 2);
  CHECK(queue.entry(0).reason == "why");
  // A full disk is another matter: the next job tries again.
  SweepQueue third{s.journal(), "b", 0, cases(3), 0};
  third.open(this_process(), 1);
  CHECK(third.take(1) == 2);
  third.failed(2, Exit::io_error, "disk full");
  CHECK(third.take(1) == -1);
  SweepQueue fourth{s.journal(), "c", 0, cases(3), 0};
  fourth.open(this_process(), 1);
  CHECK(fourth.take(1) == 2);
  CHECK(fourth.take(1) == -1);
}

TEST_CASE("a lost line costs no more than what it said", "[sweep_queue]") {
  const Scratch s;
  {
    SweepQueue queue{s.journal(), "a", 0, cases(1200), 2};
    queue.open(this_process(), 1);
    for (std::int64_t n = queue.take(1); n >= 0; n = queue.take(1))
      queue.done(n, 1e-5, 1, {{"of", cases(1200)[static_cast<std::size_t>(n)].name}});
    queue.flush();
  }
  // Without the line that named the first cases, all numbers are others, and every result is still where it
  // belongs.
  std::string text = io::read_text(s.journal());
  text.erase(text.find("\"cases\",\"names\""), 3);
  std::ofstream{s.journal()} << text;
  SweepQueue later{s.journal(), "b", 0, cases(1200), 2};
  later.open(this_process(), 1);
  CHECK(later.counts().done == 1200);
  for (std::int64_t n = 0; n < 1200; ++n)
    CHECK(later.result(n).at("of") == cases(1200)[static_cast<std::size_t>(n)].name);
}

TEST_CASE("who has lost a case cannot make it fail", "[sweep_queue]") {
  const Scratch s;
  SweepQueue slow{s.journal(), "slow", 0, cases(1), 0}, heir{s.journal(), "heir", 0, cases(1), 0};
  slow.open(this_process(), 1);
  REQUIRE(slow.take(1) == 0);
  heir.refresh();
  heir.bury("slow");
  REQUIRE(heir.take(1) == 0);
  slow.failed(0, Exit::cannot_create, "taken over");
  heir.refresh();
  CHECK(heir.still_mine(0));
  CHECK(heir.entry(0).tries == 0);
}

TEST_CASE("what is given back waits again, and numbers stay when the plan grows", "[sweep_queue]") {
  const Scratch s;
  SweepQueue queue{s.journal(), "a", 0, cases(4), 2};
  queue.open(this_process(), 1);
  const std::int64_t n = queue.take(1);
  queue.give_back(n);
  CHECK(queue.counts().waiting == 4);
  CHECK(queue.take(1) == n);
  queue.done(n, 1.0, 1, result);
  queue.flush();

  std::vector<Expectation> more = cases(6);
  std::rotate(more.begin(), more.begin() + 4, more.end());  // the new ones first
  SweepQueue grown{s.journal(), "b", 0, more, 2};
  grown.open(this_process(), 1);
  std::vector<std::int64_t> numbers;
  for (std::int64_t m = 0; m < 6; ++m) numbers.push_back(grown.number(m));
  CHECK(numbers == std::vector<std::int64_t>{4, 5, 0, 1, 2, 3});
  CHECK(grown.entry(n + 2).state == SweepQueue::State::done);
  CHECK(grown.counts().waiting == 5);
}

TEST_CASE("a case whose field is lost is computed again, once", "[sweep_queue]") {
  const Scratch s;
  SweepQueue a{s.journal(), "a", 0, cases(3), 0}, b{s.journal(), "b", 0, cases(3), 0};
  a.open(this_process(), 1);
  const auto with_field = [](int offset) {
    return nlohmann::json{{"field", {{"file", "a.f64"}, {"offset", offset}, {"sum", "0"}}}};
  };
  for (std::int64_t n = a.take(1); n >= 0; n = a.take(1)) a.done(n, 1.0, 1, with_field(static_cast<int>(n)));
  a.flush();
  b.refresh();
  REQUIRE(b.counts().done == 3);
  // Both find case 1 damaged, a after b has computed it again.
  b.lose({1});
  CHECK(b.counts().waiting == 1);
  REQUIRE(b.take(1) == 1);
  b.done(1, 1.0, 1, with_field(100));
  b.flush();
  a.lose({1});  // what it knows is the old field
  a.refresh();
  b.refresh();
  for (SweepQueue* q : {&a, &b}) {
    CHECK(q->counts().done == 3);
    CHECK(q->result(1) == with_field(100));
  }
  a.lose({});
  CHECK(a.counts().done == 3);
}

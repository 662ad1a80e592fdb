// SPDX-License-Identifier: BSD-3-Clause
// Processes that are killed at moments drawn at random, one to three times in a run; then it goes on, on
// another number of ranks.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <memory>

#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace {

constexpr std::array<const char*, 5> disturbed{"long-euler", "long-rkl2", "long-implicit", "long-steady",
                                               "long-sweep"};

/// Kills some of a job at a moment of its life; whether anything was there to be killed.
bool strike(Trial& t, Process& job, double seconds) {
  const double until = now() + pick_real(t.random, 0.0, seconds);
  const std::int64_t whom = pick(t.random, 1, 10);
  while (now() < until && !job.ended()) sleep_for(0.002);
  if (job.ended()) return false;
  std::vector<pid_t> ranks = job.running(t.rig.program);
  std::shuffle(ranks.begin(), ranks.end(), t.random);
  bool hit = false;
  const auto kill_one = [&](pid_t id) { hit = ::kill(id, SIGKILL) == 0 || hit; };
  if (whom > 8 || ranks.empty()) {
    t.story += "; kill -9 the launcher";
    kill_one(job.id());
  } else {
    const std::size_t n = whom == 8 ? (ranks.size() + 1) / 2 : 1;
    t.story += fmt::format("; kill -9 {} of {} ranks", n, ranks.size());
    for (std::size_t k = 0; k < n; ++k) kill_one(ranks[k]);
  }
  return hit;
}

void make(Trial& t, const Victim& v) {
  const double whole = t.rig.reference(v).seconds;
  const std::int64_t kills = pick(t.random, 1, 3);
  for (std::int64_t k = 0; k < kills; ++k) {
    const int ranks = t.rig.launcher.empty() ? 1 : static_cast<int>(pick(t.random, 1, 3));
    const std::vector<std::string> words =
        k == 0 ? std::vector<std::string>{} : std::vector<std::string>{"--resume"};
    const auto job = t.begin(v, ranks, words);
    ++t.injected;
    bool hit = strike(t, *job, whole);
    const Ended e = job->wait(t.rig.limit(v));
    t.story += fmt::format(" -> {}{}", e.code, e.launcher_hung ? ", its launcher alone hung" : "");
    if (e.hung) t.violated('E', "the job did not end after a kill");
    if (hit && e.code == 0 && !difference(v, t.output(), t.rig.reference(v).directory).empty())
      t.violated('E', "exit 0 although a process was killed");
    if (job->left_after(3.0) > 0) t.violated('C', "ranks live on without their launcher");
    // One that had ended before the blow was not hit: it does not count.
    if (hit)
      ++t.fired;
    else
      --t.injected;
    if (!hit) break;
  }
  t.finish(v, t.rig.launcher.empty() ? 1 : static_cast<int>(pick(t.random, 1, 4)));
}

/// Under the supervisor nobody has to start anything again.
void make_supervised(Trial& t) {
  const Victim& v = victim("long-euler");
  const double whole = t.rig.reference(v).seconds;
  const bool the_parent = pick(t.random, 0, 3) == 0;
  const auto job = t.begin(v, 1, {"--supervise", "--", t.rig.launcher, "-n", "2"});
  const double until = now() + pick_real(t.random, 0.2, 0.2 + whole);
  ++t.injected;
  while (now() < until && !job->ended()) sleep_for(0.002);
  std::vector<pid_t> ranks = job->running(t.rig.program);
  std::erase(ranks, job->id());
  if (job->ended() || (ranks.empty() && !the_parent)) {
    --t.injected;
  } else {
    const pid_t whom =
        the_parent
            ? job->id()
            : ranks[static_cast<std::size_t>(pick(t.random, 0, static_cast<std::int64_t>(ranks.size()) - 1))];
    if (::kill(whom, SIGKILL) == 0) ++t.fired;
    t.story += the_parent ? "; kill -9 the supervisor" : "; kill -9 a rank";
  }
  const Ended e = job->wait(4.0 * t.rig.limit(v));
  t.story += fmt::format(" -> {}", e.code);
  if (e.hung) t.violated('E', "the supervisor did not end");
  if (!the_parent && e.code != 0) t.violated('E', fmt::format("the supervisor ended with {}", e.code));
  if (job->left_after(5.0) > 0) t.violated('C', "processes live on without their supervisor");
  if (!the_parent && e.code == 0)
    if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
      t.violated('B', d);
  t.finish(v, 1);
}

/// Stopped on P ranks, gone on with on Q, for all pairs.
constexpr int most_ranks = 8;
void make_elastic(Trial& t, std::int64_t number) {
  const Victim& v = victim("euler");
  const int p = 1 + static_cast<int>(number / most_ranks % most_ranks),
            q = 1 + static_cast<int>(number % most_ranks);
  // Somewhere among the calls of rank 0, which are the same on any number of ranks but for reading back.
  const auto calls = static_cast<std::int64_t>(t.rig.calls(v, 1, false).size());
  Fault f;
  f.kind = "SIGUSR1";
  f.number = pick(t.random, calls / 10, calls / 2);
  f.rank = p > 1 ? std::optional<int>{0} : std::nullopt;
  const std::vector<std::string> settings = t.settings(f);
  const Ended e = t.run(v, p, {}, settings);
  t.look_for_fault();
  if (e.code != static_cast<int>(Exit::stopped) && e.code != 0)
    t.violated('E', fmt::format("exit {} instead of 75 on {} ranks", e.code, p));
  t.finish(v, q);
}

}  // namespace

std::vector<Row> kill_rows() {
  std::vector<Row> rows;
  for (const char* name : disturbed) {
    Row r;
    r.name = fmt::format("kill/{}", name);
    r.fault = "kill -9 of a rank, several, or the launcher, at any moment, up to three times";
    r.invariants = "BVLCOI";
    r.make = [name](Trial& t, std::int64_t) { make(t, victim(name)); };
    rows.push_back(std::move(r));
  }
  Row s;
  s.name = "kill/supervised";
  s.fault = "kill -9 of a rank or of the supervisor of a run";
  s.invariants = "BEC";
  s.make = [](Trial& t, std::int64_t) { make_supervised(t); };
  s.lacks = [](const Rig& rig) {
    return rig.supervises ? without_launcher(rig) : std::string{"this calor has no supervisor"};
  };
  rows.push_back(std::move(s));
  Row e;
  e.name = "elastic";
  e.fault = "stopped on P ranks, gone on with on Q, P and Q from 1 to 8";
  e.invariants = "BECO";
  e.cases = [](const Rig&) { return std::int64_t{most_ranks * most_ranks}; };
  e.make = make_elastic;
  e.lacks = without_launcher;
  rows.push_back(std::move(e));
  return rows;
}

}  // namespace calor::app::torture

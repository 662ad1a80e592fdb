// SPDX-License-Identifier: BSD-3-Clause
// Signals at moments drawn at random, from the first instruction on, to any process; and processes that stand
// still.
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <array>
#include <memory>

#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

struct Signal {
  int number;
  const char* name;
};
constexpr std::array<Signal, 6> stops{{{SIGTERM, "TERM"},
                                       {SIGINT, "INT"},
                                       {SIGHUP, "HUP"},
                                       {SIGUSR1, "USR1"},
                                       {SIGUSR2, "USR2"},
                                       {SIGXCPU, "XCPU"}}};

constexpr std::array<const char*, 5> disturbed{"long-euler", "long-rkl2", "long-implicit", "long-steady",
                                               "long-sweep"};

void make(Trial& t, const Victim& v) {
  const double whole = t.rig.reference(v).seconds;
  const int ranks = t.rig.launcher.empty() ? 1 : static_cast<int>(pick(t.random, 1, 3));
  // Of the signals to a launcher, Open MPI's passes on these two and ends the job within a second on the
  // others.
  bool to_launcher = ranks > 1 && pick(t.random, 0, 3) == 0;
  const Signal s = stops[static_cast<std::size_t>(pick(t.random, 0, 5))];
  const std::int64_t times = pick(t.random, 1, 5) == 1 ? 2 : 1;
  const auto job = t.begin(v, ranks, {});
  const double until = now() + pick_real(t.random, 0.0, 0.9 * whole);
  while (now() < until && !job->ended()) sleep_for(0.002);
  ++t.injected;
  bool hit = false;
  for (std::int64_t n = 0; n < times && !job->ended(); ++n) {
    const std::vector<pid_t> all = job->running(t.rig.program);
    if (all.empty()) to_launcher = true;
    const pid_t whom =
        to_launcher
            ? job->id()
            : all[static_cast<std::size_t>(pick(t.random, 0, static_cast<std::int64_t>(all.size()) - 1))];
    if (::kill(whom, s.number) == 0) hit = true;
    t.story += fmt::format("; SIG{} to {}", s.name, to_launcher ? "the launcher" : "a rank");
    sleep_for(0.01);
  }
  if (hit)
    ++t.fired;
  else
    --t.injected;
  const Ended e = job->wait(t.rig.limit(v));
  t.story += fmt::format(" -> {}", e.code);
  if (e.hung) t.violated('E', "did not end after a signal");
  if (job->left_after(3.0) > 0) t.violated('C', "processes are left");
  const bool done = e.code == 0 && difference(v, t.output(), t.rig.reference(v).directory).empty();
  // Before the program's first instruction, or of a launcher, a signal does what it does.
  const bool too_early = e.code > 128 && !fs::exists(t.output());
  const bool launchers_own = to_launcher;
  if (!e.hung && e.code != static_cast<int>(Exit::stopped) && !done && !too_early && !launchers_own)
    t.violated('E', fmt::format("exit {} after SIG{} instead of 75", e.code, s.name));
  t.lossless = e.code == static_cast<int>(Exit::stopped);
  t.finish(v, t.rig.launcher.empty() ? 1 : static_cast<int>(pick(t.random, 1, 4)));
}

/// Commands without a checkpoint end at once.
void make_command(Trial& t) {
  const Victim& v = victim("euler");
  const std::string whole = t.rig.reference(v).directory.string();
  const fs::path pipe = t.directory / "pipe.toml";
  static const std::array<const char*, 6> names{"verify", "bench", "estimate", "info", "compare", "pipe"};
  const auto which = static_cast<std::size_t>(pick(t.random, 0, 5));
  std::vector<std::string> words{t.rig.program.string()};
  std::string newest;
  for (const fs::path& p : files_below(fs::path{whole} / "snapshots"))
    newest = (fs::path{whole} / "snapshots" / p).string();
  switch (which) {
    case 0:
      words.emplace_back("verify");
      break;
    case 1:
      words.emplace_back("bench");
      break;
    case 2:
      words.insert(words.end(), {"estimate", (t.rig.scratch / "cases" / v.name / "case.toml").string()});
      break;
    case 3:
      words.insert(words.end(), {"info", newest});
      break;
    case 4:
      words.insert(words.end(), {"compare", whole, whole});
      break;
    default:
      if (::mkfifo(pipe.c_str(), 0600) != 0) throw Error{Exit::internal, "cannot make a pipe"};
      words.insert(words.end(), {"run", pipe.string(), "-o", t.output().string()});
  }
  Start start;
  start.words = words;
  start.directory = t.directory;
  start.said = t.directory / "said.txt";
  Process p{start};
  sleep_for(pick_real(t.random, 0.0, which < 2 ? 1.0 : 0.1));
  const Signal s = stops[static_cast<std::size_t>(pick(t.random, 0, 1))];
  ++t.injected;
  if (p.ended() || ::kill(p.id(), s.number) != 0)
    --t.injected;
  else
    ++t.fired;
  const double sent = now();
  const Ended e = p.wait(10.0);
  const double ended = now();
  t.story +=
      fmt::format("; calor {} got SIG{} -> {} after {:.2f} s", names[which], s.name, e.code, ended - sent);
  if (p.left_after(1.0) > 0) t.violated('C', "processes are left");
  if (e.hung || sent + 1.0 < ended)
    t.violated('E',
               fmt::format("calor {} went on for {:.1f} s after SIG{}", names[which], ended - sent, s.name));
}

/// A rank that stands still for a second is no cause for alarm; one that does for ever is.
void make_stall(Trial& t) {
  const Victim& v = victim("long-euler");
  const double whole = t.rig.reference(v).seconds;
  bool for_ever = pick(t.random, 0, 2) == 0;
  const auto job = t.begin(v, 2, {"--watchdog", for_ever ? "2" : "20"});
  const double until = now() + pick_real(t.random, 0.3 * whole, 0.8 * whole);
  while (now() < until && !job->ended()) sleep_for(0.002);
  const std::vector<pid_t> ranks = job->running(t.rig.program);
  ++t.injected;
  if (ranks.empty()) {
    --t.injected;
  } else {
    const pid_t whom =
        ranks[static_cast<std::size_t>(pick(t.random, 0, static_cast<std::int64_t>(ranks.size()) - 1))];
    if (::kill(whom, SIGSTOP) == 0) ++t.fired;
    // Results that are whole are waited for by nobody but MPI_Finalize.
    for_ever = for_ever && !fs::exists(t.output() / "summary.json");
    t.story += for_ever ? "; SIGSTOP" : "; SIGSTOP, a second later SIGCONT";
    if (!for_ever) {
      sleep_for(1.0);
      ::kill(whom, SIGCONT);
    }
  }
  const Ended e = job->wait(t.rig.limit(v) + 15.0);
  t.story += fmt::format(" -> {}", e.code);
  job->kill_all();
  if (e.hung) t.violated('E', "nobody noticed");
  if (!for_ever && e.code != 0) t.violated('E', fmt::format("exit {} after a second's rest", e.code));
  if (for_ever && !e.hung && e.code != static_cast<int>(Exit::internal) && e.code != 0)
    t.violated('E', fmt::format("exit {} instead of 70", e.code));
  t.finish(v, 1);
}

}  // namespace

std::vector<Row> signal_rows() {
  std::vector<Row> rows;
  for (const char* name : disturbed) {
    Row r;
    r.name = fmt::format("signal/{}", name);
    r.fault = "TERM, INT, HUP, USR1, USR2 or XCPU at any moment, also twice, to a rank or the launcher";
    r.invariants = "BELCO";
    r.make = [name](Trial& t, std::int64_t) { make(t, victim(name)); };
    rows.push_back(std::move(r));
  }
  Row c;
  c.name = "signal/commands";
  c.fault = "TERM or INT to verify, bench, estimate, info, compare, and to a run whose case is a pipe";
  c.invariants = "EC";
  c.make = [](Trial& t, std::int64_t) { make_command(t); };
  rows.push_back(std::move(c));
  Row s;
  s.name = "stall";
  s.fault = "a rank stands still for a second, or for ever";
  s.invariants = "BEC";
  s.make = [](Trial& t, std::int64_t) { make_stall(t); };
  s.lacks = without_launcher;
  rows.push_back(std::move(s));
  return rows;
}

}  // namespace calor::app::torture

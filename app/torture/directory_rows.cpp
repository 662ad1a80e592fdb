// SPDX-License-Identifier: BSD-3-Clause
// Who else uses the directory: other runs at the same time, owners that were thought dead, and people with
// files of their own.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <memory>

#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

void make_at_once(Trial& t, const Victim& v) {
  t.rig.reference(v);
  const bool sweep = std::string_view{v.verb} == "sweep";
  const std::int64_t owners = pick(t.random, 2, 4);
  std::vector<std::unique_ptr<Process>> jobs;
  for (std::int64_t n = 0; n < owners; ++n) {
    jobs.push_back(t.begin(v, 1,
                           sweep || pick(t.random, 0, 1) == 0 ? std::vector<std::string>{"--resume"}
                                                              : std::vector<std::string>{}));
    sleep_for(pick(t.random, 0, 1) == 0 ? 0.0 : pick_real(t.random, 0.0, 0.3));
  }
  t.injected += owners - 1;
  t.fired += owners - 1;
  int won = 0;
  for (const auto& job : jobs) {
    const Ended e = job->wait(static_cast<double>(owners) * t.rig.limit(v));
    t.story += fmt::format(" -> {}", e.code);
    won += e.code == 0 ? 1 : 0;
    if (e.hung) t.violated('E', "hangs beside another owner");
    if (e.code != 0 && (sweep || e.code != static_cast<int>(Exit::cannot_create)))
      t.violated('E', fmt::format("exit {} beside another owner: {}", e.code, t.said()));
  }
  if (won == 0) t.violated('E', "all of them were refused");
  if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
    t.violated('B', d);
  if (const std::string l = left_over(t.output()); !l.empty()) t.violated('C', "left: " + l);
  t.finish(v, 1);
}

/// Frozen, taken over, thawed: it must notice and touch nothing more.
void make_thawed(Trial& t) {
  const Victim& v = victim("long-euler");
  const double whole = t.rig.reference(v).seconds;
  const auto old = t.begin(v, 1, {});
  while (!old->ended() && files_below(t.output() / "checkpoints").empty()) sleep_for(0.002);
  sleep_for(pick_real(t.random, 0.0, 0.3 * whole));
  if (old->ended()) {
    old->wait(t.rig.limit(v));
    t.finish(v, 1);
    return;
  }
  ++t.injected;
  ::kill(old->id(), SIGSTOP);
  t.story += "; SIGSTOP";
  const bool while_it_runs = pick(t.random, 0, 1) == 0;
  const auto next = t.begin(v, 1, {"--resume", "--takeover"});
  if (while_it_runs) sleep_for(pick_real(t.random, 0.0, whole));
  if (!while_it_runs) next->wait(t.rig.limit(v));
  if (::kill(old->id(), SIGCONT) == 0) ++t.fired;
  t.story += while_it_runs ? "; SIGCONT while the other runs" : "; SIGCONT after the other";
  const Ended e = next->wait(t.rig.limit(v)), o = old->wait(t.rig.limit(v));
  t.story += fmt::format(" -> {}, the old one {}", e.code, o.code);
  if (e.hung || o.hung) t.violated('E', "one of them hangs");
  if (e.code != 0) t.violated('E', fmt::format("who took over ended with {}: {}", e.code, t.said()));
  if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
    t.violated('B', d);
  if (const std::string l = left_over(t.output()); !l.empty()) t.violated('C', "left: " + l);
}

/// Whom a call stops for good, until it is thawed: between any two looks at the directory, that is.
struct Frozen {
  const char* name;
  const char* victim;
  bool resumed;  ///< it goes on from what a stopped run has left
};
constexpr std::array<Frozen, 3> frozen{
    {{"euler", "euler", false}, {"resume", "euler", true}, {"sweep", "sweep", false}}};

/// Waits until the process stands still, or has ended: false.
bool stands_still(Process& p, double limit) {
  const fs::path stat = fmt::format("/proc/{}/stat", p.id());
  for (const double begin = now(); !p.ended() && now() - begin < limit; sleep_for(0.002)) {
    const std::string text = bytes_of(stat);
    if (const std::size_t name = text.rfind(')'); text.compare(name + 1, 3, " T ") == 0) return true;
  }
  return false;
}

/// The same at a call of the owner's choice: frozen right before it, thawed when all is done, or on the way.
void make_thawed_at_call(Trial& t, std::int64_t number, const Frozen& s) {
  const Victim& v = victim(s.victim);
  const double whole = t.rig.reference(v).seconds;
  const std::vector<Call>& counted = t.rig.calls(v, 1, s.resumed);
  if (s.resumed) fs::copy(t.rig.stopped(v), t.output(), fs::copy_options::recursive);
  const Call& call = counted.at(static_cast<std::size_t>(number) % counted.size());
  Fault f;
  f.kind = "stop";
  f.number = call.number;
  const std::vector<std::string> resume{"--resume"};
  const auto old = t.begin(v, 1, s.resumed ? resume : std::vector<std::string>{}, t.settings(f));
  if (!stands_still(*old, t.rig.limit(v))) {
    ::kill(old->id(), SIGCONT);
    old->wait(t.rig.limit(v));
    t.injected = t.fired;  // the call did not come
    t.finish(v, 1);
    return;
  }
  t.look_for_fault();
  const auto next = t.begin(v, 1, {"--resume", "--takeover"});
  const bool while_it_runs = pick(t.random, 0, 2) == 0;
  if (while_it_runs) sleep_for(pick_real(t.random, 0.0, whole));
  if (!while_it_runs) next->wait(t.rig.limit(v));
  ::kill(old->id(), SIGCONT);
  t.story += while_it_runs ? "; SIGCONT while the other runs" : "; SIGCONT after the other";
  const Ended e = next->wait(t.rig.limit(v)), o = old->wait(t.rig.limit(v));
  t.story += fmt::format(" ({} of {}) -> {}, the old one {}", call.sort, s.name, e.code, o.code);
  if (e.hung || o.hung) t.violated('E', "one of them hangs");
  if (e.code != 0) t.violated('E', fmt::format("who took over ended with {}: {}", e.code, t.said()));
  if (o.code != 0 && o.code != static_cast<int>(Exit::cannot_create))
    t.violated('E', fmt::format("the former owner ended with {}: {}", o.code, t.said()));
  if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
    t.violated('B', d);
  if (const std::string l = left_over(t.output()); !l.empty()) t.violated('C', "left: " + l);
}

// Files of others.

constexpr std::array<const char*, 20> names{"probes.csv",
                                            "history.csv",
                                            "regions.csv",
                                            "snapshots.xdmf",
                                            "run.log",
                                            "summary.json",
                                            "status.json",
                                            "case.toml",
                                            "lock",
                                            "snapshots/snapshot_000000012.nc",
                                            "snapshots/mine.nc",
                                            "checkpoints/checkpoint_000000007.h5",
                                            "checkpoints/paper.h5",
                                            "checkpoints",
                                            "snapshots",
                                            "notes.txt",
                                            "inputs/table.csv",
                                            "suspect_mine.nc",
                                            "sweep.csv",
                                            "journal"};
/// Those that lie beside what a run has written without taking a name that it needs.
constexpr std::array<const char*, 6> beside{"snapshots/mine.nc", "checkpoints/paper.h5",
                                            "notes.txt",         "snapshots/snapshot_000000005.nc",
                                            "suspect_mine.nc",   "inputs/mine.csv"};
enum class Form { file, link, directory };
constexpr std::array<std::array<const char*, 2>, 3> wishes{{{"", ""}, {"--resume", ""}, {"--fresh", ""}}};
constexpr std::int64_t empty_cases = names.size() * 3 * wishes.size(), run_cases = beside.size() * 2 * 2;

void make_foreign(Trial& t, std::int64_t number) {
  const Victim& v = victim("euler");
  t.rig.reference(v);
  const bool in_a_run = number >= empty_cases;
  const std::int64_t n = in_a_run ? number - empty_cases : number;
  const std::string name =
      in_a_run ? beside[static_cast<std::size_t>(n % 6)] : names[static_cast<std::size_t>(n % 20)];
  const Form form = static_cast<Form>(in_a_run ? n / 6 % 2 : n / 20 % 3);
  const auto& wish = wishes[static_cast<std::size_t>(in_a_run ? 1 + n / 12 % 2 : n / 60 % 3)];
  if (in_a_run) fs::copy(t.rig.stopped(v), t.output(), fs::copy_options::recursive);
  const fs::path mine = t.output() / name, precious = t.directory / "precious";
  fs::create_directories(mine.parent_path());
  fs::create_directories(t.directory / "precious_directory");
  const std::string text = "written by hand, years of work\n";
  put_bytes(precious, text);
  put_bytes(t.directory / "precious_directory" / "paper.h5", text);
  const bool whole_directory = name == "checkpoints" || name == "snapshots";
  switch (form) {
    case Form::file:
      put_bytes(mine, text);
      break;
    case Form::link:
      fs::create_symlink(whole_directory ? t.directory / "precious_directory" : precious, mine);
      break;
    case Form::directory:
      fs::create_directory(mine);
      put_bytes(mine / "paper.h5", text);
      break;
  }
  t.story += fmt::format("{} {}{}", name,
                         form == Form::file   ? "is a user's file"
                         : form == Form::link ? "is a link out of the directory"
                                              : "is a user's directory",
                         in_a_run ? ", beside a stopped run" : "");
  ++t.injected;
  ++t.fired;
  std::vector<std::string> words;
  if (*wish[0] != '\0') words.emplace_back(wish[0]);
  const Ended e = t.run(v, 1, words);
  const std::string said = t.said();
  if (e.code != 0 && e.code != static_cast<int>(Exit::cannot_create) &&
      e.code != static_cast<int>(Exit::bad_data))
    t.violated('E', fmt::format("exit {}: {}", e.code, said.substr(0, said.find('\n'))));
  const auto untouched = [&](const fs::path& p) {
    if (bytes_of(p) != text)
      t.violated('F', fs::relative(p, t.directory).string() + " was changed or removed");
  };
  untouched(precious);
  if (form == Form::file) untouched(mine);
  if (form == Form::directory) untouched(mine / "paper.h5");
  if (form == Form::link && !fs::is_symlink(mine)) t.violated('F', "the link " + name + " was replaced");
  const std::vector<fs::path> outside = files_below(t.directory / "precious_directory");
  if (outside.size() != 1) t.violated('F', "files were written through the link " + name);
  untouched(t.directory / "precious_directory" / "paper.h5");
}

}  // namespace

std::vector<Row> directory_rows() {
  std::vector<Row> rows;
  for (const char* name : {"euler", "sweep"}) {
    Row r;
    r.name = fmt::format("at-once/{}", name);
    r.fault = "two to four jobs start on one directory at the same time";
    r.invariants = "BECOI";
    r.make = [name](Trial& t, std::int64_t) { make_at_once(t, victim(name)); };
    rows.push_back(std::move(r));
  }
  Row thawed;
  thawed.name = "thawed";
  thawed.fault = "an owner is frozen, taken over (--takeover), and thawed";
  thawed.invariants = "BECO";
  thawed.make = [](Trial& t, std::int64_t) { make_thawed(t); };
  rows.push_back(std::move(thawed));
  for (const Frozen& s : frozen) {
    Row r;
    r.name = fmt::format("thawed-at-call/{}", s.name);
    r.fault = "an owner is frozen right before its n-th call on a file, taken over, and thawed";
    r.invariants = "BECO";
    r.cases = [&s](const Rig& rig) {
      return static_cast<std::int64_t>(rig.calls(victim(s.victim), 1, s.resumed).size());
    };
    r.make = [&s](Trial& t, std::int64_t number) { make_thawed_at_call(t, number, s); };
    rows.push_back(std::move(r));
  }
  Row foreign;
  foreign.name = "foreign-files";
  foreign.fault = "files, links and directories of others where calor would write, with and without a run";
  foreign.invariants = "EF";
  foreign.cases = [](const Rig&) { return empty_cases + run_cases; };
  foreign.make = make_foreign;
  rows.push_back(std::move(foreign));
  return rows;
}

}  // namespace calor::app::torture

// SPDX-License-Identifier: BSD-3-Clause
// Faults at the n-th call on a file of the run's directory: of every rank, every call, one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

/// Who is disturbed.
struct Scene {
  const char* name;
  const char* victim;
  int ranks;
  bool resumed;  ///< not at its start, but when it goes on
};
constexpr std::array<Scene, 6> scenes{{{"euler", "euler", 1, false},
                                       {"ranks", "euler", 3, false},
                                       {"direct", "direct", 3, false},
                                       {"implicit", "implicit", 1, false},
                                       {"resume", "euler", 1, true},
                                       {"sweep", "sweep", 1, false}}};

/// What can be done to a call.
struct Blow {
  const char* kind;  ///< the shim's word
  bool late;
  const char* sorts;  ///< on which calls it makes sense; "": on all
};
struct Group {
  const char* name;
  const char* fault;
  const char* invariants;
  std::vector<Blow> blows;
  void (*judge)(Trial&, const Ended&, const Victim&);
};

bool committed(const fs::path& output) {
  for (const fs::path& p : files_below(output / "checkpoints"))
    if (p.extension() == ".h5") return true;
  return fs::exists(output / "sweep.csv");
}

void killed(Trial& t, const Ended& e, const Victim& v) {
  // Killed processes may also be the last ones of a run that had done all.
  if (e.code == 0 && !difference(v, t.output(), t.rig.reference(v).directory).empty())
    t.violated('E', "exit 0 although a process was killed");
}

void failed(Trial& t, const Ended& e, const Victim& v) {
  if (e.hung) return;
  const std::string words = t.said();
  // 73: the directory, or one within, cannot be made.
  const bool early = !committed(t.output()) || words.find("cannot make the directory") != std::string::npos;
  if (e.code == 0) {
    if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
      t.violated('B', "exit 0, but " + d);
    return;
  }
  if (e.code != static_cast<int>(Exit::io_error) &&
      !(early && e.code == static_cast<int>(Exit::cannot_create)))
    t.violated('E', fmt::format("exit {} instead of 74: {}", e.code, words));
  else if (words.find("calor: ") == std::string::npos)
    t.violated('E', fmt::format("exit {} without a message", e.code));
}

void harmless(Trial& t, const Ended& e, const Victim& v) {
  if (e.hung) return;
  const std::string words = t.said();
  // MPI-IO of Open MPI 4 takes an interrupted or short transfer for an error. That is said, and nothing is
  // lost.
  const bool in_mpi_io =
      e.code == static_cast<int>(Exit::io_error) && words.find("HDF5") != std::string::npos;
  if (in_mpi_io) return;
  if (e.code != 0)
    t.violated('E', fmt::format("exit {} after what a call may always do: {}", e.code, words));
  else if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
    t.violated('B', d);
}

void signalled(Trial& t, const Ended& e, const Victim& v) {
  if (e.hung) return;
  const bool done = e.code == 0 && difference(v, t.output(), t.rig.reference(v).directory).empty();
  t.lossless = e.code == static_cast<int>(Exit::stopped);
  if (!t.lossless && !done) t.violated('E', fmt::format("exit {} instead of 75", e.code));
}

const std::vector<Group>& groups() {
  static const std::vector<Group> all{
      {"kill-at-call",
       "kill -9 before, half-way and after the n-th call on a file",
       "BVLCOI",
       {{"kill-before", false, ""},
        {"kill-half", false, "write truncate allocate"},
        {"kill-after", false, ""}},
       killed},
      {"error-at-call",
       "the n-th call on a file fails: EIO, ENOSPC, EDQUOT, ESTALE; EIO told of a call that was carried out",
       "BVELCO",
       {{"EIO", false, ""},
        {"ENOSPC", false, "open write truncate allocate sync close rename link mkdir"},
        {"EDQUOT", false, "open write allocate sync close mkdir"},
        {"ESTALE", false, ""},
        {"EIO", true, "write sync close rename unlink"}},
       failed},
      {"odd-call",
       "the n-th call on a file is interrupted (EINTR), or reads or writes half",
       "BEC",
       {{"EINTR", false, "open read write truncate allocate sync close"}, {"short", false, "read write"}},
       harmless},
      {"signal-at-call",
       "SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU at the n-th call on a file",
       "BELCO",
       {{"SIGTERM", false, ""},
        {"SIGINT", false, ""},
        {"SIGHUP", false, ""},
        {"SIGUSR1", false, ""},
        {"SIGUSR2", false, ""},
        {"SIGXCPU", false, ""}},
       signalled},
  };
  return all;
}

bool applies(const Blow& b, const Call& c) {
  return *b.sorts == '\0' ||
         fmt::format(" {} ", b.sorts).find(fmt::format(" {} ", c.sort)) != std::string::npos;
}

/// All pairs of a blow and a call.
std::vector<std::pair<const Blow*, const Call*>> pairs(const Group& g, const std::vector<Call>& calls) {
  std::vector<std::pair<const Blow*, const Call*>> all;
  for (const Call& c : calls)
    for (const Blow& b : g.blows)
      if (applies(b, c)) all.emplace_back(&b, &c);
  return all;
}

/// How many calls there are hangs on time: the busier the machine, the oftener a run tells that it lives. So
/// one of the last that were counted need not come again.
bool may_not_come(const Call& c, const std::vector<Call>& counted) {
  constexpr double surely = 0.9;
  std::int64_t last = 0;
  for (const Call& other : counted)
    if (other.rank == c.rank) last = std::max(last, other.number);
  return static_cast<double>(c.number) > surely * static_cast<double>(last);
}

void make(Trial& t, std::int64_t number, const Group& g, const Scene& s) {
  const Victim& v = victim(s.victim);
  t.rig.reference(v);
  const std::vector<Call>& counted = t.rig.calls(v, s.ranks, s.resumed);
  const auto all = pairs(g, counted);
  const auto& [blow, call] = all.at(static_cast<std::size_t>(number) % all.size());
  if (s.resumed) fs::copy(t.rig.stopped(v), t.output(), fs::copy_options::recursive);
  Fault f;
  f.kind = blow->kind;
  f.late = blow->late;
  f.number = call->number;
  if (s.ranks > 1) f.rank = call->rank;
  const std::vector<std::string> settings = t.settings(f);
  const Ended e = t.run(
      v, s.ranks, s.resumed ? std::vector<std::string>{"--resume"} : std::vector<std::string>{}, settings);
  t.look_for_fault();
  if (t.fired < t.injected && e.code == 0 && may_not_come(*call, counted)) t.injected = t.fired;
  t.story += fmt::format(" ({} of {})", call->sort, s.name);
  if (!e.hung) g.judge(t, e, v);
  // On another number of ranks than before.
  t.finish(v, s.ranks > 1 ? 1 : t.rig.launcher.empty() || number % 4 != 0 ? 1 : 2);
}

/// Every other call is interrupted, or moves half of what it was asked to: the next one is the same call
/// again. Files that HDF5 and MPI-IO write are spared: what these make of it is told by odd-call. So are
/// listings of directories, by the standard library.
constexpr std::array<const char*, 2> odd{"EINTR", "short"};
constexpr std::array<Scene, 4> odd_scenes{{{"euler", "euler", 1, false},
                                           {"ranks", "euler", 3, false},
                                           {"sweep", "sweep", 1, false},
                                           {"sweep on ranks", "sweep", 3, false}}};
void make_odd(Trial& t, std::int64_t number) {
  const auto n = static_cast<std::size_t>(number);
  const Scene& s = odd_scenes[n / odd.size() % odd_scenes.size()];
  const Victim& v = victim(s.victim);
  t.rig.reference(v);
  Fault f;
  f.kind = odd[n % odd.size()];
  f.every = 2;
  f.calls = "open,read,write,truncate,allocate,sync,close,rename,link,unlink,mkdir,times";
  f.except = "snapshots/,checkpoints/,results.h5";
  if (s.ranks > 1) f.rank = 0;
  const Ended e = t.run(v, s.ranks, {}, t.settings(f));
  t.look_for_fault();
  t.story += fmt::format(" ({})", s.name);
  if (e.hung) return;
  if (e.code != 0)
    t.violated('E', fmt::format("exit {} after what calls may always do: {}", e.code, t.said()));
  else if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
    t.violated('B', d);
  if (const std::string l = left_over(t.output()); !l.empty()) t.violated('C', "left: " + l);
}

}  // namespace

std::vector<Row> call_rows() {
  std::vector<Row> rows;
  for (const Group& g : groups())
    for (const Scene& s : scenes) {
      Row r;
      r.name = fmt::format("{}/{}", g.name, s.name);
      r.fault = g.fault;
      r.invariants = g.invariants;
      r.cases = [&g, &s](const Rig& rig) {
        return static_cast<std::int64_t>(pairs(g, rig.calls(victim(s.victim), s.ranks, s.resumed)).size());
      };
      r.make = [&g, &s](Trial& t, std::int64_t number) { make(t, number, g, s); };
      r.lacks = [&s](const Rig& rig) {
        if (s.ranks > 1 && rig.launcher.empty()) return without_launcher(rig);
        return std::string{*victim(s.victim).settings != '\0' && !rig.direct ? "no checkpoint.writer here"
                                                                             : ""};
      };
      rows.push_back(std::move(r));
    }
  Row o;
  o.name = "odd-calls";
  o.fault = "every other call on a file is interrupted, or reads or writes half";
  o.invariants = "BEC";
  o.cases = [](const Rig&) { return static_cast<std::int64_t>(odd.size() * odd_scenes.size()); };
  o.make = make_odd;
  o.lacks = without_launcher;
  rows.push_back(std::move(o));
  return rows;
}

}  // namespace calor::app::torture

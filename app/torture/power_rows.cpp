// SPDX-License-Identifier: BSD-3-Clause
// Power cuts, replayed: from the recorded sequence of writes, fsyncs and renames of an undisturbed run, a
// state that the disk may have been left in; then --resume.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "app/torture/power_cut.hpp"
#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

struct Scene {
  const char* victim;
  int ranks;
};
constexpr std::array<Scene, 3> scenes{{{"euler", 1}, {"euler", 3}, {"sweep", 1}}};

const PowerCut& recorded(const Rig& rig, const Scene& s) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<PowerCut>> all;
  const std::lock_guard lock{mutex};
  auto& cut = all[fmt::format("{}-{}", s.victim, s.ranks)];
  if (cut) return *cut;
  const fs::path base = rig.scratch / "recorded" / fmt::format("{}-{}", s.victim, s.ranks);
  fs::create_directories(base / "disk");
  Start start = rig.start(victim(s.victim), s.ranks, base / "disk" / "out", {});
  start.said = base / "said.txt";
  start.settings = {"LD_PRELOAD=" + rig.shim.string(), "CALOR_FAULT_DIR=" + (base / "disk").string(),
                    "CALOR_FAULT_KIND=record", "CALOR_FAULT_RECORD=" + (base / "record").string()};
  Process p{start};
  const Ended e = p.wait(120.0);
  if (e.code != 0)
    throw Error{Exit::internal, fmt::format("{} while it was recorded ended with {}:\n{}", s.victim, e.code,
                                            bytes_of(start.said))};
  cut = std::make_unique<PowerCut>(base / "record", base / "disk");
  // A record that does not give what the run left is of no use.
  const PowerCut::State state = cut->seen(cut->events());
  for (const fs::path& f : files_below(base / "disk"))
    if (const auto it = state.files.find(f);
        it == state.files.end() || it->second != bytes_of(base / "disk" / f))
      throw Error{Exit::internal, fmt::format("the shim's record misses changes of {}", f.string())};
  return *cut;
}

void make(Trial& t, const Scene& s) {
  const Victim& v = victim(s.victim);
  t.rig.reference(v);
  const PowerCut& cut = recorded(t.rig, s);
  const std::int64_t prefix = pick(t.random, 0, cut.events());
  const auto kept = static_cast<PowerCut::Kept>(pick(t.random, 0, 4));
  PowerCut::State state = cut.after(prefix, kept, t.random);
  static constexpr std::array<const char*, 5> words{"nothing", "all", "some", "only names", "only data"};
  t.story += fmt::format("power cut after {} of {} changes, of what was not synced {} is there", prefix,
                         cut.events(), words[static_cast<std::size_t>(kept)]);
  put_state(state, t.directory / "disk");
  if (fs::exists(t.directory / "disk" / "out")) fs::rename(t.directory / "disk" / "out", t.output());
  std::int64_t durable = 0;
  for (const fs::path& p : cut.durable_names(prefix))
    if (p.parent_path() == "out/checkpoints" && p.extension() == ".h5")
      durable = std::max<std::int64_t>(durable, std::strtoll(p.stem().string().c_str() + 11, nullptr, 10));
  ++t.injected;
  ++t.fired;
  fs::remove(t.output() / "run.log");  // what it says of the time before is not this run's
  t.finish(v, 1);
  if (std::string_view{v.verb} != "run") return;
  const std::string log = bytes_of(t.output() / "run.log");
  const std::size_t at = log.find("resumed from ");
  const std::int64_t from =
      at == std::string::npos ? 0 : std::strtoll(log.c_str() + log.find(" at step ", at) + 9, nullptr, 10);
  const bool finished = at == std::string::npos && state.files.contains("out/summary.json");
  if (from < durable && !finished)
    t.violated('V',
               fmt::format("the checkpoint of step {} was on the disk, --resume began at {}", durable, from));
}

}  // namespace

std::vector<Row> power_rows() {
  std::vector<Row> rows;
  for (const Scene& s : scenes) {
    Row r;
    r.name = fmt::format("power-cut/{}", s.ranks > 1 ? "ranks" : s.victim);
    r.fault = "the disk as a power cut may leave it: any part of what was not synced is missing";
    r.invariants = "BVCO";
    r.make = [&s](Trial& t, std::int64_t) { make(t, s); };
    r.lacks = [&s](const Rig& rig) { return s.ranks > 1 ? without_launcher(rig) : std::string{}; };
    rows.push_back(std::move(r));
  }
  return rows;
}

}  // namespace calor::app::torture

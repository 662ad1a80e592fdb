// SPDX-License-Identifier: BSD-3-Clause
// Storage with an end: a limit on the length of files, a file system that is full.
#include <fmt/format.h>
#include <sys/mount.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

/// As a run that finds no room must end. @param heard  bytes that are kept of what it said
void judge(Trial& t, const Ended& e, const Victim& v, std::uint64_t heard) {
  if (e.hung) return;
  const std::string words = t.said();
  const bool refused =
      e.code == static_cast<int>(Exit::io_error) || e.code == static_cast<int>(Exit::cannot_create);
  if (e.code == 0) {
    if (const std::string d = difference(v, t.output(), t.rig.reference(v).directory); !d.empty())
      t.violated('B', "exit 0, but " + d);
  } else if (!refused) {
    t.violated('E', fmt::format("exit {} instead of 74: {}", e.code, words));
  } else if (words.find(std::string_view{"calor: "}.substr(0, heard)) == std::string::npos) {
    t.violated('E', "no message");
  }
}

int some_ranks(Trial& t) { return t.rig.launcher.empty() || pick(t.random, 0, 2) != 0 ? 1 : 3; }

void make_limit(Trial& t) {
  const Victim& v = victim("euler");
  t.rig.reference(v);
  const auto most = static_cast<std::uint64_t>(pick(t.random, 0, 3) == 0 ? pick(t.random, 1, 2000)
                                                                         : pick(t.random, 2000, 42000));
  t.story += fmt::format("no file longer than {} bytes", most);
  ++t.injected;
  // On one rank: a launcher and the memory that ranks share need longer files than ours.
  const Ended e = t.run(v, 1, {}, {}, most);
  ++t.fired;
  judge(t, e, v, most);  // the limit is also that of the file that its words go to
  t.finish(v, t.rig.launcher.empty() ? 1 : 2);
}

void make_full(Trial& t) {
  const Victim& v = victim("euler");
  t.rig.reference(v);
  fs::create_directory(t.output());
  const std::int64_t kilobytes = pick(t.random, 16, 260);
  t.story += fmt::format("a file system of {} KiB", kilobytes);
  if (::mount("tmpfs", t.output().c_str(), "tmpfs", 0, fmt::format("size={}k", kilobytes).c_str()) != 0)
    throw Error{Exit::internal, "cannot mount a small file system"};
  ++t.injected;
  const Ended e = t.run(v, some_ranks(t), {});
  ++t.fired;
  judge(t, e, v, std::string::npos);
  if (e.code != 0)
    if (const std::string l = left_over(t.output()); !l.empty())
      t.violated('C', "left on the full disk: " + l);
  if (::mount("tmpfs", t.output().c_str(), "tmpfs", MS_REMOUNT, "size=64m") != 0)
    throw Error{Exit::internal, "cannot enlarge the small file system"};
  t.finish(v, 1);
  ::umount2(t.output().c_str(), MNT_DETACH);
}

}  // namespace

std::vector<Row> disk_rows() {
  Row limit;
  limit.name = "file-size-limit";
  limit.fault = "RLIMIT_FSIZE, as of ulimit -f";
  limit.invariants = "BVELC";
  limit.make = [](Trial& t, std::int64_t) { make_limit(t); };
  Row full;
  full.name = "full-disk";
  full.fault = "a file system that fills up; later there is room again";
  full.invariants = "BVELC";
  full.make = [](Trial& t, std::int64_t) { make_full(t); };
  full.lacks = [](const Rig& rig) {
    return std::string{rig.mounts ? "" : "only root may mount a small file system"};
  };
  return {limit, full};
}

}  // namespace calor::app::torture

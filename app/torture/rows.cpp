// SPDX-License-Identifier: BSD-3-Clause
#include "app/torture/rows.hpp"

#include <iterator>
#include <utility>

namespace calor::app::torture {

extern const std::vector<Invariant> invariants{
    {'B', "fields, tables and probes are those of the undisturbed run, bit by bit"},
    {'V', "nothing damaged is accepted, and a whole checkpoint remains where there was one"},
    {'E', "it ends in time, with the right exit status and a message"},
    {'L', "no more is lost than the steps since the last checkpoint"},
    {'C', "no process, partial file, lock or lease is left, and --resume needs no hand"},
    {'O', "tables have each row once"},
    {'I', "doing it twice is doing it once"},
    {'F', "files of others stay as they are"},
};

std::string without_launcher(const Rig& rig) { return rig.launcher.empty() ? "no mpirun in PATH" : ""; }

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (auto part : {call_rows, kill_rows, signal_rows, damage_rows, disk_rows, directory_rows, power_rows}) {
    std::vector<Row> more = part();
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return rows;
}

}  // namespace calor::app::torture

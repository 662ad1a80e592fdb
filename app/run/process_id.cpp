// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/process_id.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "io/file.hpp"

namespace calor::app {

namespace {

/// Changes with every start of the machine, so that a process number of an earlier one means nothing.
std::string boot_id() {
  std::string id;
  std::getline(std::ifstream{"/proc/sys/kernel/random/boot_id"}, id);
  return id;
}

/// Start of a process, from /proc; empty if there is no such process, or only its exit status is left.
std::string start_of(long pid) {
  std::string line;
  std::getline(std::ifstream{fmt::format("/proc/{}/stat", pid)}, line);
  const std::size_t name_end = line.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return "";
  std::istringstream fields{line.substr(name_end + 1)};
  std::string word, state;
  fields >> state;
  for (int n = 4; n <= 22 && fields >> word; ++n) continue;
  return state == "Z" ? "" : word;
}

}  // namespace

ProcessId this_process() { return {io::host_name(), boot_id(), getpid(), start_of(getpid())}; }

bool gone(const ProcessId& p) {
  if (p.host != io::host_name()) return false;
  return p.boot != boot_id() || p.started != start_of(p.pid);
}

nlohmann::json to_json(const ProcessId& p) {
  return {{"host", p.host}, {"boot", p.boot}, {"pid", p.pid}, {"started", p.started}};
}

ProcessId process_from(const nlohmann::json& j) {
  return {j.at("host"), j.at("boot"), j.at("pid"), j.at("started")};
}

}  // namespace calor::app

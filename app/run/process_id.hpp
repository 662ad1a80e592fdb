// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace calor::app {

/// A process, so that no other one is ever taken for it: process numbers are used again, and every start of a
/// machine begins them anew.
struct ProcessId {
  std::string host, boot;
  long pid = 0;
  std::string started;  ///< in the machine's ticks

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

ProcessId this_process();
/// True if the process cannot be alive any more; of one on another host nothing can be known.
bool gone(const ProcessId& process);

nlohmann::json to_json(const ProcessId& process);
ProcessId process_from(const nlohmann::json& j);  ///< throws nlohmann::json::exception

}  // namespace calor::app

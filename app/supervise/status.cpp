// SPDX-License-Identifier: BSD-3-Clause
#include "app/supervise/status.hpp"

#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "io/checkpoint.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

WorkStatus::State state_of(const std::string& word) {
  if (word == "running") return WorkStatus::State::running;
  if (word == "finished") return WorkStatus::State::finished;
  if (word == "stopped") return WorkStatus::State::stopped;
  if (word == "failed") return WorkStatus::State::failed;
  return WorkStatus::State::none;
}

}  // namespace

WorkStatus read_status(const fs::path& directory) noexcept {
  WorkStatus s;
  try {
    if (!fs::is_regular_file(directory / "status.json")) return s;
    const auto j = nlohmann::json::parse(io::read_text(directory / "status.json"));
    s.sweep = j.contains("cases");
    s.owner = j.value(s.sweep ? "job" : "token", "");
    s.reason = j.value("reason", "");
    s.heartbeat = j.value("heartbeat_unix", std::int64_t{0});
    s.generation = s.sweep ? j.value("done", std::int64_t{0}) + j.value("failed", std::int64_t{0})
                           : j.value("generation", std::int64_t{-1});
    s.step = j.value("step", std::int64_t{0});
    s.waiting = j.value("waiting", std::int64_t{0});
    s.state = state_of(j.value("state", ""));
  } catch (const std::exception&) {
    // Whatever it is, it does not say that the work is over.
  }
  return s;
}

std::int64_t newest_generation(const fs::path& directory) noexcept {
  try {
    const std::vector<std::int64_t> steps = io::checkpoint_steps(directory / "checkpoints");
    return steps.empty() ? -1 : steps.back();
  } catch (const std::exception&) {
    return -1;
  }
}

std::int64_t generations_of_cases(const fs::path& directory) noexcept {
  std::int64_t sum = 0;
  try {
    for (const auto& entry : fs::directory_iterator(directory / "cases"))
      sum += read_status(entry.path()).generation + 1;
  } catch (const std::exception&) {
    // None, or one that has just ended.
  }
  return sum;
}

std::string lock_owner(const fs::path& directory) noexcept {
  try {
    if (!fs::is_regular_file(directory / "lock")) return "";
    return nlohmann::json::parse(io::read_text(directory / "lock")).value("token", "");
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
// What a directory must be like after a disturbance. Shares no code with what wrote it.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string_view>

#include "app/torture/rig.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code code;
  for (fs::recursive_directory_iterator it{directory, code}, end; !code && it != end; it.increment(code))
    if (!it->is_directory(code)) found.push_back(fs::relative(it->path(), directory));
  std::sort(found.begin(), found.end());
  return found;
}

std::string stored_fields(const fs::path& file) {
  const std::string all = bytes_of(file);
  const auto word = [&](std::size_t at) {
    std::uint64_t w = 0;
    if (at + sizeof w <= all.size()) std::memcpy(&w, all.data() + at, sizeof w);
    return w;
  };
  constexpr std::size_t tail = 32;
  if (all.size() < tail || all.compare(all.size() - tail, 8, "calorSUM") != 0)
    throw Error{Exit::bad_data, file.string() + " has no trailer"};
  const std::uint64_t length = word(all.size() - tail + 8);
  if (length > all.size() - tail)
    throw Error{Exit::bad_data, file.string() + ": wrong length of its manifest"};
  const auto manifest = nlohmann::json::parse(all.substr(all.size() - tail - length, length));
  std::string fields;
  for (const auto& f : manifest.at("fields")) {
    const std::uint64_t size = f.at("type") == "f4" ? 4 : 8,
                        bytes =
                            size * f.at("rows").get<std::uint64_t>() * f.at("columns").get<std::uint64_t>();
    fields += f.at("name").get<std::string>() + "\n" + all.substr(f.at("offset").get<std::uint64_t>(), bytes);
  }
  return fields;
}

std::int64_t last_step(const fs::path& output) {
  const std::string text = bytes_of(output / "history.csv");
  const std::size_t end = text.rfind('\n');
  if (end == std::string::npos) return -1;
  const std::size_t begin = text.rfind('\n', end == 0 ? 0 : end - 1);
  if (begin == std::string::npos || begin == end) return -1;  // the header
  return std::strtoll(text.c_str() + begin + 1, nullptr, 10);
}

std::int64_t stopped_at(const fs::path& output) {
  const auto status = nlohmann::json::parse(bytes_of(output / "status.json"), nullptr, false);
  return status.is_object() ? status.value("step", std::int64_t{-1}) : -1;
}

bool nothing_to_lose(const fs::path& output) {
  for (const fs::path& p : files_below(output))
    if (p.extension() == ".h5" || p.filename() == "summary.json" || p.filename() == "journal") return false;
  const auto status = nlohmann::json::parse(bytes_of(output / "status.json"), nullptr, false);
  return !status.is_object() || status.value("state", "") == "starting";
}

std::string left_over(const fs::path& output) {
  std::string found;
  for (const fs::path& p : files_below(output)) {
    const std::string name = p.filename().string();
    const bool of_the_dead = name.find(".partial-") != std::string::npos || name == "lock" ||
                             name.find(".locktest.") != std::string::npos ||
                             p.string().rfind("leases/", 0) == 0;
    if (of_the_dead) found += (found.empty() ? "" : ", ") + p.string();
  }
  return found;
}

namespace {

std::string settled_table(const fs::path& file) {
  static const std::set<std::string> by_layout{"tries", "ranks", "seconds", "setup_seconds"};
  std::istringstream in{bytes_of(file)};
  std::vector<bool> keep;
  std::string result;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::istringstream row{line};
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    if (keep.empty())
      for (const std::string& c : cells) keep.push_back(!by_layout.contains(c));
    for (std::size_t k = 0; k < cells.size(); ++k)
      if (k >= keep.size() || keep[k]) result += cells[k] + ",";
    result += "\n";
  }
  return result;
}

std::string tables_differ(const fs::path& a, const fs::path& b, const char* name) {
  const std::string mine = bytes_of(a / name), its = bytes_of(b / name);
  if (mine == its) return {};
  const auto at = static_cast<std::size_t>(
      std::mismatch(mine.begin(), mine.end(), its.begin(), its.end()).first - mine.begin());
  const auto line =
      std::count(its.begin(), its.begin() + static_cast<std::ptrdiff_t>(std::min(at, its.size())), '\n');
  return fmt::format("{} differs in line {} ({} bytes, undisturbed {})", name, line + 1, mine.size(),
                     its.size());
}

std::string run_differs(const fs::path& output, const fs::path& reference) {
  for (const char* name : {"history.csv", "probes.csv", "regions.csv", "sections.csv", "snapshots.xdmf"})
    if (const std::string d = tables_differ(output, reference, name); !d.empty()) return d;
  std::vector<fs::path> names;
  for (const fs::path& p : files_below(reference))
    if (p.extension() == ".nc") names.push_back(p);
  for (const fs::path& p : files_below(output))
    if (p.extension() == ".nc" && std::find(names.begin(), names.end(), p) == names.end())
      return fmt::format("{} is not of this run", p.string());
  if (names.empty()) return "the undisturbed run left no snapshot";
  try {
    for (const fs::path& p : names)
      if (stored_fields(output / p) != stored_fields(reference / p))
        return fmt::format("{} differs", p.string());
    // The last checkpoint is the whole state: what goes on from it goes on alike.
    std::string newest;
    for (const fs::path& p : files_below(reference / "checkpoints"))
      if (p.extension() == ".h5") newest = std::max(newest, p.filename().string());
    // A run that has ended needs no checkpoint: where its last one failed, and that was said, an older one
    // stays.
    const bool reported = !fs::exists(output / "checkpoints" / newest) &&
                          bytes_of(output / "run.log").find("not written") != std::string::npos;
    if (!newest.empty() && !reported &&
        stored_fields(output / "checkpoints" / newest) != stored_fields(reference / "checkpoints" / newest))
      return fmt::format("checkpoints/{} differs", newest);
    const auto status = nlohmann::json::parse(bytes_of(output / "status.json"));
    if (status.at("state") != "finished") return "status.json says " + status.at("state").get<std::string>();
    if (!fs::exists(output / "summary.json")) return "no summary.json";
  } catch (const std::exception& e) {
    return e.what();
  }
  return {};
}

}  // namespace

std::string difference(const Victim& v, const fs::path& output, const fs::path& reference) {
  if (std::string_view{v.verb} == "run") return run_differs(output, reference);
  if (settled_table(output / "sweep.csv") != settled_table(reference / "sweep.csv"))
    return "sweep.csv differs";
  return {};
}

}  // namespace calor::app::torture

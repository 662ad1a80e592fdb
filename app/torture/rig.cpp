// SPDX-License-Identifier: BSD-3-Clause
#include "app/torture/rig.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

std::int64_t pick(Random& random, std::int64_t from, std::int64_t to) {
  // Not std::uniform_int_distribution: a seed must say the same with every library.
  return from + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(to - from + 1));
}
double pick_real(Random& random, double from, double to) {
  return from + (to - from) * static_cast<double>(random() >> 11) * 0x1p-53;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}
void put_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw Error{Exit::io_error, "cannot write " + file.string()};
}

namespace {

bool in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream parts{path != nullptr ? path : ""};
  for (std::string part; std::getline(parts, part, ':');)
    if (::access((part + "/" + program).c_str(), X_OK) == 0) return true;
  return false;
}

/// What this program says to these words.
std::string answer(const Rig& rig, const std::vector<std::string>& words) {
  Start start;
  start.words.push_back(rig.program.string());
  start.words.insert(start.words.end(), words.begin(), words.end());
  start.directory = rig.scratch;
  start.said = rig.scratch / "answer.txt";
  Process{start}.wait(30.0);
  std::string text = bytes_of(start.said);
  fs::remove(start.said);
  return text;
}

}  // namespace

Rig::Rig(fs::path where, const std::string& program_given, const std::string& shim_given)
    : program{fs::read_symlink("/proc/self/exe")}, scratch{std::move(where)} {
  std::vector<fs::path> places{program.parent_path() / "libcalor_fault_shim.so",
                               program.parent_path() / CALOR_SHIM_FROM_PROGRAM};
  if (!shim_given.empty()) places = {fs::absolute(shim_given)};
  for (const fs::path& p : places)
    if (std::error_code code; shim.empty() && fs::exists(p, code)) shim = fs::canonical(p);
  if (shim.empty())
    throw Error{Exit::no_input,
                fmt::format("{}: no such file; it is installed with calor and makes the faults; "
                            "name it by --shim",
                            places.back().string())};
  if (!program_given.empty()) {
    std::error_code code;
    program = fs::canonical(program_given, code);
    if (code) throw Error{Exit::no_input, fmt::format("{}: no such program", program_given)};
  }
  const char* const given = std::getenv("MPIEXEC");
  launcher = given != nullptr && *given != '\0' ? given : "mpirun";
  if (launcher.find('/') == std::string::npos && !in_path(launcher)) launcher.clear();
  // A parallel run on any machine, by anybody: what the user has set stays.
  for (const auto& [name, value] : {std::pair{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                                    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                                    {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
                                    {"OMPI_MCA_hwloc_base_binding_policy", "none"},
                                    {"PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"},
                                    {"PRTE_MCA_hwloc_default_binding_policy", "none"},
                                    {"OMPI_MCA_mpi_yield_when_idle", "1"},
                                    {"OMP_WAIT_POLICY", "passive"},
                                    {"OMP_NUM_THREADS", "1"}})
    ::setenv(name, value, 0);
  supervises = answer(*this, {"run", "nothing.toml", "--supervise"}).find("not in this version") ==
                   std::string::npos &&
               answer(*this, {"run", "--help"}).find("--supervise") != std::string::npos;
  direct = answer(*this, {"estimate", case_file(victim("euler")).string(), "checkpoint.writer=direct"})
               .find("unknown key") == std::string::npos;
  // Mounts are seen by this process and those that it starts from now on, by nobody else.
  if (::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0)
    mounts = true;
}

fs::path Rig::case_file(const Victim& v) const {
  const fs::path directory = scratch / "cases" / v.name;
  const fs::path file = directory / "case.toml";
  const std::lock_guard lock{mutex_};
  if (fs::exists(file)) return file;
  fs::create_directories(directory);
  std::string plan = "material.conductivity,time.steps,output.every_steps,checkpoint.every_steps\n";
  for (int n = 0; n < 40; ++n)
    plan += fmt::format("{},{},{}\n", 1.0 + n / 100.0, 200 + n * 37 % 40 * 60, n % 10 == 0 ? "600,300" : ",");
  put_bytes(directory / "plan.csv", plan);
  put_bytes(file, v.text);
  return file;
}

Start Rig::start(const Victim& v, int ranks, const fs::path& output,
                 const std::vector<std::string>& words) const {
  Start s;
  if (ranks > 1) s.words = {launcher, "-n", std::to_string(ranks)};
  s.launches = ranks > 1;
  for (const std::string& w : {program.string(), std::string{v.verb}, case_file(v).string()})
    s.words.push_back(w);
  if (*v.settings != '\0') s.words.emplace_back(v.settings);
  for (const std::string& w : {std::string{"-o"}, output.string(), std::string{"--quiet"}})
    s.words.push_back(w);
  s.words.insert(s.words.end(), words.begin(), words.end());
  s.directory = output.parent_path();
  s.said = output.parent_path() / "said.txt";
  return s;
}

const Reference& Rig::reference(const Victim& v) const {
  const std::lock_guard lock{mutex_};
  Reference& r = references_[v.name];
  if (!r.directory.empty()) return r;
  const fs::path base = scratch / "undisturbed" / v.name;
  fs::create_directories(base / "again");
  const auto once = [&](int ranks, const fs::path& output) {
    Process p{start(v, ranks, output, {})};
    const Ended e = p.wait(120.0);
    if (e.code != 0)
      throw Error{Exit::internal, fmt::format("the undisturbed {} on {} rank(s) ended with {}:\n{}", v.name,
                                              ranks, e.code, bytes_of(output.parent_path() / "said.txt"))};
    return e.seconds;
  };
  r.seconds = once(1, base / "out");
  if (!launcher.empty()) {
    r.seconds = std::max(r.seconds, once(2, base / "again" / "out"));
    if (const std::string d = difference(v, base / "again" / "out", base / "out"); !d.empty())
      throw Error{Exit::internal, fmt::format("{} undisturbed on 1 and on 2 ranks: {}", v.name, d)};
  }
  r.directory = base / "out";
  return r;
}

const std::vector<Call>& Rig::calls(const Victim& v, int ranks, bool resumed) const {
  const std::lock_guard lock{mutex_};
  const std::string key = fmt::format("{} {} {}", v.name, ranks, resumed);
  if (const auto found = calls_.find(key); found != calls_.end()) return found->second;
  const fs::path base = scratch / "calls" / fmt::format("{}-{}{}", v.name, ranks, resumed ? "-resumed" : "");
  fs::create_directories(base);
  if (resumed) fs::copy(stopped(v), base / "out", fs::copy_options::recursive);
  Start s = start(v, ranks, base / "out",
                  resumed ? std::vector<std::string>{"--resume"} : std::vector<std::string>{});
  s.settings = {"LD_PRELOAD=" + shim.string(), "CALOR_FAULT_DIR=" + (base / "out").string(),
                "CALOR_FAULT_KIND=count", "CALOR_FAULT_LOG=" + (base / "calls.txt").string()};
  Process p{s};
  const Ended e = p.wait(120.0);
  if (e.code != 0)
    throw Error{Exit::internal, fmt::format("{} with the shim, which only counts, ended with {}:\n{}", v.name,
                                            e.code, bytes_of(s.said))};
  std::vector<Call> all;
  std::ifstream in{base / "calls.txt"};
  std::string word, rank, path;
  for (Call c; in >> word >> rank >> c.number >> c.sort && std::getline(in, path);) {
    c.rank = rank == "none" ? 0 : std::stoi(rank);
    all.push_back(c);
  }
  if (all.empty())
    throw Error{Exit::internal,
                fmt::format("the shim {} saw no call of {}: it was not loaded", shim.string(), v.name)};
  std::sort(all.begin(), all.end(), [](const Call& a, const Call& b) {
    return std::pair{a.rank, a.number} < std::pair{b.rank, b.number};
  });
  return calls_[key] = all;
}

const fs::path& Rig::stopped(const Victim& v) const {
  const std::lock_guard lock{mutex_};
  fs::path& directory = stopped_[v.name];
  if (!directory.empty()) return directory;
  const fs::path base = scratch / "stopped" / v.name;
  fs::create_directories(base);
  const auto half = static_cast<std::int64_t>(calls(v, 1, false).size()) / 2;
  Start s = start(v, 1, base / "out", {});
  s.settings = {"LD_PRELOAD=" + shim.string(), "CALOR_FAULT_DIR=" + (base / "out").string(),
                "CALOR_FAULT_KIND=SIGUSR1", fmt::format("CALOR_FAULT_N={}", half)};
  Process p{s};
  const Ended e = p.wait(120.0);
  if (e.code != static_cast<int>(Exit::stopped))
    throw Error{Exit::internal, fmt::format("{} got SIGUSR1 half-way and ended with {}:\n{}", v.name, e.code,
                                            bytes_of(s.said))};
  return directory = base / "out";
}

}  // namespace calor::app::torture

// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "app/torture/rig.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

Trial::Trial(const Rig& of, fs::path where, std::uint64_t seed)
    : rig{of}, directory{std::move(where)}, random{seed} {
  fs::create_directories(directory);
}

void Trial::violated(char invariant, const std::string& what) {
  violations.push_back(fmt::format("{}: {}", invariant, what));
}

std::vector<std::string> Trial::settings(const Fault& f) {
  ++faults_;
  ++injected;
  std::vector<std::string> s{"LD_PRELOAD=" + rig.shim.string(), "CALOR_FAULT_DIR=" + output().string(),
                             "CALOR_FAULT_KIND=" + f.kind, fmt::format("CALOR_FAULT_N={}", f.number),
                             "CALOR_FAULT_LOG=" + (directory / "fired.txt").string()};
  if (f.rank) s.push_back(fmt::format("CALOR_FAULT_RANK={}", *f.rank));
  if (f.late) s.emplace_back("CALOR_FAULT_LATE=1");
  if (f.sticky) s.emplace_back("CALOR_FAULT_STICKY=1");
  if (f.every > 0) s.push_back(fmt::format("CALOR_FAULT_EVERY={}", f.every));
  if (!f.except.empty()) s.push_back("CALOR_FAULT_NOT=" + f.except);
  if (!f.calls.empty()) s.push_back("CALOR_FAULT_CALLS=" + f.calls);
  for (const std::string& word : s) story += word + " ";
  return s;
}

void Trial::look_for_fault() {
  const std::string log = bytes_of(directory / "fired.txt");
  int lines = 0;
  for (std::size_t at = 0; (at = log.find("fired ", at)) != std::string::npos; ++at) ++lines;
  fired += std::min(lines, faults_);
  if (lines > 0) story += "; " + log.substr(0, log.find('\n'));
  faults_ = 0;
  fs::remove(directory / "fired.txt");
}

std::unique_ptr<Process> Trial::begin(const Victim& v, int ranks, const std::vector<std::string>& words,
                                      const std::vector<std::string>& settings,
                                      std::optional<std::uint64_t> most_file_bytes) {
  Start s = rig.start(v, ranks, output(), words);
  s.settings = settings;
  s.most_file_bytes = most_file_bytes;
  story += fmt::format("; on {} rank(s):", ranks);
  for (const std::string& w : s.words) story += " " + w;
  return std::make_unique<Process>(s);
}

Ended Trial::run(const Victim& v, int ranks, const std::vector<std::string>& words,
                 const std::vector<std::string>& settings, std::optional<std::uint64_t> most_file_bytes) {
  const auto p = begin(v, ranks, words, settings, most_file_bytes);
  const Ended e = p->wait(rig.limit(v));
  story += fmt::format(" -> {}{}", e.code, e.launcher_hung ? ", its launcher alone hung" : "");
  if (e.hung) violated('E', fmt::format("did not end within {:.1f} s", rig.limit(v)));
  if (p->left_after(3.0) > 0) violated('C', "processes are left");
  return e;
}

std::string Trial::said() {
  std::ifstream in{directory / "said.txt", std::ios::binary};
  in.seekg(heard_);
  std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  heard_ += static_cast<std::streamoff>(text.size());
  return text;
}

void Trial::finish(const Victim& v, int ranks) {
  // Rows may be some steps apart; who stops in order says where.
  const std::int64_t reached = lossless ? stopped_at(output()) : last_step(output());
  said();
  const std::string log_before = bytes_of(output() / "run.log");
  const bool anew = std::string_view{v.verb} == "run" && nothing_to_lose(output()) && pick(random, 0, 1) == 0;
  const Ended e = run(v, ranks, anew ? std::vector<std::string>{} : std::vector<std::string>{"--resume"});
  const std::string words = said();
  if (e.hung) return;
  if (e.code != 0) {
    violated('C', fmt::format("{} ended with {}: {}", anew ? "the same command" : "--resume", e.code,
                              words.substr(0, words.find('\n'))));
    return;
  }
  if (v.every > 0 && reached > 0) {
    std::string log = bytes_of(output() / "run.log");
    if (log.size() >= log_before.size()) log.erase(0, log_before.size());
    constexpr std::string_view mark = " at step ";
    std::int64_t from = 0;
    if (const std::size_t at = log.find("resumed from "); at != std::string::npos)
      from = std::strtoll(log.c_str() + log.find(mark, at) + mark.size(), nullptr, 10);
    const bool finished = log.find("resumed from ") == std::string::npos &&
                          fs::exists(output() / "summary.json") && log.empty();
    if (!finished && lossless && reached != from)
      violated('L', fmt::format("stopped with 75 at step {}, --resume began at {}", reached, from));
    if (!finished && reached - from > v.every)
      violated('L', fmt::format("step {} was reached, --resume began at {}; checkpoints are {} steps apart",
                                reached, from, v.every));
  }
  if (const std::string d = difference(v, output(), rig.reference(v).directory); !d.empty()) violated('B', d);
  if (const std::string l = left_over(output()); !l.empty()) violated('C', "left: " + l);
  if (pick(random, 0, 9) == 0) {
    const Ended twice = run(v, 1, {"--resume"});
    if (twice.code != 0) violated('I', fmt::format("--resume of the finished run ended with {}", twice.code));
    if (const std::string d = difference(v, output(), rig.reference(v).directory); !d.empty())
      violated('I', "after another --resume " + d);
  }
}

}  // namespace calor::app::torture

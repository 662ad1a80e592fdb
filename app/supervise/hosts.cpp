// SPDX-License-Identifier: BSD-3-Clause
#include "app/supervise/hosts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <utility>

namespace calor::app {

namespace {

bool one_of(std::string_view word, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

LauncherKind kind_of(const std::vector<std::string>& words) {
  if (words.empty()) return LauncherKind::none;
  const std::string name = std::filesystem::path{words[0]}.filename().string();
  if (name == "srun") return LauncherKind::srun;
  const std::string stem = name.substr(0, name.find('.'));  // mpirun.openmpi, mpiexec.hydra
  return one_of(stem, {"mpirun", "mpiexec", "orterun", "prterun"}) ? LauncherKind::mpirun
                                                                   : LauncherKind::other;
}

std::optional<int> whole(std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n <= 0) return {};
  return n;
}

/// The part of --option=VALUE that is the value.
std::string_view value_in(std::string_view word) {
  const std::size_t equals = word.find('=');
  return word.rfind("--", 0) == 0 && equals != std::string_view::npos ? word.substr(equals + 1) : word;
}

std::vector<std::string> pieces(const std::string& text, char between) {
  std::vector<std::string> all;
  std::istringstream in{text};
  for (std::string piece; std::getline(in, piece, between);)
    if (!piece.empty()) all.push_back(piece);
  return all;
}

std::string replaced(const std::string& word, int n) {
  const std::string number = std::to_string(n);
  const std::string_view value = value_in(word);
  return value.size() == word.size() ? number : word.substr(0, word.size() - value.size()) + number;
}

}  // namespace

LauncherWords::LauncherWords(std::vector<std::string> words, const std::vector<std::string>& of_job,
                             const std::function<std::optional<std::string>(const std::string&)>& read_file)
    : words_{std::move(words)}, kind_{kind_of(words_)} {
  if (kind_ == LauncherKind::none || kind_ == LauncherKind::other) return;
  const auto host = [&](const std::string& text) {  // h, h:slots
    const std::size_t colon = text.find(':');
    hosts_.push_back(
        {text.substr(0, colon),
         colon == std::string::npos ? 0 : whole(std::string_view{text}.substr(colon + 1)).value_or(0)});
  };
  for (std::size_t n = 1; n < words_.size(); ++n) {
    const std::string& word = words_[n];
    const bool more = n + 1 < words_.size();
    if (kind_ == LauncherKind::srun) {
      if (more && one_of(word, {"-n", "--ntasks"})) ranks_ = n + 1;
      if (word.rfind("--ntasks=", 0) == 0) ranks_ = n;
      if (more && one_of(word, {"-N", "--nodes"})) nodes_ = n + 1;
      if (word.rfind("--nodes=", 0) == 0) nodes_ = n;
      continue;
    }
    if (!more) continue;
    if (one_of(word, {"-n", "-np", "--n", "--np", "-c"})) ranks_ = n + 1;
    if (one_of(word, {"-H", "-host", "--host", "-hosts", "--hosts"})) {
      at_ = n + 1;
      for (const std::string& piece : pieces(words_[at_], ',')) host(piece);
    } else if (one_of(word, {"-hostfile", "--hostfile", "-machinefile", "--machinefile", "-f"})) {
      const auto text = read_file(words_[n + 1]);
      if (!text) continue;
      at_ = n + 1;
      for (const std::string& line : pieces(*text, '\n')) {
        std::istringstream in{line.substr(0, line.find('#'))};
        std::string name;
        if (!(in >> name)) continue;
        host(name);
        for (std::string about; in >> about;)
          if (about.rfind("slots=", 0) == 0)
            hosts_.back().slots = whole(std::string_view{about}.substr(6)).value_or(0);
      }
    }
  }
  if (at_ == 0)
    for (const std::string& name : of_job) hosts_.push_back({name, 0});
}

std::vector<std::string> LauncherWords::hosts() const {
  std::vector<std::string> names;
  for (const Host& h : hosts_)
    if (std::find(names.begin(), names.end(), h.name) == names.end()) names.push_back(h.name);
  return names;
}

std::optional<int> LauncherWords::ranks() const {
  if (ranks_ == 0) return {};
  return whole(value_in(words_[ranks_]));
}

std::vector<std::string> LauncherWords::without(const std::set<std::string>& out) const {
  std::vector<std::string> words = words_;
  int all = 0, left = 0, hosts_left = 0;
  std::string list, excluded;
  const auto asked = ranks();
  for (const Host& h : hosts_) {
    const int slots = std::max(h.slots, 1);
    all += slots;
    if (out.count(h.name) != 0) continue;
    left += slots;
    ++hosts_left;
    list.append(list.empty() ? "" : ",").append(h.name);
    // The scheduler's hosts are named with room for what was on one of them.
    const int room = h.slots > 0 ? h.slots
                     : at_ == 0 && asked
                         ? (*asked + static_cast<int>(hosts_.size()) - 1) / static_cast<int>(hosts_.size())
                         : 0;
    if (room > 0) list.append(":").append(std::to_string(room));
  }
  if (left == all || left == 0) return words;  // nobody is out, or all are: then nothing is known
  const auto fewer = [&](int n) { return std::max(1, static_cast<int>(std::int64_t{n} * left / all)); };
  if (asked) words[ranks_] = replaced(words[ranks_], fewer(*asked));
  if (kind_ == LauncherKind::srun) {
    if (nodes_ != 0 && whole(value_in(words[nodes_])))
      words[nodes_] = replaced(words[nodes_], std::min(*whole(value_in(words[nodes_])), hosts_left));
    for (const std::string& name : out) excluded.append(excluded.empty() ? "" : ",").append(name);
    words.insert(words.begin() + 1, "--exclude=" + excluded);
    if (nodes_ == 0) words.insert(words.begin() + 1, "--nodes=" + std::to_string(hosts_left));
  } else if (at_ != 0) {
    if (words[at_ - 1].find("file") != std::string::npos) words[at_ - 1] = "--host";
    if (words[at_ - 1] == "-f") words[at_ - 1] = "-hosts";
    words[at_] = list;
  } else {
    words.insert(words.begin() + 1, {"--host", list});
  }
  return words;
}

std::vector<std::string> blamed(std::string_view line, const std::vector<std::string>& hosts) {
  constexpr std::array phrases{"exited on signal", "Killed",  "lost",      "failure",      "unreachable",
                               "No route",         "refused", "timed out", "Segmentation", "not responding"};
  std::vector<std::string> found;
  if (std::none_of(phrases.begin(), phrases.end(),
                   [&](const char* p) { return line.find(p) != std::string_view::npos; }))
    return found;
  const auto part_of_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  for (const std::string& host : hosts)
    for (std::size_t at = line.find(host); at != std::string_view::npos; at = line.find(host, at + 1)) {
      const std::size_t end = at + host.size();
      if ((at > 0 && part_of_name(line[at - 1])) || (end < line.size() && part_of_name(line[end]))) continue;
      found.push_back(host);
      break;
    }
  return found;
}

}  // namespace calor::app

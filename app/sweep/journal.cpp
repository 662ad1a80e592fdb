// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/journal.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace calor {

std::string text_sum(std::string_view text) {
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

std::string content_name(std::string_view text) {
  const XXH128_hash_t h = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

Journal::Journal(const std::filesystem::path& path) : file_{path, io::File::Mode::append} {}

void Journal::append(const std::vector<Record>& records) {
  if (records.empty()) return;
  std::string text = "\n";  // ends the line that a killed process may have left without an end
  for (const Record& record : records) {
    std::string line = record.event.dump();
    if (!record.result.empty()) line += '\t' + record.result;
    text += text_sum(line) + " " + line + "\n";
  }
  file_.append_shared(text);
}

std::vector<Journal::Record> Journal::read_new() {
  constexpr std::int64_t piece = std::int64_t{1} << 22;
  constexpr std::size_t sum_length = 16;
  std::vector<Record> records;
  for (;;) {
    const std::string text = file_.read_from(read_, piece);
    if (text.empty()) return records;
    read_ += static_cast<std::int64_t>(text.size());
    incomplete_ += text;
    std::string_view rest = incomplete_;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (line.size() < sum_length + 2 || line[sum_length] != ' ') continue;
      const std::string_view body = line.substr(sum_length + 1);
      if (text_sum(body) != line.substr(0, sum_length)) continue;
      const std::size_t tab = std::min(body.find('\t'), body.size());
      nlohmann::json event = nlohmann::json::parse(body.substr(0, tab), nullptr, false);
      if (event.is_object())
        records.push_back({std::move(event), std::string{body.substr(std::min(tab + 1, body.size()))}});
    }
    incomplete_ = std::string{rest};
  }
}

}  // namespace calor

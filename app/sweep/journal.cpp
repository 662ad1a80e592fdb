// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/journal.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/text/version.hpp"

namespace calor::app {

std::string text_sum(std::string_view text) {
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

std::string content_name(std::string_view text) {
  const XXH128_hash_t h = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

namespace {

constexpr std::size_t sum_length = 16;

std::string line_of(const Journal::Record& record) {
  std::string line = record.event.dump();
  if (!record.result.empty()) line += '\t' + record.result;
  return text_sum(line) + " " + line + "\n";
}

/// The record in a line; nullopt if its checksum does not hold.
std::optional<Journal::Record> record_in(std::string_view line) {
  if (line.size() < sum_length + 2 || line[sum_length] != ' ') return {};
  const std::string_view body = line.substr(sum_length + 1);
  if (text_sum(body) != line.substr(0, sum_length)) return {};
  const std::size_t tab = std::min(body.find('\t'), body.size());
  nlohmann::json event = nlohmann::json::parse(body.substr(0, tab), nullptr, false);
  if (!event.is_object()) return {};
  return Journal::Record{std::move(event), std::string{body.substr(std::min(tab + 1, body.size()))}};
}

std::string first_lines() {
  std::string text{"\n"};
  return text += line_of({{{"event", "sweep"}, {"calor", version}}, ""});
}

}  // namespace

bool Journal::begin(const std::filesystem::path& path) { return io::publish(path, first_lines()); }
void Journal::begin_anew(const std::filesystem::path& path) { io::write_atomically(path, first_lines()); }

bool Journal::is_one(const std::filesystem::path& path) {
  constexpr std::int64_t enough = 1 << 18;  // a record of "cases" has 500 names
  if (io::kind_of(path) != io::Kind::file) return false;
  try {
    const std::string text = io::File{path, io::File::Mode::read}.read_from(0, enough);
    std::string_view rest = text;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (record_in(rest.substr(0, end))) return true;
      rest.remove_prefix(end + 1);
    }
  } catch (const Error&) {
    // What cannot be read cannot be known.
  }
  return false;
}

Journal::Journal(const std::filesystem::path& path) : file_{path, io::File::Mode::append} {}

void Journal::append(const std::vector<Record>& records) {
  if (records.empty()) return;
  std::string text = "\n";  // ends the line that a killed process may have left without an end
  for (const Record& record : records) text += line_of(record);
  file_.append_shared(text);
}

std::vector<Journal::Record> Journal::read_new() {
  constexpr std::int64_t piece = std::int64_t{1} << 22;
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
      auto record = record_in(line);
      if (!record) continue;
      record->result_at = read_ - static_cast<std::int64_t>(rest.size() + 1 + record->result.size());
      records.push_back(std::move(*record));
    }
    incomplete_ = std::string{rest};
  }
}

std::string Journal::result(std::int64_t at, std::int64_t bytes) const {
  std::string text = file_.read_from(at, bytes);
  if (static_cast<std::int64_t>(text.size()) != bytes)
    throw Error{Exit::io_error,
                fmt::format("{} ends before byte {}: it was cut", file_.path().string(), at + bytes)};
  return text;
}

}  // namespace calor::app

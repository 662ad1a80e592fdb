// SPDX-License-Identifier: BSD-3-Clause
#include "io/ours.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "io/file.hpp"

namespace calor::io {

namespace {

constexpr std::string_view tail_mark = "calorSUM", head_mark = "calor_version";
constexpr std::int64_t tail_bytes = 32, head_bytes = 1 << 16;

bool all_zeros(const File& file) {
  constexpr std::int64_t piece = 1 << 20;
  for (std::int64_t at = 0;; at += piece) {
    const std::string text = file.read_from(at, piece);
    if (text.find_first_not_of('\0') != std::string::npos) return false;
    if (static_cast<std::int64_t>(text.size()) < piece) return true;
  }
}

}  // namespace

bool is_calors(const std::filesystem::path& path) {
  if (kind_of(path) != Kind::file) return false;
  if (::access(path.c_str(), R_OK) != 0) return false;  // what may not be read cannot be known
  try {
    const File file{path, File::Mode::read};
    const std::int64_t bytes = file.size();
    return (bytes >= tail_bytes && file.read_from(bytes - tail_bytes, tail_bytes).starts_with(tail_mark)) ||
           file.read_from(0, head_bytes).find(head_mark) != std::string::npos || all_zeros(file);
  } catch (const Error& e) {
    if (e.code() == Exit::io_error) throw;  // a storage that fails does not make it somebody else's
    return false;
  }
}

void refuse_foreign(const std::filesystem::path& path) {
  if (kind_of(path) == Kind::nothing || is_calors(path)) return;
  throw Error{
      Exit::cannot_create,
      fmt::format("{} is not calor's, and would be replaced; move it away, or choose another directory by "
                  "--output",
                  path.string())};
}

}  // namespace calor::io

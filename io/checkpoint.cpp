// SPDX-License-Identifier: BSD-3-Clause
#include "io/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "io/ours.hpp"

namespace calor::io {

namespace {

constexpr std::string_view prefix = "checkpoint_", suffix = ".h5";

/// The step in a name that checkpoint_name gives; nullopt for any other name.
std::optional<std::int64_t> step_of(const std::string& name) {
  if (name.size() <= prefix.size() + suffix.size()) return std::nullopt;
  const char* const first = name.data() + prefix.size();
  const char* const last = name.data() + name.size() - suffix.size();
  std::int64_t step = 0;
  const auto [end, error] = std::from_chars(first, last, step);
  if (error != std::errc{} || end != last || checkpoint_name(step) != name) return std::nullopt;
  return step;
}

int remove_steps(const std::filesystem::path& directory, const std::vector<std::int64_t>& steps,
                 const std::function<void()>& before_each = {}) {
  int removed = 0;
  for (const std::int64_t s : steps) {
    const std::filesystem::path path = directory / checkpoint_name(s);
    if (!is_calors(path)) continue;  // a directory, a link, or somebody else's file of that name
    if (before_each) before_each();
    remove_name(path);
    ++removed;
  }
  if (removed > 0) sync_directory(directory);
  return removed;
}

/// Removes the oldest checkpoint if another, older than `step` and whole, stays. Says which; empty: none can
/// be spared. Collective.
std::string spare_oldest(const mpi::Comm& comm, const std::filesystem::path& directory, std::int64_t step) {
  std::string older;
  collectively(comm, [&] {
    for (const std::int64_t s : checkpoint_steps(directory))
      if (s < step) older += checkpoint_name(s) + '\n';
  });
  older = comm.broadcast(older);
  std::vector<std::string> names;
  for (std::size_t at = 0; at < older.size(); at = older.find('\n', at) + 1)
    names.push_back(older.substr(at, older.find('\n', at) - at));
  for (std::size_t n = names.size(); n-- > 1;) {
    try {
      static_cast<void>(read_checkpoint(comm, directory / names[n]));
    } catch (const Error&) {  // the same on all ranks
      continue;
    }
    collectively(comm, [&] { remove_steps(directory, {*step_of(names[0])}); });
    return fmt::format("the oldest checkpoint, {}, was removed", (directory / names[0]).string());
  }
  return {};
}

}  // namespace

std::string checkpoint_name(std::int64_t step) { return fmt::format("{}{:09d}{}", prefix, step, suffix); }

std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& directory) {
  std::vector<std::int64_t> steps;
  for (const std::string& name : names_in(directory))
    if (const auto step = step_of(name)) steps.push_back(*step);
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::filesystem::path write_checkpoint(const mpi::Comm& comm, const std::filesystem::path& directory,
                                       Header header, const std::vector<FieldOut>& fields, int keep,
                                       const WriteOptions& options) {
  header.kind = "checkpoint";
  const std::filesystem::path path = directory / checkpoint_name(header.step);
  WriteOptions own = options;
  own.make_room = [&] { return spare_oldest(comm, directory, header.step); };
  write_array_file(comm, path, header, fields, own);
  collectively(comm, [&] {
    std::vector<std::int64_t> older = checkpoint_steps(directory);
    std::erase_if(older, [&](std::int64_t s) { return s >= header.step; });
    const auto kept = static_cast<std::size_t>(std::max(keep, 1) - 1);  // besides the new one
    older.resize(older.size() - std::min(older.size(), kept));
    remove_steps(directory, older);
  });
  return path;
}

std::optional<Manifest> newest_whole(const mpi::Comm& comm, const std::filesystem::path& directory,
                                     std::vector<std::string>& messages, std::int64_t before) {
  std::vector<std::int64_t> steps;
  collectively(comm, [&] { steps = checkpoint_steps(directory); });
  std::erase_if(steps, [&](std::int64_t s) { return s >= before; });
  auto count = static_cast<std::int64_t>(steps.size());
  comm.broadcast(&count, sizeof count);
  steps.resize(static_cast<std::size_t>(count));
  comm.broadcast(steps.data(), count * static_cast<std::int64_t>(sizeof(std::int64_t)));
  std::string all;
  for (auto s = steps.rbegin(); s != steps.rend(); ++s) {
    try {
      const std::filesystem::path path = directory / checkpoint_name(*s);
      collectively(comm, [&] {
        if (kind_of(path) != Kind::file)
          throw Error{Exit::bad_data, path.string() + " is a link, a directory, or no file: passed over"};
      });
      return read_checkpoint(comm, path);
    } catch (const Error& e) {  // the same on all ranks
      messages.push_back(e.what());
      all += fmt::format("\n  {}", e.what());
    }
  }
  if (steps.empty()) return std::nullopt;
  throw Error{Exit::bad_data,
              fmt::format("none of the {} checkpoint(s) in {} is whole:{}\n  use --fresh to start again "
                          "from the beginning",
                          count, directory.string(), all)};
}

Manifest read_checkpoint(const mpi::Comm& comm, const std::filesystem::path& path) {
  Manifest manifest = verify_file(comm, path);
  if (manifest.header.kind != "checkpoint")
    throw Error{Exit::bad_data,
                fmt::format("{} is a {}, not a checkpoint", path.string(), manifest.header.kind)};
  return manifest;
}

int remove_later(const mpi::Comm& comm, const std::filesystem::path& directory, std::int64_t step,
                 const std::function<void()>& before_each) {
  int removed = 0;
  collectively(comm, [&] {
    std::vector<std::int64_t> later = checkpoint_steps(directory);
    std::erase_if(later, [&](std::int64_t s) { return s <= step; });
    removed = remove_steps(directory, later, before_each);
  });
  comm.broadcast(&removed, sizeof removed);
  return removed;
}

}  // namespace calor::io

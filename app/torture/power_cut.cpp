// SPDX-License-Identifier: BSD-3-Clause
#include "app/torture/power_cut.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t page = 4096;

/// As in shim/fault_shim.c.
struct Head {
  std::uint32_t mark;
  std::uint16_t path, other;
  std::int64_t offset;
  std::uint64_t bytes, data;
  std::uint32_t process;
  char what, unused[3];
};
static_assert(sizeof(Head) == 40);

std::string parent_of(const std::string& path) { return fs::path{path}.parent_path().string(); }

/// Whether a change that was not synced is there. @param name  it is one of a name, not of data
bool stays(PowerCut::Kept kept, bool name, std::mt19937_64& random) {
  switch (kept) {
    case PowerCut::Kept::nothing:
      return false;
    case PowerCut::Kept::all:
      return true;
    case PowerCut::Kept::some:
      return random() % 2 == 0;
    case PowerCut::Kept::names_only:
      return name;
    case PowerCut::Kept::data_only:
      return !name;
  }
  return false;
}

/// Which node is where, and the data of each.
struct Disk {
  std::map<std::string, int> names{};
  std::map<int, std::string> data{};
  std::set<int> directories{};

  /// The name goes, unless it has come to be another node's.
  void take_name(const std::string& path, int node) {
    if (const auto it = names.find(path); it != names.end() && it->second == node) names.erase(it);
  }
  bool reachable(const std::string& path) const {
    for (std::string p = parent_of(path); !p.empty(); p = parent_of(p))
      if (!names.contains(p)) return false;
    return true;
  }
  PowerCut::State state() const {
    PowerCut::State s;
    for (const auto& [path, node] : names) {
      if (!reachable(path)) continue;
      if (directories.contains(node))
        s.directories.insert(path);
      else
        s.files[path] = data.at(node);
    }
    return s;
  }
};

/// Writes those pages of `data` of which `there()` is true, asked once for each in their order.
/// @param begin, end  bytes of the file that `data` is for
template <class There>
void write_pages(std::string& content, std::int64_t begin, std::int64_t end, const std::string& data,
                 There there) {
  for (std::int64_t at = begin; at < end;) {
    const std::int64_t next = std::min(end, (at / page + 1) * page);
    if (there()) {
      if (content.size() < static_cast<std::size_t>(next))
        content.resize(static_cast<std::size_t>(next), '\0');
      content.replace(static_cast<std::size_t>(at), static_cast<std::size_t>(next - at), data,
                      static_cast<std::size_t>(at - begin), static_cast<std::size_t>(next - at));
    }
    at = next;
  }
}

}  // namespace

PowerCut::PowerCut(const fs::path& record, fs::path root) : root_{std::move(root)} {
  std::ifstream in{record, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  const std::string base = root_.string();
  const auto relative = [&](const std::string& p) {
    return p.size() > base.size() && p.compare(0, base.size(), base) == 0 ? p.substr(base.size() + 1)
                                                                          : std::string{};
  };
  for (std::size_t at = 0; at < all.size();) {
    Head h{};
    if (at + sizeof h > all.size()) throw Error{Exit::bad_data, record.string() + " ends within an event"};
    std::memcpy(&h, all.data() + at, sizeof h);
    at += sizeof h;
    if (h.mark != 0x43524543U || at + h.path + h.other + h.data > all.size())
      throw Error{Exit::bad_data, record.string() + " is not a record of changes"};
    Event e;
    e.what = h.what;
    e.path = relative(all.substr(at, h.path));
    e.other = relative(all.substr(at + h.path, h.other));
    e.offset = h.offset;
    e.bytes = h.bytes;
    e.data = all.substr(at + h.path + h.other, h.data);
    at += h.path + h.other + h.data;
    events_.push_back(std::move(e));
  }
  resolve();
}

void PowerCut::resolve() {
  std::map<std::string, int> names;
  int nodes = 0;
  const int root = nodes++;
  const auto node_of = [&](const std::string& path) {
    if (path.empty()) return root;
    const auto found = names.find(path);
    return found == names.end() ? -1 : found->second;
  };
  for (Event& e : events_) switch (e.what) {
      case 'c':
      case 'm':
        e.node = names[e.path] = nodes++;
        break;
      case 'r':
        e.node = node_of(e.path);
        e.replaced = node_of(e.other);
        names.erase(e.path);
        names[e.other] = e.node;
        break;
      case 'l':
        e.node = names[e.other] = node_of(e.path);
        break;
      case 'u':
        e.node = node_of(e.path);
        names.erase(e.path);
        break;
      default:
        e.node = node_of(e.path);
    }
  // Who made what durable. Names belong to their directories.
  std::map<int, std::vector<std::int64_t>> syncs;
  std::map<std::string, std::vector<std::int64_t>> directory_syncs;
  for (std::int64_t k = 0; k < events(); ++k) {
    const Event& e = events_[static_cast<std::size_t>(k)];
    if (e.what != 's') continue;
    syncs[e.node].push_back(k);
    directory_syncs[e.path].push_back(k);
  }
  const auto first_after = [](const std::vector<std::int64_t>& all, std::int64_t k) {
    const auto next = std::upper_bound(all.begin(), all.end(), k);
    return next == all.end() ? std::int64_t{-1} : *next;
  };
  for (std::int64_t k = 0; k < events(); ++k) {
    Event& e = events_[static_cast<std::size_t>(k)];
    const bool name = e.what == 'c' || e.what == 'm' || e.what == 'r' || e.what == 'l' || e.what == 'u';
    if (name)
      e.synced =
          first_after(directory_syncs[parent_of(e.what == 'r' || e.what == 'l' ? e.other : e.path)], k);
    else if (e.what != 's' && e.node >= 0)
      e.synced = first_after(syncs[e.node], k);
  }
}

PowerCut::State PowerCut::after(std::int64_t prefix, Kept kept, std::mt19937_64& random) const {
  // Names first: which node is where. Then the data of each.
  Disk disk;
  for (std::int64_t k = 0; k < prefix; ++k) {
    const Event& e = events_[static_cast<std::size_t>(k)];
    if (e.what == 's' || e.node < 0) continue;
    const bool durable = e.synced >= 0 && e.synced < prefix;
    const auto there = [&](bool name) { return durable || stays(kept, name, random); };
    std::string& content = disk.data[e.node];
    switch (e.what) {
      case 'm':
        disk.directories.insert(e.node);
        [[fallthrough]];
      case 'c':
        if (there(true)) disk.names[e.path] = e.node;
        break;
      case 'r':
        if (there(true)) {
          disk.take_name(e.path, e.node);
          disk.names[e.other] = e.node;
        }
        break;
      case 'l':
        if (there(true)) disk.names[e.other] = e.node;
        break;
      case 'u':
        if (there(true)) disk.take_name(e.path, e.node);
        break;
      case 't':
        if (there(false)) content.resize(static_cast<std::size_t>(e.offset), '\0');
        break;
      case 'a':
        if (there(false))
          content.resize(std::max(content.size(), static_cast<std::size_t>(e.offset) + e.bytes), '\0');
        break;
      case 'w':
        write_pages(content, e.offset, e.offset + static_cast<std::int64_t>(e.bytes), e.data,
                    [&] { return there(false); });
        break;
      default:
        break;
    }
  }
  return disk.state();
}

PowerCut::State PowerCut::seen(std::int64_t prefix) const {
  std::mt19937_64 unused;
  return after(prefix, Kept::all, unused);
}

std::vector<fs::path> PowerCut::durable_names(std::int64_t prefix) const {
  std::map<std::string, int> names;
  for (std::int64_t k = 0; k < prefix; ++k) {
    const Event& e = events_[static_cast<std::size_t>(k)];
    const bool durable = e.synced >= 0 && e.synced < prefix;
    if (e.what == 'u' || e.what == 'r') names.erase(e.path);
    if (e.what == 'r' || e.what == 'l') names.erase(e.other);
    if (durable && (e.what == 'r' || e.what == 'l')) names[e.other] = e.node;
    if (durable && e.what == 'c') names[e.path] = e.node;
  }
  std::vector<fs::path> result;
  for (const auto& [path, node] : names) result.emplace_back(path);
  return result;
}

void put_state(const PowerCut::State& state, const fs::path& directory) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  for (const fs::path& d : state.directories) fs::create_directories(directory / d);
  for (const auto& [path, bytes] : state.files) {
    fs::create_directories((directory / path).parent_path());
    std::ofstream out{directory / path, std::ios::binary};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace calor::app::torture

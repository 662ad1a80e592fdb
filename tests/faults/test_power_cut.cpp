// SPDX-License-Identifier: BSD-3-Clause
// What a power cut may leave of a run's checkpoints: of thousands of states, each either holds the newest
// checkpoint that was on the disk, whole, or one that is newer and whole too. tests/faults/power_cut.sh makes
// the record.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "app/torture/power_cut.hpp"
#include "io/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::app;
namespace fs = std::filesystem;
using torture::PowerCut;

namespace {

std::string setting(const char* name, const std::string& otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? text : otherwise;
}

std::string bytes_of(const fs::path& p) {
  std::ifstream in{p, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// Of "out/checkpoints/checkpoint_000000007.h5"; -1 for other names.
std::int64_t step_of(const fs::path& name) {
  const std::string stem = name.stem().string();
  if (name.parent_path() != "out/checkpoints" || name.extension() != ".h5" ||
      stem.rfind("checkpoint_", 0) != 0)
    return -1;
  return std::strtoll(stem.c_str() + 11, nullptr, 10);
}

}  // namespace

TEST_CASE("a power cut leaves the newest checkpoint that was on the disk", "[faults][power]") {
  const std::string record = setting("CALOR_RECORD", "");
  if (record.empty()) {
    WARN("no record: tests/faults/power_cut.sh makes one");
    return;
  }
  const fs::path root = setting("CALOR_RECORD_ROOT", "");
  const std::int64_t states = std::stoll(setting("CALOR_STATES", "500"));
  const auto seed = static_cast<std::uint64_t>(std::stoull(setting("CALOR_SEED", "1")));
  const fs::path disk = fs::path{record}.parent_path() / "state";
  const PowerCut cut{record, root};

  // The record is right if it gives what lies there.
  const PowerCut::State end = cut.seen(cut.events());
  REQUIRE(cut.events() > 100);
  int compared = 0;
  for (const auto& [name, bytes] : end.files) {
    REQUIRE(bytes == bytes_of(root / name));
    ++compared;
  }
  REQUIRE(compared > 8);
  // Every checkpoint as it was once written, to the last byte.
  std::map<std::int64_t, std::string> written;
  for (std::int64_t k = 1; k <= cut.events(); ++k)
    for (const fs::path& p : cut.durable_names(k))
      if (const std::int64_t step = step_of(p); step >= 0 && !written.contains(step))
        written[step] = cut.seen(k).files.at(p);
  REQUIRE(written.size() >= 3);

  std::mt19937_64 random{seed};
  std::int64_t refused = 0, found = 0;
  for (std::int64_t n = 0; n < states; ++n) {
    // Every prefix in turn.
    const std::int64_t prefix = n % (cut.events() + 1);
    const auto kept = static_cast<PowerCut::Kept>(n < cut.events() ? n % 2 : 2 + random() % 3);
    std::int64_t durable = -1;
    for (const fs::path& p : cut.durable_names(prefix)) durable = std::max(durable, step_of(p));
    PowerCut::State state = cut.after(prefix, kept, random), files{};
    for (const auto& [name, bytes] : state.files)
      if (name.parent_path() == "out/checkpoints") files.files[name] = bytes;
    torture::put_state(files, disk);
    std::vector<std::string> messages;
    INFO("seed " << seed << ", state " << n << ": " << prefix << " of " << cut.events() << " changes, kept "
                 << static_cast<int>(kept) << "; on the disk was step " << durable);
    std::optional<io::Manifest> newest;
    try {
      newest = io::newest_whole(test::world(), disk / "out" / "checkpoints", messages);
    } catch (const Error&) {
      ++refused;
    }
    if (durable >= 0) REQUIRE(newest);
    if (!newest) continue;
    ++found;
    REQUIRE(newest->header.step >= durable);
    REQUIRE(bytes_of(newest->path) == written.at(newest->header.step));
  }
  fs::remove_all(disk);
  std::printf("%lld states of %lld changes, seed %llu: %lld with a whole checkpoint, %lld refused\n",
              static_cast<long long>(states), static_cast<long long>(cut.events()),
              static_cast<unsigned long long>(seed), static_cast<long long>(found),
              static_cast<long long>(refused));
}

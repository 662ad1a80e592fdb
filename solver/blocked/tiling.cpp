// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked/tiling.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace calor {

namespace {

Caches measure_caches() {
  Caches c;
#ifdef _SC_LEVEL2_CACHE_SIZE
  const auto ask = [](int name, std::int64_t& size) {
    if (const long bytes = sysconf(name); bytes > 0) size = bytes;
  };
  ask(_SC_LEVEL2_CACHE_SIZE, c.second);
  ask(_SC_LEVEL3_CACHE_SIZE, c.last);
#endif
  // sysconf may count all the last-level caches of a socket; the kernel knows the one that this core shares.
  std::ifstream file{"/sys/devices/system/cpu/cpu0/cache/index3/size"};
  std::int64_t kib = 0;
  if (file >> kib && kib > 0) c.last = kib * 1024;
  return c;
}

}  // namespace

const Caches& caches() {
  static const Caches found = measure_caches();
  return found;
}

namespace {

/// Some tiles for each thread, so that late ones find work, but high enough that the rows computed twice are
/// few.
void choose_height(Tiling& t, const Box& owned, int threads) {
  const int columns = std::max(1, (owned.nx() + t.width / 2) / t.width);
  const int least = (threads + columns - 1) / columns, wanted = (4 * threads + columns - 1) / columns;
  const int parts = std::clamp(owned.ny() / (16 * t.levels), least, wanted);
  // Tiles lower than the levels would mostly compute what others compute too.
  t.height = std::max({1, std::min(owned.ny(), t.levels), (owned.ny() + parts - 1) / parts});
}

}  // namespace

Tiling choose_tiling(const Box& owned, int fields, Precision precision, int threads, int levels) {
  const int bytes = precision == Precision::single ? 4 : 8;
  Tiling t;
  t.levels = std::max(1, levels);
  // The second-level cache keeps two rows of each level and the rows of coefficients between the first level
  // and the last; a third of it is left to what passes through.
  const auto rows = std::int64_t{2} * t.levels + std::int64_t{fields} * (t.levels + 4);
  const std::int64_t width = caches().second * 2 / 3 / (rows * bytes) - 2 * t.levels;
  t.width = static_cast<int>(std::clamp<std::int64_t>(width / 64 * 64, 128, fields > 0 ? 256 : 4096 / bytes));
  t.width = std::min(t.width, std::max(1, owned.nx()));
  choose_height(t, owned, threads);
  return t;
}

Tiling choose_stage_tiling(const Box& owned, int threads, int levels) {
  // Wide tiles: what is computed twice weighs more than what the caches hold.
  Tiling t;
  t.levels = std::max(1, levels);
  const int columns = std::max(1, (owned.nx() + widest_stage_tile - 1) / widest_stage_tile);
  t.width = std::max(1, (owned.nx() + columns - 1) / columns);
  choose_height(t, owned, threads);
  return t;
}

std::vector<Box> tiles_of(const Box& box, const Tiling& t) {
  std::vector<Box> tiles;
  const int width = std::max(16, (t.width + 15) / 16 * 16), height = std::max(1, t.height);
  // Even shares: the last tile would otherwise be a sliver that costs as much as a whole one.
  const int nx = std::max(1, (box.nx() + width / 2) / width),
            ny = std::max(1, (box.ny() + height / 2) / height);
  const auto cut = [](int n, int k, int parts) { return static_cast<int>(std::int64_t{n} * k / parts); };
  for (int b = 0; b < ny; ++b)
    for (int a = 0; a < nx; ++a) {
      const Box tile{box.i0 + cut(box.nx(), a, nx) / 16 * 16, box.j0 + cut(box.ny(), b, ny),
                     a + 1 == nx ? box.i1 : box.i0 + cut(box.nx(), a + 1, nx) / 16 * 16,
                     box.j0 + cut(box.ny(), b + 1, ny)};
      if (!tile.empty()) tiles.push_back(tile);
    }
  return tiles;
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
// How fast a field gets to disk: both writers, and what the machine itself does with the same bytes by pwrite
// and fsync. usage: mpirun -n 2 bench_writing DIRECTORY [cells a side] [times]; prints GB/s, the reading back
// apart.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "io/array_file.hpp"
#include "io/file.hpp"

using namespace calor;

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Collective. Every rank's rows to their place, as plainly as it can be done; a band of whole rows each.
void plain(const mpi::Comm& comm, const std::filesystem::path& path, const std::vector<double>& band,
           std::int64_t bytes) {
  io::collectively(comm, [&] {
    io::File file{path, io::File::Mode::create};
    file.reserve(0, bytes);
    file.close();
  });
  io::agree(comm, [&] {
    io::File file{path, io::File::Mode::update};
    const auto mine = static_cast<std::int64_t>(8 * band.size());
    constexpr std::int64_t piece = std::int64_t{32} << 20;
    for (std::int64_t at = 0; at < mine; at += piece)
      file.write_at(band.data() + at / 8, std::min(piece, mine - at), comm.rank() * mine + at);
    file.sync();
    file.close();
  });
}

}  // namespace

int main(int argc, char** argv) {
  mpi::Environment environment{argc, argv};
  const mpi::Comm comm = environment.world();
  if (argc < 2) return 64;
  const std::filesystem::path directory = argv[1];
  const int n = argc > 2 ? std::atoi(argv[2]) : 8192, times = argc > 3 ? std::atoi(argv[3]) : 5;
  const Box owned = partition({0, 0, n, n}, comm.size())[static_cast<std::size_t>(comm.rank())];
  Field2D<double> u{owned, 1, 300.0};
  for_each(owned, [&](int i, int j) { u.view()(i, j) = 300.0 + 1e-3 * i + 1e-6 * j; });
  const std::int64_t bytes = std::int64_t{8} * n * n;
  const std::vector<double> band(static_cast<std::size_t>(bytes / 8 / comm.size()), 300.5);
  const io::GlobalGrid grid{n, n, 0.0, 1.0, 0.0, 1.0};
  const std::vector<io::FieldOut> fields{{"temperature", "K", "temperature", u.cview(), owned}};
  struct Row {
    const char* name;
    std::vector<double> seconds{};
  };
  std::vector<Row> rows{{"pwrite + fsync"}, {"direct"}, {"hdf5"}, {"reading back"}};
  for (int k = 0; k <= times; ++k)  // the first round is not counted
    for (std::size_t r = 0; r < 3; ++r) {
      const std::filesystem::path path = directory / fmt::format("writing-{}", r);
      io::collectively(comm, [&] { std::filesystem::remove(path); });
      comm.barrier();
      const double begin = now();
      if (r == 0) {
        plain(comm, path, band, bytes);
      } else {
        io::WriteOptions options;
        options.writer = r == 1 ? io::Writer::direct : io::Writer::parallel_hdf5;
        io::write_array_file(comm, path, {"checkpoint", 1, k, 0.0, grid, nullptr}, fields, options);
      }
      comm.barrier();
      double seconds = now() - begin, reading = 0.0;
      if (r > 0) {
        const double start = now();
        io::verify_file(comm, path);
        comm.barrier();
        reading = now() - start;
      }
      if (k > 0) rows[r].seconds.push_back(seconds - reading);
      if (k > 0 && r == 1) rows[3].seconds.push_back(reading);
    }
  for (std::size_t r = 0; r < 3; ++r)
    io::collectively(comm, [&] { std::filesystem::remove(directory / fmt::format("writing-{}", r)); });
  if (!comm.root()) return 0;
  fmt::print("{} x {} cells, {} rank(s), {} times; median, and the range\n", n, n, comm.size(), times);
  for (Row& row : rows) {
    std::sort(row.seconds.begin(), row.seconds.end());
    fmt::print("{:15} {:6.3f} s ({:.3f} to {:.3f}), {:.2f} GB/s\n", row.name,
               row.seconds[row.seconds.size() / 2], row.seconds.front(), row.seconds.back(),
               static_cast<double>(bytes) * 1e-9 / row.seconds[row.seconds.size() / 2]);
  }
  return 0;
}

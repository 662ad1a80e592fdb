// SPDX-License-Identifier: BSD-3-Clause
// Open MPI 4.1's collective writer has put data in wrong places without an error when a file's communicator
// was Cartesian (open-mpi/ompi#12718). calor gives files a communicator of their own; this is where it would
// show.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "io/array_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::io;
namespace fs = std::filesystem;

namespace {

/// 0 = start < ... < end = n in `parts` pieces, some of which may be empty.
std::vector<int> cuts(std::mt19937& random, int n, int parts) {
  std::vector<int> c{0, n};
  const bool even = random() % 2 == 0;
  for (int k = 1; k < parts; ++k)
    c.push_back(even ? static_cast<int>(std::int64_t{n} * k / parts)
                     : static_cast<int>(random() % static_cast<unsigned>(n + 1)));
  std::sort(c.begin(), c.end());
  return c;
}

const char* const names[] = {"first", "second", "third"};
double value(int i, int j, int k) { return 1000.0 * j + i + 0.5 + 1e7 * k; }

}  // namespace

TEST_CASE("no communicator makes a file wrong", "[io][ompio]") {
  const mpi::Comm& world = test::world();
  const char* const wanted = std::getenv("CALOR_TEST_TMP");
  const fs::path base = wanted != nullptr ? fs::path{wanted} : fs::temp_directory_path();
  const fs::path path = world.broadcast((base / ("calor-ompio-" + random_token() + ".h5")).string());
  std::mt19937 random{20240229};  // the same on all ranks
  const auto dice = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  };
  int wrong = 0, refused = 0;
  const char* const more = std::getenv("CALOR_STRESS_FILES");  // for a long search
  const int files = more != nullptr ? std::atoi(more) : 12;
  for (int k = 0; k < files; ++k) {
    std::vector<int> divisors;
    for (int n = 1; n <= world.size(); ++n)
      if (world.size() % n == 0) divisors.push_back(n);
    int shape[2] = {divisors[random() % divisors.size()], 0}, periodic[2] = {0, 0};
    shape[1] = world.size() / shape[0];
    MPI_Comm handle = MPI_COMM_NULL, copy = MPI_COMM_NULL;
    mpi::check(MPI_Cart_create(world.get(), 2, shape, periodic, 0, &handle));
    mpi::Comm grid{handle};
    if (k % 3 == 1) {  // a duplicate keeps the topology
      mpi::check(MPI_Comm_dup(grid.get(), &copy));
      grid = mpi::Comm{copy};
    }
    const int ny = dice(1, k % 4 == 0 ? 1500 : 300), nx = dice(1, k % 4 == 0 ? 1500 : 300), sets = dice(1, 3);
    const std::vector<int> cy = cuts(random, ny, shape[0]), cx = cuts(random, nx, shape[1]);
    const auto py = static_cast<std::size_t>(grid.rank() / shape[1]),
               px = static_cast<std::size_t>(grid.rank() % shape[1]);
    Box box{cx[px], cy[py], cx[px + 1], cy[py + 1]};
    if (box.empty()) box = Box{};
    std::vector<Field2D<double>> fields;
    std::vector<FieldOut> out;
    for (int s = 0; s < sets; ++s) {
      fields.emplace_back(box, box.empty() ? 0 : 1);
      for_each(box, [&](int i, int j) { fields.back().view()(i, j) = value(i, j, s); });
    }
    for (int s = 0; s < sets; ++s)
      out.push_back({names[s], "K", "stress", fields[static_cast<std::size_t>(s)].view(), box});
    WriteOptions options;
    options.single = random() % 2 == 0;
    const GlobalGrid g{nx, ny, 0.0, 1.0, 0.0, 1.0};
    try {
      write_array_file(k % 3 == 2 ? world : grid, path, {"checkpoint", 1, k, 0.0, g, nullptr}, out, options);
    } catch (const Error& e) {  // wrong data that the read-back found: not lost, but not good either
      UNSCOPED_INFO(e.what());
      ++refused;
      continue;
    }
    // Against the values themselves, all rows on rank 0.
    const Manifest m = verify_file(world, path);
    const Box all = world.root() ? Box{0, 0, nx, ny} : Box{};
    Field2D<double> got{all, 0};
    bool right = true;
    for (int s = 0; s < sets; ++s) {
      read_array(world, m, names[s], got.view(), all);
      for_each(all, [&](int i, int j) {
        const double v = value(i, j, s);
        right =
            right && got.view()(i, j) == (options.single ? static_cast<double>(static_cast<float>(v)) : v);
      });
    }
    wrong += !world.all(right);
  }
  CHECK(wrong == 0);
  CHECK(refused == 0);
  if (world.root()) fs::remove(path);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <optional>

#include "decomposition/field.hpp"
#include "decomposition/field_memory.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
/// Of so many MiB, and a little.
Field2D<double> field(int size) { return {Box{0, 0, 1024 * 128, size}, 0}; }

}  // namespace

TEST_CASE("memory of a field waits for the next one of its size", "[field]") {
  field_memory::keep(true);
  const double* first = nullptr;
  {
    Field2D<double> f = field(8);
    f.view()(5, 5) = 3.0;
    first = f.view().first;
  }
  CHECK(field_memory::waiting() >= 8 * mib);
  {
    const Field2D<double> again = field(8);
    CHECK(again.view().first == first);
    CHECK(again.view()(5, 5) == 0.0);
    CHECK(field_memory::waiting() == 0);
  }
  field_memory::keep(false);
  CHECK(field_memory::waiting() == 0);
  { const Field2D<double> f = field(8); }
  CHECK(field_memory::waiting() == 0);
}

TEST_CASE("no more memory is held than was ever in use", "[field]") {
  field_memory::keep(true);
  std::optional<Field2D<double>> a{field(20)}, b{field(20)};  // 40 MiB in use at once
  b.reset();
  CHECK(field_memory::waiting() >= 20 * mib);
  // In use 20, waiting 20: 12 more would make 52.
  const Field2D<double> other = field(12);
  CHECK(field_memory::waiting() == 0);
  a.reset();
  // In use 12, waiting 20: 6 more make 38.
  const Field2D<double> third = field(6);
  CHECK(field_memory::waiting() >= 20 * mib);
  field_memory::keep(false);
}

TEST_CASE("small fields are not kept", "[field]") {
  field_memory::keep(true);
  { const Field2D<double> f{Box{0, 0, 100, 100}, 2}; }
  CHECK(field_memory::waiting() == 0);
  field_memory::keep(false);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "io/checksum.hpp"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::io;

namespace {
constexpr int nx = 37, ny = 23;
Field2D<double> sample() {
  Field2D<double> f{Box{0, 0, nx, ny}, 2, -1.0};
  for_each(f.owned(), [&](int i, int j) { f.view()(i, j) = 0.25 * i * i - 3.0 * j + 1.0 / (1 + i + j); });
  return f;
}
std::vector<std::uint64_t> sums(const Field2D<double>& f, const Box& box, bool single = false) {
  return row_sums(f.view(), box, nx, salt_of(7, 42, "temperature"), single);
}
}  // namespace

TEST_CASE("mix64 is splitmix64's finaliser", "[checksum]") {
  // First outputs of splitmix64 seeded with 1234567 (the reference program of Vigna).
  std::uint64_t state = 1234567;
  const auto next = [&] { return mix64(state += golden); };
  CHECK(next() == 6457827717110365317U);
  CHECK(next() == 3203168211198807973U);
  CHECK(next() == 9817491932198370423U);
}

TEST_CASE("parts of rows add up to the whole, wherever they are cut", "[checksum]") {
  const Field2D<double> f = sample();
  for (const bool single : {false, true}) {
    const std::vector<std::uint64_t> whole = sums(f, f.owned(), single);
    REQUIRE(whole.size() == ny);
    for (const int cut : {1, 5, 18, 36}) {
      std::vector<std::uint64_t> added = sums(f, {0, 0, cut, ny}, single);
      const std::vector<std::uint64_t> right = sums(f, {cut, 0, nx, ny}, single);
      for (std::size_t j = 0; j < added.size(); ++j) added[j] += right[j];
      CHECK(added == whole);
    }
    const std::vector<std::uint64_t> middle = sums(f, {0, 7, nx, 9}, single);
    CHECK(middle == std::vector<std::uint64_t>(whole.begin() + 7, whole.begin() + 9));
  }
  CHECK(sums(f, Box{}).empty());
}

TEST_CASE("a sum of floats is the sum of the rounded values", "[checksum]") {
  const Field2D<double> f = sample();
  std::vector<float> row;
  for (int i = 0; i < nx; ++i) row.push_back(static_cast<float>(f.view()(i, 11)));
  CHECK(sum_cells(row.data(), nx, 11 * nx, salt_of(7, 42, "temperature")) == sums(f, f.owned(), true)[11]);
}

TEST_CASE("every single bit, and every exchange, shows in its row", "[checksum]") {
  Field2D<double> f = sample();
  const std::vector<std::uint64_t> whole = sums(f, f.owned());
  int unseen = 0;
  for_each(f.owned(), [&](int i, int j) {
    for (int bit = 0; bit < 64; ++bit) {
      double& v = f.view()(i, j);
      const double kept = v;
      std::uint64_t word = 0;
      std::memcpy(&word, &v, sizeof word);
      word ^= std::uint64_t{1} << bit;
      std::memcpy(&v, &word, sizeof word);
      unseen += sums(f, {0, j, nx, j + 1})[0] == whole[static_cast<std::size_t>(j)];
      v = kept;
    }
  });
  CHECK(unseen == 0);
  int exchanges_unseen = 0;
  for (int a = 0; a < nx; ++a)
    for (int b = a + 1; b < nx; ++b) {
      std::swap(f.view()(a, 3), f.view()(b, 3));
      exchanges_unseen += sums(f, {0, 3, nx, 4})[0] == whole[3];
      std::swap(f.view()(a, 3), f.view()(b, 3));
    }
  CHECK(exchanges_unseen == 0);
  for (int i = 0; i < nx; ++i) std::swap(f.view()(i, 4), f.view()(i, 5));
  CHECK(sums(f, {0, 4, nx, 5})[0] != whole[4]);
  CHECK(sums(f, {0, 5, nx, 6})[0] != whole[5]);
}

TEST_CASE("a page of zeros shows even where its checksum is zero too", "[checksum]") {
  const std::vector<double> zeros(512, 0.0);
  CHECK(sum_cells(zeros.data(), 512, 0, salt_of(0, 0, "")) != 0);
  CHECK(sum_cells(zeros.data(), 512, 0, 5) != sum_cells(zeros.data(), 512, 512, 5));
}

TEST_CASE("the salt tells runs, steps and fields apart", "[checksum]") {
  const std::uint64_t salt = salt_of(1, 2, "temperature");
  CHECK(salt != salt_of(2, 2, "temperature"));
  CHECK(salt != salt_of(1, 3, "temperature"));
  CHECK(salt != salt_of(2, 1, "temperature"));
  CHECK(salt != salt_of(1, 2, "temperatura"));
  CHECK(salt != salt_of(1, 2, ""));
  const double v = 1.5;
  CHECK(sum_cells(&v, 1, 9, salt) != sum_cells(&v, 1, 9, salt_of(1, 3, "temperature")));
}

TEST_CASE("the byte hash sees flips, order and length, not how it was fed", "[checksum]") {
  std::mt19937 random{3};
  std::string text(1003, '\0');
  for (char& c : text) c = static_cast<char>(random());
  const std::uint64_t whole = hash_bytes(text.data(), text.size(), 17);
  ByteHash pieces{17};
  pieces.add(text.data(), 8);
  pieces.add(text.data() + 8, 512);
  pieces.add(text.data() + 520, text.size() - 520);
  CHECK(pieces.value() == whole);
  CHECK(hash_bytes(text.data(), text.size(), 18) != whole);
  CHECK(hash_bytes(text.data(), text.size() - 1, 17) != whole);
  std::string longer = text + '\0';  // zeros that fill up the last word
  CHECK(hash_bytes(longer.data(), longer.size(), 17) != whole);
  int unseen = 0;
  for (std::size_t k = 0; k < text.size(); ++k)
    for (int bit = 0; bit < 8; ++bit) {
      text[k] = static_cast<char>(text[k] ^ (1 << bit));
      unseen += hash_bytes(text.data(), text.size(), 17) == whole;
      text[k] = static_cast<char>(text[k] ^ (1 << bit));
    }
  CHECK(unseen == 0);
  std::swap_ranges(text.begin() + 8, text.begin() + 16, text.begin() + 80);
  CHECK(hash_bytes(text.data(), text.size(), 17) != whole);
}

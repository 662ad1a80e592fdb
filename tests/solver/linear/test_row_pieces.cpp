// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/linear/row_pieces.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

constexpr Box cells{3, 2, 503, 12};
constexpr int before = 4, after = 2;

/// Two fields and the second one column on, as loops read them.
struct Fields {
  Fields(const std::function<double(int, int)>& first, const std::function<double(int, int)>& second) {
    for_each(cells.grown(8),
             [&](int i, int j) { a.view()(i, j) = first(i, j), b.view()(i, j) = second(i, j); });
    pieces = {cells, cells.i0 - before, cells.i1 + after,
              [&](int j) -> std::array<const double*, 3> {
                return {a.view().row(j), nullptr, b.view().row(j)};
              },
              [&](int j) -> std::array<const double*, 1> { return {b.view().row(j) + 1}; }};
  }
  /// Goes over i0 to i1 of row j: every column once, in order, with what the fields hold there and beside it.
  bool are_right(int j, int i0, int i1) const {
    int at = i0;
    bool right = true;
    const auto piece = [&](int begin, int end, auto&& of_a, auto&& of_b) {
      right = right && begin == at && end > begin;
      for (int i = begin; i < end; ++i)
        right = right && of_a(i) == a.view()(i, j) && of_b(i) == b.view()(i, j) &&
                of_b(i + 1) == b.view()(i + 1, j);
      at = end;
    };
    pieces.along(
        j, i0, i1,
        [&](int begin, int end, const double* v) {
          piece(
              begin, end, [&](int) { return v[0]; }, [&](int) { return v[2]; });
        },
        [&](int begin, int end, const auto& rows) {
          piece(
              begin, end, [&](int i) { return rows[0][i]; }, [&](int i) { return rows[2][i]; });
          for (const int i : {begin - 1, end}) right = right && rows[0][i] == a.view()(i, j);
        },
        [&](int begin, int end) { at = begin == at ? end : -1000; });
    return right && at == i1;
  }
  bool all_are_right() const {
    bool right = true;
    for (int j = cells.j0 - 1; j < cells.j1 + 1; ++j)
      for (const auto& [i0, i1] : {std::array{cells.i0 - before, cells.i1 + after}, std::array{3, 503},
                                   std::array{100, 101}, std::array{96, 400}, std::array{501, 505}})
        right = right && are_right(j, i0, i1);
    return right;
  }
  Field2D<double> a{cells, 8}, b{cells, 8};
  RowPieces<double, 3> pieces;
};

}  // namespace

TEST_CASE("pieces of rows hold what the fields hold, wherever a row is entered and left", "[row_pieces]") {
  const Fields one{[](int, int) { return 2.0; }, [](int, int) { return 3.0; }};
  CHECK(one.all_are_right());
  CHECK(one.pieces.constant_cells() >= 10 * 480);
  CHECK(one.pieces.size() < 500);  // ten rows share theirs

  const Fields split{[](int i, int) { return i < 243 ? 2.0 : 5.0; },
                     [](int i, int j) { return i < 99 + 16 * j ? 1.0 : 4.0; }};
  CHECK(split.all_are_right());
  CHECK(split.pieces.constant_cells() >= 10 * 300);

  const Fields edges{[](int i, int) { return i == 3 || i == 502 ? 1.0 : 2.0; },
                     [](int i, int) { return 1.0 * (i > 3); }};
  CHECK(edges.all_are_right());
  CHECK(edges.pieces.constant_cells() >= 10 * 450);
  CHECK(edges.pieces.size() < 500);

  const Fields rows{[](int, int j) { return 1.0 * j; }, [](int, int) { return 1.0; }};
  CHECK(rows.all_are_right());
  CHECK(rows.pieces.constant_cells() >= 10 * 480);
}

TEST_CASE("where a field varies nothing is kept", "[row_pieces]") {
  const Fields varied{[](int, int) { return 2.0; }, [](int i, int j) { return 0.001 * i * j; }};
  CHECK(varied.all_are_right());
  CHECK(varied.pieces.constant_cells() == 0);
  CHECK(varied.pieces.size() == 0);
  // Zeros of both signs are not the same: what they are multiplied with has a sign.
  const Fields signs{[](int i, int) { return i % 2 == 0 ? 0.0 : -0.0; }, [](int, int) { return 1.0; }};
  CHECK(signs.pieces.constant_cells() == 0);
}

TEST_CASE("an empty box has no pieces", "[row_pieces]") {
  const RowPieces<float, 2> none;
  int in_place = 0;
  none.along(
      3, 5, 9, [](int, int, const float*) { FAIL("constant"); },
      [](int, int, const auto&) { FAIL("copied"); }, [&](int begin, int end) { in_place += end - begin; });
  CHECK(in_place == 4);
}

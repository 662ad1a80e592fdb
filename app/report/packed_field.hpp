// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

/// The least whole factor by which both sides of a grid are divided so that no more than `most` cells are
/// left.
std::int64_t reduction(std::int64_t nx, std::int64_t ny, std::int64_t most);

/// A field for a page: reduced by a whole factor, each value as 16 bits, without what neighbours tell of it.
///
/// Cell (i, j) is the mean of those of the cells [i f, (i + 1) f) x [j f, (j + 1) f) of the grid that are
/// numbers; those at the upper ends may be fewer. Its code c, 0 to 65534, stands for
/// low (1 - c / 65534) + high c / 65534, rounded to the nearest; 65535 for no number.
struct PackedField {
  std::int64_t factor = 1, nx = 0, ny = 0;  ///< cells after the reduction
  double low = 0.0, high = 0.0;             ///< of the reduced values; both 0 where none is a number
  /// Base64 of a zlib stream (RFC 1950) of 2 nx ny bytes: the low bytes of all rows from the bottom, then the
  /// high bytes, of c(i, j) - c(i-1, j) - c(i, j-1) + c(i-1, j-1) modulo 65536, with 0 for what is outside
  /// (Lorenzo's predictor: Ibarria et al., Computer Graphics Forum 22, 2003).
  std::string bytes;
};

/// @param values  nx ny of them, row by row from the bottom
PackedField pack_field(const double* values, std::int64_t nx, std::int64_t ny, std::int64_t factor);

/// RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace calor::app

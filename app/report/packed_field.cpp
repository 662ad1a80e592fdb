// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/packed_field.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "decomposition/error.hpp"

namespace calor::app {

namespace {

constexpr int highest_code = 65534, no_number = 65535;

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), Z_DEFAULT_COMPRESSION) != Z_OK)
    throw Error{Exit::internal, "zlib cannot pack a field"};
  out.resize(size);
  return out;
}

std::vector<double> reduced(const double* values, std::int64_t nx, std::int64_t ny, const PackedField& to) {
  std::vector<double> means(static_cast<std::size_t>(to.nx * to.ny));
  std::vector<double> sum(static_cast<std::size_t>(to.nx));
  std::vector<std::int64_t> count(sum.size());
  for (std::int64_t J = 0; J < to.ny; ++J) {
    std::fill(sum.begin(), sum.end(), 0.0);
    std::fill(count.begin(), count.end(), 0);
    for (std::int64_t j = J * to.factor; j < std::min(ny, (J + 1) * to.factor); ++j)
      for (std::int64_t i = 0; i < nx; ++i) {
        const double v = values[j * nx + i];
        if (!std::isfinite(v)) continue;
        const auto I = static_cast<std::size_t>(i / to.factor);
        sum[I] += v;
        ++count[I];
      }
    for (std::size_t I = 0; I < sum.size(); ++I)
      means[static_cast<std::size_t>(J * to.nx) + I] =
          count[I] > 0 ? sum[I] / static_cast<double>(count[I]) : std::numeric_limits<double>::quiet_NaN();
  }
  return means;
}

}  // namespace

std::int64_t reduction(std::int64_t nx, std::int64_t ny, std::int64_t most) {
  const auto left = [](std::int64_t n, std::int64_t f) { return (n + f - 1) / f; };
  auto f = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::sqrt(static_cast<double>(nx) * static_cast<double>(ny) /
                                             static_cast<double>(std::max<std::int64_t>(most, 1)))));
  while (f > 1 && left(nx, f - 1) * left(ny, f - 1) <= most) --f;
  while (left(nx, f) * left(ny, f) > most && f < std::max(nx, ny)) ++f;
  return f;
}

PackedField pack_field(const double* values, std::int64_t nx, std::int64_t ny, std::int64_t factor) {
  PackedField p;
  p.factor = factor;
  p.nx = (nx + factor - 1) / factor;
  p.ny = (ny + factor - 1) / factor;
  const std::vector<double> means = reduced(values, nx, ny, p);
  p.low = std::numeric_limits<double>::infinity();
  p.high = -p.low;
  for (const double v : means)
    if (std::isfinite(v)) {
      p.low = std::min(p.low, v);
      p.high = std::max(p.high, v);
    }
  if (p.low > p.high) p.low = p.high = 0.0;
  // Halves: the range itself may be beyond the largest number.
  const double half = 0.5 * p.high - 0.5 * p.low;
  const auto code = [&](double v) {
    if (!std::isfinite(v)) return no_number;
    return half > 0.0 ? static_cast<int>(std::lround((0.5 * v - 0.5 * p.low) / half * highest_code)) : 0;
  };
  const std::size_t cells = means.size(), row = static_cast<std::size_t>(p.nx);
  std::string planes(2 * cells, '\0');
  std::vector<int> below(row, 0);
  for (std::size_t at = 0; at < cells; at += row) {
    int left = 0, below_left = 0;
    for (std::size_t i = 0; i < row; ++i) {
      const int c = code(means[at + i]);
      const unsigned rest = static_cast<unsigned>(c - left - below[i] + below_left) & 0xFFFFU;
      planes[at + i] = static_cast<char>(rest & 0xFFU);
      planes[cells + at + i] = static_cast<char>(rest >> 8U);
      left = c;
      below_left = below[i];
      below[i] = c;
    }
  }
  p.bytes = base64(deflated(planes));
  return p;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t n = 0; n < bytes.size(); n += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - n);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (k < have ? static_cast<unsigned char>(bytes[n + k]) : 0U);
    for (unsigned k = 0; k < 4; ++k) text += k <= have ? letters[group >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

}  // namespace calor::app

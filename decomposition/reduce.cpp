// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/reduce.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "decomposition/clones.hpp"
#include "decomposition/ending.hpp"
#include "decomposition/waits.hpp"

namespace calor {

namespace {
constexpr int width = 28;              // bits a bin
constexpr double huge_term = 0x1p950;  // above, the rounding constants would overflow

CALOR_WIDE_CLONES double largest_of(const double* terms, int count) {
  double largest = 0.0;
#pragma omp simd reduction(max : largest)
  for (int n = 0; n < count; ++n) largest = std::max(largest, std::abs(terms[n]));
  return largest;
}

/// Sums of the parts of the terms that are multiples of three units. Adding and subtracting 1.5 * 2^52 units
/// rounds to a multiple of the unit; what is left goes to the next part.
CALOR_WIDE_CLONES std::array<double, 3> parts_of(const double* terms, int count, double c0, double c1,
                                                 double c2) {
  double s0 = 0.0, s1 = 0.0, s2 = 0.0;  // exact: multiples of their unit, below 2^41 of them
#pragma omp simd reduction(+ : s0, s1, s2)
  for (int n = 0; n < count; ++n) {
    const double v = terms[n];
    const double t0 = (v + c0) - c0, r0 = v - t0;
    const double t1 = (r0 + c1) - c1, r1 = r0 - t1;
    const double t2 = (r1 + c2) - c2;
    s0 += t0;
    s1 += t1;
    s2 += t2;
  }
  return {s0, s1, s2};
}
}  // namespace

ExactSum ExactSum::from(const State& s) {
  ExactSum sum;
  sum.top_ = s[0];
  for (std::size_t b = 0; b < sum.bins_.size(); ++b)
    sum.bins_[b] = (static_cast<Wide>(s[1 + 2 * b]) << 64) | static_cast<std::uint64_t>(s[2 + 2 * b]);
  sum.finite_ = s[7] != 0;
  return sum;
}

ExactSum::State ExactSum::state() const {
  State s{top_, 0, 0, 0, 0, 0, 0, finite_ ? 1 : 0};
  for (std::size_t b = 0; b < bins_.size(); ++b) {
    s[1 + 2 * b] = static_cast<std::int64_t>(bins_[b] >> 64);
    s[2 + 2 * b] = static_cast<std::int64_t>(static_cast<std::uint64_t>(bins_[b]));
  }
  return s;
}

void ExactSum::raise(std::int64_t top) {
  for (; top_ < top; ++top_) {
    if (bins_ == std::array<Wide, 3>{}) {
      top_ = top;
      return;
    }
    bins_ = {0, bins_[0], bins_[1]};
  }
}

void ExactSum::add(const double* terms, int count) {
  constexpr int most = 4096;  // keeps the sums below exact in a double
  for (; count > most; terms += most, count -= most) add(terms, most);

  const double largest = largest_of(terms, count);
  if (!(largest <= huge_term)) {
    finite_ = false;
    return;
  }
  const int exponent = largest > 0.0 ? std::ilogb(largest) + 1 : std::numeric_limits<int>::min() / 2;
  const std::int64_t bin =
      exponent >= 0 ? exponent / width : -((-static_cast<std::int64_t>(exponent) + width - 1) / width);
  raise(std::max(bin, lowest_top));

  const int unit0 = static_cast<int>(top_) * width, unit1 = unit0 - width, unit2 = unit1 - width;
  const auto [s0, s1, s2] = parts_of(terms, count, std::ldexp(1.5, 52 + unit0), std::ldexp(1.5, 52 + unit1),
                                     std::ldexp(1.5, 52 + unit2));
  if (!std::isfinite(s0)) {  // a NaN among the terms
    finite_ = false;
    return;
  }
  bins_[0] += static_cast<std::int64_t>(std::ldexp(s0, -unit0));
  bins_[1] += static_cast<std::int64_t>(std::ldexp(s1, -unit1));
  bins_[2] += static_cast<std::int64_t>(std::ldexp(s2, -unit2));
}

void ExactSum::add(const ExactSum& other) {
  ExactSum o = other;
  o.raise(top_);
  raise(o.top_);
  for (std::size_t b = 0; b < bins_.size(); ++b) bins_[b] += o.bins_[b];
  finite_ = finite_ && o.finite_;
}

void ExactSum::add_equal(double term, std::int64_t times) {
  if (times <= 0) return;
  ExactSum one;
  one.add(term);
  for (Wide& bin : one.bins_) bin *= times;
  add(one);
}

double ExactSum::value() const {
  if (!finite_) return std::numeric_limits<double>::quiet_NaN();
  const Wide total =
      (static_cast<Wide>(bins_[0]) << (2 * width)) + (static_cast<Wide>(bins_[1]) << width) + bins_[2];
  return std::ldexp(static_cast<double>(total), (static_cast<int>(top_) - 2) * width);
}

void reduce(const mpi::Comm& comm, std::span<ExactSum> sums) {
  mpi::sign_of_life();
  if (comm.size() == 1 || sums.empty()) return;
  static MPI_Datatype type = MPI_DATATYPE_NULL;
  static MPI_Op op = MPI_OP_NULL;
  struct Handles {  // made once a process, given back when MPI ends
    Handles() {
      mpi::check(MPI_Type_contiguous(std::tuple_size_v<ExactSum::State>, MPI_INT64_T, &type));
      mpi::check(MPI_Type_commit(&type));
      const auto combine = [](void* in, void* inout, int* count, MPI_Datatype*) {
        const auto* a = static_cast<const ExactSum::State*>(in);
        auto* b = static_cast<ExactSum::State*>(inout);
        for (int n = 0; n < *count; ++n) {
          ExactSum sum = ExactSum::from(a[n]);
          sum.add(ExactSum::from(b[n]));
          b[n] = sum.state();
        }
      };
      mpi::check(MPI_Op_create(combine, 1, &op));
      mpi::at_finalize([] {
        MPI_Type_free(&type);
        MPI_Op_free(&op);
      });
    }
  };
  static const Handles handles;
  std::vector<ExactSum::State> mine, all(sums.size());
  for (const ExactSum& s : sums) mine.push_back(s.state());
  mpi::all_reduce(mine.data(), all.data(), static_cast<int>(sums.size()), type, op, comm.get());
  for (std::size_t n = 0; n < sums.size(); ++n) sums[n] = ExactSum::from(all[n]);
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/denormals.hpp"

#include <omp.h>

#include <cstddef>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace calor {

namespace {

#if defined(__SSE2__)
std::uint64_t control() { return _mm_getcsr(); }
void set_control(std::uint64_t c) { _mm_setcsr(static_cast<unsigned>(c)); }
constexpr std::uint64_t flush = 0x8040;  // results to zero, operands as zero
#elif defined(__aarch64__)
std::uint64_t control() {
  std::uint64_t c = 0;
  asm volatile("mrs %0, fpcr" : "=r"(c));
  return c;
}
void set_control(std::uint64_t c) { asm volatile("msr fpcr, %0" : : "r"(c)); }
constexpr std::uint64_t flush = std::uint64_t{1} << 24;
#else
std::uint64_t control() { return 0; }
void set_control(std::uint64_t) {}
constexpr std::uint64_t flush = 0;
#endif

}  // namespace

FlushDenormals::FlushDenormals() : before_(static_cast<std::size_t>(omp_get_max_threads()), control()) {
#pragma omp parallel
  {
    before_[static_cast<std::size_t>(omp_get_thread_num())] = control();
    set_control(control() | flush);
  }
}

FlushDenormals::~FlushDenormals() {
#pragma omp parallel
  set_control(before_[static_cast<std::size_t>(omp_get_thread_num())]);
}

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Before a function: compiled for AVX2 too, and chosen when the program starts. Nothing is fused, so the
/// bits are the same. Sanitizers and other processors do without.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
#define CALOR_CLONES __attribute__((target_clones("avx2", "default")))
/// The same and for AVX-512, for long loops whose numbers come from the nearest caches.
#define CALOR_WIDE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CALOR_CLONES
#define CALOR_WIDE_CLONES
#endif

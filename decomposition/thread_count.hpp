// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <omp.h>

#include "decomposition/box.hpp"

namespace calor {

/// While it lives, a process with few cells of its own makes its parallel regions of one thread, whatever it
/// was offered: waking the others, and waiting for them where cores are shared, would take longer than the
/// work. No result depends on it.
class ThreadCount {
 public:
  explicit ThreadCount(const Box& owned) : before_{omp_get_max_threads()} {
    if (!worth_threads(owned)) omp_set_num_threads(1);
  }
  ~ThreadCount() { omp_set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

}  // namespace calor

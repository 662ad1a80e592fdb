// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/field_memory.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "decomposition/memory_taken.hpp"

namespace calor::field_memory {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t large = std::size_t{1} << 20;

bool asks_for_huge_pages(std::size_t bytes) { return bytes >= 2 * huge_page; }

std::align_val_t alignment(std::size_t bytes) {
  return std::align_val_t{asks_for_huge_pages(bytes) ? huge_page : 64};
}

void* from_system(std::size_t bytes) {
  void* const p = ::operator new(bytes, alignment(bytes));
#ifdef MADV_HUGEPAGE
  if (asks_for_huge_pages(bytes)) madvise(p, bytes / huge_page * huge_page, MADV_HUGEPAGE);  // a wish
#endif
  return p;
}
void to_system(void* p, std::size_t bytes) noexcept { ::operator delete(p, alignment(bytes)); }

/// So that cases whose sizes differ by a few columns share blocks.
std::size_t rounded(std::size_t bytes) { return (bytes + large - 1) / large * large; }

/// What a block of which so many bytes are used takes beyond them.
std::size_t beyond(std::size_t bytes) {
  const std::size_t in_huge = rounded(bytes) / huge_page * huge_page;
  return asks_for_huge_pages(rounded(bytes)) && in_huge > bytes ? in_huge - bytes : 0;
}

class Pool {
 public:
  void* take(std::size_t asked) {
    const std::size_t bytes = rounded(asked);
    const std::scoped_lock lock{mutex_};
    void* p = nullptr;
    if (const auto found = waiting_.find(bytes); found != waiting_.end()) {
      p = found->second;
      waiting_.erase(found);
      held_ -= bytes;
    } else {
      const std::size_t most = std::max(peak_, in_use_ + bytes);
      while (!waiting_.empty() && in_use_ + bytes + held_ > most) free_largest();
      try {
        p = from_system(bytes);
      } catch (const std::bad_alloc&) {
        while (!waiting_.empty()) free_largest();
        p = from_system(bytes);
      }
    }
    in_use_ += bytes;
    peak_ = std::max(peak_, in_use_);
    most_beyond_ = std::max(most_beyond_, beyond_ += beyond(asked));
    return p;
  }
  void give_back(void* p, std::size_t asked) noexcept {
    const std::size_t bytes = rounded(asked);
    const std::scoped_lock lock{mutex_};
    in_use_ -= bytes;
    beyond_ -= beyond(asked);
    if (keeps_) {
      try {
        waiting_.emplace(bytes, p);
        held_ += bytes;
        return;
      } catch (const std::bad_alloc&) {
        // No room even for a note of it.
      }
    }
    to_system(p, bytes);
  }
  void keep(bool on) {
    const std::scoped_lock lock{mutex_};
    keeps_ = on;
    while (!on && !waiting_.empty()) free_largest();
  }
  std::size_t held() {
    const std::scoped_lock lock{mutex_};
    return held_;
  }
  std::size_t look_at_most_beyond() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(most_beyond_, beyond_);
  }

 private:
  void free_largest() {
    const auto last = std::prev(waiting_.end());
    to_system(last->second, last->first);
    held_ -= last->first;
    waiting_.erase(last);
  }
  std::mutex mutex_;
  bool keeps_ = false;
  std::size_t in_use_ = 0, peak_ = 0, held_ = 0;
  std::size_t beyond_ = 0, most_beyond_ = 0;  // of what is in use, what huge pages take more
  std::multimap<std::size_t, void*> waiting_;
};

/// Never destroyed: fields may outlive everything else.
Pool& pool() {
  static Pool* const the_pool = new Pool;
  return *the_pool;
}

}  // namespace

void* take(std::size_t bytes) { return bytes < large ? from_system(bytes) : pool().take(bytes); }

void give_back(void* memory, std::size_t bytes) noexcept {
  if (bytes < large)
    to_system(memory, bytes);
  else
    pool().give_back(memory, bytes);
}

void keep(bool on) { pool().keep(on); }
std::size_t waiting() { return pool().held(); }

void keep_no_gaps() {
#ifdef __GLIBC__
  constexpr int at_once = 256 << 10;
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") != nullptr) return;
  mallopt(M_MMAP_THRESHOLD, at_once);
  mallopt(M_TRIM_THRESHOLD, at_once);
#endif
}

std::size_t look_at_most_beyond() {
  std::ifstream in{"/sys/kernel/mm/transparent_hugepage/enabled"};
  std::string choice;
  const std::size_t most = pool().look_at_most_beyond();
  return !std::getline(in, choice) || choice.find("[never]") != std::string::npos ? 0 : most;
}

}  // namespace calor::field_memory

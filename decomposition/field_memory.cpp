// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/field_memory.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <string>

#include "decomposition/memory_taken.hpp"

namespace calor::field_memory {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t large = std::size_t{1} << 20;

std::align_val_t alignment(std::size_t bytes) {
  return std::align_val_t{bytes >= 2 * huge_page ? huge_page : 64};
}

void* from_system(std::size_t bytes) {
  void* const p = ::operator new(bytes, alignment(bytes));
#ifdef MADV_HUGEPAGE
  if (bytes >= 2 * huge_page) madvise(p, bytes / huge_page * huge_page, MADV_HUGEPAGE);  // a wish
#endif
  return p;
}
void to_system(void* p, std::size_t bytes) noexcept { ::operator delete(p, alignment(bytes)); }

class Pool {
 public:
  void* take(std::size_t bytes) {
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
    return p;
  }
  void give_back(void* p, std::size_t bytes) noexcept {
    const std::scoped_lock lock{mutex_};
    in_use_ -= bytes;
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
  std::multimap<std::size_t, void*> waiting_;
};

/// Never destroyed: fields may outlive everything else.
Pool& pool() {
  static Pool* const the_pool = new Pool;
  return *the_pool;
}

/// So that cases whose sizes differ by a few columns share blocks.
std::size_t rounded(std::size_t bytes) { return (bytes + large - 1) / large * large; }

}  // namespace

void* take(std::size_t bytes) { return bytes < large ? from_system(bytes) : pool().take(rounded(bytes)); }

void give_back(void* memory, std::size_t bytes) noexcept {
  if (bytes < large)
    to_system(memory, bytes);
  else
    pool().give_back(memory, rounded(bytes));
}

void keep(bool on) { pool().keep(on); }
std::size_t waiting() { return pool().held(); }

std::size_t taken_by(std::size_t bytes) {
  if (bytes < large || rounded(bytes) < 2 * huge_page) return bytes;
  std::ifstream in{"/sys/kernel/mm/transparent_hugepage/enabled"};
  std::string choice;
  if (!std::getline(in, choice) || choice.find("[never]") != std::string::npos) return bytes;
  const std::size_t in_huge = rounded(bytes) / huge_page * huge_page;
  return std::max(bytes, std::min((bytes + huge_page - 1) / huge_page * huge_page, in_huge));
}

}  // namespace calor::field_memory

// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/suggest.hpp"

#include <algorithm>
#include <cctype>

namespace calor {
namespace {

char small(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

constexpr std::size_t longest_word = 64;  // longer words are nobody's typing mistake

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: a swap looks two rows back.
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = small(a[i - 1]) == small(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && small(a[i - 1]) == small(b[j - 2]) && small(a[i - 2]) == small(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > longest_word) return {};
  std::string best;
  int nearest = 1 + static_cast<int>(word.size()) / 3;
  for (const std::string& candidate : candidates) {
    const int distance = edit_distance(word, candidate);
    // A word of which nothing is left is no correction.
    if (distance >= static_cast<int>(std::max(word.size(), candidate.size()))) continue;
    if (distance < nearest || (distance == nearest && best.empty())) {
      nearest = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = closest(word, candidates);
  return best.empty() ? "" : "; did you mean \"" + best + "\"?";
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string all;
  for (const std::string& w : words) {
    if (!all.empty()) all += separator;
    all += w;
  }
  return all;
}

}  // namespace calor

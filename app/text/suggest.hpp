// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

/// How many insertions, deletions, replacements and swaps of neighbours lead from one word to the other,
/// capitals counting as small letters (restricted Damerau-Levenshtein distance).
int edit_distance(std::string_view a, std::string_view b);

/// The candidate a word most likely stands for: the one that it is another name of ("k", "robin", "north"),
/// else the one of which it is a mistyping; empty if none is near. Of several equally near, the first.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// `; did you mean "x"?`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// `a, b, c`.
std::string joined(const std::vector<std::string>& words, std::string_view separator = ", ");

}  // namespace calor::app

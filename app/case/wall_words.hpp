// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/case/case.hpp"
#include "app/case/schema.hpp"
#include "solver/model/walls/wall.hpp"

namespace calor::app {

/// The side repeats the opposite one: a property of the grid, not a wall.
struct Periodic {};

/// A word for a wall, and an example of what it stands for. A wall's keys have the names of its functions.
struct WallWord {
  const char* word;
  std::variant<WallLaw, Periodic> meaning;
  /// What may stand beside: there if its first key is given. A key that is named otherwise beside another
  /// term takes what stands under its own name where it is not given.
  std::vector<WallTerm> beside = {};

  std::vector<std::string> keys() const;         ///< that must be given
  std::vector<std::string> keys_beside() const;  ///< that may be given
  bool fixes_level() const;
};
/// The table of all words, in the order in which messages list them.
const std::vector<WallWord>& wall_words();

/// Words of walls that tie the temperature down, or of those that do not, for people: "a, b or c".
std::string words_that_fix_level(bool fix, const std::string& last);

bool periodic(const WallCase& wall);
/// The wall as what is computed with; null for a periodic one.
/// @param named  functions_of the case
std::optional<WallLaw> law_of(const WallCase& wall, const FunctionTable& named);
/// One line a key of a piece.
void bind_wall(Schema& schema, WallCase& c);

}  // namespace calor::app

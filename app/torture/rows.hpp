// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/torture/rig.hpp"

namespace calor::app::torture {

/// A kind of disturbance. What it is, how many cases there are, and how one is made.
struct Row {
  std::string name{};        ///< "kill-at-call/euler"
  std::string fault{};       ///< what is injected
  std::string invariants{};  ///< which are looked at
  /// Cases that can be told apart by their numbers, from 0 on; 0: any number, each drawn at random.
  std::function<std::int64_t(const Rig&)> cases{};
  std::function<void(Trial&, std::int64_t number)> make{};
  /// "" or why it cannot be tried here.
  std::function<std::string(const Rig&)> lacks = [](const Rig&) { return std::string{}; };
};

/// The invariants, a letter and a sentence each.
struct Invariant {
  char letter;
  const char* promise;
};
extern const std::vector<Invariant> invariants;

/// All rows, in the order in which they are told.
std::vector<Row> all_rows();

// Parts of the table, one a file.
std::vector<Row> call_rows();       ///< at the n-th call on a file
std::vector<Row> kill_rows();       ///< processes that die at random moments
std::vector<Row> signal_rows();     ///< signals at random moments, processes that stand still
std::vector<Row> damage_rows();     ///< checkpoints that are not what was written
std::vector<Row> disk_rows();       ///< limits of files and of a file system
std::vector<Row> directory_rows();  ///< several owners, files of others
std::vector<Row> power_rows();      ///< what a power cut may leave

std::string without_launcher(const Rig& rig);  ///< for `lacks`

}  // namespace calor::app::torture

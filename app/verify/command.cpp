// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/console/wall_clock.hpp"
#include "app/text/units.hpp"
#include "app/verify/problems.hpp"

namespace calor {

namespace {

/// Reference problems by name (all if none), as a pass table; Exit::difference if one fails. Collective.
Exit verify(const mpi::Comm& comm, const std::vector<std::string>& names, bool list) {
  const auto& all = reference_problems();
  for (const std::string& n : names)
    if (std::none_of(all.begin(), all.end(), [&](const auto& p) { return p.name == n; }))
      throw Error{Exit::usage,
                  fmt::format("verify {}: no such reference problem; `calor verify --list` names them", n)};
  int failures = 0, count = 0;
  const auto say = [&](const std::string& line) {
    if (comm.root()) answer(line + "\n");
    flush_answer();
  };
  for (const ReferenceProblem& p : all) {
    if (!names.empty() && std::find(names.begin(), names.end(), p.name) == names.end()) continue;
    if (list) {
      say(fmt::format("{:<16} {}", p.name, p.source));
      continue;
    }
    const double begin = wall_seconds();
    const Verdicts verdicts = p.compute(comm);
    say(fmt::format("{} ({}), {}", p.name, p.source, duration_text(wall_seconds() - begin)));
    for (const Verdict& v : verdicts) {
      ++count;
      failures += !v.pass();
      say(fmt::format("  {}  {:<38} {:>18.12g}  reference {:>18.12g}  {} {:.2g} (limit {:.2g})",
                      v.pass() ? "pass" : "FAIL", v.quantity, v.value, v.reference,
                      v.relative ? "relative error" : "error", v.error(), v.limit));
    }
  }
  if (!list) say(fmt::format("{} of {} values pass", count - failures, count));
  return failures == 0 ? Exit::done : Exit::difference;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words {
    std::vector<std::string> names;
    bool list = false;
  };
  const auto w = std::make_shared<Words>();
  app.add_option("name", w->names, "which ones (all)");
  app.add_flag("--list", w->list, "name them, run nothing");
  return
      [w]() -> Task { return [w](const mpi::Comm& comm) { return calor::verify(comm, w->names, w->list); }; };
}

}  // namespace

extern const Command verify{"verify", "reference problems against their published values", declare};

}  // namespace commands

}  // namespace calor

// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/console/terminal.hpp"
#include "app/console/wall_clock.hpp"
#include "app/text/suggest.hpp"
#include "app/text/units.hpp"
#include "app/verify/problems.hpp"

namespace calor::app {

namespace {

std::vector<std::string> names_of(const std::vector<ReferenceProblem>& problems) {
  std::vector<std::string> names;
  for (const ReferenceProblem& p : problems) names.emplace_back(p.name);
  return names;
}

/// Reference problems by name (all if none), as a pass table; Exit::difference if one fails. Collective.
Exit verify(const mpi::Comm& comm, const std::vector<std::string>& names, bool list, bool json) {
  const auto& all = reference_problems();
  for (const std::string& n : names)
    if (std::none_of(all.begin(), all.end(), [&](const auto& p) { return p.name == n; }))
      throw Error{Exit::usage,
                  fmt::format("verify {}: no such reference problem{}; `calor verify --list` names them", n,
                              did_you_mean(n, names_of(all)))};
  int failures = 0, count = 0;
  const auto say = [&](const std::string& line) {
    if (json || !comm.root()) return;
    answer(line + "\n");
    flush_answer();
  };
  nlohmann::ordered_json problems = nlohmann::ordered_json::array();
  for (const ReferenceProblem& p : all) {
    if (!names.empty() && std::find(names.begin(), names.end(), p.name) == names.end()) continue;
    if (list) {
      say(fmt::format("{:<16} {}", p.name, p.source));
      problems.push_back({{"name", p.name}, {"source", p.source}});
      continue;
    }
    const double begin = wall_seconds();
    const Verdicts verdicts = p.compute(comm);
    const double seconds = wall_seconds() - begin;
    say(fmt::format("{} ({}), {}", p.name, p.source, duration_text(seconds)));
    nlohmann::ordered_json values = nlohmann::ordered_json::array();
    for (const Verdict& v : verdicts) {
      ++count;
      failures += !v.pass();
      say(fmt::format(
          "  {}  {:<38} {:>18.12g}  reference {:>18.12g}  {} {:.2g} (limit {:.2g})",
          v.pass() ? toned("pass", Tone::good, STDOUT_FILENO) : toned("FAIL", Tone::bad, STDOUT_FILENO),
          v.quantity, v.value, v.reference, v.relative ? "relative error" : "error", v.error(), v.limit));
      values.push_back({{"quantity", v.quantity},
                        {"value", v.value},
                        {"reference", v.reference},
                        {"error", v.error()},
                        {"limit", v.limit},
                        {"relative", v.relative},
                        {"pass", v.pass()}});
    }
    problems.push_back({{"name", p.name}, {"source", p.source}, {"seconds", seconds}, {"values", values}});
  }
  if (json && comm.root()) {
    nlohmann::ordered_json answer{{"problems", problems}};
    if (!list) answer.update({{"values", count}, {"passed", count - failures}});
    answer_json(answer);
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
    bool list = false, json = false;
  };
  const auto w = std::make_shared<Words>();
  app.add_option("name", w->names, "which ones (all)");
  app.add_flag("--list", w->list, "name them, run nothing");
  app.add_flag("--json", w->json, json_help);
  return [w]() -> Task {
    return [w](const mpi::Comm& comm) { return app::verify(comm, w->names, w->list, w->json); };
  };
}

}  // namespace

extern constinit const Command verify{"verify", "reference problems against their published values", declare};

}  // namespace commands

}  // namespace calor::app

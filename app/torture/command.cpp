// SPDX-License-Identifier: BSD-3-Clause
// `calor torture`: rows in turn, their cases drawn by the seed, until the time is over; then the table.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/console/command.hpp"
#include "app/text/suggest.hpp"
#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace {

namespace fs = std::filesystem;
using torture::Rig;
using torture::Row;
using torture::Trial;

struct Words {
  double minutes = 1.0, patience = 5.0;
  std::int64_t cases = 0;
  std::uint64_t seed = 0;
  int jobs = 1;
  bool list = false, all = false, first = false, keep = false, json = false, stop_at_first = false;
  std::string directory, shim, program;
  std::vector<std::string> only;
};

/// What a row has come to.
struct Tally {
  std::int64_t cases = 0, injected = 0, fired = 0, violations = 0;
  std::string lacks{};
};

std::uint64_t mix(std::uint64_t z) {  // splitmix64
  z += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}
std::uint64_t seed_of(std::uint64_t seed, const std::string& row, std::int64_t number) {
  std::uint64_t h = mix(seed);
  for (const char c : row) h = mix(h ^ static_cast<unsigned char>(c));
  return mix(h ^ static_cast<std::uint64_t>(number));
}

/// A row that takes part: all of it, or one case.
struct Chosen {
  const Row* row;
  std::int64_t one = -1;
  std::int64_t count = -1;  ///< cases that can be told apart; -1: not asked yet
  std::int64_t begun = 0;
};

std::vector<Chosen> chosen(const std::vector<Row>& rows, const std::vector<std::string>& only) {
  std::vector<Chosen> result;
  for (const std::string& word : only) {
    const std::size_t colon = word.rfind(':');
    const std::string name = word.substr(0, colon);
    std::int64_t one = -1;
    if (colon != std::string::npos) {
      const std::string number = word.substr(colon + 1);
      if (number.empty() || number.size() > 15 || number.find_first_not_of("0123456789") != std::string::npos)
        throw Error{Exit::usage, fmt::format("--only {}: write ROW or ROW:CASE", word)};
      one = std::stoll(number);
    }
    // "kill" stands for all rows kill/...
    std::size_t before = result.size();
    for (const Row& r : rows)
      if (r.name == name || r.name.rfind(name + "/", 0) == 0) result.push_back({&r, one});
    if (result.size() > before) continue;
    std::vector<std::string> names;
    for (const Row& r : rows) {
      names.push_back(r.name);
      names.push_back(r.name.substr(0, r.name.find('/')));
    }
    throw Error{Exit::usage, fmt::format("--only {}: no such row{}; `calor torture --list` names them", word,
                                         did_you_mean(name, names))};
  }
  if (only.empty())
    for (const Row& r : rows) result.push_back({&r});
  return result;
}

/// The k-th case of a row: all of them once in an order that the seed gives, before any comes again.
std::int64_t case_number(const Words& w, const Chosen& c, std::int64_t k) {
  if (c.one >= 0) return c.one;
  if (c.count <= 0 || w.first) return k;
  // A step that shares no factor with the count visits all.
  const auto n = static_cast<std::uint64_t>(c.count);
  // Near the golden section, so that a few cases lie far apart.
  std::uint64_t step = (n * 5 / 8 + seed_of(w.seed, c.row->name, 1) % (n / 16 + 1)) % n;
  const auto gcd = [](std::uint64_t a, std::uint64_t b) {
    while (b != 0) a = std::exchange(b, a % b);
    return a;
  };
  while (gcd(step, n) != 1) step = (step + 1) % n;
  const std::uint64_t start = seed_of(w.seed, c.row->name, 0) % n;
  return static_cast<std::int64_t>((start + static_cast<std::uint64_t>(k) % n * step) % n);
}

std::string repeated_by(const Words& w, const Chosen& c, std::int64_t number) {
  return fmt::format("calor torture --seed {} --only {}:{}{}", w.seed, c.row->name, number,
                     w.program.empty() ? "" : " --program " + w.program) +
         (w.directory.empty() ? "" : " --dir " + w.directory);
}

volatile std::sig_atomic_t stop_wanted = 0;
extern "C" void want_stop(int) { stop_wanted = 1; }

class Campaign {
 public:
  Campaign(const Words& words, const Rig& rig, std::vector<Chosen> rows)
      : words_{words}, rig_{rig}, rows_{std::move(rows)}, tallies_(rows_.size()), begun_{torture::now()} {}

  void run() {
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      Tally& t = tallies_[k];
      t.lacks = rows_[k].row->lacks(rig_);
      if (!t.lacks.empty() || !rows_[k].row->cases || rows_[k].one >= 0) continue;
      try {
        rows_[k].count = rows_[k].row->cases(rig_);
      } catch (const Error& e) {
        // Undisturbed it fails already: that is no reason not to try the others.
        t.lacks = e.what();
        t.violations = 1;
        failures_.push_back({{"fault", rows_[k].row->name}, {"violation", e.what()}});
      }
    }
    std::vector<std::thread> workers;
    for (int n = 1; n < words_.jobs; ++n) workers.emplace_back([this] { work(); });
    work();
    for (std::thread& t : workers) t.join();
  }

  Exit report() const {
    std::int64_t violations = 0, cases = 0, unfired = 0;
    nlohmann::json table = nlohmann::json::array();
    if (!words_.json)
      fmt::print("\n{:24} {:>6} {:>8} {:>6}  {:10} {:>10}\n", "fault", "cases", "injected", "fired",
                 "invariants", "violations");
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      const Tally& t = tallies_[k];
      const Row& r = *rows_[k].row;
      violations += t.violations;
      cases += t.cases;
      unfired += t.injected - t.fired;
      if (words_.json)
        table.push_back({{"fault", r.name},
                         {"cases", t.cases},
                         {"injected", t.injected},
                         {"fired", t.fired},
                         {"invariants", r.invariants},
                         {"violations", t.violations},
                         {"not_tried", t.lacks}});
      else if (!t.lacks.empty())
        fmt::print("{:24} not tried: {}\n", r.name, t.lacks);
      else
        fmt::print("{:24} {:6} {:8} {:6}  {:10} {:10}\n", r.name, t.cases, t.injected, t.fired, r.invariants,
                   t.violations);
    }
    if (words_.json) {
      fmt::print("{}\n",
                 nlohmann::json{{"seed", words_.seed}, {"rows", table}, {"failures", failures_}}.dump(2));
    } else {
      for (const torture::Invariant& i : torture::invariants) fmt::print("{}: {}\n", i.letter, i.promise);
      fmt::print(
          "seed {}: {} cases in {:.0f} s, {} violations{}\n", words_.seed, cases, torture::now() - begun_,
          violations,
          unfired == 0 ? "" : fmt::format("; {} faults did not fire, which is the harness's fault", unfired));
    }
    if (cases == 0) throw Error{Exit::usage, "no case was tried: give more --minutes or --cases"};
    return violations == 0 && unfired == 0 ? Exit::done : Exit::difference;
  }
  bool clean() const { return failures_.empty(); }

 private:
  struct Next {
    std::size_t row;
    std::int64_t k, number;
  };

  /// The next case; rows take turns.
  std::optional<Next> next() {
    const std::lock_guard lock{mutex_};
    if (stop_wanted != 0 || (words_.stop_at_first && !failures_.empty())) return {};
    if (words_.cases == 0 && torture::now() - begun_ > 60.0 * words_.minutes) return {};
    for (std::size_t tried = 0; tried < rows_.size(); ++tried) {
      const std::size_t k = turn_++ % rows_.size();
      Chosen& c = rows_[k];
      if (!tallies_[k].lacks.empty()) continue;
      if (words_.all && c.count < 0 && c.one < 0) continue;
      std::int64_t most = words_.cases > 0 ? words_.cases : std::int64_t{1} << 60;
      if (c.one >= 0) most = words_.all ? 1 : std::max<std::int64_t>(1, words_.cases);
      if (c.count >= 0) most = std::min(most, c.count);
      if (c.begun >= most) continue;
      const std::int64_t n = c.begun++;
      return Next{k, n, case_number(words_, c, n)};
    }
    return {};
  }

  void work() {
    while (const auto n = next()) {
      const Chosen& c = rows_[n->row];
      std::string name = fmt::format("{}:{}", c.row->name, n->number);
      std::replace(name.begin(), name.end(), '/', '-');
      std::replace(name.begin(), name.end(), ':', '-');
      const fs::path directory = rig_.scratch / "cases-of-rows" / fmt::format("{}-{}", name, n->k);
      Trial t{rig_, directory, seed_of(words_.seed, c.row->name, n->number)};
      try {
        c.row->make(t, n->number);
      } catch (const std::exception& e) {
        t.violated('E', std::string{"the harness: "} + e.what());
      }
      tell(*n, t);
    }
  }

  void tell(const Next& n, const Trial& t) {
    const std::lock_guard lock{mutex_};
    const Chosen& c = rows_[n.row];
    Tally& tally = tallies_[n.row];
    ++tally.cases;
    tally.injected += t.injected;
    tally.fired += t.fired;
    tally.violations += static_cast<std::int64_t>(t.violations.size());
    const bool unfired = t.fired < t.injected;
    if (t.violations.empty() && !unfired) {
      std::error_code ignored;
      fs::remove_all(t.directory, ignored);
      return;
    }
    const std::string command = repeated_by(words_, c, n.number);
    for (const std::string& v : t.violations)
      failures_.push_back({{"fault", c.row->name},
                           {"case", n.number},
                           {"violation", v},
                           {"repeat", command},
                           {"story", t.story},
                           {"directory", t.directory.string()}});
    if (unfired)
      failures_.push_back({{"fault", c.row->name},
                           {"case", n.number},
                           {"violation", "the fault did not fire"},
                           {"repeat", command},
                           {"story", t.story},
                           {"directory", t.directory.string()}});
    if (words_.json) return;
    for (const std::string& v : t.violations) fmt::print("FAILED {}:{}: {}\n", c.row->name, n.number, v);
    if (unfired) fmt::print("FAILED {}:{}: the fault did not fire\n", c.row->name, n.number);
    fmt::print("  {}\n  what was done: {}\n  left in: {}\n", command, t.story, t.directory.string());
    std::fflush(stdout);
  }

  const Words& words_;
  const Rig& rig_;
  std::vector<Chosen> rows_;
  std::vector<Tally> tallies_;
  double begun_;
  std::size_t turn_ = 0;
  std::mutex mutex_;
  nlohmann::json failures_ = nlohmann::json::array();
};

Exit list(const std::vector<Row>& rows) {
  for (const Row& r : rows) fmt::print("{:24} {:8} {}\n", r.name, r.invariants, r.fault);
  return Exit::done;
}

Exit torture_installation(Words w) {
  const std::vector<Row> rows = torture::all_rows();
  if (w.list) return list(rows);
  const std::vector<Chosen> taken = chosen(rows, w.only);
  if (w.all) w.cases = std::int64_t{1} << 60;
  // What repeats one case is done when that is.
  if (w.cases == 0 && !taken.empty() &&
      std::all_of(taken.begin(), taken.end(), [](const Chosen& c) { return c.one >= 0; }))
    w.cases = 1;
  if (w.seed == 0) w.seed = io::random_id() % 1000000000 + 1;
  const fs::path base = w.directory.empty() ? fs::current_path() : fs::path{w.directory};
  std::error_code failed;
  if (!fs::is_directory(base, failed))
    throw Error{
        Exit::cannot_create,
        fmt::format("--dir {}: there is no such directory; make it, so that it is on the file system meant",
                    base.string())};
  const fs::path scratch = fs::canonical(base, failed) / ("calor-torture-" + io::random_token());
  if (failed || !fs::create_directory(scratch, failed) || failed)
    throw Error{Exit::cannot_create, fmt::format("{}: cannot be made: {}; name a directory by --dir",
                                                 base.string(), failed.message())};
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) std::signal(s, want_stop);
  Exit result = Exit::done;
  bool remove = !w.keep;
  try {
    Rig rig{scratch, w.program, w.shim};
    rig.patience = w.patience;
    Campaign campaign{w, rig, taken};
    campaign.run();
    result = campaign.report();
    remove = remove && campaign.clean();
  } catch (...) {
    fs::remove_all(scratch, failed);
    throw;
  }
  if (remove)
    fs::remove_all(scratch, failed);
  else if (!w.json)
    fmt::print("left for a look: {}\n", scratch.string());
  if (stop_wanted != 0) return Exit::stopped;
  return result;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto w = std::make_shared<Words>();
  app.add_option("--minutes", w->minutes, "how long (1)")->check(CLI::PositiveNumber);
  app.add_option("--cases", w->cases, "that many of each row instead")->check(CLI::PositiveNumber);
  app.add_flag("--all", w->all, "every case of the rows whose cases can be counted, and no others");
  app.add_flag("--first", w->first, "the first cases of each row, in their order, not spread over all");
  app.add_option("--seed", w->seed, "of what is drawn; printed when it is chosen for you")
      ->check(CLI::PositiveNumber);
  app.add_option("--only", w->only, "rows by name, kill for all kill/..., or one case: ROW:CASE");
  app.add_option("--dir", w->directory, "where: the file system that is to be tried (.)");
  app.add_option("--jobs", w->jobs, "cases at the same time (1)")->check(CLI::Range(1, 256));
  app.add_option("--patience", w->patience,
                 "seconds, besides ten times its own time, after which a run hangs (5)")
      ->check(CLI::PositiveNumber);
  app.add_option("--shim", w->shim, "the library that makes the faults, if it is not beside the program");
  app.add_option("--program", w->program, "another calor that is to be tried instead of this one");
  app.add_flag("--stop-at-first", w->stop_at_first, "failure");
  app.add_flag("--keep", w->keep, "the scratch directory, also without a failure");
  app.add_flag("--list", w->list, "the rows");
  app.add_flag("--json", w->json, "the table for programs");
  return [w]() -> Task { return LoneTask{[w] { return torture_installation(*w); }}; };
}

}  // namespace

extern constinit const Command torture{
    "torture", "disturb small runs on this machine in every way, and look what is lost", declare};

}  // namespace commands

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/queue.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "app/console/stopwatch.hpp"

namespace calor::app {

namespace {

constexpr double write_every = 0.1, sync_every = 1.0, order_every = 0.5;  // s
constexpr double longest_hold = 0.25;  // s of work that a process takes at once where cases are short
constexpr std::size_t names_a_record = 500;
constexpr int most_lost = 20;   // jobs that may die with a case before it is given up
constexpr double guess = 1e-9;  // s for a unit of work, before anything was measured

bool of_job(const std::string& owner, const std::string& job) {
  return owner.size() > job.size() && owner[job.size()] == '.' && owner.compare(0, job.size(), job) == 0;
}

/// Failures that would be the same again, whatever else changes.
bool lasting(Exit code) { return code == Exit::bad_case || code == Exit::numerical; }

}  // namespace

SweepQueue::SweepQueue(const std::filesystem::path& journal, std::string job, int rank,
                       std::vector<Expectation> plan, std::int64_t retries)
    : journal_{journal},
      job_{std::move(job)},
      me_{fmt::format("{}.{}", job_, rank)},
      rank_{rank},
      plan_{std::move(plan)},
      retries_{retries},
      numbers_(plan_.size(), -1),
      order_(plan_.size()) {
  for (std::size_t n = 0; n < plan_.size(); ++n)
    place_of_.emplace(key_of(plan_[n].name), static_cast<std::int64_t>(n));
  std::iota(order_.begin(), order_.end(), 0);
  refresh();
}

void SweepQueue::open(const ProcessId& process, int ranks) {
  refresh();
  unwritten_.push_back(
      {{{"event", "job"}, {"job", job_}, {"process", to_json(process)}, {"ranks", ranks}}, ""});
  nlohmann::json names = nlohmann::json::array();
  const auto end_record = [&] {
    if (names.empty()) return;
    unwritten_.push_back({{{"event", "cases"}, {"names", names}}, ""});
    names = nlohmann::json::array();
  };
  for (std::size_t n = 0; n < plan_.size(); ++n) {
    if (numbers_[n] >= 0) continue;
    names.push_back(plan_[n].name);
    if (names.size() == names_a_record) end_record();
  }
  end_record();
  write();
  journal_.sync();
  refresh();
  if (std::count(numbers_.begin(), numbers_.end(), -1) > 0)
    throw Error{Exit::io_error, "the journal does not give back what was written to it"};
}

void SweepQueue::note(nlohmann::json event) {
  unwritten_.push_back({std::move(event), ""});
  write();
}

void SweepQueue::write() {
  const std::vector<Journal::Record> all = std::exchange(unwritten_, {});
  journal_.append(all);
  written_at_ = wall_seconds();
  if (written_at_ - synced_at_ > sync_every) {
    journal_.sync();
    synced_at_ = wall_seconds();
  }
}

void SweepQueue::refresh() {
  const Stopwatch watch{seconds_};
  if (!unwritten_.empty() && wall_seconds() - written_at_ > write_every) write();
  for (const Journal::Record& record : journal_.read_new()) {
    try {
      apply(record);
    } catch (const nlohmann::json::exception&) {
      // Of a later version, or made by hand: a case may be computed again, nothing else is lost.
    }
  }
  const std::int64_t enough = std::max<std::int64_t>(8, size() / 20);
  if (ordered_at_ == 0.0 || (finished_since_order_ >= enough && wall_seconds() - ordered_at_ > order_every))
    put_in_order();
}

/// The entry of that name; it has a number from the first time that the journal mentions it.
SweepQueue::Entry& SweepQueue::entry_of(const std::string& name) {
  const Key key = key_of(name);
  const auto [found, is_new] = number_of_.emplace(key, static_cast<std::int64_t>(entries_.size()));
  if (is_new) {
    entries_.emplace_back();
    const auto place = place_of_.find(key);
    entries_.back().place = place == place_of_.end() ? -1 : place->second;
    if (place != place_of_.end()) numbers_[index(place->second)] = found->second;
  }
  return entries_[index(found->second)];
}

SweepQueue::Key SweepQueue::key_of(const std::string& name) {
  const XXH128_hash_t h = XXH3_128bits(name.data(), name.size());
  return {h.high64, h.low64};
}

nlohmann::json SweepQueue::result_of(const Entry& e) const {
  return nlohmann::json::parse(journal_.result(e.result_at, e.result_bytes));
}

void SweepQueue::release(Entry& e) {
  e.state = State::waiting;
  e.owner.clear();
  first_ = 0;
}

/// Calls f for the entries of the cases that an event names.
template <class F>
void SweepQueue::each_case(const nlohmann::json& event, F&& f) {
  for (const nlohmann::json& number : event.at("cases"))
    if (const auto n = number.get<std::size_t>(); n < entries_.size()) f(entries_[n]);
}

void SweepQueue::apply(const Journal::Record& record) {
  const nlohmann::json& r = record.event;
  const std::string& event = r.at("event").get_ref<const std::string&>();
  if (event == "cases") {
    for (const nlohmann::json& name : r.at("names")) entry_of(name.get_ref<const std::string&>());
  } else if (event == "job") {
    job_came(r);
  } else if (event == "claim") {
    cases_claimed(r);
  } else if (event == "give back") {
    each_case(r, [&](Entry& e) {
      if (e.state != State::taken || r.at("owner") != e.owner) return;
      release(e);
      e.wide = r.value("wide", false);
    });
  } else if (event == "bury" || event == "leave") {
    const std::string job = r.at("job");
    release_cases_of(job);
    if (event == "leave")
      jobs_.erase(job);
    else
      buried_.insert(job);
  } else if (event == "lost") {
    fields_lost(r);
  } else if (event == "stop") {
    stopping_ = stopping_ || r.at("job") == job_;
  } else if (event == "done") {
    case_done(record);
  } else if (event == "failed") {
    case_failed(r);
  }
}

void SweepQueue::job_came(const nlohmann::json& event) {
  jobs_[event.at("job")] = process_from(event.at("process"));
  // What failed for want of disk or memory may go better now.
  for (Entry& e : entries_)
    if (e.code != Exit::done && e.state != State::done && e.state != State::taken && !lasting(e.code)) {
      e.tries = 0;
      e.code = Exit::done;
      release(e);
    }
}

void SweepQueue::cases_claimed(const nlohmann::json& event) {
  const std::string& owner = event.at("owner").get_ref<const std::string&>();
  if (buried_.count(owner.substr(0, owner.rfind('.'))) > 0) return;
  each_case(event, [&](Entry& e) {
    if (e.state != State::waiting) return;
    e.state = State::taken;
    e.owner = event.at("owner");
  });
}

/// The job is dead or has gone.
void SweepQueue::release_cases_of(const std::string& job) {
  for (Entry& e : entries_)
    if (e.state == State::taken && of_job(e.owner, job)) {
      release(e);
      if (++e.lost > most_lost) {
        e.state = State::failed;
        e.code = Exit::internal;
        e.reason = fmt::format("{} jobs died with it", e.lost);
      }
    }
}

void SweepQueue::fields_lost(const nlohmann::json& event) {
  for (const nlohmann::json& lost : event.at("fields")) {
    const auto n = lost.at("case").get<std::size_t>();
    // Another job may have said the same, and the case may have been computed again since.
    if (n < entries_.size() && entries_[n].state == State::done &&
        result_of(entries_[n]).value("field", nlohmann::json{}) == lost.at("field"))
      release(entries_[n]);
  }
}

void SweepQueue::case_done(const Journal::Record& record) {
  const nlohmann::json& r = record.event;
  Entry& e = entry_of(r.at("name").get_ref<const std::string&>());
  if (e.state == State::done) return;
  e.seconds = r.at("seconds");
  e.ranks = r.at("ranks");
  e.state = State::done;
  e.code = Exit::done;
  e.result_at = record.result_at;
  e.result_bytes = static_cast<std::int64_t>(record.result.size());
  e.owner = {};
  e.reason = {};
  ++e.tries;
  ++finished_since_order_;
  if (e.place < 0) return;
  const Expectation& expected = plan_[index(e.place)];
  Rate& rate = rates_[expected.kind];
  rate.work += expected.work;
  rate.seconds += e.seconds * e.ranks;
}

void SweepQueue::case_failed(const nlohmann::json& event) {
  Entry& e = entry_of(event.at("name").get_ref<const std::string&>());
  if (e.state != State::taken || event.at("owner") != e.owner) return;  // another has it by now
  ++e.tries;
  e.code = static_cast<Exit>(event.at("code").get<int>());
  e.reason = event.at("reason");
  release(e);
  if (e.tries > retries_ || e.code == Exit::bad_case) e.state = State::failed;
}

double SweepQueue::seconds_expected(std::int64_t n) const {
  const Expectation& e = plan_[index(n)];
  const auto rate = rates_.find(e.kind);
  if (rate != rates_.end() && rate->second.work > 0.0)
    return e.work * rate->second.seconds / rate->second.work;
  Rate all;
  for (const auto& [kind, r] : rates_) {
    all.work += r.work;
    all.seconds += r.seconds;
  }
  return e.work * (all.work > 0.0 ? all.seconds / all.work : guess);
}

void SweepQueue::put_in_order() {
  std::vector<double> seconds(plan_.size());
  std::vector<char> doubtful(plan_.size());  // these go last: they may end the job once more
  for (std::size_t n = 0; n < plan_.size(); ++n) {
    seconds[n] = seconds_expected(static_cast<std::int64_t>(n));
    const std::int64_t number = numbers_[n];
    doubtful[n] = number >= 0 && (entries_[index(number)].lost > 0 || entries_[index(number)].tries > 0);
  }
  std::sort(order_.begin(), order_.end(), [&](std::int64_t a, std::int64_t b) {
    if (doubtful[index(a)] != doubtful[index(b)]) return doubtful[index(a)] < doubtful[index(b)];
    if (seconds[index(a)] != seconds[index(b)]) return seconds[index(a)] > seconds[index(b)];
    return a < b;
  });
  first_ = 0;
  finished_since_order_ = 0;
  ordered_at_ = wall_seconds();
}

double SweepQueue::seconds_waiting() const {
  double sum = 0.0;
  for (std::size_t i = first_; i < order_.size(); ++i)
    if (entry(order_[i]).state == State::waiting) sum += seconds_expected(order_[i]);
  return sum;
}

std::int64_t SweepQueue::longest_waiting(double& seconds) {
  while (first_ < order_.size() && entry(order_[first_]).state != State::waiting) ++first_;
  if (first_ == order_.size()) return -1;
  seconds = seconds_expected(order_[first_]);
  return order_[first_];
}

std::int64_t SweepQueue::take(int processes) {
  const Stopwatch watch{seconds_};
  for (bool collided = false;; collided = true) {
    if (!taken_.empty()) {
      const std::int64_t n = taken_.back();
      taken_.pop_back();
      return n;
    }
    refresh();
    double seconds = 0.0;
    if (stopping_ || buried() || longest_waiting(seconds) < 0) return -1;
    // Short cases are taken by the handful, so that the journal is not asked for each; fewer towards the end.
    if (wall_seconds() - waiting_asked_ > 0.5 * longest_hold || seconds_left_ <= 0.0) {
      seconds_left_ = seconds_waiting();
      waiting_asked_ = wall_seconds();
    }
    const double hold = std::min(longest_hold, seconds_left_ / (4.0 * processes));
    double sum = 0.0;
    nlohmann::json numbers = nlohmann::json::array();
    std::vector<std::int64_t> wanted;
    // Where all begin at once, each looks past what the others are about to take.
    std::int64_t pass_over = collided || !rates_.empty() ? 0 : rank_;
    for (std::size_t i = first_; i < order_.size(); ++i) {
      const std::int64_t n = order_[i];
      if (entry(n).state != State::waiting || (i + 1 < order_.size() && pass_over-- > 0)) continue;
      const double expected = seconds_expected(n);
      const bool measured = rates_.count(plan_[index(n)].kind) > 0;
      if (!wanted.empty() && (sum + expected > hold || !measured)) break;
      wanted.push_back(n);
      numbers.push_back(number(n));
      sum += expected;
      if (!measured) break;
    }
    if (wanted.empty()) continue;
    seconds_left_ -= sum;
    note({{"event", "claim"}, {"owner", me_}, {"cases", std::move(numbers)}});
    refresh();
    for (auto n = wanted.rbegin(); n != wanted.rend(); ++n)
      if (still_mine(*n)) taken_.push_back(*n);
  }
}

void SweepQueue::done(std::int64_t n, double seconds, int ranks, const nlohmann::json& result) {
  const Stopwatch watch{seconds_};
  unwritten_.push_back({{{"event", "done"},
                         {"case", number(n)},
                         {"name", plan_[index(n)].name},
                         {"owner", me_},
                         {"seconds", seconds},
                         {"ranks", ranks}},
                        result.dump()});
  if (wall_seconds() - written_at_ > write_every) write();
}

void SweepQueue::failed(std::int64_t n, Exit code, const std::string& reason) {
  const Stopwatch watch{seconds_};
  note({{"event", "failed"},
        {"case", number(n)},
        {"name", plan_[index(n)].name},
        {"owner", me_},
        {"code", static_cast<int>(code)},
        {"reason", reason}});
}

void SweepQueue::give_back(std::int64_t n, bool wide) {
  nlohmann::json numbers = nlohmann::json::array();
  if (n >= 0) numbers.push_back(number(n));
  for (const std::int64_t other : taken_) numbers.push_back(number(other));
  taken_.clear();
  if (!numbers.empty())
    note({{"event", "give back"}, {"owner", me_}, {"cases", std::move(numbers)}, {"wide", wide}});
  refresh();
}

bool SweepQueue::still_mine(std::int64_t n) const {
  return entry(n).state == State::taken && entry(n).owner == me_;
}

void SweepQueue::flush() {
  const Stopwatch watch{seconds_};
  write();
  journal_.sync();
  refresh();
}

std::vector<SweepQueue::Other> SweepQueue::others() const {
  std::map<std::string, Other> all;
  for (const Entry& e : entries_) {
    if (e.state != State::taken || e.place < 0 || of_job(e.owner, job_)) continue;
    const std::string job = e.owner.substr(0, e.owner.rfind('.'));
    Other& other = all[job];
    other.job = job;
    ++other.cases;
    if (const auto known = jobs_.find(job); known != jobs_.end()) other.process = known->second;
  }
  std::vector<Other> list;
  for (auto& [job, other] : all) list.push_back(std::move(other));
  return list;
}

void SweepQueue::bury(const std::string& job) {
  note({{"event", "bury"}, {"job", job}});
  refresh();
}

void SweepQueue::lose(const std::vector<std::int64_t>& cases) {
  nlohmann::json fields = nlohmann::json::array();
  for (const std::int64_t n : cases)
    fields.push_back({{"case", number(n)}, {"field", result(n).at("field")}});
  if (!fields.empty()) note({{"event", "lost"}, {"fields", std::move(fields)}});
  refresh();
}

void SweepQueue::leave() {
  note({{"event", "leave"}, {"job", job_}});
  flush();
}

void SweepQueue::stop_job() { note({{"event", "stop"}, {"job", job_}}); }

std::int64_t SweepQueue::elsewhere() const {
  return std::count_if(entries_.begin(), entries_.end(),
                       [](const Entry& e) { return e.place < 0 && e.state == State::done; });
}

SweepQueue::Counts SweepQueue::counts() const {
  Counts c;
  for (std::int64_t n = 0; n < size(); ++n) switch (entry(n).state) {
      case State::waiting:
        ++c.waiting;
        break;
      case State::taken:
        ++c.taken;
        break;
      case State::done:
        ++c.done;
        break;
      case State::failed:
        ++c.failed;
        break;
    }
  return c;
}

}  // namespace calor::app

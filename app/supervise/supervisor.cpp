// SPDX-License-Identifier: BSD-3-Clause
#include "app/supervise/supervisor.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "app/console/launcher.hpp"
#include "app/console/product.hpp"
#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "app/supervise/attempt.hpp"
#include "app/supervise/hosts.hpp"
#include "app/supervise/status.hpp"
#include "app/text/duration.hpp"
#include "app/text/units.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t lines_kept = 100;
constexpr double first_pause = 1.0, longest_pause = 60.0;  // s
constexpr double default_grace = 300.0;                    // s
constexpr double to_leave = 5.0;                           // s from TERM to KILL
constexpr double launcher_lasts = 10.0;                    // s without any of its ranks
constexpr double tick = 1.0;                               // s between looks at a start
constexpr int blames_that_count = 2;
constexpr const char* log_name = "attempts.log";
constexpr const char* log_heading = "# calor: what each start under supervision said last\n";

/// What no restart cures.
bool incurable(int code) {
  switch (static_cast<Exit>(code)) {
    case Exit::usage:
    case Exit::bad_data:
    case Exit::no_input:
    case Exit::cannot_create:
    case Exit::numerical:
    case Exit::bad_case:
      return true;
    case Exit::done:
    case Exit::difference:
    case Exit::internal:
    case Exit::io_error:
    case Exit::stopped:
      return false;
  }
  return false;
}
/// An exit status that calor gives, or what stands for one of another kind.
Exit as_exit(int code) {
  const bool known = incurable(code) || code == static_cast<int>(Exit::io_error);
  return known ? static_cast<Exit>(code) : Exit::internal;
}

/// Text that a program prints, without a shell; empty if it cannot be had.
std::string output_of(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "";
  std::vector<char*> arguments;
  for (const std::string& w : words) arguments.push_back(const_cast<char*>(w.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    restore_signals_of_start();
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) != 0;) {
    if (got < 0 && errno != EINTR) break;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 1;
  if (child > 0)
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return child > 0 && status == 0 ? text : "";
}

std::vector<std::string> hosts_of_job() {
  std::vector<std::string> hosts;
  const char* const list = std::getenv("SLURM_JOB_NODELIST");
  if (list == nullptr) return hosts;
  std::istringstream in{output_of({"scontrol", "show", "hostnames", list})};
  for (std::string host; in >> host;) hosts.push_back(host);
  return hosts;
}

std::optional<std::string> text_of(const std::string& file) {
  try {
    return io::read_text(file);
  } catch (const std::exception&) {
    return {};
  }
}

std::string this_program() {
  std::array<char, 4096> path{};
  const ssize_t got = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (got <= 0) throw Error{Exit::internal, "--supervise: /proc/self/exe does not say where calor is"};
  return path.data();
}

/// The words of the command line that are calor's, without the supervisor's, and those of the launcher.
struct Typed {
  std::vector<std::string> calor, launcher;
};
Typed words_typed() {
  Typed typed;
  std::vector<std::string> all;
  std::ifstream in{"/proc/self/cmdline", std::ios::binary};
  for (std::string word; std::getline(in, word, '\0');) all.push_back(word);
  const auto end = std::find(all.begin(), all.end(), "--");
  if (end != all.end()) typed.launcher.assign(end + 1, all.end());
  for (auto word = all.begin() + (all.empty() ? 0 : 1); word != end; ++word) {
    if (*word == "--supervise") continue;
    bool mine = false;
    for (const std::string option : {"--max-restarts", "--grace", "--requeue"}) {
      if (*word == option && word + 1 != end)
        ++word;
      else if (word->rfind(option + "=", 0) != 0)
        continue;
      mine = true;
      break;
    }
    if (!mine) typed.calor.push_back(*word);
  }
  return typed;
}

class Supervisor {
 public:
  Supervisor(const SupervisorWords& words, const SupervisedWork& work, double grace)
      : words_{words},
        work_{work},
        grace_{grace},
        typed_{words_typed()},
        launcher_{typed_.launcher, hosts_of_job(), text_of},
        program_{this_program()},
        held_work_{read_status(work.directory).state != WorkStatus::State::none} {}

  Exit carry_out();

 private:
  enum class Verdict { over, stopped, again, hopeless };
  struct Ended {
    Verdict verdict = Verdict::again;
    int code = 0;
    std::string why;
  };
  using Gain = std::pair<std::int64_t, std::int64_t>;
  /// A start under way, and what was seen of it so far.
  struct Watched {
    Attempt& attempt;
    const WorkStatus before;  // what the directory said
    const double begun = wall_seconds();
    std::int64_t beat = before.heartbeat;
    double asked_at = 0.0;                // to stop, clock; 0: not asked
    double silence = 0.0, longest = 0.0;  // now, and while it was at work [s]
    double alone = 0.0;                   // of a launcher whose ranks have all gone [s]
    bool at_work = false, hangs = false, told_to_leave = false, had_ranks = false;
  };

  std::vector<std::string> command() const;
  Ended attempt();
  int watch(Watched& w);
  void pass_stop_on(Watched& w);
  void see_at_work(Watched& w, const WorkStatus& s, double now);
  void end_if_silent(Watched& w, const WorkStatus& s);
  void end_if_alone(Watched& w);
  void leave_out(const std::set<std::string>& blamed_now, std::size_t hosts);
  Ended judge(int code, const WorkStatus& before) const;
  void ask_to_stop(Attempt& a) const;
  void wait(double seconds) const;
  Gain gain() const;
  void count_crash(const Ended& ended, const WorkStatus& before);
  bool from_older() const;
  void say(const std::string& event);
  bool log_is_there() const;  // none is, where no directory was made
  void keep(const LastLines& lines) const;

  const SupervisorWords& words_;
  const SupervisedWork& work_;
  double grace_;
  Typed typed_;
  LauncherWords launcher_;
  std::string program_;
  bool held_work_;  // in the directory, before the first start
  int attempts_ = 0;
  std::string owner_;  // token of the last start that was seen at work
  std::map<std::string, int> blames_;
  std::set<std::string> out_;        // hosts
  std::int64_t crashed_after_ = -1;  // newest checkpoint when ranks died last
  int crashes_ = 0;                  // in a row, after that one
  std::int64_t furthest_ = -1;       // newest of the checkpoints that were passed over
  double down_since_ = 0.0;          // when the last start ended, clock; 0: none has
  std::string events_;               // since attempts.log was written last
};

Supervisor::Gain Supervisor::gain() const {
  const WorkStatus s = read_status(work_.directory);
  return {s.generation, work_.sweep ? generations_of_cases(work_.directory) : 0};
}

void Supervisor::say(const std::string& event) {
  complain("calor: supervisor: " + event + "\n");
  events_ += fmt::format("{:%Y-%m-%dT%H:%M:%SZ} {}\n", fmt::gmtime(std::time(nullptr)), event);
}

bool Supervisor::log_is_there() const {
  std::error_code none;
  return fs::is_regular_file(work_.directory / log_name, none);
}

/// Appends to attempts.log, if that is ours or nobody's. What matters is in other files: never throws.
void Supervisor::keep(const LastLines& lines) const {
  std::error_code none;
  if (!fs::is_directory(work_.directory, none)) return;
  const std::string path = (work_.directory / log_name).string();
  const int fd =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd < 0) return;
  struct stat s {};
  std::string text;
  const std::string heading = log_heading;
  if (::fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
    std::string begin(heading.size(), '\0');
    const bool ours = s.st_size > 0 && ::pread(fd, begin.data(), begin.size(), 0) == ssize_t(begin.size()) &&
                      begin == heading;
    if (s.st_size == 0) text = heading;
    if (ours || s.st_size == 0) {
      text += events_;
      for (const std::string& line : lines.lines()) text += "  | " + line + "\n";
      static_cast<void>(!::write(fd, text.data(), text.size()));
    }
  }
  ::close(fd);
}

std::vector<std::string> Supervisor::command() const {
  std::vector<std::string> all = launcher_.without(out_);
  all.push_back(program_);
  const bool seen = !owner_.empty();
  // Until this work was seen in its directory, what lies there may be another's: as typed once more. That
  // would be refused where the first start has left its traces, so what was made since may be gone over.
  const bool restart = !work_.restart.empty();
  const bool as_typed = attempts_ == 0 || work_.resume || (!seen && (held_work_ || work_.fresh || restart));
  const bool from_file = !as_typed && restart && read_status(work_.directory).generation < 0;
  for (std::size_t n = 0; n < typed_.calor.size(); ++n) {
    const std::string& w = typed_.calor[n];
    if (!as_typed && w == "--fresh") continue;
    if (w == "--older" && attempts_ > 0) continue;
    if (!as_typed && !from_file && w.rfind("--restart=", 0) == 0) continue;
    if (!as_typed && !from_file && w == "--restart") {
      ++n;
      continue;
    }
    all.push_back(w);
  }
  if (!as_typed && !from_file) all.emplace_back("--resume");
  if (from_older()) all.emplace_back("--older");
  // A checkpoint in the directory itself may be gone on from there, and must not be discarded.
  const std::string inside = fs::weakly_canonical(work_.directory).string() + "/";
  if (from_file && fs::weakly_canonical(work_.restart).string().rfind(inside, 0) != 0)
    all.emplace_back("--fresh");
  // Its owner was ours, and is dead: known here, where the lock's host may be one that cannot be asked.
  const bool says_takeover = std::find(all.begin(), all.end(), "--takeover") != all.end();
  if (attempts_ > 0 && seen && !work_.sweep && !says_takeover && lock_owner(work_.directory) == owner_)
    all.emplace_back("--takeover");
  return all;
}

void Supervisor::ask_to_stop(Attempt& a) const {
  if (launcher_.kind() == LauncherKind::other)
    a.signal_ranks(SIGUSR1, program_);  // one rank that knows is enough
  else
    a.signal_launcher(SIGUSR1);
}

Supervisor::Ended Supervisor::judge(int code, const WorkStatus& before) const {
  const WorkStatus s = read_status(work_.directory);
  const bool of_this_start = !s.owner.empty() && s.owner != before.owner;
  using State = WorkStatus::State;
  if (s.state == State::finished && (of_this_start || code == 0)) {
    // A sweep is over with all its cases, some of which may have failed: that is its exit status.
    const bool failed_cases = s.sweep && (incurable(code) || code == static_cast<int>(Exit::io_error));
    return {failed_cases ? Verdict::hopeless : Verdict::over, failed_cases ? code : 0, "finished"};
  }
  if (s.sweep && code == 0 && s.waiting == 0)
    return {Verdict::over, 0, "finished, as far as other jobs leave it"};
  if (of_this_start && s.state == State::stopped) return {Verdict::stopped, 75, s.reason};
  if (code == static_cast<int>(Exit::stopped)) return {Verdict::stopped, 75, "before the first step"};
  if (incurable(code)) return {Verdict::hopeless, code, s.state == State::failed ? s.reason : ""};
  if (of_this_start && s.state == State::failed) return {Verdict::again, code, "failed: " + s.reason};
  return {Verdict::again, code, code > 128 ? "died" : "ended"};
}

/// Two in a row after the same checkpoint: it may be what they come from, whole as it is (an error of the
/// machine that no guard saw). The next start goes on from the one before it, and every second one from then
/// on. What the disk refuses is no crash, nor what never came to work.
void Supervisor::count_crash(const Ended& ended, const WorkStatus& before) {
  const WorkStatus s = read_status(work_.directory);
  const bool at_work = !s.owner.empty() && s.owner != before.owner;
  const std::int64_t newest = work_.sweep ? -1 : newest_generation(work_.directory);
  if (ended.verdict != Verdict::again || !at_work || newest < 0 ||
      ended.code == static_cast<int>(Exit::io_error)) {
    crashes_ = 0;
    return;
  }
  crashes_ = newest == crashed_after_ ? crashes_ + 1 : 1;
  crashed_after_ = newest;
  if (!from_older()) return;
  furthest_ = std::max(furthest_, newest);
  say(
      fmt::format("{} crashes in a row after the checkpoint of step {}, the last one at about step {}: the "
                  "next start goes on from the checkpoint before it",
                  crashes_, newest, s.step));
}

bool Supervisor::from_older() const { return crashes_ > 0 && crashes_ % 2 == 0; }

/// A signal that asks to stop goes on to the ranks; who does not stop in time is ended.
void Supervisor::pass_stop_on(Watched& w) {
  const std::string name = stop_signal();
  if (!name.empty() && w.asked_at == 0.0) {
    w.asked_at = wall_seconds();
    say(fmt::format("{}: the ranks are asked to save and stop; {} for that", name, duration_text(grace_)));
    ask_to_stop(w.attempt);
  }
  if (w.asked_at > 0.0 && !w.told_to_leave && wall_seconds() - w.asked_at > grace_) {
    w.told_to_leave = true;
    say("they have not stopped in time: ended");
    w.attempt.end(to_leave);
  }
}

void Supervisor::see_at_work(Watched& w, const WorkStatus& s, double now) {
  if (s.owner == w.before.owner || s.owner.empty()) return;
  owner_ = s.owner;
  // One that came while the ranks were being started may have been lost.
  if (!w.at_work && w.asked_at > 0.0) ask_to_stop(w.attempt);
  if (!std::exchange(w.at_work, true) && down_since_ > 0.0)
    say(fmt::format("running again {:.1f} s after the last start ended", now - down_since_));
}

/// Silence is a heartbeat that stays as it is.
void Supervisor::end_if_silent(Watched& w, const WorkStatus& s) {
  // Ticks, not the clock: a machine that slept is not silent.
  if (s.heartbeat != w.beat) {
    if (w.at_work) w.longest = std::max(w.longest, w.silence);
    w.silence = 0.0;
    w.beat = s.heartbeat;
  } else {
    w.silence += tick;
  }
  constexpr double start_takes = 3.0, slack = 20.0;
  const double limit = work_.watchdog > 0.0 ? 10.0 * work_.watchdog : 0.0;
  const double most = w.at_work ? std::max(limit, slack * w.longest) : start_takes * limit;
  if (limit > 0.0 && !w.hangs && w.silence > most) {
    w.hangs = true;
    say(fmt::format("no sign of life in status.json for {}: ended", duration_text(w.silence)));
    w.attempt.end(to_leave);
  }
}

/// Open MPI's launcher may lock itself up where a rank dies before it has said that it is there (PMIx).
void Supervisor::end_if_alone(Watched& w) {
  if (launcher_.kind() == LauncherKind::none || launcher_.kind() == LauncherKind::other) return;
  const bool has_ranks = w.attempt.has_ranks(program_);
  w.had_ranks = w.had_ranks || has_ranks;
  w.alone = has_ranks || !w.had_ranks ? 0.0 : w.alone + tick;
  if (w.alone > launcher_lasts && !std::exchange(w.hangs, true)) {
    say(fmt::format("its ranks have gone, and the launcher has not ended for {}: ended",
                    duration_text(w.alone)));
    w.attempt.end(to_leave);
  }
}

/// Until the launcher has ended: its exit status.
int Supervisor::watch(Watched& w) {
  constexpr int look_ms = 100;
  double next = 0.0;
  std::optional<int> code;
  while (!(code = w.attempt.attend(look_ms))) {
    pass_stop_on(w);
    const double now = wall_seconds();
    // Often at first: ranks may die before they have been looked at.
    if (now - w.begun < 10.0) {
      w.attempt.look();
      w.had_ranks = w.had_ranks || w.attempt.has_ranks(program_);  // they may be gone before the next tick
    }
    if (now < next) continue;
    next = now + tick;
    if (std::fmod(now - w.begun, 10.0) < tick) w.attempt.look();
    const WorkStatus s = read_status(work_.directory);
    see_at_work(w, s, now);
    end_if_silent(w, s);
    end_if_alone(w);
  }
  return *code;
}

/// Hosts that have been blamed often enough, as long as others are left.
/// @param hosts  how many the launcher has
void Supervisor::leave_out(const std::set<std::string>& blamed_now, std::size_t hosts) {
  for (const std::string& host : blamed_now) {
    const int count = ++blames_[host];
    if (count < blames_that_count || out_.size() + 1 >= hosts || !out_.insert(host).second) continue;
    say(fmt::format("{} has failed {} times and is left out from now on", host, count));
  }
}

Supervisor::Ended Supervisor::attempt() {
  const WorkStatus before = read_status(work_.directory);
  LastLines lines{lines_kept};
  std::set<std::string> blamed_now;
  const std::vector<std::string> hosts = launcher_.hosts();
  const auto heard = [&](const std::string& line) {
    lines.add(line);
    for (const std::string& host : blamed(line, hosts)) blamed_now.insert(host);
  };
  std::string words;
  const std::vector<std::string> typed = command();
  for (const std::string& w : typed) words += (words.empty() ? "" : " ") + w;
  say(fmt::format("start {}: {}", attempts_ + 1, words));
  Attempt a{typed, heard};
  ++attempts_;

  Watched watched{a, before};
  const int code = watch(watched);
  const int killed = a.end(0.0);
  down_since_ = wall_seconds();
  if (const WorkStatus s = read_status(work_.directory); s.owner != before.owner && !s.owner.empty())
    owner_ = s.owner;
  Ended ended = judge(code, before);
  if (watched.hangs && ended.verdict == Verdict::again) ended.why = "hung";
  if (watched.asked_at > 0.0 && ended.verdict == Verdict::again)
    ended = {Verdict::stopped, code, "ended before it had saved"};
  say(fmt::format("start {} ended with {}{}{}{}", attempts_, code, ended.why.empty() ? "" : ": ", ended.why,
                  killed > 0 ? fmt::format("; {} processes of it were left and killed", killed) : ""));
  count_crash(ended, before);
  keep(lines);
  events_.clear();
  if (ended.verdict == Verdict::again) leave_out(blamed_now, hosts.size());
  return ended;
}

void Supervisor::wait(double seconds) const {
  for (const double until = wall_seconds() + seconds; wall_seconds() < until && stop_signal().empty();)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
}

Exit Supervisor::carry_out() {
  int in_vain = 0;
  for (double pause = first_pause;;) {
    const Gain had = std::max(gain(), Gain{furthest_, 0});
    const Ended e = attempt();
    switch (e.verdict) {
      case Verdict::over:
        return Exit::done;
      case Verdict::stopped:
        return Exit::stopped;
      case Verdict::hopeless:
        throw Error{as_exit(e.code),
                    fmt::format("supervisor: no restart cures that{}{}{}", e.why.empty() ? "" : ": ", e.why,
                                log_is_there() ? "; see " + (work_.directory / log_name).string() : "")};
      case Verdict::again:
        break;
    }
    if (!stop_signal().empty()) return Exit::stopped;
    if (gain() > had) {
      in_vain = 0;
      pause = first_pause;
      continue;
    }
    if (++in_vain >= words_.max_restarts)
      throw Error{
          as_exit(e.code),
          fmt::format(
              "supervisor: {} starts in a row have gained nothing; the last one {} ({}){}{}", in_vain, e.why,
              e.code,
              furthest_ < 0 ? ""
                            : fmt::format(", and so did those from the checkpoint before that of step {}: "
                                          "hardly by chance",
                                          furthest_),
              log_is_there() ? "; what each said last is in " + (work_.directory / log_name).string() : "")};
    say(fmt::format("nothing gained: next start in {}", duration_text(pause)));
    wait(pause);
    if (!stop_signal().empty()) return Exit::stopped;
    pause = std::min(2.0 * pause, longest_pause);
  }
}

/// Inside a Slurm job that may be queued again, does so.
void requeue(int most) {
  const char* const job = std::getenv("SLURM_JOB_ID");
  if (most < 0 || job == nullptr) return;
  const int restarts = number_of("SLURM_RESTART_COUNT").value_or(0);
  if (restarts >= most) {
    complain(fmt::format("calor: supervisor: stopped early after {} restarts: not queued again\n", restarts));
    return;
  }
  // A member of an array has a number of its own only so.
  const char *const array = std::getenv("SLURM_ARRAY_JOB_ID"), *const task =
                                                                   std::getenv("SLURM_ARRAY_TASK_ID");
  const std::string which = array != nullptr && task != nullptr ? fmt::format("{}_{}", array, task) : job;
  complain(fmt::format("calor: supervisor: job {} is queued again\n", which));
  output_of({"scontrol", "requeue", which});
}

}  // namespace

int own_words(int argc, char** argv) {
  const auto end = argv + argc;
  const auto wish = std::find(argv, end, std::string_view{"--supervise"});
  return static_cast<int>(std::find(wish, end, std::string_view{"--"}) - argv);
}

void SupervisorWords::declare(CLI::App& app) {
  app.add_flag(
      "--supervise", supervise,
      "start the launcher given after --, and start it again from the newest checkpoint when ranks or hosts "
      "die: --supervise -- mpirun -n 4");
  app.add_option("--max-restarts", max_restarts, "under --supervise: starts in a row without progress (3)")
      ->check(CLI::PositiveNumber);
  app.add_option("--grace", grace, "under --supervise: how long a stop may take before ranks are ended (5m)");
  app.add_option("--requeue", requeues,
                 "under --supervise, in a Slurm job: queue it again on 75, at most so often")
      ->check(CLI::NonNegativeNumber);
}

Exit supervise(const SupervisorWords& words, const SupervisedWork& work) {
  double grace = default_grace;
  if (!words.grace.empty()) {
    const auto given = parse_duration(words.grace);
    if (!given || *given < 0.0)
      throw Error{Exit::usage, fmt::format("--grace {}: write 55s, 5m or 300", words.grace)};
    grace = *given;
  }
  const Exit code = Supervisor{words, work, grace}.carry_out();
  if (code == Exit::stopped) requeue(words.requeues);
  return code;
}

void remove_attempts_log(const fs::path& directory) {
  const fs::path log = directory / log_name;
  if (io::kind_of(log) != io::Kind::file) return;
  const std::string heading = log_heading;
  const auto bytes = static_cast<std::int64_t>(heading.size());
  if (io::File{log, io::File::Mode::read}.read_from(0, bytes) == heading) io::remove_name(log);
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace calor::app {

/// Where progress is shown, and by which clock. Tests put their own here.
struct Console {
  std::ostream* lines = nullptr;    ///< whole lines of text
  std::ostream* bar = nullptr;      ///< a terminal; null: there is none, progress is told in lines
  std::function<double()> seconds;  ///< a steady clock
  std::function<int()> columns;     ///< of the terminal
  std::function<std::string(std::string_view)>
      warned{};  ///< the word that begins a warning, as it is to look

  /// Lines to stdout; the bar to stderr, or to stdout, whichever is a terminal (one that is not "dumb").
  static Console standard();
};

/// Tells how far a run is: on a terminal one line that overwrites itself, at most five times a second; in a
/// batch log a plain line after 1 s, then every 10 s for a minute, every minute for an hour, every 5 minutes
/// after. The time left is told once it means something: steps that are chosen by their error begin far below
/// the length that they will have. Only rank 0 holds one. Streams that fail are ignored: a full log disk must
/// not end a run.
class Progress {
 public:
  explicit Progress(bool quiet, Console console = Console::standard());
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< finish()

  /// The state after a step. Cheap enough to be called after every one; the first call marks where this
  /// run begins, so that a resumed run shows its own rates.
  /// @param step, total_steps  total 0: not known      @param time, end  simulated [s]; end 0: not known
  /// @param cells_done         cell updates since the program started; 0: not counted
  void update(std::int64_t step, std::int64_t total_steps, double time, double end, double cells_done);
  /// The same for a sweep, whose steps are cases. @param share  of the expected work, in [0, 1]
  void update_cases(std::int64_t done, std::int64_t total, double share);
  /// The same for a search whose end is known by how much is left. @param share  done, in [0, 1]
  void update_search(std::int64_t step, double share, const std::string& note);
  /// A message, on a line of its own; a bar that stands there is cleared first and drawn again by the next
  /// update.
  void line(const std::string& text);
  /// Clears the bar. The program's summary follows.
  void finish();

 private:
  struct State {
    double at = 0.0;  // clock, s
    std::int64_t step = 0, total_steps = 0;
    double time = 0.0, end = 0.0, cells = 0.0;
    bool cases = false;   // of a sweep; time and end are work
    std::string note{};   // of a search; likewise
    double done() const;  // share of the run in [0, 1]; negative: not known
  };
  void tell(const State& now);
  std::string words(const State& now, std::size_t room, bool with_bar) const;
  void draw(const State& now);
  void clear();

  bool quiet_;
  Console console_;
  bool begun_ = false, shown_ = false;
  double start_ = 0.0, next_ = 0.0;  // clock, s
  double begun_at_ = 0.0;            // share of the run that was done then
  std::deque<State> recent_;         // what rates are taken over: the last quarter of a minute
};

}  // namespace calor::app

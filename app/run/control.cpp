// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/control.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/console/stop.hpp"

namespace calor::app {

double wall_limit(const std::optional<double>& max_walltime) {
  double limit = max_walltime.value_or(std::numeric_limits<double>::infinity());
  if (const auto left = seconds_left_in_job()) limit = std::min(limit, wall_seconds() + *left);
  return limit;
}

StopReasons::StopReasons(const mpi::Comm& comm, double limit, std::function<std::string()> other)
    : comm_{comm}, limit_{limit}, other_{std::move(other)} {}

bool StopReasons::out_of_time(double seconds) const { return wall_seconds() + seconds + margin >= limit_; }

bool StopReasons::mine() {
  seen_ = stop_signal();
  if (seen_.empty() && comm_.root() && out_of_time(reserve_) && wall_seconds() - begun_ > moves)
    seen_ = "wall-time limit";
  if (seen_.empty() && comm_.root()) seen_ = other();
  return !seen_.empty();
}

std::string StopReasons::agreed() { return comm_.first_message(seen_); }

double checkpoint_interval(double cost, double mtbf) {
  constexpr double least = 30.0, most = 3600.0, share = 0.1;
  return std::max(std::clamp(std::sqrt(2.0 * cost * mtbf), least, most), cost / share);
}

Control::Control(const mpi::Comm& comm, const CheckpointCase& checkpoint, StopReasons& reasons)
    : comm_{comm}, reasons_{reasons}, every_{checkpoint.every_seconds} {
  if (!every_ && !checkpoint.every_steps) mtbf_ = checkpoint.mtbf;
}

void Control::expect(double a_step) {
  if (a_step > 0.0) first_ = static_cast<std::int64_t>(std::clamp(look_every / a_step, 1.0, 1e15));
}

Control::Orders Control::ask(std::int64_t made, double seconds, double io_seconds, std::int64_t pass) {
  mpi::sign_of_life();
  enum { signal, wall, save, steps, other, guard, slow, count };
  std::array<std::int64_t, count> mine{}, all{};
  mine[signal] = stop_signal().empty() ? 0 : 1;
  std::string reason;
  if (comm_.root()) {
    reason = reasons_.other();
    mine[other] = !reason.empty();
    const double now = wall_seconds(), a_step = made > 0 ? seconds / static_cast<double>(made) : 0.0;
    const std::optional<double> every =
        mtbf_ ? std::optional{checkpoint_interval(io_seconds, *mtbf_)} : every_;
    mine[save] = every && now - saved_ >= *every;
    mine[guard] = now - guarded_ >= guard_every_;
    mine[slow] = made == 0 || a_step > long_step;
    most_ = made == 0 ? first_
                      : std::clamp<std::int64_t>(
                            static_cast<std::int64_t>(look_every / std::max(a_step, 1e-9)), 1, 8 * most_);
    // Steps made many at once are faster than the last few can tell: feel the way up to a whole pass,
    // unless that might keep a signal waiting.
    const std::int64_t more = std::min(pass, 4 * made);
    if (most_ < more && a_step * static_cast<double>(more) < longest_pass) most_ = more;
    mine[steps] = most_ > pass ? most_ / pass * pass : most_;
    const double until_next_look = a_step * static_cast<double>(mine[steps] + 1);
    mine[wall] = made > 0 && reasons_.out_of_time(until_next_look + 2.0 * io_seconds);
  }
  mpi::check(MPI_Allreduce(mine.data(), all.data(), static_cast<int>(all.size()), MPI_INT64_T, MPI_MAX,
                           comm_.get()));
  if (all[save] != 0) saved_ = wall_seconds();
  if (all[guard] != 0) guarded_ = wall_seconds();
  Orders orders;
  orders.checkpoint = all[save] != 0;
  orders.guard = all[guard] != 0;
  orders.most = all[steps];
  orders.long_steps = all[slow] != 0;
  if (all[signal] != 0) orders.stop = comm_.first_message(stop_signal());
  if (orders.stop.empty() && all[wall] != 0) orders.stop = "wall-time limit";
  if (orders.stop.empty() && all[other] != 0) orders.stop = comm_.first_message(reason);
  reasons_.reserve(2.0 * io_seconds);
  return orders;
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/control.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include "app/console/stop.hpp"

namespace calor {

double wall_limit(const std::optional<double>& max_walltime) {
  double limit = max_walltime.value_or(std::numeric_limits<double>::infinity());
  if (const auto left = seconds_left_in_job()) limit = std::min(limit, wall_seconds() + *left);
  return limit;
}

Control::Control(const mpi::Comm& comm, const CheckpointCase& checkpoint, double limit,
                 std::function<std::string()> asked)
    : comm_{comm}, every_{checkpoint.every_seconds}, limit_{limit}, asked_{std::move(asked)} {
  if (!every_ && !checkpoint.every_steps) every_ = 600.0;
}

void Control::expect(double a_step) {
  if (a_step > 0.0) first_ = static_cast<std::int64_t>(std::clamp(look_every / a_step, 1.0, 1e15));
}

Control::Orders Control::ask(std::int64_t made, double seconds, double io_seconds, std::int64_t pass) {
  mpi::sign_of_life();
  enum { signal, wall, save, steps, other, guard };
  std::array<std::int64_t, 6> mine{stop_signal().empty() ? 0 : 1, 0, 0, 0, 0, 0}, all{};
  std::string reason;
  if (comm_.root()) {
    if (asked_) reason = asked_();
    mine[other] = !reason.empty();
    const double now = wall_seconds(), a_step = made > 0 ? seconds / static_cast<double>(made) : 0.0;
    mine[save] = every_ && now - saved_ >= *every_;
    most_ = made == 0 ? first_
                      : std::clamp<std::int64_t>(
                            static_cast<std::int64_t>(look_every / std::max(a_step, 1e-9)), 1, 8 * most_);
    // Steps made many at once are faster than the last few can tell: feel the way up to a whole pass,
    // unless that might keep a signal waiting.
    const std::int64_t more = std::min(pass, 4 * made);
    if (most_ < more && a_step * static_cast<double>(more) < longest_pass) most_ = more;
    mine[steps] = most_ > pass ? most_ / pass * pass : most_;
    const double until_next_look = a_step * static_cast<double>(mine[steps] + 1);
    mine[wall] = made > 0 && now + until_next_look + 2.0 * io_seconds + margin >= limit_;
  }
  mpi::check(MPI_Allreduce(mine.data(), all.data(), all.size(), MPI_INT64_T, MPI_MAX, comm_.get()));
  if (all[save] != 0) saved_ = wall_seconds();
  if (all[guard] != 0) guarded_ = wall_seconds();
  Orders orders;
  orders.checkpoint = all[save] != 0;
  orders.guard = all[guard] != 0;
  orders.most = all[steps];
  if (all[signal] != 0) orders.stop = comm_.first_message(stop_signal());
  if (orders.stop.empty() && all[wall] != 0) orders.stop = "wall-time limit";
  if (orders.stop.empty() && all[other] != 0) orders.stop = comm_.first_message(reason);
  return orders;
}

}  // namespace calor

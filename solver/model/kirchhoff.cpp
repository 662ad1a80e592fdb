// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/kirchhoff.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace calor {

namespace {

/// Sum of the trapezia between two temperatures; all terms have one sign, so nothing cancels.
double mean_of_table(const Function::Table& table, double a, double b, double ka, double kb) {
  const double low = std::min(a, b), high = std::max(a, b), k_low = a < b ? ka : kb, k_high = a < b ? kb : ka;
  const auto T = table.T;
  auto n = static_cast<std::size_t>(std::upper_bound(T.begin(), T.end(), low) - T.begin());
  if (n == T.size() || T[n] >= high) {  // one straight part
    if (n < T.size() && T[n] == high)
      return 0.5 * (k_low + table.values[n]);  // at a jump, the line from below
    return 0.5 * (k_low + k_high);
  }
  double sum = 0.0, from = low, k_from = k_low;
  for (; n < T.size() && T[n] < high; ++n) {
    // Before a jump, of two equal T, the line from below holds.
    sum += 0.5 * (k_from + table.values[n]) * (T[n] - from);
    from = T[n];
    k_from = table.values[n];
  }
  const double k_end = n < T.size() && T[n] == high ? table.values[n] : k_high;
  sum += 0.5 * (k_from + k_end) * (high - from);
  return sum / (high - low);
}

double gauss(const Function& k, double x, double y, double a, double b) {
  // Abscissas and weights of 8 points on [-1, 1] (Abramowitz, Stegun 1964, table 25.4).
  constexpr std::array at{0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
  constexpr std::array weight{0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
  const double middle = a + 0.5 * (b - a), half = 0.5 * (b - a);
  double sum = 0.0;
  for (std::size_t n = 0; n < at.size(); ++n)
    sum += weight[n] * (k(x, y, 0.0, middle - half * at[n]) + k(x, y, 0.0, middle + half * at[n]));
  return 0.5 * sum;
}

double gauss_halved(const Function& k, double x, double y, double a, double b, double whole, int left) {
  const double middle = a + 0.5 * (b - a);
  const double one = gauss(k, x, y, a, middle), two = gauss(k, x, y, middle, b), both = 0.5 * (one + two);
  if (left == 0 || !(std::abs(both - whole) > 1e-13 * std::abs(both))) return both;
  return 0.5 *
         (gauss_halved(k, x, y, a, middle, one, left - 1) + gauss_halved(k, x, y, middle, b, two, left - 1));
}

}  // namespace

double mean_between(const Function& k, double x, double y, double a, double b, double ka, double kb) {
  if (a == b || !k.of_temperature()) return ka;
  if (const Function::Table table = k.table(); !table.T.empty()) return mean_of_table(table, a, b, ka, kb);
  const double scale = std::abs(ka) + std::abs(kb), ends = 0.5 * (ka + kb);
  if (std::abs(ka - kb) <= 1e-7 * scale && std::abs(a - b) <= 1e-3 * std::max(std::abs(a), std::abs(b)))
    return ends;
  const double middle = k(x, y, 0.0, a + 0.5 * (b - a));
  // Simpson's error is about the square of what the middle lies off the straight line, over 45.
  if (std::abs(middle - ends) <= 1e-6 * scale) return (2.0 * ends + 4.0 * middle) / 6.0;
  const double low = std::min(a, b), high = std::max(a, b);  // the same bits from both sides
  return gauss_halved(k, x, y, low, high, gauss(k, x, y, low, high), 10);
}

bool straight_in_temperature(const Function& k) {
  if (!k.of_temperature() || !k.table().T.empty()) return false;
  const auto straight = [&](double x, double y, double a, double b) {
    const double ka = k(x, y, 0.0, a), kb = k(x, y, 0.0, b), middle = k(x, y, 0.0, 0.5 * (a + b));
    return std::abs(middle - 0.5 * (ka + kb)) <= 1e-13 * (std::abs(ka) + std::abs(kb));
  };
  for (const auto& [x, y] : {std::pair{0.0, 0.0}, {0.0137, 0.731}, {113.7, -71.3}}) {
    for (int n = -300; n < 3000; ++n)
      if (!straight(x, y, n, n + 2.0 / 3.0) || !straight(x, y, n, n + 31.0)) return false;
    for (double T = 3000.0; T < 1e7; T *= 1.1)
      if (!straight(x, y, T, 1.1 * T) || !straight(x, y, -T, -1.1 * T)) return false;
  }
  return true;
}

namespace {

/// What is known of the layers and of the temperatures between them: room that is kept from one series to the
/// next.
struct SeriesRoom {
  std::vector<double> t, ka, kb, mean, flux, diagonal, change;
  void resize(std::size_t n) {
    for (std::vector<double>* v : {&t, &ka, &kb, &mean, &flux, &diagonal, &change}) v->resize(n);
  }
};

/// Layers in series between two temperatures: t[m], t[m + 1] before and behind layer m.
class Series {
 public:
  /// The temperatures begin as with each k at the middle.
  Series(std::span<const Layer> layers, double a, double b, SeriesRoom& room)
      : layers_{layers},
        n_{layers.size()},
        low_{std::min(a, b)},
        high_{std::max(a, b)},
        close_{8.0 * std::numeric_limits<double>::epsilon() * std::max(std::abs(a), std::abs(b))},
        r_{room} {
    r_.resize(n_ + 1);
    r_.t[0] = a;
    r_.t[n_] = b;
    double resistance = 0.0;
    const double half_way = a + 0.5 * (b - a);
    for (std::size_t m = 0; m < n_; ++m) resistance += layers_[m].length / k_of(m, half_way);
    double passed = 0.0;
    for (std::size_t m = 0; m + 1 < n_; ++m) {
      passed += layers_[m].length / k_of(m, half_way);
      r_.t[m + 1] = a + (b - a) * (passed / resistance);
    }
    look_at_all();
  }

  /// Finds the temperatures with which the same flux passes all layers.
  void settle() {
    bool settled = false;
    for (int round = 0; round < 30 && !settled; ++round) settled = newton();
    // k that rises and falls by orders of magnitude can make Newton go in circles: one interface after the
    // other by bisection, which always ends.
    for (int sweep = 0; sweep < 200 && !settled; ++sweep) settled = bisect();
  }

 private:
  double k_of(std::size_t m, double T) const { return (*layers_[m].k)(layers_[m].x, layers_[m].y, 0.0, T); }
  void look(std::size_t m) {
    r_.ka[m] = k_of(m, r_.t[m]);
    r_.kb[m] = k_of(m, r_.t[m + 1]);
    r_.mean[m] =
        mean_between(*layers_[m].k, layers_[m].x, layers_[m].y, r_.t[m], r_.t[m + 1], r_.ka[m], r_.kb[m]);
    r_.flux[m] = r_.mean[m] * (r_.t[m] - r_.t[m + 1]) / layers_[m].length;
  }
  void look_at_all() {
    for (std::size_t m = 0; m < n_; ++m) look(m);
  }

  /// One round of Newton on flux[m] = flux[m + 1]; d flux / dT on a side is k there over the length: an
  /// M-matrix, tridiagonal. Whether it hardly moved anything.
  bool newton() {
    for (std::size_t m = 1; m < n_; ++m) {                        // elimination
      const double below = r_.ka[m - 1] / layers_[m - 1].length;  // of t[m - 1]
      const double own = r_.kb[m - 1] / layers_[m - 1].length + r_.ka[m] / layers_[m].length;
      double d = own, r = r_.flux[m - 1] - r_.flux[m];
      if (m > 1) {
        const double above = r_.kb[m - 1] / layers_[m - 1].length;  // of t[m] in the equation of t[m - 1]
        const double factor = below / r_.diagonal[m - 1];
        d -= factor * above;
        r += factor * r_.change[m - 1];
      }
      r_.diagonal[m] = d;
      r_.change[m] = r;
    }
    bool settled = true;
    double behind = 0.0;
    for (std::size_t m = n_ - 1; m >= 1; --m) {
      const double above = m + 1 < n_ ? r_.kb[m] / layers_[m].length : 0.0;
      behind = (r_.change[m] + above * behind) / r_.diagonal[m];
      const double next = std::clamp(r_.t[m] + behind, low_, high_);
      settled = settled && std::abs(next - r_.t[m]) <= close_;
      r_.t[m] = next;
    }
    look_at_all();
    return settled;
  }

  /// Each interface where its two layers pass the same flux, the others as they are. Whether that hardly
  /// moved any.
  bool bisect() {
    bool settled = true;
    for (std::size_t m = 1; m < n_; ++m) {
      double from = std::min(r_.t[m - 1], r_.t[m + 1]), to = std::max(r_.t[m - 1], r_.t[m + 1]);
      const double was = r_.t[m];
      while (to - from > close_) {
        r_.t[m] = 0.5 * (from + to);
        look(m - 1);
        look(m);
        (r_.flux[m - 1] > r_.flux[m] ? from : to) = r_.t[m];
      }
      r_.t[m] = 0.5 * (from + to);
      look(m - 1);
      look(m);
      settled = settled && std::abs(r_.t[m] - was) <= 2.0 * close_;
    }
    return settled;
  }

  const std::span<const Layer> layers_;
  const std::size_t n_;
  const double low_, high_, close_;
  SeriesRoom& r_;
};

}  // namespace

double series_between(std::span<const Layer> layers, double a, double b, std::size_t before,
                      double* interface) {
  const std::size_t n = layers.size();
  double length = 0.0;
  for (const Layer& l : layers) length += l.length;
  thread_local SeriesRoom room;
  Series series{layers, a, b, room};
  bool varies = false;
  for (const Layer& l : layers) varies = varies || l.k->of_temperature();
  // Of less than that k makes nothing, but what is left of a number there has no digits for Newton to settle
  // in: heat that runs ahead of itself into 0 deg C by explicit steps, a part of the step before in each
  // cell.
  constexpr double nothing = 1e-150;
  if (n > 1 && varies && std::abs(a - b) > nothing) series.settle();
  if (interface != nullptr) *interface = room.t[before];
  double sum = 0.0;
  for (std::size_t m = 0; m < n; ++m) sum += layers[m].length / room.mean[m];
  return n == 1 ? room.mean[0] : length / sum;
}

}  // namespace calor

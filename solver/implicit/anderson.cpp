// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/anderson.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "decomposition/reduce.hpp"

namespace calor {

Anderson::Anderson(const mpi::Comm& comm, const Box& owned)
    : comm_{comm}, owned_{owned}, u_{owned, 0}, f_{owned, 0} {
  static_assert(anderson_fields == 2 * most + 2);
  for (int c = 0; c < most; ++c) {
    dU_[static_cast<std::size_t>(c)] = Field2D<double>{owned, 0};
    dF_[static_cast<std::size_t>(c)] = Field2D<double>{owned, 0};
  }
}

/// The products of columns with b, in one reduction.
std::array<double, Anderson::most> Anderson::products(View2D<const double> b) const {
  std::array<ExactSum, most> sums;
  for (std::size_t k = 0; k < static_cast<std::size_t>(columns_); ++k) {
    const View2D<const double> a = dF_[k].view();
    sums[k] = exact_sum(owned_, [&](int i, int j) { return a(i, j) * b(i, j); });
  }
  reduce(comm_, sums);
  std::array<double, most> values{};
  for (std::size_t k = 0; k < most; ++k) values[k] = sums[k].value();
  return values;
}

bool Anderson::advance(View2D<double> u, View2D<const double> f) {
  const View2D<double> last_u = u_.view(), last_f = f_.view();
  if (last_) {
    const auto c = static_cast<std::size_t>(next_);
    const View2D<double> dU = dU_[c].view(), dF = dF_[c].view();
    for_rows(owned_, [&](int j) {
      for (int i = owned_.i0; i < owned_.i1; ++i) {
        dU(i, j) = u(i, j) - last_u(i, j);
        dF(i, j) = f(i, j) - last_f(i, j);
      }
    });
    next_ = (next_ + 1) % most;
    columns_ = std::min(columns_ + 1, most);
    const auto row = products(dF);
    for (std::size_t k = 0; k < most; ++k) gram_[c][k] = gram_[k][c] = row[k];
  }
  for_rows(owned_, [&](int j) {
    for (int i = owned_.i0; i < owned_.i1; ++i) {
      last_u(i, j) = u(i, j);
      last_f(i, j) = f(i, j);
    }
  });
  last_ = true;

  // gamma: min || f - dF gamma ||, by Cholesky's factors of dF^T dF. A column that hardly differs from those
  // before it is left out.
  constexpr double least = 1e-12;
  std::array<double, most> gamma = products(f);
  std::array<std::array<double, most>, most> l{};
  std::array<bool, most> used{};
  const auto n = static_cast<std::size_t>(columns_);
  for (std::size_t a = 0; a < n; ++a) {
    double sum = gamma[a], rest = gram_[a][a];
    for (std::size_t b = 0; b < a; ++b) {
      if (!used[b]) continue;
      double entry = gram_[a][b];
      for (std::size_t k = 0; k < b; ++k) entry -= l[a][k] * l[b][k];
      l[a][b] = entry / l[b][b];
      sum -= l[a][b] * gamma[b];
      rest -= l[a][b] * l[a][b];
    }
    used[a] = rest > least * gram_[a][a];
    if (!used[a]) {
      l[a] = {};
      gamma[a] = 0.0;
      continue;
    }
    l[a][a] = std::sqrt(rest);
    gamma[a] = sum / l[a][a];
  }
  for (std::size_t a = n; a-- > 0;) {
    if (!used[a]) continue;
    for (std::size_t b = a + 1; b < n; ++b)
      if (used[b]) gamma[a] -= l[b][a] * gamma[b];
    gamma[a] /= l[a][a];
  }

  const bool other = std::any_of(gamma.begin(), gamma.end(), [](double g) { return g != 0.0; });
  for_rows(owned_, [&](int j) {
    for (int i = owned_.i0; i < owned_.i1; ++i) {
      double step = f(i, j);
      for (std::size_t k = 0; k < n; ++k)
        if (used[k]) step -= gamma[k] * (dU_[k].view()(i, j) + dF_[k].view()(i, j));
      u(i, j) += step;
    }
  });
  return other;
}

void Anderson::write(StandWriter& to) const {
  to.put(columns_);
  to.put(next_);
  to.put(last_);
  for (const auto& row : gram_)
    for (const double entry : row) to.put(entry);
}

void Anderson::read(StandReader& from) {
  from.get(columns_);
  from.get(next_);
  from.get(last_);
  for (auto& row : gram_)
    for (double& entry : row) from.get(entry);
}

void Anderson::add_fields(std::vector<Memory>& to) {
  for (std::size_t c = 0; c < most; ++c) {
    to.push_back({"anderson_du_" + std::to_string(c), dU_[c].view()});
    to.push_back({"anderson_df_" + std::to_string(c), dF_[c].view()});
  }
  to.push_back({"anderson_u", u_.view()});
  to.push_back({"anderson_f", f_.view()});
}

void Anderson::undo(View2D<double> u) {
  const View2D<const double> last_u = u_.cview(), last_f = f_.cview();
  for_rows(owned_, [&](int j) {
    for (int i = owned_.i0; i < owned_.i1; ++i) u(i, j) = last_u(i, j) + last_f(i, j);
  });
  restart();
}

}  // namespace calor

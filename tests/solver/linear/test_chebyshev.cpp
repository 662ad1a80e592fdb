// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "solver/linear/chebyshev.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

/// Sum of c_k T_k(x).
double sum_at(const std::vector<double>& c, double x) {
  double before = 1.0, now = x, sum = c[0];
  for (std::size_t k = 1; k < c.size(); ++k) {
    sum += c[k] * now;
    const double next = 2.0 * x * now - before;
    before = now;
    now = next;
  }
  return sum;
}

}  // namespace

TEST_CASE("the series of phi_1 is as exact as it says, and phi_2 belongs to it", "[chebyshev]") {
  for (const double rho : {0.0, 1e-9, 1e-3, 0.7, 20.0, 3e3, 1e6})
    for (const double tolerance : {0.3, 1e-3, 1e-8, 1e-14}) {
      const PhiSeries series = phi_series(rho, tolerance);
      INFO("rho = " << rho << ", tolerance " << tolerance << ", " << series.phi1.size() << " terms");
      CHECK((series.left_out <= tolerance || series.phi1.size() == 2));
      CHECK(series.phi1.size() <= 2.0 + 12.0 + 1.5 * std::sqrt(2.0 * rho * std::log(2.0 / tolerance)));
      // At z = 0, which no heat leaves, nothing is left out.
      CHECK(std::accumulate(series.phi1.begin(), series.phi1.end(), 0.0) == Approx(1.0).epsilon(1e-13));
      for (const double x : {-1.0, -0.3, 0.5, 0.999, 1.0 - 1e-6}) {
        const double z = -rho * (1.0 - x), phi1 = z == 0.0 ? 1.0 : std::expm1(z) / z;
        const double found = sum_at(series.phi1, x);
        CHECK(std::abs(found - phi1) <= series.left_out + 1e-10);
        CHECK(1.0 + z * sum_at(series.phi2, x) == Approx(found).margin(1e-9));
      }
    }
}

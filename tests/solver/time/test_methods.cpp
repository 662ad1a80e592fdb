// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "decomposition/error.hpp"
#include "solver/time/methods.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

TEST_CASE("every method is found by its word, and by no other", "[methods]") {
  std::set<std::string_view> words;
  for (const Method* m : all_methods()) {
    INFO(m->word);
    CHECK(find_method(m->word) == m);
    CHECK(words.insert(m->word).second);
    REQUIRE(m->make != nullptr);
    CHECK(m->make({}) != nullptr);
    CHECK(m->fields != nullptr);
    // What makes steps tells their work, and what they leave of a mode.
    CHECK((m->sweeps != nullptr) == !m->steady());
    CHECK((m->decay != nullptr) == !m->steady());
  }
  CHECK(find_method("auto") == nullptr);
  CHECK(find_method("") == nullptr);
}

TEST_CASE("methods can do what their rows promise", "[methods]") {
  for (const Method* m : all_methods()) {
    INFO(m->word);
    MethodOptions options;
    options.estimate_error = true;
    const auto made = m->make(options);
    if (m->automatic == AutomaticStep::by_limit) CHECK(ability<Limited>(*made) != nullptr);
    if (m->automatic == AutomaticStep::by_error) CHECK(ability<EstimatesError>(*made) != nullptr);
  }
}

TEST_CASE("rkl2 refuses steps that no number of its stages reaches", "[methods]") {
  // Up to a quarter of stages^2 + stages - 2 times the explicit limit, of 999 stages.
  const double most = (999.0 * 999.0 + 999.0 - 2.0) / 4.0;
  CHECK(std::abs(methods::rkl2.decay({1.0, most, 1})) <= 1.0);
  for (const double steps : {1.01 * most, 1e12, 1e40, 1e308, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    INFO(steps);
    CHECK_THROWS_AS(methods::rkl2.decay({1.0, steps, 1}), Error);
  }
}

TEST_CASE("what a method leaves of a mode is right to its order", "[methods]") {
  CHECK(methods::euler.decay({0.5, 0.25, 2}) == Approx(0.25));
  CHECK(methods::backward_euler.decay({1.0, 0.5, 3}) == Approx(0.125));
  CHECK(methods::exponential.decay({0.5, 0.25, 2}) == Approx(std::exp(-1.0)));
  // exp(-1) in 64 and in 128 steps.
  for (const Method* m : all_methods()) {
    if (m->decay == nullptr || m == &methods::exponential) continue;
    INFO(m->word);
    const auto miss = [&](int steps) {
      return std::abs(m->decay({1.0 / steps, 0.1, steps}) - std::exp(-1.0));
    };
    CHECK(std::log2(miss(64) / miss(128)) == Approx(m->order).margin(0.1));
  }
}

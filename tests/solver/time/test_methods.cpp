// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <set>
#include <string>

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

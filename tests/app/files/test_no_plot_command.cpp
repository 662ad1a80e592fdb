// SPDX-License-Identifier: BSD-3-Clause
#include <string>
#include "tests/support/catch.hpp"

#include "app/files/plot_command.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::app;

TEST_CASE("a build without pictures says so, and ends as after a word that is no command", "[plot]") {
  PlotOptions o;
  o.what = {"run"};
  o.out = "a.png";
  try {
    plot_command(test::world(), o);
    FAIL("drawn");
  } catch (const Error& error) {
    CHECK(error.code() == Exit::usage);
    const std::string message = error.what();
    CHECK(message.find("built without pictures") != std::string::npos);
    CHECK(message.find("-DCALOR_PLOT=ON") != std::string::npos);
  }
}

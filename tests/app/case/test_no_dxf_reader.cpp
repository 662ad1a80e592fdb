// SPDX-License-Identifier: BSD-3-Clause
// What a build without dxflib says of drawings.
#include "app/case/drawing.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

TEST_CASE("without dxflib a drawing is refused, with what to do", "[drawing]") {
  try {
    read_drawing("0\nEOF\n", "frame.dxf");
    FAIL("read it");
  } catch (const Error& e) {
    CHECK(e.code() == Exit::bad_case);
    CHECK_THAT(std::string{e.what()}, Catch::Contains("frame.dxf") && Catch::Contains("libdxflib-dev"));
  }
}

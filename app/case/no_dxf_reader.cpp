// SPDX-License-Identifier: BSD-3-Clause
// In the place of dxf_reader.cpp where dxflib was not there when calor was built.
#include <fmt/format.h>

#include "app/case/drawing.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

Drawing read_drawing(const std::string& /*bytes*/, const std::string& name) {
  throw Error{
      Exit::bad_case,
      fmt::format(
          "{}: this calor was built without dxflib, which reads drawings (Debian: libdxflib-dev); build "
          "it with, or give the outline as a polygon",
          name)};
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

namespace calor::app {

/// The text of a file of app/report/page, as it was when calor was built. Error{internal} for another name.
const std::string& page_file(const std::string& name);

}  // namespace calor::app

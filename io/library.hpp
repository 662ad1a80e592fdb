// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

namespace calor::io {

/// Name and version of the library beneath, as it is linked now: "HDF5 1.10.8".
std::string library();

}  // namespace calor::io

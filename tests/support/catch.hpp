// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Catch2 for every test: 2.13 (one header, Debian 12) or 3 (Debian 13), written in the words of 2.13.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#include <string>

using Catch::Approx;
namespace Catch {
inline auto Contains(const std::string& part) { return Matchers::ContainsSubstring(part); }
using Matchers::EndsWith;
using Matchers::StartsWith;
}  // namespace Catch
#else
#include <catch2/catch.hpp>
#endif

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace calor::app {

// Commands whose product is what they print: schema, info, compare, verify, estimate and so on. What they
// print goes through here, so that a reader who has gone, or a full disk, is not taken for success.

/// To standard output. Never throws; after a write that failed nothing more is tried. For one rank to call.
void answer(std::string_view text);
/// The name of a file that the user asked for and that was written; nothing where that is standard output.
void answer_written(const std::string& path);
/// An object for programs, on several lines. Numbers that are not finite come out as null.
void answer_json(const nlohmann::ordered_json& object);
inline constexpr const char* json_help = "for programs: one JSON object (docs/scripting.md)";
/// What was said is on its way: for a reader who watches. Never throws.
void flush_answer();
/// At the end: flushes. Error{io_error} if anything of it could not be written. Not collective.
void deliver_answer();
/// To standard error, whoever listens there. Never throws.
void complain(std::string_view text);

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace calor::app {

/// What a page shows. All of it may hold any text: none of it becomes markup.
struct Page {
  std::string title;
  std::string words;                ///< the result in a sentence, for readers without scripts
  nlohmann::ordered_json data;      ///< what app/report/page/start.js looks at
  std::vector<std::string> fields;  ///< packed_field's bytes, by number
};

/// What stands in every page of calor.
constexpr const char* page_mark = R"(<meta name="generator" content="calor">)";

/// The whole page: one HTML file that asks nobody for anything, and says so to the browser.
/// @param nonce  letters and digits that nobody can predict: the browser runs scripts of that mark alone
std::string page_text(const Page& page, const std::string& nonce);

/// A text between tags or in a quoted attribute.
std::string html_text(const std::string& text);
/// JSON between <script> tags: the same object, without any character that HTML or JavaScript could take for
/// something else. What is not UTF-8 is replaced.
std::string script_json(const nlohmann::ordered_json& object);

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/page.hpp"

#include <fmt/format.h>

#include "app/report/page_files.hpp"

namespace calor::app {

namespace {

/// UTF-8, whatever it was.
std::string clean(const std::string& text) {
  using Json = nlohmann::ordered_json;
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : clean(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:  // a character, not a word of ours
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string script_json(const nlohmann::ordered_json& object) {
  using Json = nlohmann::ordered_json;
  const std::string text = object.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  // In JSON these stand in strings only.
  for (std::size_t n = 0; n < text.size(); ++n) {
    const char c = text[n];
    if (c == '<' || c == '>' || c == '&' || c == 0x7F)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else if (text.compare(n, 2, "\xE2\x80") == 0 && n + 2 < text.size() &&
             (text[n + 2] == '\xA8' || text[n + 2] == '\xA9'))
      out += text[n + 2] == '\xA8' ? "\\u2028" : "\\u2029", n += 2;
    else
      out += c;
  }
  return out;
}

std::string page_text(const Page& page, const std::string& nonce) {
  std::string out = fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
{2}
<title>{1}</title>
<style nonce="{0}">
)",
      nonce, html_text(page.title), page_mark);
  out += page_file("uPlot.min.css") + "\n" + page_file("page.css");
  out += fmt::format(
      R"(</style>
</head>
<body>
<a class="skip" href="#main">to the results</a>
<header id="top"></header>
<main id="main"><h1 class="plain">{}</h1><p class="plain">{}</p><noscript><p>Pictures, curves and tables of this page are drawn by the scripts
in it, which this browser does not run. They ask nobody for anything.</p></noscript></main>
<footer id="foot"></footer>
<script type="application/json" id="data">)",
      html_text(page.title), html_text(page.words));
  out += script_json(page.data);
  out += "</script>\n";
  for (std::size_t n = 0; n < page.fields.size(); ++n)
    out += fmt::format("<script type=\"text/plain\" id=\"field-{}\">{}</script>\n", n, page.fields[n]);
  out += fmt::format("<script nonce=\"{}\">\n/*\n{}*/\n{}</script>\n", nonce, page_file("uPlot.LICENSE"),
                     page_file("uPlot.iife.min.js"));
  for (const char* name : {"basics.js", "charts.js", "field.js", "run.js", "sweep.js", "start.js"})
    out += fmt::format("<script nonce=\"{}\">\n{}</script>\n", nonce, page_file(name));
  return out + "</body>\n</html>\n";
}

}  // namespace calor::app

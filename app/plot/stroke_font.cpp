// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/stroke_font.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "decomposition/error.hpp"

namespace calor::app {
namespace {

// Letters are drawn on a grid where capitals are 10 high, small letters 7, and tails reach to -3.
constexpr double capital = 10.0, small_letter = 7.0;

/// Room beside the outermost strokes, by the letter's edge there: an upright stem needs more than a bowl.
double bearing(char edge) {
  switch (edge) {
    case '|':
      return 1.50;  // stem
    case '(':
      return 1.15;  // bowl
    case '/':
      return 0.65;  // slanted or open
    default:
      return 1.00;
  }
}

struct Drawing {
  char32_t code;
  const char* edges;  // left, right: see bearing()
  double width;       // between the outermost stroke centres
  // M x y: put the pen down; L x y: line; Q x y x y: parabola; A cx cy rx ry from to: arc of an ellipse
  // [degrees], reached by a line when the pen is down; D x y: dot.
  const char* path;
};

constexpr Drawing drawings[] = {
    {U' ', "..", 2.0, ""},
    {U'!', "||", 0, "M 0 10 L 0 3 D 0 .3"},
    {U'"', "||", 2, "M 0 10 L 0 7 M 2 10 L 2 7"},
    {U'#', "..", 6.4, "M 2.2 0 L 3 10 M 4.8 0 L 5.6 10 M .4 6.6 L 6.4 6.6 M 0 3.4 L 6 3.4"},
    {U'$', "((", 6, "A 3 7.1 2.7 1.9 25 270 A 3 2.9 3 2.3 90 -155 M 3 10.4 L 3 -.8"},
    {U'%', "((", 9, "A 1.9 7.7 1.9 2.3 0 360 M 7.6 10 L 1.4 0 A 7.1 2.3 1.9 2.3 0 360"},
    {U'&', "(/", 7.4,
     "M 7 0 L 1.6 6.6 A 3.1 8.1 1.9 1.9 218 -40 L 1.2 4.5 A 2.8 2.5 2.8 2.5 128 330 L 6.6 5"},
    {U'\'', "||", 0, "M 0 10 L 0 7"},
    {U'(', "(/", 2.2, "M 2.2 11 Q 0 8 0 4.5 Q 0 1 2.2 -2"},
    {U')', "/(", 2.2, "M 0 11 Q 2.2 8 2.2 4.5 Q 2.2 1 0 -2"},
    {U'*', "..", 4, "M 2 10 L 2 5.6 M .1 8.9 L 3.9 6.7 M .1 6.7 L 3.9 8.9"},
    {U'+', "((", 5.4, "M 2.7 1.5 L 2.7 6.9 M 0 4.2 L 5.4 4.2"},
    {U',', "..", 0.7, "M .7 .5 L .5 -.6 L 0 -1.8"},
    {U'-', "..", 2.8, "M 0 3.8 L 2.8 3.8"},
    {U'.', "..", 0.6, "D .3 .3"},
    {U'/', "//", 4, "M 0 -1 L 4 10.6"},
    {U'0', "((", 6, "A 3 5 3 5 90 450"},
    {U'1', "((", 6, "M .9 7.9 L 3.5 10 L 3.5 0"},
    {U'2', "((", 6, "A 3 7.1 2.8 2.9 165 -45 L .2 0 L 6 0"},
    {U'3', "((", 6, "A 2.9 7.6 2.6 2.4 155 -90 A 2.9 2.6 3 2.6 90 -155 M 1.8 5.2 L 2.9 5.2"},
    {U'4', "((", 6, "M 4.5 0 L 4.5 10 L 0 2.9 L 6.2 2.9"},
    {U'5', "((", 6, "M 5.5 10 L 1.1 10 L .6 5.3 A 2.9 3.2 3.1 3.2 138 -152"},
    {U'6', "((", 6, "A 3.2 5 3.2 5 52 180 L 0 3.2 A 3 3.2 3 3.2 180 540"},
    {U'7', "((", 6, "M .2 10 L 6 10 L 2.2 0"},
    {U'8', "((", 6, "A 3 7.6 2.6 2.4 90 450 A 3 2.6 3 2.6 90 450"},
    {U'9', "((", 6, "A 2.8 5 3.2 5 232 360 L 6 6.8 A 3 6.8 3 3.2 0 360"},
    {U':', "||", 0, "D 0 .3 D 0 5.7"},
    {U';', "..", 0.7, "M .7 .5 L .5 -.6 L 0 -1.8 D .5 5.7"},
    {U'<', "((", 5, "M 5 7.2 L 0 4.2 L 5 1.2"},
    {U'=', "((", 5.4, "M 0 5.6 L 5.4 5.6 M 0 2.8 L 5.4 2.8"},
    {U'>', "((", 5, "M 0 7.2 L 5 4.2 L 0 1.2"},
    {U'?', "..", 4.8, "A 2.4 7.6 2.4 2.4 165 -40 Q 2.4 4.7 2.4 2.9 D 2.4 .3"},
    {U'@', "((", 9.6,
     "M 7 6.4 L 6.6 3.2 Q 6.6 1.6 7.8 1.6 Q 9.6 1.6 9.6 4.6 A 4.8 4.2 4.8 5.2 4 310 M 6.9 4.4 A 4.8 4.3 2.1 "
     "2.5 0 360"},
    {U'A', "//", 7.6, "M 0 0 L 3.8 10 L 7.6 0 M 1.3 3.4 L 6.3 3.4"},
    {U'B', "|(", 6,
     "M 0 5.2 L 3.2 5.2 A 3.2 7.6 2.5 2.4 -90 90 L 0 10 L 0 0 L 3.4 0 A 3.4 2.6 2.6 2.6 -90 90"},
    {U'C', "(/", 6.7, "A 3.9 5 3.9 5 46 314"},
    {U'D', "|(", 6.8, "M 0 0 L 0 10 L 2.4 10 A 2.4 5 4.4 5 90 -90 L 0 0"},
    {U'E', "|/", 5.2, "M 5.2 10 L 0 10 L 0 0 L 5.2 0 M 0 5.2 L 4.7 5.2"},
    {U'F', "|/", 5, "M 5 10 L 0 10 L 0 0 M 0 4.9 L 4.5 4.9"},
    {U'G', "((", 7, "A 3.9 5 3.9 5 46 322 L 7 4.6 L 4.3 4.6"},
    {U'H', "||", 6.6, "M 0 0 L 0 10 M 6.6 0 L 6.6 10 M 0 5.2 L 6.6 5.2"},
    {U'I', "||", 0, "M 0 0 L 0 10"},
    {U'J', "/|", 4, "M 4 10 L 4 2.4 A 2 2.4 2 2.4 0 -165"},
    {U'K', "|/", 6.2, "M 0 0 L 0 10 M 5.9 10 L 0 3.9 M 2.1 6.07 L 6.2 0"},
    {U'L', "|/", 5, "M 0 10 L 0 0 L 5 0"},
    {U'M', "||", 8, "M 0 0 L 0 10 L 4 2.4 L 8 10 L 8 0"},
    {U'N', "||", 6.8, "M 0 0 L 0 10 L 6.8 0 L 6.8 10"},
    {U'O', "((", 8, "A 4 5 4 5 90 450"},
    {U'P', "|(", 6, "M 0 0 L 0 10 L 3.2 10 A 3.2 7.2 2.8 2.8 90 -90 L 0 4.4"},
    {U'Q', "((", 8, "A 4 5 4 5 90 450 M 5 2.4 L 7.8 -.7"},
    {U'R', "|/", 6.2, "M 0 0 L 0 10 L 3.2 10 A 3.2 7.2 2.8 2.8 90 -90 L 0 4.4 M 3.2 4.4 L 6.2 0"},
    {U'S', "((", 6, "A 3 7.55 2.7 2.45 28 270 A 3 2.55 3 2.55 90 -152"},
    {U'T', "//", 6.8, "M 0 10 L 6.8 10 M 3.4 10 L 3.4 0"},
    {U'U', "||", 6.6, "M 0 10 L 0 3.3 A 3.3 3.3 3.3 3.3 180 360 L 6.6 10"},
    {U'V', "//", 7.2, "M 0 10 L 3.6 0 L 7.2 10"},
    {U'W', "//", 10.4, "M 0 10 L 2.6 0 L 5.2 10 L 7.8 0 L 10.4 10"},
    {U'X', "//", 6.8, "M .2 10 L 6.8 0 M 6.6 10 L 0 0"},
    {U'Y', "//", 7, "M 0 10 L 3.5 4.8 L 7 10 M 3.5 4.8 L 3.5 0"},
    {U'Z', "//", 6.2, "M .3 10 L 6.2 10 L 0 0 L 6.3 0"},
    {U'[', "|/", 2, "M 2 11 L 0 11 L 0 -2 L 2 -2"},
    {U'\\', "//", 4, "M 0 10.6 L 4 -1"},
    {U']', "/|", 2, "M 0 11 L 2 11 L 2 -2 L 0 -2"},
    {U'^', "..", 4.4, "M 0 6.4 L 2.2 10 L 4.4 6.4"},
    {U'_', "//", 6, "M 0 -1.6 L 6 -1.6"},
    {U'`', "..", 1.6, "M 0 10.4 L 1.6 8.4"},
    {U'a', "(|", 5, "A 2.5 4.7 2.4 2.3 152 0 L 5 0 M 5 4 L 2.1 4 A 2.1 2 2.1 2 90 270 L 2.6 0 Q 4.4 0 5 1.9"},
    {U'b', "|(", 5.6, "M 0 10 L 0 0 M 0 3.5 A 2.8 3.5 2.8 3.5 180 540"},
    {U'c', "(/", 5, "A 2.9 3.5 2.9 3.5 46 314"},
    {U'd', "(|", 5.6, "M 5.6 10 L 5.6 0 M 5.6 3.5 A 2.8 3.5 2.8 3.5 0 360"},
    {U'e', "(/", 5.6, "M 0 3.7 L 5.6 3.7 A 2.8 3.5 2.8 3.5 3 316"},
    {U'f', "//", 3.5, "M 1.4 0 L 1.4 7.9 A 3.3 7.9 1.9 2.1 180 88 M 0 7 L 3.2 7"},
    {U'g', "(|", 5.6, "M 5.6 3.5 A 2.8 3.5 2.8 3.5 0 360 M 5.6 7 L 5.6 -.4 A 2.9 -.4 2.7 2.6 0 -150"},
    {U'h', "||", 5.2, "M 0 0 L 0 10 M 0 4.2 A 2.6 4.2 2.6 2.8 180 0 L 5.2 0"},
    {U'i', "||", 0, "M 0 7 L 0 0 D 0 9.5"},
    {U'j', "/|", 1.5, "M 1.5 7 L 1.5 -1.1 A -.3 -1.1 1.8 1.9 0 -85 D 1.5 9.5"},
    {U'k', "|/", 5, "M 0 0 L 0 10 M 4.8 7 L 0 2.7 M 1.7 4.2 L 5 0"},
    {U'l', "||", 0, "M 0 10 L 0 0"},
    {U'm', "||", 8.4,
     "M 0 7 L 0 0 M 0 4.5 A 2.1 4.5 2.1 2.5 180 0 L 4.2 0 M 4.2 4.5 A 6.3 4.5 2.1 2.5 180 0 L 8.4 0"},
    {U'n', "||", 5.2, "M 0 7 L 0 0 M 0 4.2 A 2.6 4.2 2.6 2.8 180 0 L 5.2 0"},
    {U'o', "((", 5.8, "A 2.9 3.5 2.9 3.5 90 450"},
    {U'p', "|(", 5.6, "M 0 7 L 0 -3 M 0 3.5 A 2.8 3.5 2.8 3.5 180 540"},
    {U'q', "(|", 5.6, "M 5.6 7 L 5.6 -3 M 5.6 3.5 A 2.8 3.5 2.8 3.5 0 360"},
    {U'r', "|/", 3.2, "M 0 7 L 0 0 M 0 4 A 2.8 4 2.8 3 180 80"},
    {U's', "((", 4.6, "A 2.3 5.3 2.1 1.7 32 270 A 2.3 1.8 2.3 1.8 90 -152"},
    {U't', "//", 3.5, "M 1.4 9 L 1.4 1.9 A 3.2 1.9 1.8 1.9 180 278 M 0 7 L 3.3 7"},
    {U'u', "||", 5.2, "M 0 7 L 0 2.8 A 2.6 2.8 2.6 2.8 180 360 M 5.2 7 L 5.2 0"},
    {U'v', "//", 5.4, "M 0 7 L 2.7 0 L 5.4 7"},
    {U'w', "//", 8, "M 0 7 L 2 0 L 4 7 L 6 0 L 8 7"},
    {U'x', "//", 5.2, "M .2 7 L 5.2 0 M 5 7 L 0 0"},
    {U'y', "//", 5.4, "M 0 7 L 2.7 0 M 5.4 7 L 2.2 -1.3 Q 1.5 -3 .2 -2.9"},
    {U'z', "//", 4.6, "M .2 7 L 4.5 7 L 0 0 L 4.7 0"},
    {U'{', "./", 2.6,
     "M 2.6 11 Q 1.2 11 1.2 9.6 L 1.2 6 Q 1.2 4.5 0 4.5 Q 1.2 4.5 1.2 3 L 1.2 -.6 Q 1.2 -2 2.6 -2"},
    {U'|', "||", 0, "M 0 11 L 0 -2"},
    {U'}', "/.", 2.6,
     "M 0 11 Q 1.4 11 1.4 9.6 L 1.4 6 Q 1.4 4.5 2.6 4.5 Q 1.4 4.5 1.4 3 L 1.4 -.6 Q 1.4 -2 0 -2"},
    {U'~', "..", 5.4, "M 0 3.5 Q .4 5 1.5 5 Q 2.3 5 2.7 4.2 Q 3.1 3.4 3.9 3.4 Q 5 3.4 5.4 4.9"},
    {U'\u00b0', "..", 3, "A 1.5 8.5 1.5 1.5 0 360"},
    {U'\u00b1', "((", 5.4, "M 2.7 2.6 L 2.7 8 M 0 5.3 L 5.4 5.3 M 0 .4 L 5.4 .4"},
    {U'\u00b7', "..", 0.6, "D .3 4.2"},
    {U'\u00d7', "((", 4.4, "M 0 6.4 L 4.4 2 M 0 2 L 4.4 6.4"},
    {U'\u00df', "|(", 5.2,
     "M 0 0 L 0 7.4 A 2.4 7.4 2.4 2.6 180 -60 Q 2.2 4.8 2.7 4.4 Q 5.2 3.4 5.2 1.9 Q 5 0 3.4 0 Q 2.4 0 1.9 "
     ".5"},
    {U'\u00e6', "(/", 9,
     "A 2.2 5 2 2 150 20 Q 4.4 5 4.4 3.5 M 4.4 4 L 2.1 4 A 2.1 2 2.1 2 90 270 Q 4.2 0 4.5 2.4 M 4.4 3.7 L 9 "
     "3.7 A 6.7 3.5 2.3 3.5 3 316 M 4.4 3.5 A 6.7 3.5 2.3 3.5 180 320"},
    {U'\u00f8', "((", 5.8, "A 2.9 3.5 2.9 3.5 90 450 M .3 -.5 L 5.5 7.5"},
    {U'\u00d8', "((", 8, "A 4 5 4 5 90 450 M .8 -.5 L 7.2 10.5"},
    {U'\u2013', "..", 4.6, "M 0 3.8 L 4.6 3.8"},
    {U'\u2014', "..", 8, "M 0 3.8 L 8 3.8"},
    {U'\u2026', "..", 5, "D .3 .3 D 2.5 .3 D 4.7 .3"},
    {U'\u2212', "((", 5.4, "M 0 4.2 L 5.4 4.2"},
    {U'\u221e', "((", 8.4, "A 2.1 4 2.1 2.1 50 310 L 4.9 5.6 A 6.3 4 2.1 2.1 130 -130 L 3.5 5.6"},
    {U'\u2264', "((", 5, "M 5 8.4 L 0 5.4 L 5 2.4 M 0 .2 L 5 .2"},
    {U'\u2265', "((", 5, "M 0 8.4 L 5 5.4 L 0 2.4 M 0 .2 L 5 .2"},
    {U'\u0394', "//", 7.6, "M 0 0 L 3.8 10 L 7.6 0 L 0 0"},
    {U'\u03b1', "(/", 6.4, "M 6 7 Q 5.4 0 2.8 0 A 2.7 3.5 2.7 3.5 270 90 Q 5.2 7 5.2 1.8 Q 5.2 0 6.4 .2"},
    {U'\u03b5', "(/", 4.8, "A 2.5 5.3 2.1 1.7 40 270 M 3 3.6 L 2.5 3.6 A 2.5 1.8 2.5 1.8 90 318"},
    {U'\u03b8', "((", 5.4, "A 2.7 5 2.7 5 90 450 M 0 5 L 5.4 5"},
    {U'\u03bb', "//", 5.8, "M .3 10 Q 1.5 10.2 2 8.6 L 4.8 1 Q 5.2 0 5.8 .1 M 2.7 6.3 L 0 0"},
    {U'\u03bc', "||", 5.4, "M 0 7 L 0 -3 M 0 2.8 A 2.6 2.8 2.6 2.8 180 360 M 5.2 7 L 5.2 0"},
    {U'\u03c0', "//", 6.4, "M 0 6.2 Q .5 7 1.6 7 L 6.4 7 M 2 7 L 1.5 0 M 4.7 7 L 4.7 1.4 Q 4.8 0 6.2 .3"},
    {U'\u03c1', "|(", 5.6, "M 0 -3 L 0 3.5 A 2.8 3.5 2.8 3.5 180 -180"},
    {U'\u03c3', "(/", 6.4, "M 6.4 7 L 2.9 7 A 2.9 3.5 2.9 3.5 90 450"},
};

// What raised signs, accented and doubled letters are made of.
struct Raised {
  char32_t code, of;
};
constexpr Raised raised[] = {{U'\u2070', U'0'}, {U'\u00b9', U'1'}, {U'\u00b2', U'2'},      {U'\u00b3', U'3'},
                             {U'\u2074', U'4'}, {U'\u2075', U'5'}, {U'\u2076', U'6'},      {U'\u2077', U'7'},
                             {U'\u2078', U'8'}, {U'\u2079', U'9'}, {U'\u207b', U'\u2212'}, {U'\u207a', U'+'}};

/// Accents, drawn around x = 0 for a small letter.
struct Accent {
  char name;
  const char* path;
};
constexpr Accent accents[] = {{'`', "M -1 10.2 L .6 8.6"},
                              {'\'', "M 1 10.2 L -.6 8.6"},
                              {'^', "M -1.5 8.6 L 0 10.1 L 1.5 8.6"},
                              {'v', "M -1.5 10.1 L 0 8.6 L 1.5 10.1"},
                              {'~', "M -2 8.8 Q -1.6 9.8 -.9 9.7 L .9 9 Q 1.6 8.9 2 9.9"},
                              {':', "D -1.5 9.3 D 1.5 9.3"},
                              {'o', "A 0 9.8 1.1 1.1 0 360"},
                              {',', "M .1 0 L -.1 -1 Q 1.3 -1 1.2 -2 Q 1 -2.9 -1 -2.7"}};

struct Accented {
  const char32_t* codes;
  const char* letters;  // one for each code
  char accent;
};
constexpr Accented accented[] = {{U"ÀÈÌÒÙàèìòù", "AEIOUaeiou", '`'},
                                 {U"ÁÉÍÓÚÝáéíóúý", "AEIOUYaeiouy", '\''},
                                 {U"ÂÊÎÔÛâêîôû", "AEIOUaeiou", '^'},
                                 {U"ÃÑÕãñõ", "ANOano", '~'},
                                 {U"ÄËÏÖÜäëïöüÿ", "AEIOUaeiouy", ':'},
                                 {U"ŠČŽĚŘščžěř", "SCZERsczer", 'v'},
                                 {U"Åå", "Aa", 'o'},
                                 {U"Çç", "Cc", ','}};

struct Glyph {
  double left = 0.0, width = 0.0, right = 0.0;
  std::vector<Polyline> strokes;
};

constexpr double degree = 3.14159265358979323846 / 180.0;

std::vector<Polyline> trace(std::string_view path) {
  std::vector<Polyline> strokes;
  bool down = false;
  const char* at = path.data();
  const auto number = [&] {
    char* after = nullptr;
    const double value = std::strtod(at, &after);
    CALOR_ASSERT(after != at);
    at = after;
    return value;
  };
  const auto line_to = [&](double x, double y) {
    if (!down) strokes.emplace_back();
    down = true;
    strokes.back().push_back({x, y});
  };
  while (*at != '\0') {
    const char command = *at++;
    if (command == 'M') down = false;
    if (command == 'M' || command == 'L') {
      const double x = number(), y = number();
      line_to(x, y);
    } else if (command == 'Q') {
      const double x1 = number(), y1 = number(), x2 = number(), y2 = number();
      const Point p = strokes.back().back();
      for (int k = 1; k <= 12; ++k) {
        const double t = k / 12.0, s = 1.0 - t;
        line_to(s * s * p.x + 2 * s * t * x1 + t * t * x2, s * s * p.y + 2 * s * t * y1 + t * t * y2);
      }
    } else if (command == 'A' || command == 'D') {
      // A dot is a small ring: with the pen's own width around it, a filled disc a little heavier than a
      // stem.
      const bool dot = command == 'D';
      const double cx = number(), cy = number(), rx = dot ? 0.22 : number(), ry = dot ? 0.22 : number();
      const double from = dot ? 0.0 : number(), to = dot ? 360.0 : number();
      const int pieces = std::max(6, static_cast<int>(std::fabs(to - from) / 6.0));
      // A whole ellipse stands alone, unless it begins where the pen is.
      if (dot || (down && std::fabs(to - from) >= 360.0 &&
                  std::hypot(strokes.back().back().x - cx - rx * std::cos(from * degree),
                             strokes.back().back().y - cy - ry * std::sin(from * degree)) > 0.5))
        down = false;
      for (int k = 0; k <= pieces; ++k) {
        const double angle = (from + (to - from) * k / pieces) * degree;
        line_to(cx + rx * std::cos(angle), cy + ry * std::sin(angle));
      }
      if (dot) down = false;
    }
  }
  return strokes;
}

const std::map<char32_t, Glyph>& font() {
  static const std::map<char32_t, Glyph> glyphs = [] {
    std::map<char32_t, Glyph> all;
    for (const Drawing& d : drawings)
      all[d.code] = {bearing(d.edges[0]), d.width, bearing(d.edges[1]), trace(d.path)};
    for (const Raised& r : raised) {
      Glyph g = all.at(r.of);
      constexpr double shrink = 0.62;
      for (double* x : {&g.left, &g.width, &g.right}) *x *= shrink;
      for (Polyline& line : g.strokes)
        for (Point& p : line) p = {shrink * p.x, capital + 0.6 - shrink * (capital - p.y)};
      all[r.code] = g;
    }
    for (const Accented& a : accented)
      for (std::size_t k = 0; a.codes[k] != U'\0'; ++k) {
        const char letter = a.letters[k];
        Glyph g = all.at(char32_t(letter));
        if (letter == 'i') {
          g.strokes.pop_back();  // its dot
          g.left = g.right = bearing('|') + 0.5;
        }
        const Accent& mark = *std::find_if(std::begin(accents), std::end(accents),
                                           [&](const Accent& each) { return each.name == a.accent; });
        const bool high = letter >= 'A' && letter <= 'Z' && a.accent != ',';
        for (Polyline line : trace(mark.path)) {
          for (Point& p : line) p = {p.x + g.width / 2.0, p.y + (high ? capital - small_letter : 0.0)};
          g.strokes.push_back(std::move(line));
        }
        all[a.codes[k]] = g;
      }
    all[U'\u00b5'] = all.at(U'\u03bc');  // the micro sign is the Greek letter
    all[U'\u2010'] = all[U'\u2011'] = all.at(U'-');
    all[U'\u00a0'] = all[U'\u202f'] = all[U'\u2009'] = all.at(U' ');
    all[U'\u2019'] = all.at(U'\'');
    return all;
  }();
  return glyphs;
}

const Glyph& glyph(char32_t code) {
  static const Glyph box{bearing('|'), 5.0, bearing('|'), trace("M 0 0 L 0 10 L 5 10 L 5 0 L 0 0")};
  const auto found = font().find(code);
  return found == font().end() ? box : found->second;
}

/// The next character of UTF-8 text, taken off its front; U+FFFD for what is not UTF-8.
char32_t next_character(std::string_view& text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  bool whole = length > 0 && length <= text.size();
  for (std::size_t k = 1; whole && k < length; ++k) whole = (byte(k) & 0xc0) == 0x80;
  if (!whole) {
    text.remove_prefix(1);
    return U'\ufffd';
  }
  char32_t code = length == 1 ? first : first & (0x7f >> length);
  for (std::size_t k = 1; k < length; ++k) code = (code << 6) | (byte(k) & 0x3f);
  text.remove_prefix(length);
  return code;
}

constexpr double capital_share = 0.72;  // of the font's size

/// Grid to pixels. Heights of capitals and small letters, and each letter's width, become whole pixels: stems
/// then fall on pixel centres and look alike throughout a text.
class Hinting {
 public:
  explicit Hinting(double size)
      : scale_{capital_share * size / capital},
        high_{std::max(1.0, std::round(capital * scale_))},
        low_{std::max(1.0, std::round(small_letter * scale_))} {}
  double length(double grid) const { return grid * scale_; }
  double height(double y) const {
    if (y <= 0.0) return y * scale_;
    if (y <= small_letter) return y * low_ / small_letter;
    if (y <= capital) return low_ + (y - small_letter) * (high_ - low_) / (capital - small_letter);
    return high_ + (y - capital) * scale_;
  }

 private:
  double scale_, high_, low_;
};

}  // namespace

TextShape shape_text(std::string_view utf8, double size) {
  TextShape shape;
  const Hinting hint{size};
  while (!utf8.empty()) {
    const Glyph& g = glyph(next_character(utf8));
    const double left = shape.advance + std::round(hint.length(g.left));
    const double width = std::round(hint.length(g.width));
    const double stretch = g.width > 0.0 ? width / g.width : hint.length(1.0);
    for (const Polyline& stroke : g.strokes) {
      Polyline& line = shape.strokes.emplace_back();
      for (const Point& p : stroke) line.push_back({left + stretch * p.x, hint.height(p.y)});
    }
    shape.advance = left + width + std::round(hint.length(g.right));
  }
  return shape;
}

double text_width(std::string_view utf8, double size) { return shape_text(utf8, size).advance; }
double cap_height(double size) { return std::round(capital_share * size); }
double pen_width(double size, bool bold) { return std::max(bold ? 1.6 : 1.1, (bold ? 0.122 : 0.083) * size); }

}  // namespace calor::app

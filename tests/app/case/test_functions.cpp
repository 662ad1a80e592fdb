// SPDX-License-Identifier: BSD-3-Clause
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/context.hpp"
#include "app/case/spec_of_case.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Strings = std::vector<std::string>;

namespace {

const std::string body = R"(
[grid]
nx = 4
ny = 4
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[time]
end = "1h"
)";

Case with(const std::string& text, const Strings& overrides = {}) {
  Strings all = overrides;
  if (text.find("[initial]") == std::string::npos) all.emplace_back("initial.temperature=0.0");
  return parse_case({{"case.toml", body + text}}, all);
}
std::string wrong(const std::string& text, const Strings& overrides = {}) {
  try {
    with(text, overrides);
  } catch (const Error& e) {
    return std::to_string(static_cast<int>(e.code())) + " " + e.what();
  }
  return "accepted";
}
bool has(const std::string& text, const std::string& words) {
  UNSCOPED_INFO(text);
  return text.find(words) != std::string::npos;
}
Function power(const Case& c) { return make_function(c.source.power, "xytT", functions_of(c)); }

class Folder {
 public:
  Folder() : path_{std::filesystem::temp_directory_path() / ("calor-functions-" + std::to_string(getpid()))} {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name} << text;
    return (path_ / name).string();
  }
  std::string name(const std::string& file) const { return (path_ / file).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a table over time stands where an expression of t may", "[functions]") {
  const Case c = with(R"(
[source]
power = { t = [0.0, "30min", "30min", 3600], value = [0.0, 10.0, 20.0, 20.0], scale = 2.0, offset = 1.0 }
[boundary]
left = { type = "convection", film = { t = [0, 60], value = [5, 6], interpolation = "step" }, ambient = 0.0 }
)");
  const Function f = power(c);
  CHECK(f(0, 0, 900.0) == 11.0);
  CHECK(f(0, 0, 1800.0) == 41.0);
  CHECK(f.knots_known());
  CHECK(without_places(parse_case({{"x.toml", emit(c)}})) == without_places(c));
  CHECK(emit(parse_case({{"x.toml", emit(c)}})) == emit(c));
  CHECK(has(wrong("[source]\npower = { t = [0, 1], value = [1] }"), "78 case.toml:12: source.power"));
  CHECK(has(wrong("[source]\npower = { t = [0, 1], value = [1] }"), "t has 2 numbers, value has 1"));
  CHECK(has(wrong("[source]\npower = { t = [1, 0], value = [1, 2] }"), "0 follows 1; times must rise"));
  CHECK(has(wrong("[source]\npower = { t = [1, 1, 1], value = [1, 2, 3] }"), "three times"));
  CHECK(has(wrong("[source]\npower = { t = [1], value = [1], skale = 2 }"), "did you mean \"scale\""));
  CHECK(has(wrong("[source]\npower = { value = [1] }"), "lacks t"));
  CHECK(has(wrong("[source]\npower = { t = [0], value = [1], period = 3 }"), "beyond = \"repeat\""));
  CHECK(has(wrong("[source]\npower = { t = [0], value = [1], beyond = \"repeat\" }"), "period"));
  CHECK(has(wrong("[source]\npower = { t = [0, 9], value = [1, 2], beyond = \"repeat\", period = 3 }"),
            "at least 9"));
  CHECK(has(wrong("[initial]\ntemperature = { t = [0], value = [1] }"), "no place here"));
  CHECK(has(wrong("[boundary]\nleft = { type = \"convection\", ambient = 0.0, film = { t = [0, 1], value = "
                  "[1, -1] } }"),
            "must be >= 0; at t = 1 it is -1"));
  CHECK(has(wrong("[source]\npower = { t = [0, 1800], value = [1, 2], beyond = \"error\" }"),
            "from 0 to 1800 s"));
  CHECK(wrong("[source]\npower = { t = [0, 3600], value = [1, 2], beyond = \"error\" }") == "accepted");
  CHECK(wrong("[source]\npower = { t = [0, 1800], value = [1, 2], beyond = \"error\" }",
              {"time.end=30min"}) == "accepted");
  CHECK(power(with("[source]\npower = { t = [0], value = [7] }"))(0, 0, 5.0) == 7.0);
  CHECK(power(with("[source]\npower = { t = [0], value = [7] }", {"source.power.scale=3"}))(0, 0, 5.0) ==
        21.0);
}

TEST_CASE("functions of a case are called by name", "[functions]") {
  const Case c = with(R"toml(
[functions.T_out]
t = [0, 3600]
value = [0, 36]
[functions.shifted]
expression = "T_out(t - 100) + zeta(t)"
[functions.zeta]
expression = "2*t"
[source]
power = "shifted(t)*x + iso834(t)"
[[integral]]
name = "w"
weight = "1 + T_out(t)"
)toml");
  CHECK(power(c)(10.0, 0, 200.0) ==
        Approx(10.0 * (1.0 + 400.0) + 20.0 + 345.0 * std::log10(8.0 * 200.0 / 60.0 + 1.0) + 273.15));
  CHECK(without_places(parse_case({{"x.toml", emit(c)}})) == without_places(c));
  const Case celsius = with("[output]\ntemperature_unit = \"degC\"\n[source]\npower = \"iso834(t)\"");
  CHECK(power(celsius)(0, 0, 0.0) == 20.0);
  CHECK(power(with("[functions.T_out]\nt = [0, 9]\nvalue = [1, 1]\n[source]\npower = \"T_out(t)\"",
                   {"functions.T_out.scale=4"}))(0, 0, 1.0) == 4.0);
  CHECK(power(with("[functions.f]\nt = [0, 9]\nvalue = [1, 2]\n[source]\npower = \"f(t)\"",
                   {"functions.f.expression=\"5*t\""}))(0, 0, 1.0) == 5.0);

  const auto function = [](const std::string& text) { return wrong("[functions]\n" + text); };
  for (const char* name : {"x", "T", "pi", "sin", "iso834", "\"a-b\"", "_a", "\"2a\"", "\"\""})
    CHECK(has(function(std::string{name} + " = { expression = \"1\" }"), "78 case.toml"));
  CHECK(has(
      function("a = { expression = \"b(t)\" }\nb = { expression = \"c(t)\" }\nc = { expression = \"a(t)\" }"),
      "a -> b -> c -> a"));
  CHECK(has(function("a = { expression = \"a(t)\" }"), "calls itself: a -> a"));
  CHECK(has(function("a = { expression = \"x\" }"), "functions.a.expression"));
  CHECK(has(function("a = { }"), "is empty; give t and value, file, or expression"));
  CHECK(has(function("a = { expression = \"t\", t = [0], value = [1] }"), "give one of them"));
  CHECK(has(function("a = { expression = \"t\", scale = 2.0 }"), "is of a table"));
  CHECK(has(function("a = { expression = \"\" }"), "empty"));
  CHECK(has(function("a = 3"), "[functions.a]"));
  CHECK(has(wrong("[functions.T_out]\nexpression = \"t\"\n[source]\npower = \"T_uot(t)\""),
            "did you mean \"T_out\""));
  // All in one go, a wrong function blamed once and not where it is called.
  const std::string all = wrong(
      "[functions.f]\nexpression = \"1 +\"\n[functions.g]\nexpression = \"f(t)\"\n[source]\npower = \"f(t) + "
      "q\"");
  CHECK((has(all, "functions.f.expression") && has(all, "'q'") && !has(all, "functions.g")));
}

TEST_CASE("tables come from files beside the case", "[functions]") {
  const Folder folder;
  folder.write("w.csv", "time,a,b\n2026-01-01T00:00Z,1,10\n2026-01-01T01:00Z,2,20\n");
  folder.write("later.csv", "time,a\n2026-01-01T00:30Z,5\n2026-01-01T01:30Z,6\n");
  folder.write("local.csv", "time,a\n2026-01-01T00:30,5\n");
  folder.write("bad.csv", "t,a\n0,1\n1,\n2,nan\n");
  const auto file_case = [&](const std::string& text, const Strings& overrides = {}) {
    Strings all = overrides;
    all.emplace_back("initial.temperature=0.0");
    return parse_case({{folder.name("case.toml"), body + text}}, all);
  };
  const auto complaint = [&](const std::string& text, const Strings& overrides = {}) {
    try {
      file_case(text, overrides);
    } catch (const Error& e) {
      return std::to_string(static_cast<int>(e.code())) + " " + e.what();
    }
    return std::string{"accepted"};
  };
  const Case c = file_case("[source]\npower = { file = \"w.csv\", column = \"b\" }");
  CHECK(power(c)(0, 0, 1800.0) == 15.0);
  REQUIRE(c.inputs.size() == 1);
  CHECK(c.inputs[0].path == folder.name("w.csv"));
  CHECK(has(emit(c), "inputs/" + c.inputs[0].name));
  std::filesystem::create_directory(folder.name("moved"));
  copy_inputs(c.inputs, folder.name("moved"));
  const Case again = parse_case({{folder.name("moved/case.toml"), emit(c)}});
  CHECK(without_places(again) == without_places(c));
  CHECK(emit(again) == emit(c));
  folder.write("w.csv", "time,a,b\n2026-01-01T00:00Z,1,10\n2026-01-01T01:00Z,2,21\n");
  CHECK(emit(file_case("[source]\npower = { file = \"w.csv\", column = \"b\" }")) != emit(c));

  const std::string two =
      "[functions.a]\nfile = \"w.csv\"\ncolumn = \"a\"\n[functions.b]\nfile = \"later.csv\"\n"
      "[source]\npower = \"b(t)\"";
  CHECK(has(complaint(two), "time.start"));
  CHECK(has(complaint(two), "78"));
  CHECK(power(file_case(two, {"time.start=\"2026-01-01T01:00+01:00\""}))(0, 0, 1800.0 + 900.0) == 5.25);
  CHECK(power(file_case(two, {"time.start=2026-01-01T00:30:00Z"}))(0, 0, 900.0) == 5.25);
  CHECK(has(complaint(two, {"time.start=\"2026-01-01\""}), "zone"));
  CHECK(has(complaint(two, {"time.start=\"someday\""}), "ISO 8601"));
  CHECK(has(complaint("[source]\npower = { file = \"none.csv\" }"), "66 "));
  CHECK(has(complaint("[source]\npower = { file = \"none.csv\" }"), "none.csv"));
  const std::string bad = complaint("[source]\npower = { file = \"bad.csv\" }\n[output]\nevry = 1");
  CHECK((has(bad, "bad.csv:3:2: empty") && has(bad, "bad.csv:4:2") && has(bad, "output.evry")));
  CHECK(has(complaint("[source]\npower = { file = \"w.csv\", column = \"c\" }"), "no column \"c\""));
  CHECK(has(complaint("[source]\npower = { file = \"w.csv\", column = 2, t = [0], value = [1] }"),
            "give one of them"));
  CHECK(power(file_case("[source]\npower = { file = \"w.csv\", column = 2 }",
                        {"source.power={ file = \"" + folder.name("later.csv") + "\" }"}))(0, 0, 0) == 5.0);
}

TEST_CASE("times may be durations, and long texts are not keys", "[functions]") {
  const Case c =
      with("dt = \"1.5min\"\n[output]\ntimes = [\"10min\", 900, \"1h\"]\n[initial]\ntemperature = \"" + [] {
        std::string sum = "0.1";
        for (int i = 1; i < 70; ++i) sum += "+0.1";
        return sum;
      }() + "\" # a.b.c");
  CHECK(c.time.end == 3600.0);
  CHECK(c.time.dt == 90.0);
  CHECK(c.output.times == std::vector<double>{600.0, 900.0, 3600.0});
  CHECK(make_function(c.initial.temperature.value(), "xy", {})(0, 0) == Approx(7.0));
  CHECK(has(wrong("", {"time.end=\"3 fortnights\""}), "30min"));
  CHECK(has(wrong("", {"time.end=\"3600\""}), "must be a number of seconds"));
  CHECK(has(wrong("", {"time.end=\"0s\""}), "> 0"));
  CHECK(has(wrong("", {"grid.x=[\"0s\", 1.0]"}), "must be a number"));
  std::string deep = "a";
  for (int i = 0; i < 80; ++i) deep += ".a";
  CHECK(has(wrong(deep + " = 1"), "more than 64 parts"));
  std::string numbers;
  for (int i = 0; i < 20'000; ++i) numbers += (i == 0 ? "" : ", ") + std::to_string(i) + ".0";
  CHECK(power(with("[source]\npower = { t = [" + numbers + "], value = [" + numbers + "] }"))(
            0, 0, 12345.5) == 12345.5);
}

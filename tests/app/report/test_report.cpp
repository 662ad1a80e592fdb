// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/report/case_facts.hpp"
#include "app/report/command.hpp"
#include "app/report/packed_field.hpp"
#include "app/report/page.hpp"
#include "app/report/run_facts.hpp"
#include "app/report/sweep_facts.hpp"
#include "app/report/table_facts.hpp"
#include "decomposition/box.hpp"
#include "decomposition/field.hpp"
#include "io/snapshot.hpp"
#include "io/table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::app;

namespace {

namespace fs = std::filesystem;
constexpr double none = std::numeric_limits<double>::quiet_NaN();
const std::string evil = "</script><script>window.pwned=1</script><img src=x onerror='alert(\"&\")'>";

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

std::string from_base64(const std::string& text) {
  std::string out;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    if (c == '=') break;
    unsigned v = 0;
    if (c >= 'A' && c <= 'Z')
      v = unsigned(c - 'A');
    else if (c >= 'a' && c <= 'z')
      v = unsigned(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      v = unsigned(c - '0') + 52;
    else
      v = c == '+' ? 62 : 63;
    bits = (bits << 6U | v) & 0xFFFFFFU;
    have += 6;
    if (have >= 8) out += char(bits >> (have -= 8) & 0xFFU);
  }
  return out;
}

/// The values of a packed field as the format says, by sums: a code is the sum of all differences left of and
/// below it.
std::vector<double> unpacked(const PackedField& p) {
  const std::string packed = from_base64(p.bytes);
  const auto cells = static_cast<std::size_t>(p.nx * p.ny);
  std::string planes(2 * cells + 1, '\0');
  uLongf size = static_cast<uLongf>(planes.size());
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(planes.data()), &size,
                     reinterpret_cast<const Bytef*>(packed.data()),
                     static_cast<uLong>(packed.size())) == Z_OK);
  REQUIRE(size == 2 * cells);
  std::vector<double> values;
  for (std::int64_t j = 0; j < p.ny; ++j)
    for (std::int64_t i = 0; i < p.nx; ++i) {
      unsigned code = 0;
      for (std::int64_t l = 0; l <= j; ++l)
        for (std::int64_t k = 0; k <= i; ++k) {
          const auto at = static_cast<std::size_t>(l * p.nx + k);
          code += unsigned(static_cast<unsigned char>(planes[at])) +
                  256U * unsigned(static_cast<unsigned char>(planes[cells + at]));
        }
      code &= 0xFFFFU;
      values.push_back(code == 65535U ? none : p.low * (1 - code / 65534.0) + p.high * (code / 65534.0));
    }
  return values;
}

/// A new directory that is the same on all ranks, and gone at the end.
struct Folder {
  fs::path path;
  explicit Folder(const char* name)
      : path{test::world().broadcast((fs::temp_directory_path() /
                                      fmt::format("calor-report-{}-{}", name, static_cast<long>(::getpid())))
                                         .string())} {
    if (test::world().root()) fs::create_directories(path / "snapshots");
    test::world().barrier();
  }
  ~Folder() {
    test::world().barrier();
    if (test::world().root()) fs::remove_all(path);
  }
  void write(const std::string& name, const std::string& text) const {
    if (test::world().root()) std::ofstream{path / name} << text;
  }
};

/// T = step + x + 10 y at the cells' centres of nx x ny on the unit square, the rows shared by the ranks.
void write_snapshot(const Folder& folder, std::int64_t step, int nx, int ny) {
  const mpi::Comm& comm = test::world();
  const Box owned{0, ny * comm.rank() / comm.size(), nx, ny * (comm.rank() + 1) / comm.size()};
  Field2D<double> u{owned, 0};
  for (int j = owned.j0; j < owned.j1; ++j)
    for (int i = 0; i < nx; ++i) u.view()(i, j) = double(step) + (i + 0.5) / nx + 10.0 * (j + 0.5) / ny;
  io::SnapshotInfo info;
  info.title = evil;
  info.step = step;
  info.time = 0.5 * double(step);
  info.grid = {nx, ny, 0.0, 1.0, 0.0, 1.0};
  io::write_snapshot(comm, folder.path / "snapshots" / io::snapshot_name(step), info,
                     {{"temperature", "degC", "temperature", u.cview(), owned}});
}

}  // namespace

TEST_CASE("base64 as in RFC 4648, section 10", "[report]") {
  const std::vector<std::pair<std::string, std::string>> known{{"", ""},
                                                               {"f", "Zg=="},
                                                               {"fo", "Zm8="},
                                                               {"foo", "Zm9v"},
                                                               {"foob", "Zm9vYg=="},
                                                               {"fooba", "Zm9vYmE="},
                                                               {"foobar", "Zm9vYmFy"},
                                                               {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : known) CHECK(base64(bytes) == text);
}

TEST_CASE("the least whole factor that leaves no more cells than wanted", "[report]") {
  for (const std::int64_t nx : {1, 7, 100, 1000, 4096, 30000})
    for (const std::int64_t ny : {1, 9, 999, 30000})
      for (const std::int64_t most : {1, 50, 4000, 1 << 20}) {
        const std::int64_t f = reduction(nx, ny, most);
        const auto left = [&](std::int64_t by) { return ((nx + by - 1) / by) * ((ny + by - 1) / by); };
        INFO(nx << " x " << ny << ", " << most << ": " << f);
        REQUIRE(f >= 1);
        CHECK(left(f) <= most);
        if (f > 1) CHECK(left(f - 1) > most);
      }
}

TEST_CASE("a packed field gives its values back to half a step of its range", "[report]") {
  const int nx = 13, ny = 9;
  std::vector<double> values;
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i)
      values.push_back(300.0 + 40.0 * std::sin(0.7 * i) * std::cos(0.5 * j) + 0.01 * i * j);
  values[17] = none;
  values[30] = std::numeric_limits<double>::infinity();
  const PackedField p = pack_field(values.data(), nx, ny, 1);
  const std::vector<double> back = unpacked(p);
  REQUIRE(back.size() == values.size());
  const double half_step = 0.5 * (p.high - p.low) / 65534.0;
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (std::isfinite(values[n]))
      CHECK(std::fabs(back[n] - values[n]) <= half_step * (1 + 1e-9));
    else
      CHECK(std::isnan(back[n]));
  }
}

TEST_CASE("a reduced field holds the means of blocks, those at the ends of what there is", "[report]") {
  const int nx = 7, ny = 5, f = 3;
  std::vector<double> values;
  for (int n = 0; n < nx * ny; ++n) values.push_back(n * n);
  values[0] = none;                                                    // one of nine
  for (int j = 3; j < 5; ++j) values[std::size_t(j * nx + 6)] = none;  // all of the last block
  const PackedField p = pack_field(values.data(), nx, ny, f);
  REQUIRE(p.nx == 3);
  REQUIRE(p.ny == 2);
  const std::vector<double> back = unpacked(p);
  for (int J = 0; J < 2; ++J)
    for (int I = 0; I < 3; ++I) {
      double sum = 0.0;
      int n = 0;
      for (int j = J * f; j < std::min(ny, J * f + f); ++j)
        for (int i = I * f; i < std::min(nx, I * f + f); ++i)
          if (const double v = values[std::size_t(j * nx + i)]; !std::isnan(v)) sum += v, ++n;
      const double got = back[std::size_t(J * 3 + I)];
      if (n == 0)
        CHECK(std::isnan(got));
      else
        CHECK(got == Approx(sum / n).margin((p.high - p.low) / 65534.0));
    }
}

TEST_CASE("fields without a range", "[report]") {
  const std::vector<double> flat(6, 293.15), empty(6, none), wide{-1e308, 1e308, 0.0, 5e307, -5e307, 1e308};
  for (const double v : unpacked(pack_field(flat.data(), 3, 2, 1))) CHECK(v == 293.15);
  for (const double v : unpacked(pack_field(empty.data(), 3, 2, 1))) CHECK(std::isnan(v));
  const std::vector<double> back = unpacked(pack_field(wide.data(), 3, 2, 1));
  for (std::size_t n = 0; n < wide.size(); ++n) CHECK(std::fabs(back[n] - wide[n]) < 1e304);
}

TEST_CASE("texts cannot become markup", "[report]") {
  CHECK(html_text("a<b>\"c\"&'d'") == "a&lt;b&gt;&quot;c&quot;&amp;&#39;d&#39;");
  CHECK(html_text(std::string{"a\0b\x1b[31m", 8}) == "ab[31m");
  const nlohmann::ordered_json o{{"title", evil}, {"<!--", "\xE2\x80\xA8 and \xE2\x80\xA9"}, {"n", 1.5}};
  const std::string text = script_json(o);
  for (const char* bad : {"<", ">", "&", "\xE2\x80\xA8", "\xE2\x80\xA9"})
    CHECK(text.find(bad) == std::string::npos);
  CHECK(nlohmann::ordered_json::parse(text) == o);
  // What is no UTF-8 does not stop a report.
  CHECK(nlohmann::json::parse(script_json({{"log", "\xff\xfe end"}}))["log"].get<std::string>().find(
            " end") != std::string::npos);
}

TEST_CASE("a page is one file that asks nobody, and runs no script but its own", "[report]") {
  Page page;
  page.title = page.words = evil;
  page.data = {{"kind", "run"}, {"title", evil}};
  page.fields = {"QUJD", "REVG"};
  const std::string text = page_text(page, "0123456789abcdef");
  CHECK(text.rfind("<!DOCTYPE html>", 0) == 0);
  CHECK(text.find(
            "default-src 'none'; script-src 'nonce-0123456789abcdef'; style-src 'nonce-0123456789abcdef'; ") <
        text.find("<style"));
  // Seven scripts that run, and what they look at: the data and two fields.
  CHECK(count(text, "<script") == 7 + 1 + 2);
  CHECK(count(text, "</script>") == 7 + 1 + 2);
  CHECK(count(text, "<script nonce=\"0123456789abcdef\">") == 7);
  CHECK(count(text, "<img") == 0);
  CHECK(count(text, "url(") == count(text, "url(#"));
  CHECK(count(text, "@import") == 0);
  CHECK(count(text, "<link") == 0);
  CHECK(count(text, "innerHTML") == 0);
  CHECK(text.find("id=\"field-1\">REVG</script>") != std::string::npos);
  CHECK(text.find("Copyright (c) 2022 Leon Sorokin") != std::string::npos);
  // Without a title of anybody's it is the same page.
  Page plain = page;
  plain.title = plain.words = "";
  plain.data["title"] = "";
  const std::string quiet = page_text(plain, "0123456789abcdef");
  CHECK(count(quiet, "<") == count(text, "<"));
  CHECK(count(quiet, " src=") == 0);
}

TEST_CASE("the keys of a case that are not as usual", "[report]") {
  const Case c = parse_case({{"a.toml", R"(
title = "A"
grid = { nx = 60, ny = 100, x = [0.0, 0.6] }
material = { conductivity = 52.0, density = 7850.0, specific_heat = 460.0 }
region = [{ name = "duct", shape = "circle", center = [0.1, 0.2], radius = 0.05, conductivity = 0.3 }]
initial.temperature = 20.0
boundary.right = { type = "convection", film = 750.0, ambient = 0.0 }
time = { end = 32.0, method = "rkl2" }
)"}});
  const nlohmann::ordered_json found = differences(emit(c));
  std::map<std::string, nlohmann::ordered_json> by_key;
  for (const auto& row : found) by_key[row.at("key")] = row;
  CHECK(by_key.at("grid.nx").at("value") == "60");
  CHECK(by_key.at("time.method").at("value") == "\"rkl2\"");
  CHECK(by_key.at("time.method").at("default") == "\"auto\"");
  CHECK(by_key.at("region.duct.radius").at("value") == "0.05");
  CHECK(by_key.at("region.duct.radius").at("unit") == "m");
  CHECK_FALSE(by_key.at("region.duct.radius").contains("default"));
  CHECK(by_key.at("boundary.right.film").at("value") == "750.0");
  for (const char* usual :
       {"grid.y", "solver.tolerance", "time.tolerance", "checkpoint.keep", "parallel.guard"})
    CHECK(by_key.count(usual) == 0);
  CHECK(differences("no TOML at [all").is_null());
  CHECK(case_json(emit(c)).at("region").at(0).at("radius") == 0.05);
}

TEST_CASE("rows are kept evenly, with the first and the last", "[report]") {
  for (const std::size_t rows : {0U, 1U, 2U, 5U, 99U, 100U, 101U, 100000U})
    for (const std::size_t most : {2U, 3U, 100U}) {
      const std::vector<std::size_t> keep = spread(rows, most);
      CHECK(keep.size() == std::min(rows, most));
      for (std::size_t n = 1; n < keep.size(); ++n) REQUIRE(keep[n] > keep[n - 1]);
      if (rows > 0) CHECK(keep.front() == 0);
      if (rows > 0) CHECK(keep.back() == rows - 1);
    }
}

TEST_CASE("cells of tables", "[report]") {
  CHECK(cell_json("").is_null());
  CHECK(cell_json("nan").is_null());
  CHECK(cell_json("inf").is_null());
  CHECK(cell_json("7").dump() == "7");
  CHECK(cell_json("0.1") == 0.1);
  CHECK(cell_json("1e300") == 1e300);
  CHECK(cell_json("done") == "done");
  CHECK(cell_json("12 min") == "12 min");
}

TEST_CASE("the page of a run tells what its directory does", "[report][run]") {
  const Folder folder{"run"};
  for (const std::int64_t step : {0, 10, 20, 30, 40}) write_snapshot(folder, step, 40, 20);
  folder.write("status.json", R"({"state": "finished", "step": 40})");
  folder.write("summary.json",
               R"({"status": "finished", "heat": {"unit": "J/m"}, "title": "x", "warnings": ["a <b>"]})");
  folder.write("case.toml", "title = '''" + evil + "'''\n[output]\ntemperature_unit = \"degC\"\n");
  std::string history = "step,time,dt,min,max,mean,heat_content,left\n";
  for (int n = 0; n < 500; ++n) history += fmt::format("{},{},0.5,1,2,1.5,{},0\n", n, 0.5 * n, 100 + n);
  folder.write("history.csv", history + "500,2");  // cut off in the midst of a row
  folder.write("probes.csv", "time,a.b\n0,1\n1,2\n");
  test::world().barrier();
  PageLimits limits;
  limits.pictures = 3;
  limits.cells_of_last = 200;
  limits.cells_of_others = 100;
  limits.table_rows = 50;
  const Page page = run_page(test::world(), folder.path, limits);
  if (!test::world().root()) return;
  const auto& d = page.data;
  CHECK(page.title == evil);
  REQUIRE(d.at("series").size() == 3);
  const auto &first = d.at("series")[0], &last = d.at("series")[2];
  CHECK(first.at("step") == 0);
  CHECK(last.at("step") == 40);
  CHECK(last.at("time") == 20.0);
  CHECK(last.at("unit") == "\u00b0C");
  CHECK(last.at("factor") == 2);
  CHECK(first.at("factor") == 4);
  CHECK(last.at("least").get<double>() == Approx(40 + 0.5 / 40 + 10 * 0.5 / 20).epsilon(1e-14));
  CHECK(last.at("greatest").get<double>() == Approx(40 + 39.5 / 40 + 10 * 19.5 / 20).epsilon(1e-14));
  PackedField p;
  p.nx = last.at("nx");
  p.ny = last.at("ny");
  p.low = last.at("low");
  p.high = last.at("high");
  p.bytes = page.fields.at(last.at("block"));
  const std::vector<double> back = unpacked(p);
  REQUIRE(back.size() == 20 * 10);
  for (int j = 0; j < 10; ++j)
    for (int i = 0; i < 20; ++i)
      CHECK(std::fabs(back[std::size_t(j * 20 + i)] - (40 + (i + 0.5) / 20 + (j + 0.5))) <=
            (p.high - p.low) / 65534.0);
  const auto& table = d.at("tables").at("history");
  CHECK(table.at("rows") == 500);
  CHECK(table.at("kept") == 50);
  CHECK(table.at("columns")[6].at("unit") == "J/m");
  CHECK(table.at("columns")[6].at("values").back() == 599);
  CHECK(table.at("columns")[4].at("unit") == "\u00b0C");
  CHECK(d.at("tables").at("probes").at("columns")[1].at("unit") == "\u00b0C");
  std::string notes;
  for (const auto& note : d.at("notes")) notes += note.get<std::string>() + "\n";
  for (const char* said :
       {"3 of 5 snapshots", "mean of 2 x 2 cells", "mean of 4 x 4 cells", "50 of 500 rows"})
    CHECK(notes.find(said) != std::string::npos);
  CHECK(d.at("damaged").empty());
}

TEST_CASE("a damaged snapshot is named, and the rest is shown", "[report][run]") {
  const Folder folder{"damaged"};
  for (const std::int64_t step : {0, 1, 2}) write_snapshot(folder, step, 16, 16);
  if (test::world().root()) {
    std::fstream file{folder.path / "snapshots" / io::snapshot_name(1),
                      std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(
        static_cast<std::streamoff>(fs::file_size(folder.path / "snapshots" / io::snapshot_name(1)) / 2));
    file << "damage, damage, damage";
  }
  test::world().barrier();
  const Page page = run_page(test::world(), folder.path, {});
  if (!test::world().root()) return;
  REQUIRE(page.data.at("series").size() == 2);
  CHECK(page.data.at("series")[1].at("step") == 2);
  REQUIRE(page.data.at("damaged").size() == 1);
  CHECK(page.data.at("damaged")[0].get<std::string>().find("snapshot_000000001.nc") != std::string::npos);
}

TEST_CASE("the page of a sweep: keys, counts, what is left out", "[report][sweep]") {
  const Folder folder{"sweep"};
  folder.write("journal", "x");
  std::string csv = "case,film,status,tries,T_max,reason\n";
  for (int n = 0; n < 1000; ++n)
    csv += n % 100 == 7 ? fmt::format("{},{},failed,3,,\"no <b>, {}\"\n", n, 0.5 * n, n)
                        : fmt::format("{},{},done,1,{},\n", n, 0.5 * n, 300 + n);
  folder.write("sweep.csv", csv);
  test::world().barrier();
  if (!test::world().root()) return;
  CHECK(holds_sweep(folder.path));
  const auto whole = sweep_page(folder.path, {}).data;
  CHECK(whole.at("counts").at("done") == 990);
  CHECK(whole.at("counts").at("failed") == 10);
  CHECK(whole.at("table").at("kept") == 1000);
  CHECK(whole.at("table").at("columns")[1].at("varied") == true);
  for (const int n : {0, 2, 3, 4, 5})
    CHECK(whole.at("table").at("columns")[std::size_t(n)].at("varied") == false);
  CHECK(whole.at("table").at("columns")[5].at("values")[7] == "no <b>, 7");
  CHECK(whole.at("table").at("columns")[4].at("values")[7].is_null());
  PageLimits limits;
  limits.sweep_cells = 600;  // a hundred rows
  const auto few = sweep_page(folder.path, limits).data;
  CHECK(few.at("counts").at("done") == 990);
  std::size_t failed = 0;
  for (const auto& s : few.at("table").at("columns")[2].at("values")) failed += s == "failed" ? 1 : 0;
  CHECK(failed == 10);
  CHECK(few.at("table").at("kept").get<int>() < 112);
  CHECK(few.at("notes").size() == 1);
}

TEST_CASE("fields of a sweep: of cases that are done, with the row they belong to", "[report][sweep]") {
  const Folder folder{"fields"};
  folder.write("journal", "x");
  std::string csv = "case,film,status,T_max\n";
  const auto failed = [](std::int64_t n) { return n % 10 == 3; };
  for (std::int64_t n = 39; n >= 0; --n)  // somebody has sorted it
    csv += fmt::format("{},{},{},{}\n", n, n, failed(n) ? "failed" : "done", n);
  folder.write("sweep.csv", csv);
  test::world().barrier();
  if (!test::world().root()) return;
  io::Integers numbers;
  for (std::int64_t n = 0; n < 40; ++n) numbers.push_back(n);
  // Unequal cells: points equally far apart show the cell that they lie in.
  io::TableFields fields{"temperature", "degC", "temperature at the end", {2, 1, 0.0, 4.0, 0.0, 1.0}, {}};
  fields.grid.x_faces = {0.0, 1.0, 4.0};
  fields.row = [&](std::int64_t n) {
    return failed(n) ? std::vector<double>{} : std::vector<double>{double(n), n + 0.5};
  };
  io::write_table(folder.path / "results.h5", "", {{"case", "1", numbers}}, fields);
  PageLimits limits;
  limits.pictures = 10;
  for (const bool all : {true, false}) {
    const Page page = sweep_page(folder.path, all ? PageLimits{} : limits);
    const auto& series = page.data.at("series");
    REQUIRE(series.size() == (all ? 36 : 10));
    CHECK(page.fields.size() == series.size());
    CHECK(page.data.at("grid").at("cells") == nlohmann::ordered_json{2, 1});
    CHECK(page.data.at("grid").at("nx") == 4);
    CHECK(page.data.at("notes").size() == (all ? 1 : 2));
    for (const auto& picture : series) {
      const auto row = 39 - picture.at("row").get<std::int64_t>();  // the case's number
      CHECK(!failed(row));
      CHECK(picture.at("nx") == 4);
      CHECK(picture.at("least") == double(row));
      CHECK(picture.at("greatest") == row + 0.5);
      CHECK(picture.at("unit") == "\u00b0C");
    }
    CHECK(series.front().at("row") == 0);
    CHECK(series.back().at("row") == 39);
    CHECK(page.data.at("table").at("columns")[0].at("values")[0] == 39);
  }
}

TEST_CASE("fields of a sweep that cannot be read are told", "[report][sweep]") {
  const Folder folder{"torn"};
  folder.write("journal", "x");
  folder.write("sweep.csv", "case,film,status\n0,1,done\n");
  folder.write("results.h5", "no HDF5");
  test::world().barrier();
  if (!test::world().root()) return;
  const Page page = sweep_page(folder.path, {});
  CHECK(page.data.at("series").empty());
  REQUIRE(page.data.at("notes").size() == 1);
  CHECK_THAT(page.data.at("notes")[0].get<std::string>(), Catch::Contains("fields are left out"));
}

TEST_CASE("what is no report", "[report]") {
  const auto code = [](const std::string& directory, const std::string& out) {
    try {
      report_command(test::world(), {directory, out});
    } catch (const Error& e) {
      return e.code();
    }
    return Exit::done;
  };
  const Folder folder{"nothing"};
  CHECK(code(folder.path.string(), "a.svg") == Exit::usage);
  CHECK(code(folder.path.string(), "a.html") == Exit::no_input);
  CHECK(code((folder.path / "nowhere").string(), "a.html") == Exit::no_input);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "app/files/import_tealeaf.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

namespace calor::app {
namespace {

const std::string bm_1 = R"(*tea
state 1 density=100.0 energy=0.0001
state 2 density=0.1 energy=25.0 geometry=rectangle xmin=0.0 xmax=1.0 ymin=1.0 ymax=2.0
state 3 density=0.1 energy=0.1 geometry=rectangle xmin=1.0 xmax=6.0 ymin=1.0 ymax=2.0
state 4 density=0.1 energy=0.1 geometry=rectangle xmin=5.0 xmax=6.0 ymin=1.0 ymax=8.0
state 5 density=0.1 energy=0.1 geometry=rectangle xmin=5.0 xmax=10.0 ymin=7.0 ymax=8.0
x_cells=10
y_cells=10
xmin=0.0
ymin=0.0
xmax=10.0
ymax=10.0
initial_timestep=0.004
end_step=10
tl_max_iters=10000
tl_use_cg
tl_eps 1.0e-15
test_problem 1
profiler_on
*endtea
)";

toml::table import(const std::string& deck, std::vector<std::string>& unknown) {
  return toml::parse(import_tealeaf(deck, "tea", unknown));
}
toml::table import(const std::string& deck) {
  std::vector<std::string> unknown;
  toml::table result = import(deck, unknown);
  CHECK(unknown == std::vector<std::string>{});
  return result;
}
double real(toml::node_view<toml::node> node) {
  REQUIRE(node.is_floating_point());
  return *node.value_exact<double>();
}
std::int64_t whole(toml::node_view<toml::node> node) {
  REQUIRE(node.is_integer());
  return *node.value_exact<std::int64_t>();
}

/// "n" of region "state_n" that owns each cell, 1 for none, by calor's rule: the last region that holds the
/// centre.
std::vector<int> cells_of_case(toml::table& c) {
  const std::int64_t nx = whole(c["grid"]["nx"]), ny = whole(c["grid"]["ny"]);
  const double x0 = real(c["grid"]["x"][0]), x1 = real(c["grid"]["x"][1]);
  const double y0 = real(c["grid"]["y"][0]), y1 = real(c["grid"]["y"][1]);
  std::vector<int> owner(static_cast<std::size_t>(nx * ny), 1);
  toml::array* regions = c["region"].as_array();
  if (regions == nullptr) return owner;
  for (toml::node& node : *regions) {
    toml::node_view<toml::node> r{node};
    const std::string name = *r["name"].value<std::string>(), shape = *r["shape"].value<std::string>();
    REQUIRE(name.rfind("state_", 0) == 0);
    for (std::int64_t j = 0; j < ny; ++j) {
      for (std::int64_t i = 0; i < nx; ++i) {
        const double x = x0 + (static_cast<double>(i) + 0.5) * (x1 - x0) / static_cast<double>(nx);
        const double y = y0 + (static_cast<double>(j) + 0.5) * (y1 - y0) / static_cast<double>(ny);
        bool inside = false;
        if (shape == "rectangle") {
          inside =
              real(r["x"][0]) <= x && x <= real(r["x"][1]) && real(r["y"][0]) <= y && y <= real(r["y"][1]);
        } else {
          REQUIRE(shape == "circle");
          inside = std::hypot(x - real(r["center"][0]), y - real(r["center"][1])) <= real(r["radius"]);
        }
        if (inside) owner[static_cast<std::size_t>(j * nx + i)] = std::stoi(name.substr(6));
      }
    }
  }
  return owner;
}

struct Rectangle {
  double xmin, xmax, ymin, ymax;
};

/// The same by TeaLeaf's rule for rectangles: drawn in by a hundredth of a cell, then every cell it touches.
std::vector<int> cells_of_tealeaf(int nx, int ny, const Rectangle& domain,
                                  const std::vector<Rectangle>& states) {
  const double dx = (domain.xmax - domain.xmin) / nx, dy = (domain.ymax - domain.ymin) / ny;
  std::vector<int> owner(static_cast<std::size_t>(nx * ny), 1);
  for (std::size_t s = 0; s < states.size(); ++s) {
    for (int j = 0; j < ny; ++j) {
      for (int i = 0; i < nx; ++i) {
        const double left = domain.xmin + dx * i, right = domain.xmin + dx * (i + 1);
        const double below = domain.ymin + dy * j, above = domain.ymin + dy * (j + 1);
        if (right >= states[s].xmin + dx / 100 && left < states[s].xmax - dx / 100 &&
            above >= states[s].ymin + dy / 100 && below < states[s].ymax - dy / 100) {
          owner[static_cast<std::size_t>(j * nx + i)] = static_cast<int>(s) + 2;
        }
      }
    }
  }
  return owner;
}

std::string deck_of(int nx, int ny, const Rectangle& d, const std::vector<Rectangle>& states) {
  std::string text =
      fmt::format("x_cells {} y_cells {}\nxmin {} xmax {}\nymin {} ymax {}\nstate 1 density 1 energy 1\n", nx,
                  ny, d.xmin, d.xmax, d.ymin, d.ymax);
  for (std::size_t s = 0; s < states.size(); ++s) {
    text += fmt::format("state {} density 2 energy 3 geometry rectangle xmin {} xmax {} ymin {} ymax {}\n",
                        s + 2, states[s].xmin, states[s].xmax, states[s].ymin, states[s].ymax);
  }
  return text;
}

int count(const std::vector<int>& owner, int state) {
  return static_cast<int>(std::count(owner.begin(), owner.end(), state));
}

std::string refusal(const std::string& deck) {
  std::vector<std::string> unknown;
  try {
    import_tealeaf(deck, "tea", unknown);
  } catch (const Error& error) {
    CHECK(error.code() == Exit::bad_case);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a benchmark deck becomes a case with TeaLeaf's numbers", "[tealeaf]") {
  toml::table c = import(bm_1);
  CHECK(whole(c["grid"]["nx"]) == 10);
  CHECK(whole(c["grid"]["ny"]) == 10);
  CHECK(real(c["grid"]["x"][1]) == 10.0);
  CHECK(real(c["material"]["density"]) == 100.0);
  CHECK(real(c["material"]["conductivity"]) == 0.01);
  CHECK(real(c["material"]["specific_heat"]) == 0.01);
  CHECK(c["material"]["face_mean"].value<std::string>() == "arithmetic");
  CHECK(real(c["initial"]["temperature"]) == 100.0 * 0.0001);
  CHECK(real(c["region"][0]["temperature"]) == 0.1 * 25.0);
  CHECK(real(c["region"][0]["conductivity"]) == 10.0);
  CHECK(real(c["region"][3]["temperature"]) == 0.1 * 0.1);
  CHECK(real(c["region"][2]["y"][1]) == 8.0);
  for (const char* side : {"left", "right", "bottom", "top"}) {
    CHECK(c["boundary"][side]["type"].value<std::string>() == "insulated");
  }
  CHECK(c["time"]["method"].value<std::string>() == "backward-euler");
  CHECK(real(c["time"]["dt"]) == 0.004);
  CHECK(whole(c["time"]["steps"]) == 10);
  CHECK(real(c["solver"]["tolerance"]) == 1e-12);
  CHECK(c["integral"][0]["name"].value<std::string>() == "mass_weighted");
  CHECK(c["integral"][0]["weight"].value<std::string>() == "density");
}

TEST_CASE("the check value of the first benchmark's initial state follows from the cells", "[tealeaf]") {
  toml::table c = import(bm_1);
  const std::vector<int> owner = cells_of_case(c);
  CHECK(count(owner, 2) == 1);
  CHECK(count(owner, 3) == 4);  // of its five, one belongs to state 4
  CHECK(count(owner, 4) == 6);
  CHECK(count(owner, 5) == 5);
  // Cells of volume 1: the sum of rho u, as TeaLeaf prints it at the start.
  double sum = 0.0;
  for (const int s : owner) sum += s == 1 ? 100.0 * 0.01 : 0.1 * (s == 2 ? 2.5 : 0.01);
  CHECK(sum == Approx(84.265).epsilon(1e-12));
}

TEST_CASE("rectangles fill the cells that TeaLeaf fills", "[tealeaf]") {
  const Rectangle domain{0.0, 10.0, 0.0, 10.0};
  SECTION("on the grid lines, off them, thinner than a cell, and within a hundredth of a line") {
    const int n = GENERATE(10, 7, 32);
    const std::vector<std::vector<Rectangle>> cases{
        {{0.0, 1.0, 1.0, 2.0}, {1.0, 6.0, 1.0, 2.0}, {5.0, 6.0, 1.0, 8.0}, {5.0, 10.0, 7.0, 8.0}},
        {{0.3, 1.7, 1.2, 2.9}, {4.4, 4.6, 3.3, 3.4}},
        {{2.995, 4.005, 2.985, 4.015}},
        {{3.2, 3.25, 0.0, 10.0}},
        {{-5.0, 2.5, 8.5, 40.0}},
    };
    for (const std::vector<Rectangle>& states : cases) {
      toml::table c = import(deck_of(n, n, domain, states));
      CHECK(cells_of_case(c) == cells_of_tealeaf(n, n, domain, states));
    }
  }
  SECTION("any rectangle on any grid") {
    std::mt19937 random{7};
    std::uniform_real_distribution<double> place{-1.0, 11.0}, size{0.02, 8.0};
    for (int trial = 0; trial < 200; ++trial) {
      const Rectangle d{-0.3, 9.9, 0.1, 11.3};
      const int nx = 3 + trial % 17, ny = 5 + trial % 11;
      std::vector<Rectangle> states;
      for (int s = 0; s < 3; ++s) {
        const double x = place(random), y = place(random);
        states.push_back({x, x + size(random), y, y + size(random)});
      }
      std::vector<std::string> unknown;
      toml::table c = import(deck_of(nx, ny, d, states), unknown);
      INFO(deck_of(nx, ny, d, states));
      CHECK(cells_of_case(c) == cells_of_tealeaf(nx, ny, d, states));
    }
  }
}

TEST_CASE("the cells of a rectangle in a deck off the grid lines, by hand", "[tealeaf]") {
  // Cells of width 1: 2.4 .. 5.005 touches cells 2, 3, 4; the last is not 5, since 5.005 - 0.01 < 5.
  toml::table c = import(
      "x_cells=10\ny_cells=10\nxmin=0\nxmax=10\nymin=0\nymax=10\nstate 1 density=1 energy=1\n"
      "state 2 density=1 energy=2 geometry=rectangle xmin=2.4 xmax=5.005 ymin=0.995 ymax=3\n");
  CHECK(real(c["region"][0]["x"][0]) == 2.0);
  CHECK(real(c["region"][0]["x"][1]) == 5.0);
  CHECK(real(c["region"][0]["y"][0]) == 1.0);  // 0.995 + 0.01 > 1
  CHECK(real(c["region"][0]["y"][1]) == 3.0);
}

TEST_CASE("circles take the cells whose centre they hold, points one cell", "[tealeaf]") {
  const std::string head =
      "x_cells 8\ny_cells 4\nxmin 0\nxmax 8\nymin 0\nymax 4\nstate 1 density 1 energy 1\n";
  SECTION("circle, in both repositories' words") {
    const std::string word = GENERATE("circle", "circular");
    toml::table c =
        import(head + "state 2 density 2 energy 5 geometry " + word + " xmin 3.5 ymin 1.5 radius 1.2\n");
    const std::vector<int> owner = cells_of_case(c);
    CHECK(count(owner, 2) == 5);
    for (const int cell : {8 + 3, 8 + 2, 8 + 4, 3, 16 + 3}) CHECK(owner[static_cast<std::size_t>(cell)] == 2);
  }
  SECTION("point: the cell with that vertex as its lower left corner") {
    toml::table c = import(head + "state 2 density 2 energy 5 geometry point xmin 3 ymin 2\n");
    const std::vector<int> owner = cells_of_case(c);
    CHECK(count(owner, 2) == 1);
    CHECK(owner[2 * 8 + 3] == 2);
  }
  SECTION("what fills no cell is left out and said") {
    const std::string state =
        GENERATE("geometry point xmin 3.25 ymin 2", "geometry point xmin 8 ymin 2",
                 "geometry circle xmin 3 ymin 2 radius 0", "geometry rectangle xmin 9 xmax 10 ymin 0 ymax 1",
                 "geometry rectangle xmin 3 xmax 2 ymin 0 ymax 1");
    std::vector<std::string> unknown;
    toml::table c = import(head + "state 2 density 2 energy 5 " + state + "\n", unknown);
    CHECK(c["region"].as_array() == nullptr);
    REQUIRE(unknown.size() == 1);
    CHECK(unknown[0].rfind("tea:8: state 2", 0) == 0);
  }
}

TEST_CASE("later states overwrite by their number, not by their line", "[tealeaf]") {
  toml::table c = import(
      "x_cells 4 y_cells 4 xmin 0 xmax 4 ymin 0 ymax 4\n"
      "state 3 density 3 energy 1 geometry rectangle xmin 0 xmax 4 ymin 0 ymax 4\n"
      "state 2 density 2 energy 1 geometry rectangle xmin 0 xmax 4 ymin 0 ymax 4\n"
      "state 1 density 1 energy 1\n");
  CHECK(count(cells_of_case(c), 3) == 16);
}

TEST_CASE("the keys of both repositories are understood, with and without tl_", "[tealeaf]") {
  const std::string head = "state 1 density=4 energy=1\n";
  SECTION("prefix, case, comments, separators, continuation, markers") {
    toml::table c = import(
        "x_cells=99 outside the markers\n*tea\nX_CELLS = 12 ! cells\ny_cells,13 # more\n"
        "state 1 density=4.0d0 \\\n energy=+2.5E-1\neps=1.0d-8\nmax_iters 5\nuse_ppcg\n"
        "ppcg_inner_steps 10\nepslim 0.0001\nhalo_depth 2 ; tail\n*endtea\nx_cells=98\n");
    CHECK(whole(c["grid"]["nx"]) == 12);
    CHECK(whole(c["grid"]["ny"]) == 13);
    CHECK(real(c["solver"]["tolerance"]) == 1e-8);
    CHECK(real(c["initial"]["temperature"]) == 1.0);
  }
  SECTION("coefficient") {
    CHECK(real(import(head)["material"]["conductivity"]) == 0.25);
    CHECK(real(import(head + "tl_coefficient_density\n")["material"]["conductivity"]) == 0.25);
    CHECK(real(import(head + "coefficient_inverse_density\n")["material"]["conductivity"]) == 4.0);
    CHECK(real(import(head + "tl_coefficient_inverse_density\n")["material"]["conductivity"]) == 4.0);
  }
  SECTION("preconditioner") {
    CHECK(import(head)["solver"]["preconditioner"].value<std::string>() == "multigrid");
    for (const char* solver : {"tl_use_cg", "use_jacobi", "tl_use_ppcg"})
      CHECK(import(head + solver)["solver"]["preconditioner"].value<std::string>() == "jacobi");
    CHECK(import(head + "tl_use_cg\ntl_preconditioner_type none")["solver"]["preconditioner"]
              .value<std::string>() == "none");
    CHECK(import(head + "tl_preconditioner_type none")["solver"]["preconditioner"].value<std::string>() ==
          "none");
    CHECK(
        import(head + "tl_preconditioner_type=jac_block")["solver"]["preconditioner"].value<std::string>() ==
        "jacobi");
  }
  SECTION("steps: the first of end_step and end_time") {
    CHECK(whole(import(head)["time"]["steps"]) == 100);  // 10 s of 0.1 s
    CHECK(whole(import(head + "end_time=1.0 initial_timestep=0.3")["time"]["steps"]) == 4);
    CHECK(whole(import(head + "end_time=0.04 initial_timestep=0.004")["time"]["steps"]) == 10);
    CHECK(whole(import(head + "end_time=100 end_step=7")["time"]["steps"]) == 7);
  }
  SECTION("defaults") {
    toml::table c = import(head);
    CHECK(whole(c["grid"]["nx"]) == 10);
    CHECK(real(c["grid"]["x"][1]) == 100.0);
    CHECK(real(c["solver"]["tolerance"]) == 1e-10);
    CHECK(!c["output"]);
    CHECK(whole(import(head + "visit_frequency=5")["output"]["every_steps"]) == 5);
  }
  SECTION("doubles keep every digit") {
    toml::table c = import("state 1 density=0.30000000000000004 energy=1\nxmax=12.345678901234567\n");
    CHECK(real(c["material"]["density"]) == 0.30000000000000004);
    CHECK(real(c["grid"]["x"][1]) == 12.345678901234567);
  }
}

TEST_CASE("unknown words are reported with their line and harm nothing", "[tealeaf]") {
  std::vector<std::string> unknown;
  toml::table c =
      import("state 1 density=4 energy=1 colour=red\nmax_iter 5\nfoo 1 2 x_cells 6\ntl_bar\n", unknown);
  CHECK(whole(c["grid"]["nx"]) == 6);
  REQUIRE(unknown.size() == 5);
  CHECK(unknown[0].rfind("tea:1: \"colour\"", 0) == 0);
  CHECK(unknown[2].rfind("tea:2: \"max_iter\"", 0) == 0);
  CHECK(unknown[3].rfind("tea:3: \"foo\"", 0) == 0);
  CHECK(unknown[4].rfind("tea:4: \"tl_bar\"", 0) == 0);
}

TEST_CASE("faulty decks are refused, naming the line", "[tealeaf]") {
  const std::string good = "state 1 density=4 energy=1\n";
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "state 1, the background, is missing"},
      {"state 2 density 1 energy 1 geometry point xmin 0 ymin 0\n", "state 1, the background, is missing"},
      {"state 1 energy 1\n", "tea:1: state 1 needs a density"},
      {"state 1 density 0 energy 1\n", "tea:1: state 1 needs a density above 0"},
      {"state 1 density -1 energy 1\n", "tea:1: state 1 needs a density above 0"},
      {"state 1 density 1\n", "tea:1: state 1 needs an energy"},
      {"state 1 density nan energy 1\n", "tea:1: density = nan: a finite number"},
      {"state 1 density 1e999 energy 1\n", "tea:1: density = 1e999: a finite number"},
      {"state 1 density 1x energy 1\n", "tea:1: density = 1x: a finite number"},
      {"state 1 density 1 energy\n", "tea:1: energy has no value"},
      {"state\n", "tea:1: state has no value"},
      {"state x density 1 energy 1\n", "tea:1: state = x: a whole number"},
      {"state 0 density 1 energy 1\n", "tea:1: state = 0: a whole number from 1"},
      {good + "state 1 density 1 energy 1\n", "tea:2: state 1 was defined in line 1"},
      {good + "state 2 density 1 energy 1\n", "tea:2: state 2: geometry = (none)"},
      {good + "state 2 density 1 energy 1 geometry blob\n", "tea:2: state 2: geometry = blob"},
      {good + "state 2 density 1 energy 1 geometry circle xmin 1 ymin 1\n",
       "tea:2: state 2: geometry = circle needs radius"},
      {good + "state 2 density 1 energy 1 geometry circle xmin 1 ymin 1 radius -1\n",
       "tea:2: state 2: radius = -1"},
      {good + "state 2 density 1 energy 1 geometry rectangle xmin 1 ymin 1 xmax 2\n", "needs ymax"},
      {good + "x_cells=0\n", "tea:2: x_cells = 0: a whole number from 1"},
      {good + "x_cells=12.7\n", "tea:2: x_cells = 12.7: a whole number"},
      {good + "y_cells=99999999999\n", "tea:2: y_cells = 99999999999"},
      {good + "y_cells\n", "tea:2: y_cells has no value"},
      {good + "xmin=5\nxmax=5\n", "xmin must be below xmax"},
      {good + "initial_timestep=0\n", "tea:2: initial_timestep = 0: a number above 0"},
      {good + "end_time=-1\n", "tea:2: end_time = -1"},
      {good + "end_step=0\n", "tea:2: end_step = 0"},
      {good + "tl_eps=-1e-9\n", "tea:2: eps = -1e-09"},
      {good + "z_cells=10\n", "tea:2: z_cells: this deck is of three dimensions"},
      {good + "zmin=0.0\nzmax=1.0\n", "tea:3: zmax: this deck is of three dimensions"},
      {good + "state 2 density 1 energy 1 geometry cuboid xmin 0 xmax 1 ymin 0 ymax 1 zmin 0 zmax 1\n",
       "tea:2: zmin: this deck is of three dimensions"},
      {good + "tl_preconditioner_type amg\n", "tea:2: preconditioner_type = amg"},
  };
  for (const auto& [deck, words] : table) {
    INFO(deck);
    CHECK_THAT(refusal(deck), Catch::Contains(words));
  }
  // All mistakes at once.
  const std::string several = refusal("x_cells=0\ny_cells=0\nstate 2 density 1 geometry blob\n");
  for (const char* words :
       {"tea:1: x_cells", "tea:2: y_cells", "tea:3: state 2 needs an energy", "blob", "state 1"}) {
    CHECK_THAT(several, Catch::Contains(words));
  }
}

}  // namespace calor::app

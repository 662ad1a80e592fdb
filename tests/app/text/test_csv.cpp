// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/csv.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using calor::app::csv_cell;
using calor::app::CsvTable;
using calor::app::read_csv;

TEST_CASE("a table of cells, plain and in quotes", "[csv]") {
  const CsvTable t = read_csv("# made by hand\na,\"b, c\",d\r\n1,\"x \"\"y\"\"\",\n\n\"2\n3\",,4\n", "t.csv");
  CHECK(t.columns == std::vector<std::string>{"a", "b, c", "d"});
  REQUIRE(t.rows.size() == 2);
  CHECK(t.rows[0] == std::vector<std::string>{"1", "x \"y\"", ""});
  CHECK(t.rows[1] == std::vector<std::string>{"2\n3", "", "4"});
  CHECK(t.lines == std::vector<int>{3, 5});
  CHECK(t.column("d") == 2);
  CHECK(t.column("e") == -1);
}

TEST_CASE("what is written as a cell reads back", "[csv]") {
  for (const std::string text : {"plain", "", "a,b", "say \"no\"", "two\nlines"})
    CHECK(read_csv("x,y\n" + csv_cell(text) + ",1\n", "t").rows.at(0).at(0) == text);
}

TEST_CASE("a broken table is refused with its line", "[csv]") {
  for (const auto& [text, line] :
       {std::pair{"", ":1:"}, std::pair{"a,b\n1,2\n3\n", ":3:"}, std::pair{"a\n\"1\n2\n", ":2:"}})
    CHECK_THROWS_WITH(read_csv(text, "t.csv"), Catch::Contains(line));
}

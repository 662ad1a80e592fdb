// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/text/csv.hpp"

namespace calor::app {

/// Which of `rows` rows are kept where no more than `most` may be: evenly spread ones, with the first and the
/// last.
std::vector<std::size_t> spread(std::size_t rows, std::size_t most);

/// A cell as JSON: a number where it is one, null where it is empty, else a text.
nlohmann::ordered_json cell_json(const std::string& text);

/// A table column by column: {file, rows, kept, columns: [{name, values, ...}]}.
/// @param keep   the rows that are kept
/// @param facts  more about the column of a name
nlohmann::ordered_json table_json(
    const CsvTable& table, const std::vector<std::size_t>& keep,
    const std::function<nlohmann::ordered_json(const std::string& name)>& facts);

/// A table that a run or sweep has written; one that is missing or has lost its form has no columns, and
/// `note` says so. A row that was cut off at the end is left out.
CsvTable results_table(const std::filesystem::path& file, std::string& note);

/// A unit as people write it: nothing for "1".
std::string printed_unit(const std::string& unit);

/// What is written in a JSON file; null where it is missing or none.
nlohmann::ordered_json json_in(const std::filesystem::path& file);
/// What is written in a file; empty where it is missing.
std::string text_in(const std::filesystem::path& file);
/// The beginning and the end of a log: {lines, head, end}; the whole stands in `head` where it is short.
nlohmann::ordered_json log_json(const std::filesystem::path& file);
/// What a directory is called.
std::string name_of_directory(const std::filesystem::path& directory);

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/time_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>

#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"

namespace calor::app {
namespace {

constexpr std::size_t most_shown = 10, longest_shown = 40;

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

std::optional<double> number(std::string_view s) {
  if (!s.empty() && s.front() == '+') s.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{} || end != s.data() + s.size() || s.empty()) return {};
  return value;
}

/// Takes digits off the front.
std::optional<int> digits(std::string_view& s, std::size_t count) {
  if (s.size() < count) return {};
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (s[i] < '0' || s[i] > '9') return {};
    value = 10 * value + (s[i] - '0');
  }
  s.remove_prefix(count);
  return value;
}
bool take(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

/// Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that a leap day is the last.
std::int64_t days_before(int year, int month, int day) {
  const std::int64_t y = month > 2 ? year : year - 1;
  const std::int64_t months = (month + 9) % 12;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * months + 2) / 5 + day - 1 - 719468;
}

/// One line of a file as its cells. Cells in quotes that hold quotes are kept in `unquoted`.
class Row {
 public:
  /// False: a quote has no end on this line, or something follows one.
  bool read(std::string_view line) {
    cells_.clear();
    unquoted_.clear();
    while (true) {
      std::string_view rest = line;
      while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
      std::size_t end = 0;
      if (!rest.empty() && rest.front() == '"') {
        line = rest.substr(1);
        std::string text;
        while (true) {
          const std::size_t quote = line.find('"');
          if (quote == std::string_view::npos) return false;
          text += line.substr(0, quote);
          line.remove_prefix(quote + 1);
          if (!take(line, '"')) break;
          text += '"';
        }
        end = std::min(line.find(','), line.size());
        if (!trimmed(line.substr(0, end)).empty()) return false;
        unquoted_.push_back(std::make_unique<std::string>(std::move(text)));
        cells_.push_back(trimmed(*unquoted_.back()));
      } else {
        end = std::min(line.find(','), line.size());
        cells_.push_back(trimmed(line.substr(0, end)));
      }
      if (end == line.size()) return true;
      line.remove_prefix(end + 1);
    }
  }
  const std::vector<std::string_view>& cells() const { return cells_; }

 private:
  std::vector<std::string_view> cells_;
  std::vector<std::unique_ptr<std::string>> unquoted_;
};

/// What is wrong with a file, line by line.
class Complaints {
 public:
  explicit Complaints(std::string name) : name_{std::move(name)} {}
  void add(const std::string& where, const std::string& what) {
    if (count_++ < most_shown)
      all_ += fmt::format("{}{}{}: {}", all_.empty() ? "" : "\n", name_, where, what);
  }
  std::size_t count() const { return count_; }
  void throw_if_any() const {
    if (count_ == 0) return;
    const std::string more =
        count_ > most_shown ? fmt::format("\n{}: ... and {} mistakes more", name_, count_ - most_shown) : "";
    throw Error{Exit::bad_case, all_ + more};
  }

 private:
  std::string name_, all_;
  std::size_t count_ = 0;
};

/// A cell for a message.
std::string shown(std::string_view cell) {
  std::string safe;
  for (const char c : cell.substr(0, longest_shown)) safe += static_cast<unsigned char>(c) < 32 ? '?' : c;
  return "\"" + safe + (cell.size() > longest_shown ? "...\"" : "\"");
}

/// The column's place from 0, or nothing, with the reason told.
std::optional<std::size_t> find(const std::vector<std::string>& names, const ColumnChoice& wanted,
                                Complaints& complaints) {
  if (wanted.number != 0) {
    if (wanted.number >= 1 && wanted.number <= static_cast<std::int64_t>(names.size()))
      return static_cast<std::size_t>(wanted.number - 1);
    complaints.add("", fmt::format("no column {}; there are {}", wanted.number, names.size()));
    return {};
  }
  const auto found = std::find(names.begin(), names.end(), wanted.name);
  if (found == names.end()) {
    const bool semicolons = names.size() == 1 && names[0].find(';') != std::string::npos;
    complaints.add("", fmt::format("no column {}; there is: {}{}{}", shown(wanted.name), joined(names),
                                   did_you_mean(wanted.name, names),
                                   semicolons ? "; cells are parted by commas, not semicolons" : ""));
    return {};
  }
  if (std::find(found + 1, names.end(), wanted.name) != names.end()) {
    complaints.add("",
                   fmt::format("several columns {}; choose one by its number from 1", shown(wanted.name)));
    return {};
  }
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::optional<Stamp> parse_stamp(std::string_view s) {
  Stamp stamp;
  const auto year = digits(s, 4);
  if (!year || !take(s, '-')) return {};
  const auto month = digits(s, 2);
  if (!month || !take(s, '-')) return {};
  const auto day = digits(s, 2);
  constexpr std::array<int, 12> lengths{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (!day || *month < 1 || *month > 12 || *day < 1 || *day > lengths[static_cast<std::size_t>(*month - 1)])
    return {};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  if (*month == 2 && *day == 29 && !leap) return {};
  std::int64_t within = 0;
  if (take(s, 'T') || take(s, 't') || take(s, ' ')) {
    const auto hour = digits(s, 2);
    if (!hour || !take(s, ':')) return {};
    const auto minute = digits(s, 2);
    std::optional<int> second = 0;
    if (take(s, ':')) {
      second = digits(s, 2);
      if (take(s, '.') || take(s, ',')) {
        const std::string_view before = s;
        while (!s.empty() && '0' <= s.front() && s.front() <= '9') s.remove_prefix(1);
        const std::string_view part = before.substr(0, before.size() - s.size());
        if (part.empty()) return {};
        const std::string text = "0." + std::string{part};
        std::from_chars(text.data(), text.data() + text.size(), stamp.fraction);
      }
    }
    if (!minute || !second || *hour > 24 || *minute > 59 || *second > 59) return {};
    if (*hour == 24 && (*minute != 0 || *second != 0 || stamp.fraction != 0.0)) return {};
    within = 3600 * *hour + 60 * *minute + *second;
    take(s, ' ');
    if (take(s, 'Z') || take(s, 'z')) {
      stamp.zoned = true;
    } else if (!s.empty() && (s.front() == '+' || s.front() == '-')) {
      const int sign = s.front() == '+' ? 1 : -1;
      s.remove_prefix(1);
      const auto hours = digits(s, 2);
      std::optional<int> minutes = 0;
      if (take(s, ':') || !s.empty()) minutes = digits(s, 2);
      if (!hours || !minutes || *hours > 18 || *minutes > 59) return {};
      within -= sign * (3600 * *hours + 60 * *minutes);
      stamp.zoned = true;
    }
  }
  if (!s.empty()) return {};
  stamp.seconds = 86400 * days_before(*year, *month, *day) + within;
  return stamp;
}

namespace {

/// Takes a file line by line: the row of names, then rows of a time and a value.
class SeriesReader {
 public:
  SeriesReader(const std::string& name, const ColumnChoice& column, const ColumnChoice& time)
      : column_{column}, time_{time}, complaints_{name} {}

  /// @param number  of the line, for complaints
  void take(std::string_view line, int number) {
    line_number_ = number;
    if (!row_.read(line)) {
      complaints_.add(where(row_.cells().size()), "a quote has no end in this line, or text behind it");
      return;
    }
    if (names_.empty())
      take_names(row_.cells());
    else
      take_point(row_.cells());
  }
  TimeSeries finish() {
    if (names_.empty())
      complaints_.add("", "empty; a row of names and rows of numbers are wanted");
    else if (series_.t.empty() && complaints_.count() == 0)
      complaints_.add("", "no rows under the names of the columns");
    complaints_.throw_if_any();
    series_.t.shrink_to_fit();
    series_.value.shrink_to_fit();
    return std::move(series_);
  }

 private:
  std::string where(std::size_t cell) const { return fmt::format(":{}:{}", line_number_, cell + 1); }
  void take_names(const std::vector<std::string_view>& cells);
  void take_point(const std::vector<std::string_view>& cells);
  std::optional<double> value_of(std::string_view cell);
  std::optional<double> time_of(std::string_view cell);
  std::optional<double> time_of(const Stamp& stamp, std::string_view cell);
  bool rises_to(double t, std::string_view cell);

  const ColumnChoice &column_, &time_;
  Complaints complaints_;
  TimeSeries series_;
  Row row_;
  int line_number_ = 0;
  std::vector<std::string> names_;
  std::size_t t_column_ = 0, v_column_ = 0;
};

/// Finds the columns; what is wrong with them is told at once.
void SeriesReader::take_names(const std::vector<std::string_view>& cells) {
  names_.assign(cells.begin(), cells.end());
  const bool numbers =
      std::all_of(cells.begin(), cells.end(), [](std::string_view c) { return number(c).has_value(); });
  if (numbers) complaints_.add(where(0), "the first row must hold the names of the columns, not numbers");
  std::optional<std::size_t> t = 0, v;
  if (time_.given()) t = find(names_, time_, complaints_);
  if (column_.given())
    v = find(names_, column_, complaints_);
  else if (names_.size() == 2 && t)
    v = 1 - *t;
  else
    complaints_.add("", fmt::format("column must be given; there is: {}{}", joined(names_),
                                    names_.size() == 1 && names_[0].find_first_of(";\t|") != std::string::npos
                                        ? " (columns are parted by commas)"
                                        : ""));
  if (t && v && *t == *v) complaints_.add("", "time and value are the same column");
  complaints_.throw_if_any();
  t_column_ = *t;
  v_column_ = *v;
}

void SeriesReader::take_point(const std::vector<std::string_view>& cells) {
  if (cells.size() != names_.size()) {
    complaints_.add(where(std::min(cells.size(), names_.size())),
                    fmt::format("the row has {} cells, the first one {}", cells.size(), names_.size()));
    return;
  }
  const std::string_view t_cell = cells[t_column_];
  const std::optional<double> v = value_of(cells[v_column_]);
  if (!v) return;
  const std::optional<double> t = time_of(t_cell);
  if (!t || !rises_to(*t, t_cell)) return;
  series_.t.push_back(*t);
  series_.value.push_back(*v);
}

std::optional<double> SeriesReader::value_of(std::string_view cell) {
  const std::optional<double> v = number(cell);
  if (v && std::isfinite(*v)) return v;
  complaints_.add(where(v_column_),
                  cell.empty() ? "empty; a number is wanted" : shown(cell) + " is not a finite number");
  return {};
}

/// Seconds as they stand, or since the first stamp.
std::optional<double> SeriesReader::time_of(std::string_view cell) {
  if (const std::optional<double> plain = number(cell); plain && std::isfinite(*plain)) {
    if (!series_.first) return plain;
    complaints_.add(where(t_column_), shown(cell) + " is a number, the rows before have stamps");
    return {};
  }
  if (const std::optional<Stamp> stamp = parse_stamp(cell)) return time_of(*stamp, cell);
  complaints_.add(where(t_column_),
                  cell.empty() ? "empty; a time is wanted"
                               : shown(cell) + " is neither a number of seconds nor an ISO 8601 stamp");
  return {};
}

std::optional<double> SeriesReader::time_of(const Stamp& stamp, std::string_view cell) {
  if (series_.t.empty()) {
    series_.first = stamp;
    series_.first_text = cell;
  } else if (!series_.first) {
    complaints_.add(where(t_column_), shown(cell) + " is a stamp, the rows before have numbers");
    return {};
  } else if (series_.first->zoned != stamp.zoned) {
    complaints_.add(where(t_column_),
                    shown(cell) + (stamp.zoned ? " has" : " lacks") + " a zone, unlike the rows before");
    return {};
  }
  return stamp.since(*series_.first);
}

/// Whether the time may stand behind those there are.
bool SeriesReader::rises_to(double t, std::string_view cell) {
  const std::size_t n = series_.t.size();
  if (n > 0 && t < series_.t.back()) {
    complaints_.add(where(t_column_),
                    fmt::format("{} lies before the row above; times must rise", shown(cell)));
    return false;
  }
  if (n >= 2 && t == series_.t[n - 1] && t == series_.t[n - 2]) {
    complaints_.add(where(t_column_),
                    fmt::format("{} stands there three times; two are a jump", shown(cell)));
    return false;
  }
  return true;
}

}  // namespace

TimeSeries read_time_series(std::string_view text, const std::string& name, const ColumnChoice& column,
                            const ColumnChoice& time) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);  // a byte-order mark, as spreadsheets write
  SeriesReader reader{name, column, time};
  for (int line_number = 1; !text.empty(); ++line_number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#' || trimmed(line).empty()) continue;
    reader.take(line, line_number);
  }
  return reader.finish();
}

}  // namespace calor::app

// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <set>
#include <stdexcept>

#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

namespace {

using Between = TimeTable::Between;
using Beyond = TimeTable::Beyond;

const Words<Between> interpolation_words{{"linear", Between::linear}, {"step", Between::step}};
const Words<Beyond> beyond_words{
    {"hold", Beyond::hold}, {"repeat", Beyond::repeat}, {"error", Beyond::undefined}};

constexpr std::size_t longest_path = 4096, longest_expression = longest_document;
constexpr double rounding = 1e-9;  // of the end of a run, which is a sum of steps

double zero_of(const Case& c) {
  switch (c.output.unit()) {
    case TemperatureUnit::celsius:
      return 0.0;
    case TemperatureUnit::kelvin:
      return 273.15;
  }
  throw Error{Exit::internal, "a temperature unit of no scale"};
}

/// What is wrong with a function's name; empty if nothing.
std::string complaint_about_name(const std::string& name) {
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0 ||
      !std::all_of(name.begin(), name.end(), fits))
    return "is no name for a function: a letter, then letters, digits and _";
  constexpr std::size_t longest = 60;
  if (name.size() > longest) return fmt::format("is longer than {} characters", longest);
  if (Function::is_word(name)) return "is a word of expressions already; choose another";
  if (standard_fires(0.0).count(name) != 0) return "is built in; choose another";
  return {};
}

/// All that is made of functions: in the order in which they need each other.
class Builder {
 public:
  using Refuse = std::function<void(const FunctionCase&, const std::string&)>;
  Builder(const std::vector<FunctionCase>& functions, FunctionTable& table, Refuse refuse)
      : functions_{functions}, table_{table}, refuse_{std::move(refuse)} {}

  void all() {
    for (const FunctionCase& f : functions_) build(f);
  }

 private:
  const FunctionCase* find(std::string_view name) const {
    const auto f = std::find_if(functions_.begin(), functions_.end(),
                                [&](const FunctionCase& g) { return g.name == name; });
    return f == functions_.end() ? nullptr : &*f;
  }
  void build(const FunctionCase& f) {
    if (table_.count(f.name) != 0) return;
    if (f.expression.empty()) {
      table_[f.name] = f.course.times().empty() ? Function{0.0} : Function::over_time(time_table(f.course));
      return;
    }
    open_.push_back(f.name);
    for (const std::string_view name : Function::names_in(f.expression)) {
      const auto circle = std::find(open_.begin(), open_.end(), name);
      if (circle != open_.end()) {
        if (told_.insert(f.name).second)
          refuse_(f, "calls itself: " + joined({circle, open_.end()}, " -> ") + " -> " + std::string{name});
        table_[f.name] = Function{0.0};
      } else if (const FunctionCase* other = find(name)) {
        build(*other);
      }
    }
    open_.pop_back();
    if (table_.count(f.name) != 0) return;
    try {
      table_[f.name] = Function::expression(f.expression, "t", table_);
    } catch (const std::invalid_argument& error) {
      refuse_(f, error.what());
      table_[f.name] = Function{0.0};
    }
  }

  const std::vector<FunctionCase>& functions_;
  FunctionTable& table_;
  Refuse refuse_;
  std::vector<std::string> open_;
  std::set<std::string> told_;
};

}  // namespace

bool operator==(const CourseCase& a, const CourseCase& b) {
  const auto same_points = [&] {
    return a.series == b.series || (a.times() == b.times() && a.values() == b.values());
  };
  return a.file == b.file && a.column == b.column && a.time == b.time && a.scale == b.scale &&
         a.offset == b.offset && a.between == b.between && a.beyond == b.beyond && a.period == b.period &&
         a.shift == b.shift && same_points();
}

TimeTable time_table(const CourseCase& c) {
  std::vector<double> t = c.times();
  if (c.shift != 0.0)
    for (double& v : t) v += c.shift;
  TimeTable::Shape shape;
  shape.between = c.between;
  shape.beyond = c.beyond;
  shape.period = c.period.value_or(0.0);
  shape.scale = c.scale;
  shape.offset = c.offset;
  return {std::move(t), c.values(), shape};
}

void point_to_copies(CourseCase& c) {
  if (!c.path.empty()) c.path = c.file;
}

FunctionTable functions_of(const Case& c) {
  FunctionTable table = standard_fires(zero_of(c));
  Builder{c.functions, table,
          [](const FunctionCase& f, const std::string& what) {
            throw std::logic_error{"functions." + f.name + ": " + what};
          }}
      .all();
  return table;
}

void bind(Schema& schema, CourseCase& c) {
  schema.numbers("t", c.t, "s").help("Times, rising; two the same are a jump");
  schema.numbers("value", c.value, "").help("As many values");
  schema.text("file", c.path, longest_path)
      .help("Instead: a CSV file with a row of names; relative paths count from this file");
  schema.column("column", c.column).help("Column of the values; may be left out if there are two");
  schema.column("time", c.time)
      .help("Column of times, in s or ISO 8601 stamps that count from time.start; absent: the first");
  schema.number("scale", c.scale).help("Values are multiplied by this");
  schema.number("offset", c.offset).help("And this is added");
  schema.word("interpolation", c.between, interpolation_words)
      .help("Between the times: straight lines, or each value until the next");
  schema.word("beyond", c.beyond, beyond_words)
      .help("Before the first and after the last time: these values, the table again, or a refusal");
  schema.number("period", c.period, "s")
      .positive()
      .help("Of repeat; absent: from the first time to the last. A longer one goes on to the first value");
}

void bind(Schema& schema, FunctionCase& c) {
  schema.text("expression", c.expression, longest_expression)
      .help("Of t and other functions; then NAME(t) can stand in any expression. Or a table:");
  if (c.expression.empty()) bind(schema, c.course);  // written as what it is
}

CaseContext::CaseContext(const Document& document, Case& c, Mistakes& mistakes)
    : document_{document}, case_{c}, mistakes_{mistakes} {
  // Needed before the section of time is read; what is wrong with it is told there.
  if (const Node* const start = document.find("time.start")) start_ = parse_stamp(start->text);
}

void CaseContext::refuse(const Node& node, const std::string& path, const std::string& what) {
  mistakes_.add(node.place, path, &node, what);
}

const FunctionTable& CaseContext::functions() {
  if (functions_) return *functions_;
  functions_ = standard_fires(0.0);
  FunctionTable& table = *functions_;
  const Node* const section = document_.root().member("functions");
  if (section == nullptr || section->kind != Node::Kind::table) return table;
  std::vector<FunctionCase> good;
  for (FunctionCase& f : case_.functions) {
    const Node& node = *section->member(f.name);
    const std::string path = "functions." + f.name;
    if (const std::string wrong = complaint_about_name(f.name); !wrong.empty()) {
      mistakes_.add(node.place, path, nullptr, wrong);
      continue;
    }
    // Its keys were read with the others of the file, and are settled now.
    if (mistakes_.about(path) || !settle_course(node, path, {}, true, f.course)) {
      table[f.name] = Function{0.0};
      continue;
    }
    if (!f.course.path.empty() || !f.course.times().empty()) f.expression.clear();
    good.push_back(f);
  }
  Builder{good, table,
          [&](const FunctionCase& f, const std::string& what) {
            const Node& node = *section->member(f.name);
            const Node* const text = node.member("expression");
            mistakes_.add(text != nullptr ? text->place : node.place, "functions." + f.name + ".expression",
                          text, what + did_you_mean_in(f.expression));
          }}
      .all();
  return table;
}

std::string CaseContext::did_you_mean_in(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions()) names.push_back(name);
  for (const FunctionCase& f : case_.functions) names.push_back(f.name);
  for (const std::string_view name : Function::names_in(text))
    if (!Function::is_word(name) && std::find(names.begin(), names.end(), name) == names.end())
      if (std::string near = did_you_mean(name, names); !near.empty()) return near;
  return {};
}

bool CaseContext::read_course(const Node& node, const Reading& reading, const Range& range,
                              CourseCase& course) {
  const std::size_t before = mistakes_.count();
  Schema schema;
  bind(schema, course);
  schema.read(node, reading.path, reading.mistakes, this);
  return mistakes_.count() == before && settle_course(node, reading.path, range, false, course);
}

/// Which of the ways to give it is meant; nothing, with the reason told, where that cannot be said.
std::optional<CaseContext::Way> CaseContext::chosen_way(const Node& node, const std::string& path,
                                                        bool expression_allowed) {
  std::vector<Way> ways;
  for (const char* key : {"expression", "t", "file"})
    if (const Node* const n = node.member(key)) ways.push_back({key, n});
  const std::string wanted = expression_allowed ? "t and value, file, or expression"
                                                : "t = [...] and value = [...], or file = \"...\"";
  if (ways.empty()) {
    mistakes_.add(node.place, path, nullptr,
                  (node.member("value") != nullptr ? "lacks t; give " : "is empty; give ") + wanted);
    return {};
  }
  // A later text that gives it in another way leaves the old one behind.
  const Way way = *std::max_element(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
    return a.node->place.layer < b.node->place.layer;
  });
  for (const Way& other : ways)
    if (other.key != way.key && other.node->place.layer == way.node->place.layer) {
      refuse(*other.node, path + "." + other.key,
             fmt::format("stands beside {}.{}; give one of them", path, way.key));
      return {};
    }
  return way;
}

/// Refuses keys that go with another way, unless an earlier text has left them behind.
bool CaseContext::none_beside(const Way& way, std::initializer_list<const char*> keys, const Node& node,
                              const std::string& path, const std::string& what) {
  for (const char* key : keys)
    if (const Node* const n = node.member(key); n != nullptr && n->place.layer >= way.node->place.layer) {
      refuse(*n, path + "." + key, what);
      return false;
    }
  return true;
}

/// Times that stand in the case: as many as values, and rising.
bool CaseContext::check_points(const Way& way, const Node& node, const std::string& path,
                               const CourseCase& c) {
  const Node* const value = node.member("value");
  if (value == nullptr || c.t.size() != c.value.size()) {
    refuse(node, path, fmt::format("t has {} numbers, value has {}", c.t.size(), c.value.size()));
    return false;
  }
  for (std::size_t i = 1; i < c.t.size(); ++i) {
    const bool thrice = i > 1 && c.t[i] == c.t[i - 1] && c.t[i] == c.t[i - 2];
    if (c.t[i] < c.t[i - 1] || thrice) {
      refuse(*way.node, path + ".t",
             fmt::format("{} {}", c.t[i],
                         thrice ? "stands there three times; two are a jump"
                                : fmt::format("follows {}; times must rise", c.t[i - 1])));
      return false;
    }
  }
  return true;
}

/// A period goes with what repeats, and is not shorter than the table.
bool CaseContext::check_period(const Node& node, const std::string& path, const CourseCase& c) {
  const double span = c.times().back() - c.times().front();
  if (c.period && c.beyond != Beyond::repeat) {
    const Node* const n = node.member("period");
    refuse(n != nullptr ? *n : node, path + ".period", "goes with beyond = \"repeat\"");
    return false;
  }
  if (c.beyond == Beyond::repeat && !(c.period.value_or(span) > 0.0 && c.period.value_or(span) >= span)) {
    const Node* const n = node.member("period");
    refuse(n != nullptr ? *n : node, path + ".period",
           c.period ? fmt::format("must be at least {} s, from the first time to the last", span)
                    : "missing; one time alone does not tell when it comes again");
    return false;
  }
  return true;
}

/// Values as they are used, with scale and offset.
bool CaseContext::check_values(const Node& node, const std::string& path, const Range& range,
                               const CourseCase& c) {
  const std::vector<double>&t = c.times(), &v = c.values();
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double value = v[i] * c.scale + c.offset;
    if (std::isfinite(value) && range.contains(value)) continue;
    const std::string made = c.scale == 1.0 && c.offset == 0.0 ? "" : " with scale and offset";
    mistakes_.add(node.place, path, nullptr,
                  fmt::format("must be {}; at t = {} it is {}{}",
                              std::isfinite(value) ? range.text() : "finite", t[i] + c.shift, value, made));
    return false;
  }
  return true;
}

/// Which of the ways to give it is meant, and whether it is right.
bool CaseContext::settle_course(const Node& node, const std::string& path, const Range& range,
                                bool expression_allowed, CourseCase& c) {
  const std::optional<Way> way = chosen_way(node, path, expression_allowed);
  if (!way) return false;
  const std::string chosen = way->key;
  if (chosen != "file") {
    c.path.clear();
    if (!none_beside(*way, {"column", "time"}, node, path, "is of a file, and none is given")) return false;
    c.column = c.time = {};
  }
  if (chosen != "t") {
    c.t.clear();
    c.value.clear();
  }
  if (chosen == "expression") {
    if (!none_beside(*way, {"scale", "offset", "interpolation", "beyond", "period", "value"}, node, path,
                     "is of a table, and an expression is given"))
      return false;
    c = {};
    if (way->node->text.empty()) refuse(*way->node, path + ".expression", "is empty");
    return !way->node->text.empty();
  }
  const bool given = chosen == "t" ? check_points(*way, node, path, c) : load(*way->node, path, c);
  if (!given) return false;
  const std::vector<double>& t = c.times();
  if (t.empty()) return true;  // not loaded yet
  if (!check_period(node, path, c) || !check_values(node, path, range, c)) return false;
  if (c.beyond == Beyond::undefined)
    endings_.push_back({path, node.place, t.front() + c.shift, t.back() + c.shift});
  return true;
}

/// What the file holds. True as well where it has only been asked for.
bool CaseContext::load(const Node& file, const std::string& path, CourseCase& c) {
  c.path = document_.path_from(file.place, file.text);
  const InputTables::Entry* const entry = document_.tables().find(c.path, c.column, c.time);
  if (entry == nullptr) return true;
  if (!entry->series) {
    if (entry->missing)
      missing_.push_back(fmt::format("{}: {}.file = {}: {}", file.place.text, path,
                                     toml_string(printable(file.text, 255)), entry->wrong));
    else
      for (std::size_t at = 0; at < entry->wrong.size();) {
        const std::size_t end = std::min(entry->wrong.find('\n', at), entry->wrong.size());
        mistakes_.add(file.place, path + ".file", &file, entry->wrong.substr(at, end - at));
        at = end + 1;
      }
    return false;
  }
  c.series = entry->series;
  c.file = "inputs/" + entry->file.name;
  note(entry->file);
  if (!c.series->first) return true;
  if (start_) {
    if (start_->zoned != c.series->first->zoned) {
      mistakes_.add(file.place, path + ".file", &file,
                    fmt::format("its stamps, {} the first, {} a zone, time.start {}", c.series->first_text,
                                start_->zoned ? "lack" : "have", start_->zoned ? "has one" : "has none"));
      return false;
    }
    c.shift = c.series->first->since(*start_);
  }
  dated_.push_back({path, c.path, file.place, *c.series->first, c.series->first_text});
  return true;
}

void CaseContext::read_picture(const Node& file, const Reading& reading, PictureCase& picture) {
  picture.path = document_.path_from(file.place, file.text);
  const InputTables::Entry* const entry = document_.tables().find_picture(picture.path);
  if (entry == nullptr) return;  // asked for
  if (!entry->picture) {
    refuse_file(file, reading, *entry);
    return;
  }
  picture.picture = entry->picture;
  picture.file = "inputs/" + entry->file.name;
  note(entry->file);
}

void CaseContext::read_drawing(const Node& file, const Reading& reading, DrawingCase& drawing) {
  drawing.path = document_.path_from(file.place, file.text);
  const InputTables::Entry* const entry = document_.tables().find_drawing(drawing.path);
  if (entry == nullptr) return;  // asked for
  if (!entry->drawing) {
    refuse_file(file, reading, *entry);
    return;
  }
  drawing.drawing = entry->drawing;
  drawing.file = "inputs/" + entry->file.name;
  note(entry->file);
}

void CaseContext::refuse_file(const Node& file, const Reading& reading, const InputTables::Entry& entry) {
  if (entry.missing)
    missing_.push_back(fmt::format("{}: {} = {}: {}", file.place.text, reading.path,
                                   toml_string(printable(file.text, 255)), entry.wrong));
  else
    mistakes_.add(file.place, reading.path, &file, entry.wrong);
}

void CaseContext::note(const InputFile& file) {
  if (std::find(inputs_.begin(), inputs_.end(), file) == inputs_.end()) inputs_.push_back(file);
}

void CaseContext::say_once(std::vector<std::string>& lines, const std::string& line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
}

void CaseContext::read_array_file(const Node& node, ArrayFileCase& file) {
  file.path = document_.path_from(node.place, node.text);
}

bool CaseContext::read_dataset(const Node& node, const Reading& reading, const Range& range,
                               DatasetCase& dataset) {
  ArrayFileCase& file = *reading.arrays;
  if (file.path.empty()) return false;  // said
  const InputTables::Entry* const entry = document_.tables().find_array(file.path, dataset.dataset);
  if (entry == nullptr) return true;  // asked for
  if (!entry->array) {
    const std::string key = reading.path.substr(0, reading.path.rfind('.')) + ".file";
    const std::string line = fmt::format("{}: {}: {}", document_.place_of(key).text, key, entry->wrong);
    if (entry->missing)
      say_once(missing_, line);
    else if (entry->damaged)
      say_once(changed_, line);
    else
      reading.refuse(node, entry->wrong);
    return entry->missing || entry->damaged;  // which is told by itself
  }
  file.found = fmt::format("{:016x}", entry->file.hash);
  file.place = entry->place;
  note(entry->file);
  if (!file.hash.empty() && file.hash != file.found)
    say_once(changed_,
             fmt::format("{}: has the hash {}, and the case was made with {}: it has changed; give the "
                         "file as it was, or leave the key hash out",
                         file.path, file.found, file.hash));
  const ArrayInput& array = *entry->array;
  if (!range.contains(array.least())) {
    reading.refuse(node, fmt::format("{}:{}[{},{}] is {}; all must be {}", file.path, dataset.dataset,
                                     array.lowest / array.pixels.nx, array.lowest % array.pixels.nx,
                                     array.least(), range.text()));
    return false;
  }
  dataset.hash = entry->file.hash;
  dataset.array = entry->array;
  return true;
}

void CaseContext::finish(const std::optional<double>& end) {
  functions();  // looked at even where nothing calls them
  if (!start_ && !mistakes_.about("time.start"))
    for (const Dated& d : dated_)
      if (!(d.first == dated_.front().first))
        mistakes_.add(d.place, d.key + ".file", nullptr,
                      fmt::format("{} begins at {}, {} at {}; say by time.start which instant t = 0 is",
                                  d.file, d.first_text, dated_.front().file, dated_.front().first_text));
  for (const Ending& e : endings_) {
    covered_until_ = std::min(covered_until_.value_or(e.last), e.last);
    const double slack = rounding * std::max(std::abs(e.first), std::abs(e.last));
    if (e.first > slack || (end && *end > e.last + slack))
      mistakes_.add(
          e.place, e.key + ".beyond", nullptr,
          fmt::format("the table runs from {} to {} s, the case from 0 to {} s; give beyond = \"hold\" "
                      "or \"repeat\", or a longer table",
                      e.first, e.last, end ? fmt::format("{}", *end) : "its end"));
  }
}

}  // namespace calor::app

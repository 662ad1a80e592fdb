// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/function.hpp"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cmath>
#include <deque>
#include <iomanip>
#include <limits>
#include <mutex>
#include <numbers>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "solver/model/cell_means.hpp"
#include "solver/model/quadrature.hpp"

namespace calor {
namespace {

constexpr std::size_t longest_text = std::size_t{1} << 20;
constexpr std::size_t longest_part = 15'000;  // muparser takes no more than 20 000
constexpr std::array<std::pair<char, const char*>, 4> meanings{
    {{'x', "x [m]"}, {'y', "y [m]"}, {'t', "t (time)"}, {'T', "T (temperature)"}}};

constexpr unsigned bit(char variable) {
  return variable == 'x' ? 1U : variable == 'y' ? 2U : variable == 't' ? 4U : 8U;
}

double least(const double* values, int count) {
  if (count < 1) throw mu::ParserError("min needs at least one argument");
  return *std::min_element(values, values + count);
}
double greatest(const double* values, int count) {
  if (count < 1) throw mu::ParserError("max needs at least one argument");
  return *std::max_element(values, values + count);
}

/// base ^ exponent. Squares are most of what is written, and std::pow takes ten times as long as a product.
double power(double base, double exponent) {
  if (exponent == 2.0) return base * base;
  if (exponent == 3.0) return base * base * base;
  if (exponent == 4.0) return (base * base) * (base * base);
  return std::pow(base, exponent);
}
/// muparser's own ^ cannot be replaced, so that texts are given to it with this sign, which nobody may write.
constexpr char power_sign = '#';
std::string with_power_signs(std::string text) {
  std::replace(text.begin(), text.end(), '^', power_sign);
  return text;
}

/// The functions an expression may call: a closed list, each without side effects.
void define_functions(mu::Parser& parser) {
  using One = double (*)(double);
  using Two = double (*)(double, double);
  parser.ClearFun();
  parser.ClearConst();
  parser.DefineConst("pi", std::numbers::pi);
  const auto define = [&parser](const char* name, One f) { parser.DefineFun(name, f); };
  define("sin", [](double v) { return std::sin(v); });
  define("cos", [](double v) { return std::cos(v); });
  define("tan", [](double v) { return std::tan(v); });
  define("asin", [](double v) { return std::asin(v); });
  define("acos", [](double v) { return std::acos(v); });
  define("atan", [](double v) { return std::atan(v); });
  define("sinh", [](double v) { return std::sinh(v); });
  define("cosh", [](double v) { return std::cosh(v); });
  define("tanh", [](double v) { return std::tanh(v); });
  define("exp", [](double v) { return std::exp(v); });
  define("ln", [](double v) { return std::log(v); });
  define("log10", [](double v) { return std::log10(v); });
  define("log2", [](double v) { return std::log2(v); });
  define("sqrt", [](double v) { return std::sqrt(v); });
  define("erf", [](double v) { return std::erf(v); });
  define("erfc", [](double v) { return std::erfc(v); });
  define("abs", [](double v) { return std::abs(v); });
  define("sign", [](double v) { return v < 0.0 ? -1.0 : v > 0.0 ? 1.0 : 0.0; });
  define("rint", [](double v) { return std::floor(v + 0.5); });
  parser.DefineFun("atan2", static_cast<Two>([](double a, double b) { return std::atan2(a, b); }));
  parser.DefineFun("min", least);
  parser.DefineFun("max", greatest);
  parser.DefineOprt(std::string(1, power_sign), power, mu::prPOW, mu::oaRIGHT);
}

/// A small number of this thread's own, given back when the thread ends: threads alive at the same time have
/// different ones. (OpenMP's own numbers repeat between nested and unrelated teams.)
class ThreadNumber {
 public:
  ThreadNumber() {
    Pool& p = pool();
    const std::lock_guard lock{p.mutex};
    if (p.free.empty()) {
      number_ = p.next++;
      p.free.reserve(static_cast<std::size_t>(p.next));  // so that giving back cannot fail
    } else {
      number_ = p.free.back();
      p.free.pop_back();
    }
  }
  ~ThreadNumber() {
    Pool& p = pool();
    const std::lock_guard lock{p.mutex};
    p.free.push_back(number_);
  }
  ThreadNumber(const ThreadNumber&) = delete;
  ThreadNumber& operator=(const ThreadNumber&) = delete;
  int get() const { return number_; }

 private:
  struct Pool {
    std::mutex mutex;
    std::vector<int> free;
    int next = 0;
  };
  static Pool& pool() {
    static Pool* const shared = new Pool;  // outlives every thread, those that end during exit included
    return *shared;
  }
  int number_ = 0;
};

int thread_number() {
  thread_local const ThreadNumber mine;
  return mine.get();
}

bool name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }

/// What an expression consists of: names, numbers, and single other characters.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    const auto digits = [&] {
      while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    };
    if (begins_name(text[i])) {
      while (end < text.size() && name_character(text[end])) ++end;
    } else if (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '.') {
      digits();
      if (end < text.size() && text[end] == '.') ++end;
      digits();
      if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        const std::size_t sign =
            end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') ? 1 : 0;
        if (end + 1 + sign < text.size() && std::isdigit(static_cast<unsigned char>(text[end + 1 + sign]))) {
          end += 1 + sign;
          digits();
        }
      }
    }
    if (!std::isspace(static_cast<unsigned char>(text[i]))) tokens.push_back(text.substr(i, end - i));
    i = end;
  }
  return tokens;
}

/// A text that is too long for muparser as several: `parts`, each with the name _0, _1, ... that later ones
/// and what `folded` returns may mention. What is computed, and in which order, stays as it was written.
class Folding {
 public:
  std::vector<std::string> parts;

  static std::string name_of(std::size_t part) {
    std::string name{"_"};
    name += std::to_string(part);
    return name;
  }
  std::string folded(std::string_view text) { return fold(tokens_of(text), 0, 0); }

 private:
  using Tokens = std::vector<std::string_view>;
  static constexpr std::size_t fits = 4000;  // muparser's time goes with the square
  static constexpr std::size_t short_enough = 400;
  static constexpr int deepest = 200;  // parentheses within parentheses
  enum Level { choices, conditions, sums, products, factors };

  static std::string joined(const Tokens& tokens) {
    std::string all;
    for (const std::string_view t : tokens) {
      if (!all.empty() && name_character(all.back()) && name_character(t[0])) all += ' ';
      all += t;
    }
    return all;
  }
  std::string hold(std::string text) {
    if (text.size() <= short_enough) return text;
    parts.push_back(std::move(text));
    return name_of(parts.size() - 1);
  }
  static bool separates(const Tokens& tokens, std::size_t i, int level) {
    const char c = tokens[i][0];
    const bool after_value =
        i > 0 && (name_character(tokens[i - 1][0]) || tokens[i - 1] == ")" || tokens[i - 1][0] == '.');
    switch (level) {
      case choices:
        return c == '?' || c == ':';
      case conditions:
        return std::string_view{"<>=!&|"}.find(c) != std::string_view::npos;
      case sums:
        return after_value && (c == '+' || c == '-');
      case products:
        return c == '*' || c == '/';
      default:
        return c == ',';
    }
  }
  /// At most `fits` characters, where that can be had.
  std::string fold(const Tokens& tokens, int level, int depth) {
    std::string whole = joined(tokens);
    if (whole.size() <= fits || depth > deepest) return whole;
    if (level == factors) return in_parentheses(tokens, depth);
    std::vector<Tokens> operands(1);
    std::vector<std::string> operators;
    int open = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      open += tokens[i] == "(" ? 1 : tokens[i] == ")" ? -1 : 0;
      if (open == 0 && separates(tokens, i, level)) {
        operators.emplace_back(tokens[i]);
        operands.emplace_back();
      } else {
        operands.back().push_back(tokens[i]);
      }
    }
    if (operators.empty()) return fold(tokens, level + 1, depth);
    std::vector<std::string> texts;
    for (const Tokens& o : operands) texts.push_back(hold(fold(o, level + 1, depth)));
    std::string all;
    if (level == choices) {
      for (std::size_t i = 0; i < operators.size(); ++i)  // one choice within another needs parentheses
        if (operators[i] != (i % 2 == 0 ? "?" : ":") || operators.size() % 2 != 0) return whole;
      all = texts.back();
      for (std::size_t i = operators.size(); i >= 2; i -= 2) {
        if (all.size() > fits - 3 * short_enough) all = hold(std::move(all));
        all = texts[i - 2] + "?" + texts[i - 1] + ":" + all;
      }
      return all;
    }
    all = texts[0];
    for (std::size_t i = 0; i < operators.size(); ++i) {
      const bool chain = level == sums || level == products;  // from the left: its begin is a value
      if (chain && all.size() > fits - 2 * short_enough) all = hold(std::move(all));
      all += operators[i] + texts[i + 1];
    }
    return all;
  }
  std::string in_parentheses(const Tokens& tokens, int depth) {
    std::string all;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] != "(") {
        all += tokens[i];
        continue;
      }
      std::vector<Tokens> arguments(1);
      int open = 1;
      for (++i; i < tokens.size(); ++i) {
        open += tokens[i] == "(" ? 1 : tokens[i] == ")" ? -1 : 0;
        if (open == 0) break;
        if (open == 1 && tokens[i] == ",")
          arguments.emplace_back();
        else
          arguments.back().push_back(tokens[i]);
      }
      all += '(';
      for (std::size_t a = 0; a < arguments.size(); ++a) {
        if (a > 0) all += ',';
        all += hold(fold(arguments[a], choices, depth + 1));
      }
      if (i < tokens.size()) all += ')';
    }
    return all;
  }
};

std::string list_of(const std::string& variables) {
  std::string all;
  for (const auto& [letter, meaning] : meanings)
    if (variables.find(letter) != std::string::npos) all += (all.empty() ? "" : ", ") + std::string{meaning};
  return all.empty() ? "no variable" : all;
}

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument{what}; }

std::string at(std::size_t position) { return " at character " + std::to_string(position + 1); }

/// muparser would take `x=5` as an assignment and strings as values; neither is arithmetic.
void check_characters(const std::string& text) {
  if (text.size() > longest_text)
    refuse("longer than " + std::to_string(longest_text) + " characters (" + std::to_string(text.size()) +
           ")");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) refuse("empty expression");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '"' || c == '\'') refuse("a string is not arithmetic" + at(i));
    if (c == power_sign) refuse("cannot read '" + std::string(1, c) + "'" + at(i));
    if (static_cast<unsigned char>(c) >= 128 || (static_cast<unsigned char>(c) < 32 && !std::isspace(c)))
      refuse("character that is not plain ASCII" + at(i));
    if (next == '=' && (c == '<' || c == '>' || c == '!' || c == '='))
      ++i;
    else if (c == '=')
      refuse("'='" + at(i) + " would be an assignment; to compare write ==");
  }
}

/// ", T_out, ..." for a message.
std::string names_of(const FunctionTable& named) {
  constexpr std::size_t most = 8;
  std::string all;
  std::size_t count = 0;
  for (const auto& [name, function] : named) {
    if (count++ == most) return all + ", ...";
    all += ", " + name;
  }
  return all;
}

/// A function of the user's, called within an expression.
double call(void* function, double t) { return (*static_cast<const Function*>(function))(0.0, 0.0, t); }

/// muparser's complaint in words that name what is allowed here.
std::string complaint(const mu::ParserError& error, const std::string& text, const std::string& variables,
                      const FunctionTable& named) {
  const std::size_t position = error.GetPos() < 0 ? text.size() : static_cast<std::size_t>(error.GetPos());
  if (error.GetCode() == mu::ecUNASSIGNABLE_TOKEN && position < text.size()) {
    std::size_t end = position;
    while (end < text.size() && name_character(text[end])) ++end;
    const std::string name = text.substr(position, std::max<std::size_t>(end - position, 1));
    const bool variable =
        name.size() == 1 && std::string_view{"xytT"}.find(name[0]) != std::string_view::npos;
    if (!std::isalpha(static_cast<unsigned char>(name[0])) && name[0] != '_')
      return "cannot read '" + name + "'" + at(position);
    mu::Parser known;
    define_functions(known);
    if (known.GetFunDef().count(name) != 0 || named.count(name) != 0)
      return "function '" + name + "'" + at(position) + " needs its arguments in parentheses";
    return (variable ? "variable '" : "unknown name '") + name + "'" + at(position) +
           (variable ? " may not appear here" : "") + "; allowed: " + list_of(variables) + ", pi" +
           (variable ? "" : " and functions such as sin, exp, sqrt, min" + names_of(named));
  }
  // muparser counts from zero and calls it a position.
  std::string words = error.GetMsg();
  if (error.GetCode() == mu::ecUNEXPECTED_EOF) return "the expression ends too early";
  if (error.GetCode() == mu::ecINTERNAL_ERROR) return "an operator lacks what it works on";
  if (const std::size_t p = words.find(" expression position "); p != std::string::npos) words.erase(p, 11);
  if (const std::size_t p = words.find(" position "); p != std::string::npos && error.GetPos() >= 0)
    words.replace(p, std::string::npos, " character " + std::to_string(position + 1));
  while (!words.empty() && (words.back() == '.' || words.back() == '\n' || words.back() == ' '))
    words.pop_back();
  if (!words.empty()) words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

}  // namespace

struct Function::Impl {
  /// A named function that an expression mentions.
  struct Called {
    std::string name;
    Function function;
    bool plainly;  ///< somewhere with plain `t`
  };

  /// A parser with arguments of its own: evaluation writes to both.
  struct alignas(64) Slot {
    double x = 0.0, y = 0.0, t = 0.0, T = 0.0;
    std::vector<double> held;      ///< values of the parts of a long text
    std::deque<mu::Parser> parts;  ///< in the order in which they are needed
    mu::Parser parser;

    Slot(const std::string& text, const std::string& variables, const std::vector<Called>& called) {
      if (text.size() <= longest_part) {
        set(parser, text, variables, called);
        return;
      }
      Folding folding;
      const std::string last = folding.folded(text);
      held.resize(folding.parts.size());
      for (std::size_t i = 0; i < folding.parts.size(); ++i) {
        set(parts.emplace_back(), folding.parts[i], variables, called);
        held[i] = parts.back().Eval();
      }
      set(parser, last, variables, called);
    }
    void set(mu::Parser& p, const std::string& words, const std::string& names,
             const std::vector<Called>& calls) {
      define_functions(p);
      for (const Called& c : calls)
        p.DefineFunUserData(c.name, call, const_cast<Function*>(&c.function));  // NOLINT: call only reads
      for (const char v : names)
        p.DefineVar(std::string(1, v), v == 'x' ? &x : v == 'y' ? &y : v == 't' ? &t : &T);
      for (std::size_t i = 0; i < parts.size() && &parts[i] != &p; ++i)
        if (const std::string name = Folding::name_of(i); words.find(name) != std::string::npos)
          p.DefineVar(name, &held[i]);
      p.SetExpr(with_power_signs(words));
      p.Eval();  // makes the bytecode
    }
    /// Bits of the variables that appear.
    unsigned used() const {
      unsigned bits = 0;
      const auto add = [&bits](const mu::Parser& p) {
        for (const auto& [name, place] : p.GetUsedVar())
          if (name[0] != '_') bits |= bit(name[0]);
      };
      for (const mu::Parser& p : parts) add(p);
      add(parser);
      return bits;
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    double operator()(double at_x, double at_y, double at_t, double at_T) {
      x = at_x;
      y = at_y;
      t = at_t;
      T = at_T;
      for (std::size_t i = 0; i < parts.size(); ++i) held[i] = parts[i].Eval();
      return parser.Eval();
    }
  };

  std::string text, variables;
  unsigned used = 0;                   ///< bits of the variables that appear
  std::vector<double> points, values;  ///< over T
  std::optional<TimeTable> course;     ///< over t
  std::shared_ptr<const PixelMap> pixels;
  std::vector<Function> of_pixel;
  std::shared_ptr<const CellMeans> means;
  std::vector<Called> called;
  Function inner;  ///< and what steps take of it
  std::shared_ptr<const StepValues> steps;
  bool knots_known = false;

  /// Which of the named functions the text mentions, and what it shows of time.
  void look_at_calls(const FunctionTable& named);

  /// One slot a thread, made when the thread first asks. Threads beyond the last share one under a lock.
  static constexpr std::size_t slot_count = 512;
  mutable std::array<std::atomic<Slot*>, slot_count> slots{};
  mutable std::mutex making, sharing;
  mutable std::unique_ptr<Slot> shared;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (std::atomic<Slot*>& s : slots) delete s.load();
  }

  double expression_at(double x, double y, double t, double T) const {
    const auto number = static_cast<std::size_t>(thread_number());
    if (number >= slot_count) {
      const std::lock_guard lock{sharing};
      if (!shared) shared = std::make_unique<Slot>(text, variables, called);
      return (*shared)(x, y, t, T);
    }
    Slot* slot = slots[number].load(std::memory_order_acquire);
    if (slot == nullptr) {
      const std::lock_guard lock{making};
      slot = new Slot{text, variables, called};
      slots[number].store(slot, std::memory_order_release);
    }
    return (*slot)(x, y, t, T);
  }

  double in_steps_at(double t) const {
    if (!steps->times.empty()) {
      const auto found = std::lower_bound(steps->times.begin(), steps->times.end(), t);
      if (found != steps->times.end() && *found == t)
        return steps->values[static_cast<std::size_t>(found - steps->times.begin())];
    }
    return inner(0.0, 0.0, t) + steps->offset;
  }

  double table_at(double T) const {
    if (!(T > points.front())) return T == T ? values.front() : T;  // NaN stays NaN
    if (T >= points.back()) return values.back();
    const auto upper = std::upper_bound(points.begin(), points.end(), T);
    const auto i = static_cast<std::size_t>(upper - points.begin());  // points[i-1] <= T < points[i]
    const double share = (T - points[i - 1]) / (points[i] - points[i - 1]);
    return values[i - 1] + share * (values[i] - values[i - 1]);
  }
};

Function::Function(double constant) : value_{constant} {}

void Function::Impl::look_at_calls(const FunctionTable& named) {
  const std::vector<std::string_view> tokens = tokens_of(text);
  const auto is = [&](std::size_t i, std::string_view what) {
    return i < tokens.size() && tokens[i] == what;
  };
  knots_known = true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view token = tokens[i];
    if (const auto found = named.find(token); found != named.end()) {
      const bool plainly = is(i + 1, "(") && is(i + 2, "t") && is(i + 3, ")");
      auto c = std::find_if(called.begin(), called.end(), [&](const Called& k) { return k.name == token; });
      if (c == called.end()) c = called.insert(c, {found->first, found->second, false});
      c->plainly = c->plainly || plainly;
      knots_known = knots_known && plainly && found->second.knots_known();
      if (plainly) i += 3;
    } else if (begins_name(token[0])) {
      knots_known = knots_known && (token == "x" || token == "y" || token == "T" || token == "pi");
    } else {
      const bool number = std::isdigit(static_cast<unsigned char>(token[0])) || token[0] == '.';
      knots_known =
          knots_known && (number || std::string_view{"+-*()"}.find(token[0]) != std::string_view::npos);
    }
  }
}

Function Function::expression(const std::string& text, const std::string& variables) {
  return expression(text, variables, {});
}

Function Function::expression(const std::string& text, const std::string& variables,
                              const FunctionTable& named) {
  check_characters(text);
  for (const std::string_view name : names_in(text))
    if (name[0] == '_') refuse("unknown name '" + std::string{name} + "'");
  try {
    auto impl = std::make_shared<Impl>();
    impl->text = text;
    impl->variables = variables;
    impl->look_at_calls(named);
    Impl::Slot trial{text, variables, impl->called};
    if (trial.parser.GetNumResults() != 1) refuse("a comma outside a function: one value is wanted");
    impl->used = trial.used();
    if (impl->used == 0) return Function{trial(0.0, 0.0, 0.0, 0.0)};
    Function f;
    f.impl_ = std::move(impl);
    return f;
  } catch (const mu::ParserError& error) {
    if (text.size() <= longest_part) throw std::invalid_argument{complaint(error, text, variables, named)};
    // Where in the text a part of it begins is not known.
    throw std::invalid_argument{complaint(error, error.GetExpr(), variables, named) +
                                ", in a part of this long expression"};
  }
}

Function Function::over_time(TimeTable table) {
  if (table.constant()) return Function{table(table.first())};
  auto impl = std::make_shared<Impl>();
  impl->used = bit('t');
  impl->course = std::move(table);
  impl->knots_known = true;
  Function f;
  f.impl_ = std::move(impl);
  return f;
}

Function Function::table(std::vector<double> T, std::vector<double> values) {
  CALOR_ASSERT(!T.empty() && T.size() == values.size() && std::is_sorted(T.begin(), T.end()));
  if (T.size() == 1) return Function{values.front()};
  auto impl = std::make_shared<Impl>();
  impl->used = bit('T');
  impl->points = std::move(T);
  impl->values = std::move(values);
  Function f;
  f.impl_ = std::move(impl);
  return f;
}

Function Function::pixels(std::shared_ptr<const PixelMap> pixels, std::vector<Function> of) {
  CALOR_ASSERT(!of.empty());
  auto impl = std::make_shared<Impl>();
  impl->used = bit('x') | bit('y');
  for (const Function& f : of) {
    CALOR_ASSERT(!f.of_time());
    if (f.impl_) impl->used |= f.impl_->used;
  }
  impl->pixels = std::move(pixels);
  impl->of_pixel = std::move(of);
  Function f;
  f.impl_ = std::move(impl);
  return f;
}

Function Function::in_cells(std::shared_ptr<const CellMeans> means) {
  auto impl = std::make_shared<Impl>();
  impl->used = bit('x') | bit('y');
  impl->means = std::move(means);
  Function f;
  f.impl_ = std::move(impl);
  return f;
}

bool Function::constant_on_pixels() const {
  return constant() || (impl_ && impl_->pixels &&
                        std::all_of(impl_->of_pixel.begin(), impl_->of_pixel.end(),
                                    [](const Function& f) { return f.constant(); }));
}

Function Function::in_steps(const Function& f, std::shared_ptr<const StepValues> values) {
  CALOR_ASSERT(f.of_time() && !f.of_place() && !f.of_temperature());
  auto impl = std::make_shared<Impl>();
  impl->used = bit('t');
  impl->inner = f;
  impl->steps = std::move(values);
  Function made;
  made.impl_ = std::move(impl);
  return made;
}

bool operator==(const Function& a, const Function& b) {
  if (a.factor_ != b.factor_) return false;
  if (a.impl_ == b.impl_) return a.impl_ || a.value_ == b.value_;
  if (!a.impl_ || !b.impl_) return false;
  const Function::Impl &p = *a.impl_, &q = *b.impl_;
  return p.text == q.text && p.variables == q.variables && p.points == q.points && p.values == q.values &&
         p.course == q.course && p.inner == q.inner && p.steps == q.steps && p.of_pixel == q.of_pixel &&
         (p.pixels == q.pixels || (p.pixels && q.pixels && *p.pixels == *q.pixels)) &&
         (p.means == q.means || (p.means && q.means && *p.means == *q.means)) &&
         std::equal(p.called.begin(), p.called.end(), q.called.begin(), q.called.end(),
                    [](const Function::Impl::Called& c, const Function::Impl::Called& d) {
                      return c.name == d.name && c.function == d.function;
                    });
}

double Function::varying(double x, double y, double t, double T) const {
  const Impl& i = *impl_;
  return factor_ * (i.steps            ? i.in_steps_at(t)
                    : i.course         ? (*i.course)(t)
                    : i.pixels         ? i.of_pixel[i.pixels->at(x, y)](x, y, t, T)
                    : i.means          ? (*i.means)(x, y)
                    : i.points.empty() ? i.expression_at(x, y, t, T)
                                       : i.table_at(T));
}

Function::Table Function::table() const {
  if (!impl_) return {};
  CALOR_ASSERT(factor_ == 1.0 || impl_->points.empty());
  return {impl_->points, impl_->values};
}

Function Function::times(double factor) const {
  Function f = *this;
  (f.impl_ ? f.factor_ : f.value_) *= factor;
  return f;
}

bool Function::of_place() const { return impl_ && (impl_->used & (bit('x') | bit('y'))) != 0; }
bool Function::of_time() const { return impl_ && (impl_->used & bit('t')) != 0; }
bool Function::of_temperature() const { return impl_ && (impl_->used & bit('T')) != 0; }

double Function::slope(double x, double y, double t, double T) const {
  if (!of_temperature()) return 0.0;
  // The cube root of the rounding error balances it against the third-derivative error of the difference.
  const double step = std::cbrt(std::numeric_limits<double>::epsilon()) * std::max(1.0, std::abs(T));
  const double above = T + step, below = T - step;
  return ((*this)(x, y, t, above) - (*this)(x, y, t, below)) / (above - below);
}

bool Function::knots_known() const { return !of_time() || impl_->knots_known; }

bool Function::knots(double from, double to, std::vector<Knot>& out) const {
  if (!of_time()) return true;
  if (impl_->course) return impl_->course->knots(from, to, most_knots, out);
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  for (const Impl::Called& c : impl_->called)
    if (c.plainly &&
        (!c.function.knots(from, to, out) || out.size() - static_cast<std::size_t>(begin) > most_knots)) {
      out.erase(out.begin() + begin, out.end());
      return false;
    }
  // A jump before a corner of the same time, so that it is the one that stays.
  std::sort(out.begin() + begin, out.end(),
            [](const Knot& a, const Knot& b) { return a.t < b.t || (a.t == b.t && a.jump && !b.jump); });
  out.erase(
      std::unique(out.begin() + begin, out.end(), [](const Knot& a, const Knot& b) { return a.t == b.t; }),
      out.end());
  return true;
}

double Function::integral(double t0, double t1, double x, double y, double T) const {
  std::vector<Knot> knots_inside;
  if (of_time() && !impl_->course) knots(t0, t1, knots_inside);
  std::vector<double> ends;
  for (const Knot& k : knots_inside) ends.push_back(k.t);
  ends.push_back(t1);
  return integral(t0, ends, x, y, T);
}

double Function::integral(double t0, std::span<const double> ends, double x, double y, double T) const {
  if (!of_time()) return (*this)(x, y, t0, T) * (ends.back() - t0);
  if (impl_->course) return factor_ * impl_->course->integral(t0, ends.back());
  return integral_over([&](double t) { return (*this)(x, y, t, T); }, t0, ends);
}

bool Function::is_word(std::string_view name) {
  static const mu::funmap_type functions = [] {
    mu::Parser parser;
    define_functions(parser);
    return parser.GetFunDef();
  }();
  return name == "pi" ||
         (name.size() == 1 && std::string_view{"xytT"}.find(name[0]) != std::string_view::npos) ||
         functions.count(std::string{name}) != 0;
}

std::vector<std::string_view> Function::names_in(std::string_view text) {
  std::vector<std::string_view> names;
  for (const std::string_view token : tokens_of(text))
    if (begins_name(token[0])) names.push_back(token);
  return names;
}

namespace {

FunctionTable made_fires(double zero) {
  // The norm counts t in minutes and has no time before 0.
  constexpr std::array<std::pair<const char*, const char*>, 3> curves{
      {{"iso834", "345*log10(8*max(t, 0)/60 + 1)"},
       {"external_fire", "660*(1 - 0.687*exp(-0.32*max(t, 0)/60) - 0.313*exp(-3.8*max(t, 0)/60))"},
       {"hydrocarbon", "1080*(1 - 0.325*exp(-0.167*max(t, 0)/60) - 0.675*exp(-2.5*max(t, 0)/60))"}}};
  std::ostringstream begin;  // to the last bit
  begin << std::setprecision(std::numeric_limits<double>::max_digits10) << 20.0 + zero;
  FunctionTable fires;
  for (const auto& [name, rise] : curves)
    fires.emplace(name, Function::expression(begin.str() + " + " + rise, "t"));
  return fires;
}

}  // namespace

FunctionTable standard_fires(double zero) {
  // Each case of a sweep asks for them, and it takes a parser of its own to make one.
  static std::mutex mutex;
  static std::map<double, FunctionTable> known;
  const std::scoped_lock lock{mutex};
  const auto found = known.find(zero);
  return found != known.end() ? found->second : known.emplace(zero, made_fires(zero)).first->second;
}

}  // namespace calor

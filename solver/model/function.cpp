// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/function.hpp"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {
namespace {

constexpr std::size_t longest_text = 4096;
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

bool name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// muparser's complaint in words that name what is allowed here.
std::string complaint(const mu::ParserError& error, const std::string& text, const std::string& variables) {
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
    if (known.GetFunDef().count(name) != 0)
      return "function '" + name + "'" + at(position) + " needs its arguments in parentheses";
    return (variable ? "variable '" : "unknown name '") + name + "'" + at(position) +
           (variable ? " may not appear here" : "") + "; allowed: " + list_of(variables) + ", pi" +
           (variable ? "" : " and functions such as sin, exp, sqrt, min");
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
  /// A parser with arguments of its own: evaluation writes to both.
  struct alignas(64) Slot {
    double x = 0.0, y = 0.0, t = 0.0, T = 0.0;
    mu::Parser parser;

    Slot(const std::string& text, const std::string& variables) {
      define_functions(parser);
      for (const char v : variables)
        parser.DefineVar(std::string(1, v), v == 'x' ? &x : v == 'y' ? &y : v == 't' ? &t : &T);
      parser.SetExpr(with_power_signs(text));
      parser.Eval();  // makes the bytecode
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    double operator()(double at_x, double at_y, double at_t, double at_T) {
      x = at_x;
      y = at_y;
      t = at_t;
      T = at_T;
      return parser.Eval();
    }
  };

  std::string text, variables;
  unsigned used = 0;  ///< bits of the variables that appear
  std::vector<double> points, values;

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
      if (!shared) shared = std::make_unique<Slot>(text, variables);
      return (*shared)(x, y, t, T);
    }
    Slot* slot = slots[number].load(std::memory_order_acquire);
    if (slot == nullptr) {
      const std::lock_guard lock{making};
      slot = new Slot{text, variables};
      slots[number].store(slot, std::memory_order_release);
    }
    return (*slot)(x, y, t, T);
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

Function Function::expression(const std::string& text, const std::string& variables) {
  check_characters(text);
  try {
    Impl::Slot trial{text, variables};
    if (trial.parser.GetNumResults() != 1) refuse("a comma outside a function: one value is wanted");
    unsigned used = 0;
    for (const auto& [name, place] : trial.parser.GetUsedVar()) used |= bit(name[0]);
    if (used == 0) return Function{trial.parser.Eval()};
    auto impl = std::make_shared<Impl>();
    impl->text = text;
    impl->variables = variables;
    impl->used = used;
    Function f;
    f.impl_ = std::move(impl);
    return f;
  } catch (const mu::ParserError& error) {
    throw std::invalid_argument{complaint(error, text, variables)};
  }
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

bool operator==(const Function& a, const Function& b) {
  if (a.factor_ != b.factor_) return false;
  if (a.impl_ == b.impl_) return a.impl_ || a.value_ == b.value_;
  return a.impl_ && b.impl_ && a.impl_->text == b.impl_->text && a.impl_->variables == b.impl_->variables &&
         a.impl_->points == b.impl_->points && a.impl_->values == b.impl_->values;
}

double Function::varying(double x, double y, double t, double T) const {
  return factor_ * (impl_->points.empty() ? impl_->expression_at(x, y, t, T) : impl_->table_at(T));
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

}  // namespace calor

// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/expression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "core/text.hpp"

namespace plumbline::analytic::external {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Dimension combine(Dimension a, Dimension b, int sign) {
  return {a.time + sign * b.time, a.data + sign * b.data};
}

std::string power_text(std::string_view unit, int power) {
  return power == 1 ? std::string(unit) : fmt::format("{}^{}", unit, power);
}

constexpr std::size_t deepest = 64;

}  // namespace

std::string describe(Dimension dimension) {
  struct Word {
    Dimension dimension;
    std::string_view text;
  };

  constexpr std::array words{Word{{0, 0}, "a plain number"}, Word{{1, 0}, "seconds"},
                             Word{{0, 1}, "bytes"}, Word{{-1, 1}, "bytes per second"},
                             Word{{1, -1}, "seconds per byte"}};
  for (const Word& word : words) {
    if (word.dimension == dimension) {
      return std::string(word.text);
    }
  }
  const std::string time = dimension.time != 0 ? power_text("s", dimension.time) : "";
  const std::string data = dimension.data != 0 ? power_text("B", dimension.data) : "";
  return time + (time.empty() || data.empty() ? "" : "*") + data;
}

/// By recursive descent; each function leaves the steps of what it has read and says their
/// dimension. The first mistake ends it.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const Expression::Dimensions& dimension_of,
                   const std::vector<std::string>& names)
      : text_(text), dimension_of_(dimension_of), names_(names) {}

  [[nodiscard]] std::variant<Expression, ExpressionError> all() {
    try {
      result_.dimension_ = sum();
      if (peek() != '\0' || at_ < text_.size()) {
        fail("PL-S040", at_, fmt::format("'{}' is not expected here", text_.substr(at_, 1)),
             "between two values stands +, -, *, / or ^");
      }
    } catch (const ExpressionError& error) {
      return error;
    }
    return std::move(result_);
  }

 private:
  using Code = Expression::Code;

  [[noreturn]] static void fail(std::string_view code, std::size_t offset, std::string message,
                                std::string hint) {
    throw ExpressionError{code, std::move(message), std::move(hint), offset};
  }

  [[noreturn]] static void mismatch(std::size_t offset, std::string message, std::string hint) {
    fail("PL-S042", offset, std::move(message), std::move(hint));
  }

  /// The next character that is no space; '\0' at the end.
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char c) {
    const bool there = peek() == c;
    at_ += there ? 1 : 0;
    return there;
  }

  void need(char c) {
    if (!take(c)) {
      fail("PL-S040", at_, fmt::format("'{}' is expected here", c), {});
    }
  }

  void emit(Code code, double number = 0.0, std::size_t symbol = 0) {
    result_.steps_.push_back({code, number, symbol});
  }

  Dimension sum() {
    if (++depth_ > deepest) {
      fail("PL-S040", at_, fmt::format("brackets nest deeper than {}", deepest), {});
    }
    Dimension left = product();
    for (char sign = peek(); sign == '+' || sign == '-'; sign = peek()) {
      const std::size_t place = at_++;
      const Dimension right = product();
      if (left != right) {
        mismatch(place,
                 fmt::format("{} {} {} {}", describe(left), sign == '+' ? "plus" : "minus",
                             describe(right), "is no quantity"),
                 left == Dimension{1, 0} && right == Dimension{0, 1}
                     ? "bytes become seconds by a division: S/B"
                     : "both sides of a sum have one dimension");
      }
      emit(sign == '+' ? Code::add : Code::subtract);
    }
    --depth_;
    return left;
  }

  Dimension product() {
    Dimension left = power();
    for (char sign = peek(); sign == '*' || sign == '/'; sign = peek()) {
      ++at_;
      left = combine(left, power(), sign == '*' ? 1 : -1);
      emit(sign == '*' ? Code::multiply : Code::divide);
    }
    return left;
  }

  Dimension power() {
    if (take('-')) {
      if (++depth_ > deepest) {
        fail("PL-S040", at_, "too many signs", {});
      }
      const Dimension dimension = power();
      --depth_;
      emit(Code::negate);
      return dimension;
    }
    const Dimension base = atom();
    const std::size_t place = at_;
    if (!take('^')) {
      return base;
    }
    const bool minus = take('-');
    std::ignore = peek();
    const double exponent = (minus ? -1.0 : 1.0) * number();
    if (base != Dimension{} && (std::trunc(exponent) != exponent || std::abs(exponent) > 9.0)) {
      mismatch(place, fmt::format("{} to the power of {:g}", describe(base), exponent),
               "what has a dimension takes small whole powers, and sqrt()");
    }
    emit(Code::power, exponent);
    return base == Dimension{} ? base
                               : Dimension{base.time * static_cast<int>(exponent),
                                           base.data * static_cast<int>(exponent)};
  }

  Dimension atom() {
    const char c = peek();
    if (is_digit(c)) {
      emit(Code::number, number());
      return {};
    }
    if (take('(')) {
      const Dimension dimension = sum();
      need(')');
      return dimension;
    }
    if (!begins_name(c)) {
      fail("PL-S040", at_,
           c == '\0' ? "the formula ends too early"
                     : fmt::format("a value is expected here, not '{}'", c),
           "a number, a name, a function or a bracket");
    }
    const std::size_t place = at_;
    const std::string name = this->name();
    return peek() == '(' ? function(name, place) : symbol(name, place);
  }

  double number() {
    const std::size_t length = core::number_prefix(text_.substr(at_));
    const std::optional<double> value = core::parse_number(text_.substr(at_, length));
    if (length == 0 || !value) {
      fail("PL-S040", at_, "a number is expected here", "e.g. 2, 0.5 or 1e9");
    }
    at_ += length;
    return *value;
  }

  std::string name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (begins_name(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Dimension symbol(const std::string& name, std::size_t place) {
    const std::optional<Dimension> dimension = dimension_of_(name);
    if (!dimension) {
      fail("PL-S041", place, fmt::format("unknown symbol '{}'", name), core::suggest(name, names_));
    }
    auto& symbols = result_.symbols_;
    const auto known = std::ranges::find(symbols, name);
    emit(Code::symbol, 0.0, static_cast<std::size_t>(known - symbols.begin()));
    if (known == symbols.end()) {
      symbols.push_back(name);
    }
    return *dimension;
  }

  Dimension function(const std::string& name, std::size_t place) {
    static const std::vector<std::string> functions{"min", "max", "ceil", "floor", "log2", "sqrt"};
    need('(');
    Dimension first = sum();
    if (name == "min" || name == "max") {
      while (peek() == ',') {
        const std::size_t comma = at_++;
        if (const Dimension next = sum(); next != first) {
          mismatch(comma, fmt::format("{} of {} and {}", name, describe(first), describe(next)),
                   "what is compared has one dimension");
        }
        emit(name == "min" ? Code::min : Code::max);
      }
    } else if (name == "sqrt") {
      if (first.time % 2 != 0 || first.data % 2 != 0) {
        mismatch(place, fmt::format("the square root of {} is no quantity", describe(first)), {});
      }
      first = {first.time / 2, first.data / 2};
      emit(Code::sqrt);
    } else if (std::ranges::find(functions, name) != functions.end()) {
      if (first != Dimension{}) {
        mismatch(
            place,
            fmt::format("{} of {}: its result would change with the unit", name, describe(first)),
            "divide by something of the same dimension first");
      }
      emit(name == "ceil" ? Code::ceil : name == "floor" ? Code::floor : Code::log2);
    } else {
      fail("PL-S041", place, fmt::format("unknown function '{}'", name),
           core::suggest(name, functions));
    }
    need(')');
    return first;
  }

  std::string_view text_;
  const Expression::Dimensions& dimension_of_;
  const std::vector<std::string>& names_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Expression result_;
};

std::variant<Expression, ExpressionError> Expression::parse(std::string_view text,
                                                            const Dimensions& dimension_of,
                                                            const std::vector<std::string>& names) {
  return ExpressionParser(text, dimension_of, names).all();
}

double Expression::evaluate(const std::vector<double>& values) const {
  std::vector<double> stack;
  const auto pop = [&] {
    const double top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    if (step.code == Code::number || step.code == Code::symbol) {
      stack.push_back(step.code == Code::number ? step.number : values[step.symbol]);
      continue;
    }
    const double b = pop();
    switch (step.code) {
      case Code::negate:
        stack.push_back(-b);
        break;
      case Code::power:
        stack.push_back(std::pow(b, step.number));
        break;
      case Code::ceil:
        stack.push_back(std::ceil(b));
        break;
      case Code::floor:
        stack.push_back(std::floor(b));
        break;
      case Code::log2:
        stack.push_back(std::log2(b));
        break;
      case Code::sqrt:
        stack.push_back(std::sqrt(b));
        break;
      case Code::add:
        stack.push_back(pop() + b);
        break;
      case Code::subtract:
        stack.push_back(pop() - b);
        break;
      case Code::multiply:
        stack.push_back(pop() * b);
        break;
      case Code::divide:
        stack.push_back(pop() / b);
        break;
      case Code::min:
        stack.push_back(std::min(pop(), b));
        break;
      default:
        stack.push_back(std::max(pop(), b));
    }
  }
  return stack.back();
}

}  // namespace plumbline::analytic::external

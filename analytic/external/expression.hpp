// SPDX-License-Identifier: Apache-2.0
// Formulas as text, whose dimensions are checked before anything is computed.
//
//   sum     = product { ("+" | "-") product }
//   product = power { ("*" | "/") power }
//   power   = "-" power | atom [ "^" ["-"] number ]
//   atom    = number | name | name "(" sum { "," sum } ")" | "(" sum ")"
//
// Functions: min, max of one dimension; ceil, floor, log2 of plain numbers; sqrt, which halves the
// dimension.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analytic/contract.hpp"

namespace plumbline::analytic::external {

/// Why a text is no formula. `offset` counts bytes into the text.
struct ExpressionError {
  std::string_view code;
  std::string message;
  std::string hint;
  std::size_t offset = 0;
};

/// `a number of seconds`, `bytes per second`, `s^2*B`.
[[nodiscard]] std::string describe(Dimension dimension);

class Expression {
 public:
  /// The dimensions of names; nullopt: unknown.
  using Dimensions = std::function<std::optional<Dimension>(std::string_view name)>;

  /// `names` are offered where one is misspelt.
  [[nodiscard]] static std::variant<Expression, ExpressionError> parse(
      std::string_view text, const Dimensions& dimension_of, const std::vector<std::string>& names);

  [[nodiscard]] Dimension dimension() const { return dimension_; }

  /// The names in it, each once.
  [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }

  /// `values` parallel to symbols().
  [[nodiscard]] double evaluate(const std::vector<double>& values) const;

 private:
  friend class ExpressionParser;

  enum class Code : std::uint8_t {
    number,
    symbol,
    add,
    subtract,
    multiply,
    divide,
    negate,
    power,
    min,
    max,
    ceil,
    floor,
    log2,
    sqrt
  };

  struct Step {
    Code code = Code::number;
    double number = 0.0;     ///< or the exponent
    std::size_t symbol = 0;  ///< index into symbols()
  };

  std::vector<Step> steps_;  ///< operands first
  std::vector<std::string> symbols_;
  Dimension dimension_;
};

}  // namespace plumbline::analytic::external

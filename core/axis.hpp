// SPDX-License-Identifier: Apache-2.0
// From a Cursor to the one text to be parsed, whatever form it has; private to core.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/cursor.hpp"
#include "core/units.hpp"

namespace plumbline::core {

/// What resolving has to know of a scalar's type. `number` and `write` are empty where there are no
/// ranges; `write(number(text))` spells the same value.
struct ScalarType {
  std::function<std::optional<UnitError>(std::string_view)> check;
  std::function<std::optional<double>(std::string_view)> number;
  std::function<std::string(double)> write;
  bool whole = false;  ///< only whole numbers
};

/// The text found, or chosen on an axis, and where it stands.
struct ScalarText {
  std::string text;
  SourceSpan where;
  std::string path;  ///< of the position, without `.value`
  std::string source;
  bool verified = true;
};

/// Unwraps {value: …, source: …}, chooses on an axis, and checks the text; nullopt after a
/// diagnostic.
[[nodiscard]] std::optional<ScalarText> resolve_scalar(const Cursor& cursor,
                                                       const ScalarType& type);

}  // namespace plumbline::core

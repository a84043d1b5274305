// SPDX-License-Identifier: Apache-2.0
// From a Cursor to a value. Wherever a scalar stands, a list or {from, to, factor|step|count} is a
// sweep axis, and {value: …, source: …} is a number with its source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/quantity.hpp"

namespace plumbline::core {

/// Reader<T>::read(cursor) → optional<T>; mistakes go to the cursor's diagnostics.
/// Reader<T>::type_name names the kind of value for `describe` and messages;
/// Reader<T>::json_type is the JSON Schema type of its text.
template <class T>
struct Reader;

#define PLUMBLINE_READER(Type)                             \
  template <>                                              \
  struct Reader<Type> {                                    \
    static std::optional<Type> read(const Cursor& cursor); \
    static constexpr bool sweeps = true;                   \
    static const std::string_view type_name;               \
    static const std::string_view json_type;               \
  };
PLUMBLINE_READER(Bytes)
PLUMBLINE_READER(Seconds)
PLUMBLINE_READER(Bandwidth)
PLUMBLINE_READER(Flop)
PLUMBLINE_READER(FlopRate)
PLUMBLINE_READER(Fraction)
PLUMBLINE_READER(double)
PLUMBLINE_READER(std::uint32_t)
PLUMBLINE_READER(std::uint64_t)
PLUMBLINE_READER(bool)
PLUMBLINE_READER(std::string)
#undef PLUMBLINE_READER

/// A native list: not an axis.
template <class T>
struct Reader<std::vector<T>> {
  static constexpr bool sweeps = false;
  static constexpr std::string_view type_name = "list";
  static constexpr std::string_view json_type = "array";

  static std::optional<std::vector<T>> read(const Cursor& cursor) {
    if (!cursor.is_sequence()) {
      cursor.error("PL-K004", "a list is expected here", "write [a, b, c]");
      return std::nullopt;
    }
    std::vector<T> result;
    bool good = true;
    for (const Cursor& item : cursor.items()) {
      std::optional<T> value = Reader<T>::read(item);
      good = good && value.has_value();
      if (value) {
        result.push_back(std::move(*value));
      }
    }
    return good ? std::optional(std::move(result)) : std::nullopt;
  }
};

template <class T>
[[nodiscard]] std::optional<T> read(const Cursor& cursor) {
  return Reader<T>::read(cursor);
}

/// The name chosen at a scalar, checked against `choices`; an axis like any scalar.
[[nodiscard]] std::optional<std::string> read_choice(const Cursor& cursor,
                                                     const std::vector<std::string>& choices,
                                                     std::string_view what);

/// Which of several alternatives that are more than scalars is chosen: an axis at `cursor`, whose
/// values are their `labels`. What is read of the one chosen can't be swept: see Cursor::unswept.
[[nodiscard]] std::optional<std::size_t> choose_alternative(const Cursor& cursor,
                                                            std::vector<std::string> labels);

}  // namespace plumbline::core

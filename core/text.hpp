// SPDX-License-Identifier: Apache-2.0
// Small text helpers for messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline::core {

/// The candidate nearest to `word` in edit distance, if near enough to be what was meant.
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view word,
                                                      std::span<const std::string> candidates);

/// "did you mean 'x'?" where something is near, else "one of: a, b, c" (at most 12 shown).
[[nodiscard]] std::string suggest(std::string_view word, std::span<const std::string> candidates);

[[nodiscard]] std::string join(std::span<const std::string> words, std::string_view separator);

/// Whole decimal number without leading zeros or signs; nothing else is an integer in our files.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);

/// Length of the number, in JSON's grammar, at the start of `text`; 0 where there is none.
[[nodiscard]] std::size_t number_prefix(std::string_view text);

/// Decimal number as JSON writes it (`-1.5e3`), locale-free; infinities and NaN refused.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// Offset of the first byte that a text file never holds: broken UTF-8 or a control character.
[[nodiscard]] std::optional<std::size_t> first_bad_byte(std::string_view text);

}  // namespace plumbline::core

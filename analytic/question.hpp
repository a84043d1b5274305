// SPDX-License-Identifier: Apache-2.0
// A problem in the numbers and words that a closed form speaks in: what users' solvers are told,
// what formulas compute with, and what domains are stated in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analytic/contract.hpp"

namespace plumbline::analytic {

/// A number in SI. Without a value where there is none, or where there are several: a latency where
/// paths differ.
struct Number {
  std::optional<double> value;
  Dimension dimension;
};

/// A number that every question may hold, and what it means.
struct NumberInfo {
  std::string_view name;
  Dimension dimension;
  std::string_view meaning;
};

/// The numbers by their dotted names, sorted.
[[nodiscard]] const std::vector<NumberInfo>& number_infos();

/// nullptr where there is no such number. Also by the end of its name, `ranks`; of several that end
/// so, the one with the fewest parts: `bandwidth` is fabric.bandwidth.
[[nodiscard]] const NumberInfo* find_number(std::string_view name);

struct Question {
  std::map<std::string, Number> numbers;     ///< every one of number_infos()
  std::map<std::string, std::string> words;  ///< collective, algorithm, protocol, …
  std::vector<std::uint32_t> node_of;        ///< machine of each rank, from 0 by first appearance

  /// Precondition: find_number(name).
  [[nodiscard]] const Number& number(std::string_view name) const;
};

[[nodiscard]] Question question_of(const workload::Problem& problem);

/// What an axis of a domain is measured in; nullopt where there is no such axis, or its values are
/// words. Beside the numbers of questions these are what `validate` draws its machines by.
[[nodiscard]] std::optional<Dimension> axis_dimension(std::string_view name);

/// Whether the values of an axis are words: `algorithm`.
[[nodiscard]] bool is_word_axis(std::string_view name);

/// The axes most asked for, for messages.
[[nodiscard]] const std::vector<std::string>& common_axes();

/// In one sentence why a question lies outside of a domain; empty where it does not. Words, counts
/// and numbers of bytes limit it where the question has them; latencies and rates of a domain are
/// those of machines, of which a question may have several.
[[nodiscard]] std::string outside(const std::map<std::string, DomainAxis>& domain,
                                  const Question& question);

}  // namespace plumbline::analytic

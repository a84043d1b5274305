// SPDX-License-Identifier: Apache-2.0
// What a solver must be better than, or should be.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gate/differential.hpp"

namespace plumbline::gate {

/// Against two straight lines through the bytes that each rank's port must move over its bandwidth,
/// both in units of the largest latency of a transfer: all that a data sheet tells. Each half of
/// the sample is predicted by the lines through the other half. Nullopt below eight points.
[[nodiscard]] std::optional<Comparison> against_null(const std::vector<Sample>& samples,
                                                     const std::vector<Judgement>& judgements,
                                                     std::uint64_t seed);

/// Against the built-in solver, other than `name`, that answers most of the sample; the first of
/// equals. Nullopt where none answers.
[[nodiscard]] std::optional<Comparison> against_incumbent(std::string_view name,
                                                          const std::vector<Sample>& samples,
                                                          const std::vector<Judgement>& judgements,
                                                          std::uint64_t seed);

}  // namespace plumbline::gate

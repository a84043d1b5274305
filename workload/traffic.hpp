// SPDX-License-Identifier: Apache-2.0
// Who has how much for whom: the bytes of exchanges whose pairs differ.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workload/workload.hpp"

namespace plumbline::workload {

/// What `from` has for `to` in an all_to_all or all_to_allv.
[[nodiscard]] core::Bytes pair_bytes(const Workload& workload, RankId from, RankId to);

/// Of the bytes for another machine, the share that crosses to it where what several of a token's
/// experts there need crosses once (Experts); 1 without experts. With k machines that hold E/k
/// experts each and t distinct experts drawn evenly per token, a token meets
/// k(1 − C(E − E/k, t)/C(E, t)) machines on average: that, over t. Precondition: k divides E.
[[nodiscard]] double crossing_share(const Workload& workload, std::uint32_t machines);

/// Traffic in which every rank sends `size` and the ranks are unequally popular: a share
/// proportional to 1/i^exponent for the i-th most popular. The seed says in which order they are.
[[nodiscard]] std::vector<core::Bytes> zipf_traffic(core::Bytes size, RankCount ranks,
                                                    double exponent, std::uint64_t seed);

/// Each rank sends to the rank `by` further on, cyclically.
[[nodiscard]] std::vector<RankId> shift_targets(RankCount ranks, std::uint32_t by);

/// Ranks in a square by rows: (i, j) sends to (j, i). Precondition: the number is a square.
[[nodiscard]] std::vector<RankId> transpose_targets(RankCount ranks);

/// Any permutation, equally likely; those who would send to themselves send nothing.
[[nodiscard]] std::vector<RankId> random_targets(RankCount ranks, std::uint64_t seed);

/// The root of a square; nullopt of other numbers.
[[nodiscard]] std::optional<std::uint32_t> square_root(std::uint32_t number);

}  // namespace plumbline::workload

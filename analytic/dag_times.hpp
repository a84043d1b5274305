// SPDX-License-Identifier: Apache-2.0
// Times of operations that wait for nobody: heads, tails and the longest path of the dag.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "workload/engine.hpp"
#include "workload/outcome.hpp"
#include "workload/problem.hpp"

namespace plumbline::analytic {

/// What one operation takes alone: its latency, then its bytes at the uncontended rate (or its own
/// duration).
struct Alone {
  core::Seconds latency;
  core::Seconds work;
};

[[nodiscard]] Alone alone(const workload::Costs& costs, const workload::Operation& op,
                          std::uint32_t origin);

/// No sharing can make an operation move data before `data_start` or end before `end`; launch
/// included.
struct Heads {
  std::vector<core::Seconds> data_start;
  std::vector<core::Seconds> end;
};

[[nodiscard]] Heads heads(const workload::Problem& problem);

/// Per operation: the longest path of uncontended durations after its end.
[[nodiscard]] std::vector<core::Seconds> tails(const workload::Problem& problem);

/// A longest path by `end`, first operation first. Where predecessors tie, the first one listed.
[[nodiscard]] std::vector<workload::OpId> last_path(const workload::Dag& dag,
                                                    const std::vector<core::Seconds>& end);

/// What the path's operations take alone, by term, launch included.
[[nodiscard]] workload::Terms path_terms(const workload::Problem& problem,
                                         const std::vector<workload::OpId>& path);

/// The path in a few words: `14 operations from gpu0 to gpu3: 7 us latency + 35 ms data`.
[[nodiscard]] std::string describe_path(const workload::Problem& problem,
                                        const std::vector<workload::OpId>& path);

/// Whether the dag is small enough to be made.
[[nodiscard]] workload::Validity can_expand(const workload::Problem& problem);

}  // namespace plumbline::analytic

// SPDX-License-Identifier: Apache-2.0
// Proof by symbolic execution that a schedule computes its collective.
//
// State: for every (rank, chunk) the set of contributions held. A copy replaces the receiver's set
// by the sender's, a reduce joins them and must not count anything twice. A multicast replaces the
// sets of its whole group; a switch_reduce replaces its rank's by the union of the group's, which
// must be disjoint, a switch_all_reduce everyone's. Each moves as many bytes as its chunks have.
// The final state must be the collective's. The result must not depend on the order in which
// unordered operations happen to run: two operations that touch the same (rank, chunk), one of them
// writing, must be ordered by dependencies (no races). Reductions into one place are the exception,
// for the order of additions does not matter; where a schedule keeps additions apart they are
// ordered with nothing but replacements, and a send carries those that it depends on.
//
// A pipeline's chunks are its micro-batches and its contributions the steps done on them (see
// training/pipeline.hpp): the compute of step k requires exactly {0, …, k − 1}, runs on the step's
// rank for the step's time, and never at the same time as another on that rank.
#pragma once

#include <cstdint>
#include <string>

#include "workload/schedule.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// Larger schedules are proved at a smaller number of ranks.
inline constexpr std::uint64_t verify_limit = std::uint64_t{1} << 20;

struct Verification {
  bool proved = false;
  RankCount
      at_ranks;  ///< where the proof was done; differs from the workload's when that is too large
  std::string failure;  ///< which rank and chunk is wrong, and how; empty when proved
};

/// Proves `schedule` as it is.
[[nodiscard]] Verification verify(const Schedule& schedule, const Workload& workload);

/// Proves `schedule`, or above verify_limit the same generator's schedule at the largest
/// power-of-two number of ranks that fits.
[[nodiscard]] Verification verify_generated(const Schedule& schedule, const Workload& workload);

}  // namespace plumbline::workload

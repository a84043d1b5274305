// SPDX-License-Identifier: Apache-2.0
// From the dates of a replay to an outcome: where the time went.
#pragma once

#include <span>

#include "workload/outcome.hpp"
#include "workload/problem.hpp"

namespace plumbline::des {

/// Makespan, its terms along the last-finishing chain, and the busiest resources. The timeline and
/// the wall time are left to the caller. `times` is parallel to problem.dag() and not empty.
///
/// The chain goes back from the operation that ends last through the predecessor at whose end each
/// began; among equals the smallest id. Its operations touch each other in time, so its terms sum
/// to the makespan: launch of the first; then for every transfer latency, serialisation (bytes over
/// the rate of its links), reduction (what the receiver's reduction rate adds) and contention (what
/// the others add); for every compute its duration; for every delay, which stands for a start
/// offset and not for work, queueing.
[[nodiscard]] workload::Outcome explain(const workload::Problem& problem,
                                        std::span<const workload::OperationTimes> times);

}  // namespace plumbline::des

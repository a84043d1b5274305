// SPDX-License-Identifier: Apache-2.0
// The model M by brute force: what the replay is checked against.
#pragma once

#include <vector>

#include "workload/costs.hpp"
#include "workload/schedule.hpp"

namespace plumbline::des::test {

/// Seconds at which each operation ends. Every event solves all rates anew by progressive filling:
/// raise all rates together; where a resource is full, or a transfer at its cap, those stay; go on
/// with the others. O(events × transfers × links): for small problems.
[[nodiscard]] std::vector<double> fluid_ends(const workload::Dag& dag,
                                             const workload::Costs& costs);

}  // namespace plumbline::des::test

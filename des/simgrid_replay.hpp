// SPDX-License-Identifier: Apache-2.0
// The replay itself, on SimGrid, in the calling process.
#pragma once

#include <vector>

#include "workload/costs.hpp"
#include "workload/outcome.hpp"
#include "workload/schedule.hpp"

namespace plumbline::des {

/// When every operation of the dag started, moved data and ended. At most once per process, since
/// SimGrid holds one engine per process and keeps its clock and configuration; and it may abort():
/// call it in a child (des/isolation.hpp). ModelError where an operation can never end.
///
/// Precondition: what Replay::accepts checks.
[[nodiscard]] std::vector<workload::OperationTimes> simgrid_replay(const workload::Dag& dag,
                                                                   const workload::Costs& costs);

}  // namespace plumbline::des

// SPDX-License-Identifier: Apache-2.0
// The orders in which the channels of a ring pass the ranks.
#pragma once

#include <string>
#include <vector>

#include "workload/workload.hpp"

namespace plumbline::workload {

/// One order per channel.
///
/// | rings | order |
/// |---|---|
/// | by_rank | 0, 1, …, n − 1 |
/// | both_directions | so on even channels, backwards on odd ones |
/// | given | as written; channel c takes list c mod their number |
/// | rotated | machine by machine, see below |
///
/// Rotated, with g ranks in each of k machines: channel c enters an even machine at local rank c
/// mod g, runs through its ranks upwards (cyclically) and leaves by the last, (c − 1) mod g. An odd
/// machine is run backwards, in at (c − 1) mod g and out at c mod g. So every hop between machines
/// joins equal local ranks, and different channels use different ones. With k odd the closing hop,
/// from the last machine to the first, is between two even ones: it alone goes from local rank (c −
/// 1) mod g to c mod g.
[[nodiscard]] std::vector<std::vector<RankId>> ring_orders(const Workload& workload);

/// Why there are no such orders; empty where there are.
[[nodiscard]] std::string refuse_rings(const Workload& workload);

}  // namespace plumbline::workload

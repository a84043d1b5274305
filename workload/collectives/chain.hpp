// SPDX-License-Identifier: Apache-2.0
// Broadcast and reduce along chains of ranks, in pieces; a ring does them in the same way.
#pragma once

#include <string>
#include <vector>

#include "workload/generator.hpp"

namespace plumbline::workload {

/// Channel c goes along orders[c], cyclically, from the root on (broadcast), or backwards to the
/// root (reduce).
[[nodiscard]] Schedule chains(const Workload& workload, RouteSource& routes,
                              const std::vector<std::vector<RankId>>& orders);

/// Why there can be no such chains; empty where there can.
[[nodiscard]] std::string refuse_chains(const Workload& workload);

}  // namespace plumbline::workload

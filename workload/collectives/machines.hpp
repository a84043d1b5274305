// SPDX-License-Identifier: Apache-2.0
// Ranks by machine, as several generators look at their site.
#pragma once

#include <string>
#include <vector>

#include "workload/workload.hpp"

namespace plumbline::workload {

/// Ranks of every machine, in ascending order; one machine where the site says nothing.
[[nodiscard]] std::vector<std::vector<RankId>> ranks_of_machines(const Workload& workload);

/// Why these are not several machines with as many ranks each; empty where they are.
[[nodiscard]] std::string refuse_machines(const Workload& workload);

}  // namespace plumbline::workload

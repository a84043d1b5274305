// SPDX-License-Identifier: Apache-2.0
// Bytes by resource, counted twice: link by link along the routes, and from the costs that engines
// read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workload/problem.hpp"

namespace plumbline::conformance {

struct Load {
  double bytes = 0.0;
  double capacity = 0.0;  ///< B/s, effective
};

/// Where a rank of the schedule sits. Flows number their devices as they first appear.
[[nodiscard]] topology::DeviceId device_of(const workload::Problem& problem, workload::RankId rank);

/// Devices that an operation takes bytes from and brings bytes to.
struct Ends {
  std::vector<topology::DeviceId> from;
  std::vector<topology::DeviceId> to;
};

[[nodiscard]] Ends ends_of(const workload::Problem& problem, const workload::Operation& op);

/// By resource name, resources without bytes left out.
[[nodiscard]] std::map<std::string, Load> loads_from_routes(const workload::Problem& problem);
[[nodiscard]] std::map<std::string, Load> loads_from_costs(const workload::Problem& problem);

/// Devices that more bytes enter than leave, or the other way round, counting what ranks send and
/// receive. A switch that adds or replicates for a group is left out.
[[nodiscard]] std::vector<std::string> switch_imbalances(const workload::Problem& problem);

}  // namespace plumbline::conformance

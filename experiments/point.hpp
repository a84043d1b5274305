// SPDX-License-Identifier: Apache-2.0
// One point of a run: everything about it but the replay, which the runner schedules.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "experiments/experiment.hpp"
#include "report/result.hpp"
#include "workload/problem.hpp"

namespace plumbline::experiments {

/// The point's schedule on its routes, with its costs.
[[nodiscard]] workload::Problem problem_of(const PointSpec& spec);

/// A point's problem and what is known of it so far.
struct PreparedPoint {
  report::Point point;
  workload::Problem problem;
};

/// Proofs already done: a sweep over sizes proves its schedule once.
using Proofs = std::map<std::string, std::string>;

/// Compiles and proves the schedule. ModelError where the fabric has no path; InternalError where
/// one of our own generators fails its proof.
[[nodiscard]] PreparedPoint prepare(const PointSpec& spec, Proofs& proofs);

/// Bounds and predictions into the point.
void predict(const PointSpec& spec, PreparedPoint& prepared);

/// The schedule without routes: enough to count operations.
[[nodiscard]] workload::Schedule outline(const workload::Workload& workload);

/// Machines that the placement touches.
[[nodiscard]] std::uint32_t nodes_used(const topology::Fabric& fabric,
                                       const topology::Placement& placement);

}  // namespace plumbline::experiments

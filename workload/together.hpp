// SPDX-License-Identifier: Apache-2.0
// Several workloads at once: their schedules joined into one, without a dependency between them.
#pragma once

#include "workload/generator.hpp"
#include "workload/verify.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// A part's schedule on its own ranks. Every operation that waits for nothing waits for the part's
/// start.
[[nodiscard]] Schedule part_schedule(const Part& part, RouteSource& routes);

/// All parts' schedules side by side.
[[nodiscard]] Schedule join_parts(const Workload& workload, RouteSource& routes);

/// Proves each part by itself, and that `schedule` is the parts joined and nothing else.
[[nodiscard]] Verification verify_together(const Schedule& schedule, const Workload& workload);

/// Proves that every rank computes once, for the workload's duration.
[[nodiscard]] Verification verify_compute(const Schedule& schedule, const Workload& workload);

}  // namespace plumbline::workload

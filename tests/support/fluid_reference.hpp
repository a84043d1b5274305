// SPDX-License-Identifier: Apache-2.0
// A second opinion on the model: max-min sharing by progressive filling, event by event, in the
// plainest way. Shares no code with the solvers or the replay.
#pragma once

#include <vector>

#include "workload/problem.hpp"

namespace plumbline::test {

struct FluidTimes {
  std::vector<double> data_start;  ///< seconds, per operation of the dag
  std::vector<double> end;
  double makespan = 0.0;
};

/// O(events × operations × resources): for small problems.
[[nodiscard]] FluidTimes fluid_reference(const workload::Problem& problem);

}  // namespace plumbline::test

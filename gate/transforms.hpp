// SPDX-License-Identifier: Apache-2.0
// The same problem, changed in a way whose effect is known.
#pragma once

#include "workload/problem.hpp"

namespace plumbline::gate {

/// Factors on what a problem's times are made of.
struct Factors {
  double latency = 1.0;  ///< link latencies, protocol steps, launch
  double rate = 1.0;     ///< capacities, reduction and channel rates
  double bytes = 1.0;
  double compute = 1.0;  ///< durations of a pipeline's stages, start times of flows
};

[[nodiscard]] workload::Problem scaled(const workload::Problem& problem, const Factors& factors);

/// With one more endpoint that no rank sits on, on the first switch of the first endpoint.
[[nodiscard]] workload::Problem with_spare_endpoint(const workload::Problem& problem);

/// With the schedule written out, every operation once.
[[nodiscard]] workload::Problem expanded(const workload::Problem& problem);

}  // namespace plumbline::gate

// SPDX-License-Identifier: Apache-2.0
// The same problem, changed in a way whose effect is known.
#pragma once

#include "analytic/contract.hpp"
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

/// The same problem in other units; in those of the gauge that changes none, the very same.
[[nodiscard]] workload::Problem in_units(const workload::Problem& problem,
                                         const analytic::Gauge& gauge);

/// With one more endpoint that no rank sits on, on the first switch of the first endpoint.
[[nodiscard]] workload::Problem with_spare_endpoint(const workload::Problem& problem);

/// The same collective of the first rank alone: nothing is sent.
[[nodiscard]] workload::Problem alone(const workload::Problem& problem);

/// With the ranks numbered backwards.
[[nodiscard]] workload::Problem backwards(const workload::Problem& problem);

/// Another collective by the same algorithm. Precondition: there is one.
[[nodiscard]] workload::Problem as(workload::Collective collective,
                                   const workload::Problem& problem);

/// With the schedule written out, every operation once.
[[nodiscard]] workload::Problem expanded(const workload::Problem& problem);

}  // namespace plumbline::gate

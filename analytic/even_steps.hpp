// SPDX-License-Identifier: Apache-2.0
// Schedules that run in even steps: whatever is under way at one time takes equally long, links
// shared or not. What the closed forms of shared links assume, checked operation by operation.
#pragma once

#include <vector>

#include "core/quantity.hpp"
#include "workload/engine.hpp"
#include "workload/outcome.hpp"
#include "workload/problem.hpp"

namespace plumbline::analytic {

/// What each transfer of a step gets.
struct EvenStep {
  core::Seconds latency;
  core::Bytes payload;
  double wire_ratio = 1.0;
  core::Bandwidth link_rate;  ///< alone, reduction not counted
  core::Bandwidth rate;       ///< alone
  core::Bandwidth share;      ///< with the others of the step

  /// Adds `steps` such steps in which each transfer carries `bytes`.
  void add(workload::Terms& terms, double steps, core::Bytes bytes) const;
};

/// Valid when (1) every operation is a transfer, or a delay of no time; (2) the transfers of a step
/// have one latency, payload, wire ratio and rate; (3) each crosses a resource e on which
/// C_e / Σ w_e, over the step's transfers, is the least of all resources, or has that for a cap.
///
/// A step is a level of the dag: an operation is one level above the highest it waits for. Proof
/// that a step takes latency + bytes / share, share being that least rate x: by induction all of a
/// level start together; after one latency (2) all move data, and x for everyone is max-min fair:
/// no link carries more than it can, and everyone crosses a full one on which no other has more
/// (3). Having as many bytes (2) they end together.
struct EvenSteps {
  workload::Validity validity;
  std::vector<EvenStep> steps;
};

[[nodiscard]] EvenSteps even_steps(const workload::Problem& problem);

}  // namespace plumbline::analytic

// SPDX-License-Identifier: Apache-2.0
// Schedules in which every transfer of a step takes equally long: what the closed forms of ring,
// pairwise and binomial algorithms assume, checked on the compact schedule (never the dag).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "workload/engine.hpp"
#include "workload/outcome.hpp"
#include "workload/problem.hpp"

namespace plumbline::analytic {

/// One transfer of a step, its channels sharing the hop.
struct Hop {
  core::Seconds latency;
  double wire_ratio = 1.0;
  core::Bandwidth link_rate;  ///< alone, reduction not counted
  core::Bandwidth rate;       ///< alone
  core::Bandwidth share;      ///< with the hop's other channels
  std::uint32_t channels = 1;

  /// Adds `steps` steps of `payload` bytes over all channels.
  void add(workload::Terms& terms, double steps, core::Bytes payload) const;
};

/// Valid when (1) every operation is a transfer; (2) all copies have one latency, wire ratio, rate
/// and share, and all reduces have; (3) two operations of one step meet on a resource only as
/// channels of one hop; (4) every operation waits for one of the step before.
///
/// A step is what can start at one time: an iteration of a block, or a level of its operations'
/// `same` dependencies. Proof that each step then takes latency + bytes / share, everywhere: by
/// induction all operations of a step start together (4); the channels of a hop are alike, so that
/// max-min gives each min(cap, min_e C_e / (w_e·channels)) (2, 3); they end together.
struct Lockstep {
  workload::Validity validity;
  std::optional<Hop> copy;
  std::optional<Hop> reduce;
};

[[nodiscard]] Lockstep lockstep(const workload::Problem& problem);

/// Whether the problem is this collective by this algorithm, on at least two ranks.
[[nodiscard]] workload::Validity is_collective(const workload::Problem& problem,
                                               workload::Collective collective,
                                               std::string_view algorithm);

/// The outcome whose estimate is the sum of its terms, launch added.
[[nodiscard]] workload::Outcome closed_form(const workload::Problem& problem, workload::Terms terms,
                                            std::string binding);

}  // namespace plumbline::analytic

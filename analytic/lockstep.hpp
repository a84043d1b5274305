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

/// Valid when (1) every operation is a transfer, one slot apart; (2) all copies have one latency,
/// wire ratio, rate and share, and all reduces have; (3) operations of one step meet on a resource
/// only where their channels differ; (4) every operation waits for one of the step before.
///
/// A step is what can start at one time: an iteration of a block, or a level of its operations'
/// `same` dependencies. Its operations carry equally much. Proof that each step then takes latency
/// + bytes / share, everywhere: by induction all operations of a step start together (4). Let an
/// operation's share be min(cap, min_e C_e / Σ w_e), the sum over all operations of the step on e.
/// Max-min raises all rates together until a resource is full, which is at the smallest share;
/// since all shares are equal (2), then every operation has a full resource or its cap, and none
/// gets more. So all end together. Condition (3) is not needed for this: it keeps a closed form to
/// what it speaks of.
struct Lockstep {
  workload::Validity validity;
  std::optional<Hop> copy;
  std::optional<Hop> reduce;
};

[[nodiscard]] Lockstep lockstep(const workload::Problem& problem);

/// Conditions (1) to (3) for all operations of the schedule as though they were one step: for
/// pipelines, in which any hop may be busy while any other is. One iteration counts for all.
[[nodiscard]] Lockstep all_at_once(const workload::Problem& problem);

/// How often a ring's channels go around: its pieces per rank and channel.
[[nodiscard]] double ring_loops(const workload::Problem& problem);

/// Whether the problem is this collective by this algorithm, on at least two ranks.
[[nodiscard]] workload::Validity is_collective(const workload::Problem& problem,
                                               workload::Collective collective,
                                               std::string_view algorithm);

/// Whether the problem's ranks are a power of two.
[[nodiscard]] workload::Validity is_power_of_two(const workload::Problem& problem);

/// The outcome whose estimate is the sum of its terms, launch added.
[[nodiscard]] workload::Outcome closed_form(const workload::Problem& problem, workload::Terms terms,
                                            std::string binding);

}  // namespace plumbline::analytic

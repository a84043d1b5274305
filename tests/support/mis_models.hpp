// SPDX-License-Identifier: Apache-2.0
// Restatements of published closed forms that are wrong somewhere, and of one that is right: what a
// gate must tell apart. They see a problem as their authors did, in a few symbols.
#pragma once

#include <functional>
#include <memory>

#include "analytic/contract.hpp"
#include "workload/problem.hpp"

namespace plumbline::test {

/// The letters of the formulas, in SI.
struct Symbols {
  double n = 0;        ///< ranks
  double g = 0;        ///< ranks of a machine
  double k = 0;        ///< machines
  double S = 0;        ///< bytes
  double alpha = 0;    ///< largest latency of a hop
  double B = 0;        ///< smallest bandwidth of a port on a hop
  double alpha_v = 0;  ///< the same inside a machine
  double B_v = 0;
  double alpha_x = 0;  ///< and between machines
  double B_x = 0;
  double r = 1;        ///< what enters a leaf over what its trunk carries
  double m = 0;        ///< micro-batches
  double t = 0;        ///< compute of one on one rank
  bool alike = false;  ///< whether all hops cost the same
};

[[nodiscard]] Symbols symbols_of(const workload::Problem& problem);

/// A solver that is a formula; it may answer without a number where it is not applicable.
using Formula = std::function<analytic::Answer(const Symbols&)>;

[[nodiscard]] std::unique_ptr<analytic::Subject> formula(analytic::Contract contract, Formula says);

/// Right: 2(n-1)(alpha + S/(nB)) where every rank has a port of its own and all hops are alike.
[[nodiscard]] std::unique_ptr<analytic::Subject> ring_exact();

/// S/(2.5 B): below what any port can carry.
[[nodiscard]] std::unique_ptr<analytic::Subject> bandwidth_times_2_5();

/// Prices both directions of a link together: twice too fast.
[[nodiscard]] std::unique_ptr<analytic::Subject> bidirectional();

/// Takes one NIC per GPU for granted.
[[nodiscard]] std::unique_ptr<analytic::Subject> single_nic_blind();

/// Divides the bandwidth of every flow by the oversubscription, also of a ring in order.
[[nodiscard]] std::unique_ptr<analytic::Subject> oversubscribed_everywhere();

/// Charges b T for the bubble b = (p-1)/(m+p-1), where it is b T/(1-b).
[[nodiscard]] std::unique_ptr<analytic::Subject> bubble_times_total();

/// Chooses ring or tree as if the tree moved whole buffers.
[[nodiscard]] std::unique_ptr<analytic::Subject> unpipelined_tree_crossover();

/// Right, but for 5 us that it does not declare.
[[nodiscard]] std::unique_ptr<analytic::Subject> hidden_constant();

}  // namespace plumbline::test

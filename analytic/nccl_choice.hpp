// SPDX-License-Identifier: Apache-2.0
// Which of NCCL's algorithms and protocols may run a workload, fastest first: what the solver
// prices, and what `algorithm: auto` chooses from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analytic/nccl_graph.hpp"

namespace plumbline::analytic::nccl {

/// Our name of the schedule that the algorithm runs.
[[nodiscard]] std::string_view generator_of(Algorithm algorithm);

/// `ring, ll128, 12 channels`
[[nodiscard]] std::string to_text(const Candidate& candidate);

struct Ranking {
  std::vector<Candidate> candidates;
  std::string why_not;                     ///< where there are none
  ChannelOrders ring_orders, tree_orders;  ///< of the channels
};

/// What may be ranked. NCCL leaves LL128 out where a CPU lies between GPU and adapter, unless it is
/// told otherwise, as vendors' settings do.
enum class Ll128 : std::uint8_t { by_default, wherever_nvlink };

/// All that fits the workload: an algorithm or protocol that it states is kept to; `auto` and no
/// protocol leave it open.
[[nodiscard]] Ranking rank(const Tables& tables, const workload::MachineFacts& facts,
                           const topology::Fabric& fabric, const topology::Placement& placement,
                           const workload::Workload& workload, Ll128 ll128 = Ll128::by_default);

}  // namespace plumbline::analytic::nccl

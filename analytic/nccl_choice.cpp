// SPDX-License-Identifier: Apache-2.0
#include "analytic/nccl_choice.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace plumbline::analytic::nccl {

std::string_view generator_of(Algorithm algorithm) {
  return algorithm == Algorithm::tree ? "double_binary_tree" : to_text(algorithm);
}

std::string to_text(const Candidate& candidate) {
  return fmt::format("{}, {}, {} channels", to_text(candidate.algorithm),
                     to_text(candidate.protocol), candidate.channels);
}

Ranking rank(const Tables& tables, const workload::MachineFacts& facts,
             const topology::Fabric& fabric, const topology::Placement& placement,
             const workload::Workload& workload, Ll128 ll128) {
  Ranking ranking;
  if (!prices(workload.collective)) {
    ranking.why_not = fmt::format("NCCL's tuner does not price {}", to_text(workload.collective));
    return ranking;
  }
  auto found = communicator_of(tables, facts, fabric, placement);
  if (auto* missing = std::get_if<std::string>(&found)) {
    ranking.why_not = std::move(*missing);
    return ranking;
  }
  auto& communicator = std::get<Communicator>(found);
  ranking.candidates = candidates(tables, communicator, workload.collective, workload.size);
  if (ll128 == Ll128::wherever_nvlink && !communicator.near_network) {
    const std::vector<Candidate> by_default = std::move(ranking.candidates);
    communicator.near_network = true;
    ranking.candidates = candidates(tables, communicator, workload.collective, workload.size);
    for (Candidate& candidate : ranking.candidates) {
      candidate.by_default = std::ranges::any_of(by_default, [&](const Candidate& other) {
        return other.algorithm == candidate.algorithm && other.protocol == candidate.protocol;
      });
    }
  }
  ranking.ring_orders = std::move(communicator.ring_orders);
  ranking.tree_orders = std::move(communicator.tree_orders);
  std::erase_if(ranking.candidates, [&](const Candidate& candidate) {
    const bool algorithm = workload.algorithm == workload::automatic ||
                           workload.algorithm == generator_of(candidate.algorithm);
    const bool protocol =
        workload.protocol == workload::Protocol::none || workload.protocol == candidate.protocol;
    return !algorithm || !protocol;
  });
  if (ranking.candidates.empty()) {
    ranking.why_not =
        fmt::format("NCCL has no {} by {} here", to_text(workload.collective),
                    workload.protocol == workload::Protocol::none
                        ? workload.algorithm
                        : fmt::format("{}, {}", workload.algorithm, to_text(workload.protocol)));
  }
  return ranking;
}

}  // namespace plumbline::analytic::nccl

// SPDX-License-Identifier: Apache-2.0
// The chunks of a schedule of flows: what its generator and its proof must agree on.
//
// Chunks are the pieces of the first flow, then those of the second, and so on. Devices are
// numbered as they first appear, each flow from its source over `via` to its target; these numbers
// are the schedule's ranks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload/schedule.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// From, over `via`, to.
[[nodiscard]] std::vector<topology::DeviceId> stops_of(const Flow& flow);

/// Every device of the flows at the place that is its number.
[[nodiscard]] std::vector<topology::DeviceId> flow_devices(const std::vector<Flow>& flows);

class FlowPieces {
 public:
  /// The flows outlive it.
  explicit FlowPieces(const std::vector<Flow>& flows);

  /// All chunks.
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(flow_of_.size()); }

  [[nodiscard]] const Flow& flow(std::uint32_t chunk) const { return flows_[flow_of_[chunk]]; }

  [[nodiscard]] core::Bytes bytes(std::uint32_t chunk) const {
    return flow(chunk).size / flow(chunk).pieces;
  }

  /// The numbers of the flow's devices on its way, both ends included.
  [[nodiscard]] const std::vector<RankId>& stops(std::uint32_t chunk) const {
    return stops_[flow_of_[chunk]];
  }

  /// Why a transfer is none of its flow's hops, or does not start when it is meant to; empty where
  /// all are good. What arrives, and in which order, is for others to prove.
  [[nodiscard]] std::string refuses(const Dag& dag) const;

 private:
  [[nodiscard]] std::string refuses_start(const Dag& dag, OpId id) const;

  const std::vector<Flow>& flows_;
  std::vector<std::uint32_t> flow_of_;  ///< by chunk
  std::vector<std::vector<RankId>> stops_;
};

}  // namespace plumbline::workload

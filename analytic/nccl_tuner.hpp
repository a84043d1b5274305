// SPDX-License-Identifier: Apache-2.0
// How NCCL prices its algorithms and protocols, and which it takes. Pure: tables, graphs and a
// request in, times out. Source of every formula: NVIDIA/nccl, src/graph/tuning.cc, 2.30.7.
#pragma once

#include <optional>
#include <vector>

#include "analytic/nccl_tables.hpp"
#include "workload/nccl_facts.hpp"
#include "workload/workload.hpp"

namespace plumbline::analytic::nccl {

/// Of channel c the order of all ranks at c mod size; empty: not known.
using ChannelOrders = std::vector<std::vector<topology::RankId>>;

/// What the tuner knows of one communicator. An absent graph: NCCL has none for the algorithm.
struct Communicator {
  std::uint32_t ranks = 2;
  std::uint32_t machines = 1;
  const Architecture* gpu = nullptr;
  const Cpu* cpu = nullptr;  ///< null: not known; only several machines need it
  core::Seconds net_latency;
  bool nvlink = true;         ///< the graphs stay on NVLink inside a machine; else PCIe
  bool near_network = true;   ///< adapters are reached without passing a CPU
  bool plain_tree = false;    ///< trees enter and leave a machine by one GPU
  bool same_channels = true;  ///< all channels order the GPUs alike
  std::optional<workload::NcclGraph> ring, tree, nvls, collnet;
  ChannelOrders ring_orders, tree_orders;  ///< what the channels of these pass the ranks in
};

/// One algorithm under one protocol.
struct Candidate {
  Algorithm algorithm = Algorithm::ring;
  workload::Protocol protocol = workload::Protocol::simple;
  std::uint32_t channels = 1;
  core::Seconds latency;
  core::Seconds serialisation;
  bool by_default = true;  ///< whether NCCL considers it without being told to

  [[nodiscard]] core::Seconds time() const { return latency + serialisation; }
};

/// Whether the tuner prices this collective at all.
[[nodiscard]] bool prices(workload::Collective collective);

/// Everything that NCCL may choose among for `size` bytes (as nccl-tests counts), fastest first;
/// at equal times the order of `algorithms` and of the protocols decides.
/// Preconditions: prices(collective), size above zero, `cpu` known where machines > 1.
[[nodiscard]] std::vector<Candidate> candidates(const Tables& tables,
                                                const Communicator& communicator,
                                                workload::Collective collective, core::Bytes size);

}  // namespace plumbline::analytic::nccl

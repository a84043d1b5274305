// SPDX-License-Identifier: Apache-2.0
// Graph files of NCCL (NCCL_GRAPH_FILE, NCCL_GRAPH_DUMP_FILE): the channels that its search found,
// each an order of GPUs, with their speeds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/quantity.hpp"
#include "core/xml.hpp"
#include "topology/imports/nccl_paths.hpp"

namespace plumbline::topology::imports {

/// One channel inside a machine: GPUs by `dev`, in order, and the adapters at its ends.
struct NcclChannel {
  std::vector<std::uint32_t> gpus;
  std::optional<std::uint32_t> net_in;   ///< before the first GPU
  std::optional<std::uint32_t> net_out;  ///< after the last
};

struct NcclGraph {
  std::uint32_t id = 0;  ///< NCCL's number of the algorithm: 0 ring, 1 tree, 2 CollNet, 3 NVLS
  std::uint32_t pattern =
      0;  ///< NCCL's number: 1 balanced tree, 2 split tree, 3 tree, 4 ring, 5 NVLS
  bool cross_nic = false;
  bool same_channels = true;
  core::Bandwidth speed_intra;          ///< of one channel, inside the machine
  core::Bandwidth speed_inter;          ///< of one channel, between machines
  core::Seconds latency_inter;          ///< of the network
  PathType type_intra = PathType::loc;  ///< worst path between GPUs
  PathType type_inter = PathType::loc;  ///< worst path to an adapter
  std::vector<NcclChannel> channels;    ///< each over the same GPUs
};

/// Reads <graphs>; nullopt after diagnostics. A channel that misses a GPU that another has, or
/// names one twice, is an error at the channel.
[[nodiscard]] std::optional<std::vector<NcclGraph>> read_nccl_graphs(
    const core::XmlElement& graphs, core::Diagnostics& diagnostics);

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// Graph files of NCCL (NCCL_GRAPH_FILE, NCCL_GRAPH_DUMP_FILE): the channels that its search found,
// each an order of GPUs, with their speeds.
#pragma once

#include <cstdint>
#include <filesystem>
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
  std::uint32_t id = 0;  ///< NCCL's number of the algorithm: ring_graph, tree_graph, …
  std::uint32_t pattern =
      0;  ///< NCCL's number: 1 balanced tree, 2 split tree, 3 tree, 4 ring, 5 NVLS
  std::uint32_t cross_nic = 0;  ///< 2: odd machines exchange channels 2k and 2k + 1
  bool same_channels = true;
  core::Bandwidth speed_intra;          ///< of one channel, inside the machine
  core::Bandwidth speed_inter;          ///< of one channel, between machines
  core::Seconds latency_inter;          ///< of the network
  PathType type_intra = PathType::loc;  ///< worst path between GPUs
  PathType type_inter = PathType::loc;  ///< worst path to an adapter
  std::vector<NcclChannel> channels;    ///< each over the same GPUs
  core::SourceSpan where{};             ///< of <graph>
};

/// Reads <graphs>; nullopt after diagnostics. A channel that misses a GPU that another has, or
/// names one twice, is an error at the channel.
[[nodiscard]] std::optional<std::vector<NcclGraph>> read_nccl_graphs(
    const core::XmlElement& graphs, core::Diagnostics& diagnostics);

/// The same of a file.
[[nodiscard]] std::optional<std::vector<NcclGraph>> load_nccl_graphs(
    const std::filesystem::path& file, core::Diagnostics& diagnostics);

inline constexpr std::uint32_t ring_graph = 0;
inline constexpr std::uint32_t tree_graph = 1;
inline constexpr std::uint32_t collnet_graph = 2;
inline constexpr std::uint32_t nvls_graph = 3;

/// The graph of that id, or null where the file has none or none with channels.
[[nodiscard]] const NcclGraph* find_graph(const std::vector<NcclGraph>& graphs, std::uint32_t id);

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// What a machine's file says about its GPUs and about what the library NCCL finds on it: what no
// fabric shows, and what a library's choice of algorithm depends on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "core/schema.hpp"
#include "topology/imports/nccl_graph.hpp"

namespace plumbline::workload {

/// `gpu:` of a system.
struct GpuFacts {
  std::string name;
  std::string arch;  ///< hopper, ampere, …: a name of the tuner's `architectures`

  static const core::Schema<GpuFacts>& schema();
};

/// The channels that NCCL searched out for one algorithm, and what it counts each as.
struct NcclGraph {
  std::uint32_t channels = 0;
  core::Bandwidth intra;  ///< of one channel, inside a machine
  core::Bandwidth inter;  ///< of one channel, between machines

  static const core::Schema<NcclGraph>& schema();
};

/// Graphs as NCCL_GRAPH_DUMP_FILE shows them. They hold for a run on every GPU of its machines.
struct NcclGraphs {
  std::optional<NcclGraph> ring, tree, nvls, collnet;

  static const core::Schema<NcclGraphs>& schema();
};

/// `nccl:` of a system.
struct NcclFacts {
  std::string cpu;            ///< a name of the tuner's `cpus`; empty: not known
  core::Seconds net_latency;  ///< that the network plugin states, above the tuner's own
  std::optional<NcclGraphs> one_machine, machines;
  /// Of a graph file: in place of all that is stated here or derived; null: none was named.
  std::shared_ptr<const std::vector<topology::imports::NcclGraph>> graphs{};

  static const core::Schema<NcclFacts>& schema();
};

/// What a system's file says beside the fabric; either may be absent.
struct MachineFacts {
  std::optional<GpuFacts> gpu;
  std::optional<NcclFacts> nccl;
};

}  // namespace plumbline::workload

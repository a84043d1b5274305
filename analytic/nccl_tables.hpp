// SPDX-License-Identifier: Apache-2.0
// The numbers of NCCL's tuner, read from zoo/tuners/: no constant of it stands in code.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/schema.hpp"
#include "workload/schedule.hpp"

namespace plumbline::analytic::nccl {

enum class Algorithm : std::uint8_t {
  tree,
  ring,
  collnet_direct,
  collnet_chain,
  nvls,
  nvls_tree,
  pat
};

inline constexpr std::array algorithms{Algorithm::tree,
                                       Algorithm::ring,
                                       Algorithm::collnet_direct,
                                       Algorithm::collnet_chain,
                                       Algorithm::nvls,
                                       Algorithm::nvls_tree,
                                       Algorithm::pat};

[[nodiscard]] std::string_view to_text(Algorithm algorithm);

/// A time per protocol; absent: the algorithm does not have the protocol.
struct ProtocolTimes {
  std::optional<core::Seconds> ll, ll128, simple;

  [[nodiscard]] std::optional<core::Seconds> of(workload::Protocol protocol) const;
  static const core::Schema<ProtocolTimes>& schema();
};

/// What one step costs, by where it goes.
struct AlgorithmTimes {
  ProtocolTimes base, nvlink, pcie, net;

  static const core::Schema<AlgorithmTimes>& schema();
};

/// On one machine, on two, on more.
using ByMachines = std::vector<core::Bandwidth>;

/// Caps of one generation of GPUs.
struct Caps {
  ByMachines ll;                                       ///< of all channels together
  ByMachines ring_ll128, tree_ll128, tree, nvls_tree;  ///< of one channel
  double nvls_efficiency = 0.0;
  double ring_plateau = 1.0;  ///< times the latency of a ring all-reduce over machines

  static const core::Schema<Caps>& schema();
};

struct Factors {
  double ring_ll = 1.0, ring_ll128 = 1.0, tree = 1.0, tree_ll = 1.0, tree_ll128_one_machine = 1.0,
         tree_ll128 = 1.0, plain_tree = 1.0, pat = 1.0, collnet_direct = 1.0, collnet_net = 1.0;

  static const core::Schema<Factors>& schema();
};

/// Factors on the bandwidth of a tree all-reduce, for `from`, twice that, four times …
struct TreeCorrection {
  core::Bytes from;
  std::vector<double> ll, ll128, simple;

  [[nodiscard]] double at(workload::Protocol protocol, core::Bytes size) const;
  static const core::Schema<TreeCorrection>& schema();
};

struct OtherLatencies {
  core::Seconds pat_rank;
  double pat_steps = 1.0;
  core::Seconds collnet_rank;
  double simple_overhead = 1.0;
  core::Bytes plateau_from;  ///< bytes of one channel and rank from which a ring has its plateau

  static const core::Schema<OtherLatencies>& schema();
};

/// What channels are cut into.
struct Chunks {
  std::uint32_t slots = 1;        ///< of a channel's buffer: pieces under way at once
  core::Bytes nvls;               ///< piece of each GPU's part in an in-switch all_reduce
  core::Bytes ll, ll128, simple;  ///< payload of one slot of a channel's buffer
  double ll128_steps = 0.0, ll128_steps_per_gpu = 0.0;
  std::vector<double> ll128_pieces;
  std::vector<core::Bytes> ll128_least;

  /// Of a stream of these bytes on a tree of so many machines.
  [[nodiscard]] core::Bytes of_tree(workload::Protocol protocol, core::Bytes stream,
                                    std::uint32_t machines, double gpus_per_machine) const;
  static const core::Schema<Chunks>& schema();
};

struct Architecture {
  std::uint32_t compute_capability = 0;
  std::string caps;
  std::string search;
  core::Bandwidth nvlink;  ///< one link, one direction

  static const core::Schema<Architecture>& schema();
};

struct Cpu {
  core::Bandwidth between_sockets;
  core::Seconds net_overhead;
  std::string several_machines;  ///< whose `ll` caps count from two machines on

  static const core::Schema<Cpu>& schema();
};

/// Speeds that the graph search tries for a channel, fastest first.
struct Speeds {
  std::vector<core::Bandwidth> one_machine, machines;

  static const core::Schema<Speeds>& schema();
};

struct Search {
  std::uint32_t most_channels = 0;
  double slowest_share = 0.0;  ///< of the best speed so far: where the search stops
  core::Bandwidth doubled_from, doubled_from_many;  ///< speeds at which channels are doubled
  std::uint32_t few_channels = 0;                   ///< more than these are many, from Hopper on
  std::vector<core::Bandwidth> pcie;                ///< what slots count as, slowest first
  std::map<std::string, Speeds, std::less<>> speeds;
};

struct Tables {
  std::string name;
  std::string title;
  std::map<Algorithm, AlgorithmTimes> times;
  std::map<std::string, Caps, std::less<>> generations;
  Factors factors;
  TreeCorrection tree_correction;
  OtherLatencies latencies;
  Chunks chunks;
  std::map<std::string, Architecture, std::less<>> architectures;
  std::map<std::string, Cpu, std::less<>> cpus;
  Search search;
};

/// Keys and docs of a tuner's file.
[[nodiscard]] const core::SchemaInfo& tables_schema();

/// Binds a tuner's file; nullopt after a diagnostic.
[[nodiscard]] std::optional<Tables> read_tables(const core::Cursor& cursor);

}  // namespace plumbline::analytic::nccl

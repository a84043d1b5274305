// SPDX-License-Identifier: Apache-2.0
#include "workload/imports/nccl_orders.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace plumbline::workload::imports {
namespace {

using topology::imports::NcclChannel;
using topology::imports::NcclGraph;

/// Of one machine: the rank on each GPU.
using RankOf = std::map<std::uint32_t, RankId>;

std::vector<RankOf> machines_of(const Site& site) {
  std::vector<RankOf> machines;
  for (std::uint32_t rank = 0; rank < site.gpu_of.size(); ++rank) {
    const std::size_t machine = site.machine_of[rank];
    machines.resize(std::max(machines.size(), machine + 1));
    machines[machine].emplace(site.gpu_of[rank], rank);
  }
  return machines;
}

/// Why the ranks can't follow the graph; empty where they can.
std::string refusal(const NcclGraph& graph, const std::vector<RankOf>& machines) {
  std::vector<std::uint32_t> known = graph.channels.front().gpus;
  std::ranges::sort(known);
  for (std::size_t m = 0; m < machines.size(); ++m) {
    std::vector<std::uint32_t> used;
    for (const auto& [gpu, rank] : machines[m]) {
      used.push_back(gpu);
    }
    if (used != known) {
      return fmt::format("the graph is of GPUs {}, and the ranks of machine {} are on {}",
                         fmt::join(known, ", "), m, fmt::join(used, ", "));
    }
  }
  const bool adapters = std::ranges::all_of(
      graph.channels, [](const NcclChannel& channel) { return channel.net_in.has_value(); });
  if (adapters != (machines.size() > 1)) {
    return adapters ? "the graph is of a run over several machines: its channels have adapters"
                    : "the graph is of a run on one machine: its channels have no adapters";
  }
  return {};
}

}  // namespace

std::variant<std::vector<std::vector<RankId>>, std::string> orders_of(const NcclGraph& graph,
                                                                      const Site& site) {
  const std::vector<RankOf> machines = machines_of(site);
  if (std::string why = refusal(graph, machines); !why.empty()) {
    return why;
  }
  const std::size_t count = graph.channels.size();
  const std::size_t exchanged = graph.cross_nic == 2 && count % 2 == 0 ? 1 : 0;
  std::vector<std::vector<RankId>> orders(count);
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t m = 0; m < machines.size(); ++m) {
      for (const std::uint32_t gpu : graph.channels[c ^ (m % 2 * exchanged)].gpus) {
        orders[c].push_back(machines[m].at(gpu));
      }
    }
  }
  return orders;
}

}  // namespace plumbline::workload::imports

// SPDX-License-Identifier: Apache-2.0
#include "analytic/nccl_given.hpp"

#include <fmt/format.h>

#include "workload/imports/nccl_orders.hpp"

namespace plumbline::analytic::nccl {
namespace {

namespace imports = topology::imports;
using imports::PathType;

constexpr std::uint32_t plain_tree_pattern = 3;
constexpr std::uint32_t hopper_capability = 90;

std::optional<workload::NcclGraph> priced(const imports::NcclGraph* graph) {
  if (graph == nullptr) {
    return std::nullopt;
  }
  return workload::NcclGraph{static_cast<std::uint32_t>(graph->channels.size()), graph->speed_intra,
                             graph->speed_inter};
}

/// Puts the orders of the graph's channels into `orders`; why not.
std::string take_orders(const imports::NcclGraph* graph, const workload::Site& site,
                        ChannelOrders& orders) {
  if (graph == nullptr) {
    return {};
  }
  auto found = workload::imports::orders_of(*graph, site);
  if (const auto* why = std::get_if<std::string>(&found)) {
    return fmt::format("{}:{}: {}", graph->where.file, graph->where.line, *why);
  }
  orders = std::get<ChannelOrders>(std::move(found));
  return {};
}

}  // namespace

std::string take_graphs(Communicator& communicator, const std::vector<imports::NcclGraph>& graphs,
                        const workload::Site& site) {
  const imports::NcclGraph* ring = find_graph(graphs, imports::ring_graph);
  const imports::NcclGraph* tree = find_graph(graphs, imports::tree_graph);
  communicator.ring = priced(ring);
  communicator.tree = priced(tree);
  communicator.nvls = priced(find_graph(graphs, imports::nvls_graph));
  communicator.collnet = priced(find_graph(graphs, imports::collnet_graph));
  if (ring != nullptr) {
    const bool relays = communicator.gpu->compute_capability >= hopper_capability;
    communicator.nvlink = ring->type_intra <= PathType::nvb;
    communicator.near_network = ring->type_inter <= (relays ? PathType::pxn : PathType::pxb);
    communicator.same_channels = ring->same_channels;
    communicator.net_latency = ring->latency_inter;
  }
  communicator.plain_tree = tree != nullptr && tree->pattern == plain_tree_pattern;
  if (std::string why = take_orders(ring, site, communicator.ring_orders); !why.empty()) {
    return why;
  }
  return take_orders(tree, site, communicator.tree_orders);
}

}  // namespace plumbline::analytic::nccl

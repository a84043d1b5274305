// SPDX-License-Identifier: Apache-2.0
// The channels of an NCCL graph as orders of ranks.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "topology/imports/nccl_graph.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload::imports {

/// An order of all ranks per channel: machine after machine, each in the order of the channel. A
/// GPU's `dev` is its number on its machine. Where the search crossed adapters (crossnic 2) and the
/// channels are even in number, odd machines take channel c ^ 1 for c, so that what leaves by one
/// adapter arrives at the like one. In one sentence why these ranks can't follow the graph: other
/// GPUs, or a graph of one machine for several, or of several for one.
/// Source: NVIDIA/nccl, src/graph/connect.cc, 2.30.7.
[[nodiscard]] std::variant<std::vector<std::vector<RankId>>, std::string> orders_of(
    const topology::imports::NcclGraph& graph, const Site& site);

}  // namespace plumbline::workload::imports

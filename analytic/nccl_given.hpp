// SPDX-License-Identifier: Apache-2.0
// What NCCL's own graph file says of a communicator, in place of what we would derive.
#pragma once

#include <string>
#include <vector>

#include "analytic/nccl_tuner.hpp"
#include "topology/imports/nccl_graph.hpp"
#include "workload/workload.hpp"

namespace plumbline::analytic::nccl {

/// Puts the file's graphs, path types, latency and orders in; an algorithm without a graph in it
/// has none. Source of what the tuner takes from a graph: NVIDIA/nccl, src/graph/tuning.cc, 2.30.7.
/// In one sentence, with the place in the file, why these ranks can't follow it; empty where they
/// can.
[[nodiscard]] std::string take_graphs(Communicator& communicator,
                                      const std::vector<topology::imports::NcclGraph>& graphs,
                                      const workload::Site& site);

}  // namespace plumbline::analytic::nccl

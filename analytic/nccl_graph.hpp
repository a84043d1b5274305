// SPDX-License-Identifier: Apache-2.0
// What NCCL would find on a fabric: how many channels at which speed. A simplification of its graph
// search (NVIDIA/nccl, src/graph/search.cc, 2.30.7), which tries speeds of a list and counts how
// many rings fit.
//
// What is kept: the list, the rate that NCCL counts a link as (not its data sheet's), the limit of
// the adapters, the doubling of fast channels, that trees over two machines go faster inside, and
// that in-switch reduction costs the head of a channel a share more. What is left out: the search
// itself. Rings are counted as if they spread evenly over all NVLinks of a GPU, as they do behind
// NVSwitches and in full meshes (on one machine without switches mesh_rings.hpp finds their
// orders); without NVLink the GPUs are ringed in order, and the link that most hops share limits
// them. The fewest GPUs, adapters and NVLinks of any machine count for all.
#pragma once

#include <string>
#include <variant>

#include "analytic/nccl_tuner.hpp"
#include "topology/fabric.hpp"
#include "topology/placement.hpp"

namespace plumbline::analytic::nccl {

/// The communicator of these ranks, or in one sentence what is missing to tell it.
[[nodiscard]] std::variant<Communicator, std::string> communicator_of(
    const Tables& tables, const workload::MachineFacts& facts, const topology::Fabric& fabric,
    const topology::Placement& placement);

}  // namespace plumbline::analytic::nccl

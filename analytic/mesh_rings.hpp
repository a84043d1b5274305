// SPDX-License-Identifier: Apache-2.0
// Rings over GPUs that NVLink joins directly, so that the channels use all links.
#pragma once

#include <span>

#include "analytic/nccl_tuner.hpp"
#include "topology/fabric.hpp"

namespace plumbline::analytic::nccl {

/// An order of the GPUs (numbered as they stand here) per channel. Each channel in turn takes the
/// directed Hamiltonian cycle whose most loaded link is loaded least, of these the one with the
/// least load in sum, of these the first; load is channels over links. So four GPUs joined pairwise
/// get the three cycles there are, each in both directions, and every link carries the same. Empty
/// where a GPU has an NVSwitch, which makes all orders alike, or where no cycle is found in
/// 200,000 steps of the search: NCCL's gives up in the same way.
[[nodiscard]] ChannelOrders mesh_rings(const topology::Fabric& fabric,
                                       std::span<const topology::DeviceId> gpus,
                                       std::uint32_t channels);

}  // namespace plumbline::analytic::nccl

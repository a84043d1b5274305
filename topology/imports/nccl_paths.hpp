// SPDX-License-Identifier: Apache-2.0
// How NCCL sees two devices of a machine: the type of the path between them and its bandwidth.
// Source: NVIDIA/nccl, src/graph/paths.cc and topo.h, NCCL 2.30.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology::imports {

/// In NCCL's order: what is worse has a greater value, and a path is as bad as its worst link.
enum class PathType : std::uint8_t {
  loc,  ///< the device itself
  nvl,  ///< NVLink, maybe through NVSwitches
  nvb,  ///< NVLink through one other GPU
  c2c,  ///< a GPU's own link to its CPU
  pix,  ///< at most one PCIe switch
  pxb,  ///< several PCIe switches
  p2c,  ///< c2c to the CPU, PCIe from there to a network adapter
  pxn,  ///< NVLink to another GPU, PCIe from there to a network adapter
  phb,  ///< PCIe through a CPU
  sys,  ///< between CPUs
  net,  ///< through the network
  dis,  ///< no path
};

/// `NVL`
[[nodiscard]] std::string_view to_text(PathType type);

struct NcclPath {
  PathType type = PathType::dis;
  core::Bandwidth bandwidth;  ///< one direction, of the narrowest link; infinite to itself
  std::uint32_t hops = 0;
};

/// Fewest hops, the widest of those. Nothing passes through an endpoint, but NVLink through one GPU
/// between two others. A network adapter is reached through another GPU (pxn) where that GPU is the
/// adapter's own, joined by NVLink, and has more bandwidth or spares the CPU; GPUDirect RDMA is
/// taken to work. Paths end at the adapter: the rate of its ports is not in them.
class NcclPaths {
 public:
  explicit NcclPaths(const Fabric& fabric);

  /// Both are endpoints or network adapters.
  [[nodiscard]] NcclPath between(DeviceId from, DeviceId to);

 private:
  using Row = std::vector<NcclPath>;  // by device

  const Row& plain(DeviceId base);
  [[nodiscard]] Row search(DeviceId base) const;
  NcclPath to_nic(DeviceId gpu, DeviceId nic);
  NcclPath without_relay(DeviceId gpu, DeviceId nic);
  bool is_local(DeviceId gpu, DeviceId nic);

  const Fabric* fabric_;
  std::vector<DeviceId> nics_;
  std::map<DeviceId, Row> rows_;
};

}  // namespace plumbline::topology::imports

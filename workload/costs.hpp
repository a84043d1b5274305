// SPDX-License-Identifier: Apache-2.0
// What operations cost (the model M both engines speak). Derived once per problem from fabric and
// constants; the engines and the schedule bounds read this and never a constant.
//
// A transfer of payload p on path P waits latency(P), then moves p·wire_ratio(P) bytes at a rate x
// with Σ weight·x ≤ capacity on every resource of P and x ≤ cap(P).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "core/quantity.hpp"
#include "topology/fabric.hpp"
#include "topology/routing.hpp"
#include "workload/constants.hpp"
#include "workload/schedule.hpp"

namespace plumbline::workload {

using ResourceId = core::Id<struct ResourceTag>;
using PathId = core::Id<struct PathTag>;

/// Something that limits throughput: one direction of a link, a half-duplex cable, a GPU's
/// reduction, a channel that is busy with its messages. Only those that some path uses exist; an
/// unshared link is a cap of its paths.
struct Resource {
  std::string name;  ///< `gpu0→nvswitch`, `gpu3 reduction`
  core::Bandwidth capacity;
  bool reduction = false;
};

/// A path's claim on a resource: `weight` bytes there per byte moved.
struct Use {
  ResourceId resource;
  double weight = 1.0;
};

/// What every transfer of one (route, protocol, kind, receiver's device) shares; where messages
/// keep the sender busy, of one sending channel and payload too.
struct Path {
  RouteId route{};
  PathClass path_class = PathClass::nvlink;
  core::Seconds latency{};  ///< links plus protocol step, but for what keeps the sender busy
  core::Seconds busy{};     ///< of the sender, per message; the data phase alone is longer by this
  double wire_ratio = 1.0;
  core::Bandwidth cap{};        ///< own rate cap; infinity where there is none
  core::Bandwidth link_rate{};  ///< min(cap, capacity / weight) over the links
  core::Bandwidth rate{};       ///< reduction and the busy sender included: the uncontended rate
};

class Costs {
 public:
  [[nodiscard]] std::span<const Resource> resources() const { return resources_; }

  [[nodiscard]] std::span<const Path> paths() const { return paths_; }

  [[nodiscard]] const Path& path(PathId id) const { return paths_[id.index()]; }

  [[nodiscard]] std::span<const Use> uses(PathId id) const {
    return std::span(uses_).subspan(use_offsets_[id.index()],
                                    use_offsets_[id.index() + 1] - use_offsets_[id.index()]);
  }

  /// Path of Schedule::operations()[origin]; meaningless for compute and delay.
  [[nodiscard]] PathId path_of(std::uint32_t origin) const { return path_of_[origin]; }

  /// Bytes that cross the path's resources (each times its weight).
  [[nodiscard]] core::Bytes wire_bytes(const Operation& op, PathId id) const {
    return op.payload() * path(id).wire_ratio;
  }

  /// Paid before anything else by every operation without predecessors. Every rank launches at time
  /// 0, so that this equals one delay per rank. The dearest protocol in use counts, and the network
  /// where any transfer uses it.
  [[nodiscard]] core::Seconds launch() const { return launch_; }

  /// Latency plus bytes over the uncontended rate; a compute's or delay's own duration. Launch not
  /// included.
  [[nodiscard]] core::Seconds uncontended(const Operation& op, std::uint32_t origin) const;

  /// The resource that sets the uncontended rate, as text for people.
  [[nodiscard]] std::string bottleneck(PathId id) const;

 private:
  friend Costs derive_costs(const topology::Fabric&, const topology::RouteTable&, const Schedule&,
                            std::span<const topology::DeviceId>, const ConstantSet&);
  std::vector<Resource> resources_;
  std::vector<Path> paths_;
  std::vector<std::string> cap_names_;  ///< by path: what sets its cap
  std::vector<std::uint32_t> use_offsets_{0};
  std::vector<Use> uses_;
  std::vector<PathId> path_of_;
  core::Seconds launch_;
};

/// `device_of` is the placement (reductions happen on the receiver's device).
[[nodiscard]] Costs derive_costs(const topology::Fabric& fabric, const topology::RouteTable& routes,
                                 const Schedule& schedule,
                                 std::span<const topology::DeviceId> device_of,
                                 const ConstantSet& constants);

}  // namespace plumbline::workload

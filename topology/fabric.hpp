// SPDX-License-Identifier: Apache-2.0
// The fabric: a directed multigraph of devices and links, immutable once built.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/id.hpp"
#include "core/quantity.hpp"
#include "topology/link_class.hpp"

namespace plumbline::topology {

using DeviceId = core::Id<struct DeviceTag>;
using LinkId = core::Id<struct LinkTag>;

/// `router`: a fabric switch that machines and other routers plug into (dragonfly, torus). `core`:
/// the third tier of a fat tree. `memory` and `nvme`: where a flow may start or end, never on the
/// way.
enum class DeviceKind : std::uint8_t {
  gpu,
  host,
  cpu,
  nvswitch,
  pcie_switch,
  nic,
  leaf,
  spine,
  core,
  router,
  memory,
  nvme
};

[[nodiscard]] std::string_view to_text(DeviceKind kind);
[[nodiscard]] std::optional<DeviceKind> device_kind(std::string_view text);

/// The names of all kinds.
[[nodiscard]] std::vector<std::string> device_kind_names();

/// Where transfers start and end; a route never passes *through* one, except that GPUs may relay
/// over NVLink (see Router).
[[nodiscard]] constexpr bool is_endpoint(DeviceKind kind) {
  return kind == DeviceKind::gpu || kind == DeviceKind::host || kind == DeviceKind::memory ||
         kind == DeviceKind::nvme;
}

/// A switch of a network, which is in no machine. A router may also be a machine's own.
[[nodiscard]] constexpr bool is_network_switch(DeviceKind kind) {
  return kind == DeviceKind::leaf || kind == DeviceKind::spine || kind == DeviceKind::core ||
         kind == DeviceKind::router;
}

struct Device {
  std::string name;  ///< unique in the fabric; `node3/gpu0` in a fabric of several nodes
  DeviceKind kind = DeviceKind::gpu;
  std::uint32_t node =
      0;  ///< the machine it sits in; fabric switches have their own numbering, see in_node
  bool in_node = true;  ///< false for the switches of a network
  std::uint32_t planes =
      1;  ///< physical devices that this one stands for (4 NVSwitches drawn as one)
  bool in_network =
      false;  ///< a switch that adds and replicates what it forwards (NVLink SHARP, SHARP)
};

/// One direction of one cable bundle.
struct Link {
  DeviceId from;
  DeviceId to;
  core::Bandwidth capacity;  ///< nominal, of this direction, the whole bundle
  core::Seconds latency;     ///< nominal, one way
  LinkKind kind = LinkKind::nvlink;
  Sharing sharing = Sharing::full_duplex;
  std::uint32_t link_class = 0;   ///< index into Fabric::link_classes()
  std::uint32_t count = 1;        ///< parallel links in the bundle
  bool global = false;            ///< joins two groups of a dragonfly: dearer than any local hop
  std::optional<LinkId> reverse;  ///< the same cable's other direction
};

/// Devices and links with their adjacency. Cheap to share, never changed: build one with
/// FabricBuilder.
class Fabric {
 public:
  [[nodiscard]] std::span<const Device> devices() const { return devices_; }

  [[nodiscard]] std::span<const Link> links() const { return links_; }

  [[nodiscard]] const Device& device(DeviceId id) const { return devices_[id.index()]; }

  [[nodiscard]] const Link& link(LinkId id) const { return links_[id.index()]; }

  /// Names of the link classes that constants are keyed by (`nvlink4`, `pcie5_x16`).
  [[nodiscard]] std::span<const std::string> link_classes() const { return link_classes_; }

  /// gpus, or hosts where there are no gpus, in order of creation: what ranks are placed on.
  [[nodiscard]] std::span<const DeviceId> endpoints() const { return endpoints_; }

  [[nodiscard]] std::optional<DeviceId> find(std::string_view name) const;

  [[nodiscard]] std::uint32_t nodes() const { return nodes_; }

  [[nodiscard]] std::span<const LinkId> out_links(DeviceId device) const;
  [[nodiscard]] std::span<const LinkId> in_links(DeviceId device) const;

  /// Whether the routes between its endpoints are given with the fabric, and no others exist.
  [[nodiscard]] bool has_fixed_routes() const { return !fixed_routes_.empty(); }

  /// Empty where none is given.
  [[nodiscard]] std::span<const LinkId> fixed_route(DeviceId from, DeviceId to) const;

  /// `gpu0→nvswitch`
  [[nodiscard]] std::string link_name(LinkId id) const;

 private:
  friend class FabricBuilder;
  std::vector<Device> devices_;
  std::vector<Link> links_;
  std::vector<std::string> link_classes_;
  std::vector<DeviceId> endpoints_;
  std::uint32_t nodes_ = 0;
  std::vector<std::uint32_t> out_offsets_, in_offsets_;
  std::vector<LinkId> out_, in_;
  std::map<std::string, DeviceId, std::less<>> by_name_;
  std::map<std::pair<DeviceId, DeviceId>, std::vector<LinkId>> fixed_routes_;
};

/// Collects devices and links, then makes the Fabric.
class FabricBuilder {
 public:
  /// `device.name` must be new (InternalError otherwise: builders make names, users' names are
  /// checked).
  DeviceId add(Device device);

  /// Both directions of `count` parallel links of a class between two devices; returns a → b.
  LinkId connect(DeviceId a, DeviceId b, const LinkClass& link, std::uint32_t count = 1);

  /// One direction only.
  LinkId add_link(DeviceId from, DeviceId to, const LinkClass& link, std::uint32_t count = 1);

  /// Marks a link and its reverse as global (see Link).
  void make_global(LinkId link);

  /// The only route from one endpoint to another, link after link; pairs without one have none
  /// then.
  void fix_route(DeviceId from, DeviceId to, std::vector<LinkId> links);

  /// Copies a whole fabric in as machine `node`, its names prefixed by `prefix`; returns the new id
  /// of each of its devices. Routes that it fixes are not copied.
  std::vector<DeviceId> embed(const Fabric& part, const std::string& prefix, std::uint32_t node);

  [[nodiscard]] const Device& device(DeviceId id) const { return fabric_.devices_[id.index()]; }

  [[nodiscard]] std::optional<DeviceId> find(std::string_view name) const;

  /// The finished fabric; the builder is empty afterwards.
  [[nodiscard]] Fabric finish();

 private:
  std::uint32_t intern_class(const std::string& name);
  Fabric fabric_;
};

}  // namespace plumbline::topology

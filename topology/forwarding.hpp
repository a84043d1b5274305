// SPDX-License-Identifier: Apache-2.0
// Forwarding tables, as switches keep them: what it costs to reach a target and which links are on
// a cheapest way. A fabric falls apart into its machines and its network of fabric switches; each
// table stays within one of them. Tables are made when first asked for, never one per pair.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "topology/fabric.hpp"

namespace plumbline::topology {

using Cost = std::int64_t;
inline constexpr Cost unreachable = Cost{1} << 60;

/// Digits of base 1000, so that one hop of a dearer kind outweighs any number (below 1000) of
/// cheaper ones; a relay and a change of rails stand between NVLink and the network's hops.
namespace hop {
inline constexpr Cost nvlink = 1;
inline constexpr Cost relay = 100;
inline constexpr Cost rail_change = 500;
inline constexpr Cost network = 1'000;
inline constexpr Cost global = network * 1'000;
inline constexpr Cost pcie = global * 1'000;
inline constexpr Cost socket = pcie * 1'000;
inline constexpr Cost machine = socket * 1'000;  ///< leaving one or entering one
}  // namespace hop

/// Lists of links, one a row (compressed sparse rows).
class LinkRows {
 public:
  void append(LinkId link) { links_.push_back(link); }

  void end_row() { first_.push_back(static_cast<std::uint32_t>(links_.size())); }

  [[nodiscard]] std::span<const LinkId> operator[](std::size_t row) const {
    return std::span(links_).subspan(first_[row], first_[row + 1] - first_[row]);
  }

  [[nodiscard]] std::size_t size() const { return links_.size(); }

 private:
  std::vector<LinkId> links_;
  std::vector<std::uint32_t> first_{0};
};

/// Towards one target: for each device of a machine or of the network, by its position there.
struct Forwards {
  std::vector<Cost> cost;
  LinkRows next;  ///< links of a cheapest way, in order of creation
};

/// Within a machine. `relayed`: the ways on which one GPU forwards from NVLink; empty where no GPU
/// may.
struct LocalForwards {
  Forwards plain;
  Forwards relayed;

  /// Whether a way that begins here is cheaper relayed.
  [[nodiscard]] bool relays(std::uint32_t position) const {
    return !relayed.cost.empty() && relayed.cost[position] < plain.cost[position];
  }

  [[nodiscard]] Cost cost(std::uint32_t position) const {
    return relays(position) ? relayed.cost[position] : plain.cost[position];
  }

  [[nodiscard]] std::span<const LinkId> next(std::uint32_t position, bool before_relay) const {
    return (before_relay ? relayed : plain).next[position];
  }
};

/// A link from a machine into the network.
struct Port {
  LinkId link;
  DeviceId from;
  std::uint32_t entry = 0;  ///< position of the switch that it leads to
  std::uint32_t rail = 0;   ///< which of the machine's devices with ports it is on
};

/// A machine's ports, and what it costs each of its devices to leave by each.
struct Ports {
  std::vector<Port> ports;
  std::vector<Cost> costs;  ///< by position, then port

  [[nodiscard]] std::span<const Cost> costs_from(std::uint32_t position) const {
    return std::span(costs).subspan(position * ports.size(), ports.size());
  }
};

/// A link out of the network.
struct Descent {
  DeviceId from;
  LinkId link;
};

/// How the network reaches a destination. Destinations behind the same switches share `network`.
struct Arrival {
  const Forwards* network = nullptr;
  std::vector<Descent> descents;  ///< on a cheapest way
  std::vector<LinkId> last;       ///< on from the only descent, as far as there is no choice
  std::uint64_t rails = 0;        ///< of the ports nearest to it, a bit each; 0: none known
  std::uint64_t group = 0;        ///< the same for all that share `network` and `rails`
};

class Forwarding {
 public:
  /// `pxn`: a GPU may forward from NVLink to a network adapter.
  Forwarding(const Fabric& fabric, bool pxn);

  [[nodiscard]] bool inside(DeviceId device) const {
    return places_[device.index()].part != fabric_.nodes();
  }

  /// What Fabric knows too, close together: a walk reads little else.
  [[nodiscard]] DeviceId end_of(LinkId link) const { return end_of_[link.index()]; }

  [[nodiscard]] bool is_end(DeviceId device) const { return places_[device.index()].endpoint; }

  /// Position among the devices of its machine, or of the network.
  [[nodiscard]] std::uint32_t position(DeviceId device) const {
    return places_[device.index()].position;
  }

  [[nodiscard]] std::span<const DeviceId> network() const { return members_.back(); }

  [[nodiscard]] Cost cost(LinkId link) const;

  /// Towards a device inside a machine, for the devices of that machine.
  const LocalForwards& towards(DeviceId target) {
    const LocalForwards* known = towards_[target.index()].get();
    return known != nullptr ? *known : make_towards(target);
  }

  const Ports& ports(std::uint32_t machine);

  /// Valid until the next call for a device that has not been asked for.
  const Arrival& arrival(DeviceId target) {
    const Arrival& known = arrivals_[target.index()];
    return known.network != nullptr ? known : make_arrival(target);
  }

  /// Links from a machine straight into another one.
  [[nodiscard]] std::span<const LinkId> direct_links(std::uint32_t machine) const {
    return direct_[machine];
  }

 private:
  struct Start {
    DeviceId device;
    Cost cost = 0;
  };

  enum class Ways { all, nvlink };

  void divide();
  const LocalForwards& make_towards(DeviceId target);
  const Arrival& make_arrival(DeviceId target);
  void enter_machine(DeviceId target, Arrival& arrival);
  void forget_networks();

  [[nodiscard]] std::size_t domain(DeviceId device) const { return places_[device.index()].part; }

  [[nodiscard]] bool forwards(DeviceId device, DeviceId end) const;
  [[nodiscard]] Forwards search(std::size_t domain, std::span<const Start> starts, Ways ways) const;
  [[nodiscard]] LinkRows cheapest_links(std::span<const DeviceId> members,
                                        const std::vector<Cost>& cost,
                                        const std::vector<Cost>& onward, Ways ways) const;
  [[nodiscard]] Forwards relays(DeviceId target, const Forwards& plain) const;
  const Forwards& network_towards(const std::map<std::uint32_t, Cost>& exits);

  const Fabric& fabric_;
  bool pxn_;

  struct Place {
    std::uint32_t part = 0;  ///< the machine, or the number of machines for the network
    std::uint32_t position = 0;
    bool endpoint = false;
  };

  std::vector<Place> places_;                   ///< by device
  std::vector<DeviceId> end_of_;                ///< by link
  std::vector<std::vector<DeviceId>> members_;  ///< by machine; the last is the network
  LinkRows inner_out_, inner_in_;               ///< by device: within its machine or the network
  std::vector<std::vector<LinkId>> ports_;      ///< by machine: into the network
  std::vector<std::vector<LinkId>> descents_;   ///< by machine: out of the network
  std::vector<std::vector<LinkId>> direct_;     ///< by machine: into another machine
  std::vector<std::unique_ptr<LocalForwards>> towards_;  ///< by device
  std::vector<std::unique_ptr<Ports>> machine_ports_;
  std::vector<Arrival> arrivals_;  ///< by device; those without `network` are not made yet
  std::map<std::map<std::uint32_t, Cost>, std::unique_ptr<Forwards>> networks_;
  std::map<std::pair<const Forwards*, std::uint64_t>, std::uint64_t> groups_;
  std::uint64_t group_count_ = 0;  ///< of all groups ever, so that none is taken for an older one
  std::size_t network_entries_ = 0;
};

}  // namespace plumbline::topology

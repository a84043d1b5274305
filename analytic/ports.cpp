// SPDX-License-Identifier: Apache-2.0
#include "analytic/ports.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <queue>
#include <tuple>

namespace plumbline::analytic {
namespace {

using core::Bandwidth;
using core::Seconds;
using topology::DeviceId;
using topology::Fabric;
using topology::Link;
using topology::LinkId;

constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

/// The two nearest of the devices looked at, as seen from one device of the fabric. Two, since the
/// nearest may be the very device that asks.
struct Nearest {
  std::array<std::uint32_t, 2> who{nobody, nobody};
  std::array<Seconds, 2> latency{Seconds::infinity(), Seconds::infinity()};

  bool add(std::uint32_t candidate, Seconds distance) {
    if (who[0] == nobody) {
      who[0] = candidate;
      latency[0] = distance;
      return true;
    }
    if (who[1] == nobody && who[0] != candidate) {
      who[1] = candidate;
      latency[1] = distance;
      return true;
    }
    return false;
  }

  [[nodiscard]] Seconds other_than(std::uint32_t me) const {
    return who[0] == me ? latency[1] : latency[0];
  }
};

enum class Direction : std::uint8_t { towards, from };

/// Which links count: all, or NVLink alone.
using Usable = bool (*)(const Link&);

/// Whether `from` reaches all the others over NVLink, through nothing but NVLink switches.
bool reaches_all_by_nvlink(const Fabric& fabric, std::span<const DeviceId> devices, DeviceId from) {
  std::vector<bool> seen(fabric.devices().size(), false);
  std::vector<DeviceId> open{from};
  seen[from.index()] = true;
  while (!open.empty()) {
    const DeviceId at = open.back();
    open.pop_back();
    for (const LinkId id : fabric.out_links(at)) {
      const Link& link = fabric.link(id);
      if (link.kind != topology::LinkKind::nvlink || seen[link.to.index()]) {
        continue;
      }
      seen[link.to.index()] = true;
      if (!topology::is_endpoint(fabric.device(link.to).kind)) {
        open.push_back(link.to);
      }
    }
  }
  return std::ranges::all_of(devices, [&](DeviceId device) { return seen[device.index()]; });
}

Usable usable_links(const Fabric& fabric, std::span<const DeviceId> devices) {
  const bool nvlink = std::ranges::all_of(
      devices, [&](DeviceId device) { return reaches_all_by_nvlink(fabric, devices, device); });
  return nvlink ? [](const Link& link) { return link.kind == topology::LinkKind::nvlink; }
                : [](const Link&) { return true; };
}

/// Dijkstra from all devices at once, along links (`from`) or against them (`towards`).
std::vector<Nearest> nearest(const Fabric& fabric, std::span<const DeviceId> devices,
                             Direction direction, Usable usable) {
  using Entry = std::tuple<Seconds, std::uint32_t, DeviceId>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto spread = [&](Seconds latency, std::uint32_t who, DeviceId at) {
    const bool along = direction == Direction::from;
    for (const LinkId id : along ? fabric.out_links(at) : fabric.in_links(at)) {
      const Link& link = fabric.link(id);
      if (usable(link)) {
        queue.emplace(latency + link.latency, who, along ? link.to : link.from);
      }
    }
  };
  std::vector<Nearest> found(fabric.devices().size());
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    found[devices[i].index()].add(i, Seconds{});
    spread(Seconds{}, i, devices[i]);
  }
  while (!queue.empty()) {
    const auto [latency, who, at] = queue.top();
    queue.pop();
    if (found[at.index()].add(who, latency) && !topology::is_endpoint(fabric.device(at).kind)) {
      spread(latency, who, at);
    }
  }
  return found;
}

/// Whether a link's far end is another of the devices, or leads to one.
bool leads(const Fabric& fabric, const std::vector<Nearest>& found,
           std::span<const DeviceId> devices, DeviceId next, std::uint32_t me) {
  const Nearest& near = found[next.index()];
  if (topology::is_endpoint(fabric.device(next).kind)) {
    return near.who[0] != nobody && near.who[0] != me && devices[near.who[0]] == next;
  }
  return near.other_than(me) < Seconds::infinity();
}

Bandwidth capacity(const Link& link) {
  return link.sharing == topology::Sharing::unshared ? Bandwidth::infinity() : link.capacity;
}

}  // namespace

Ports ports(const Fabric& fabric, std::span<const DeviceId> devices) {
  const Usable usable = usable_links(fabric, devices);
  const std::vector<Nearest> reaches = nearest(fabric, devices, Direction::towards, usable);
  const std::vector<Nearest> reached = nearest(fabric, devices, Direction::from, usable);
  Ports result{std::vector<Port>(devices.size()), Seconds::infinity()};
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    const bool on_the_way = reaches[i].who[0] != nobody && reached[i].who[0] != nobody;
    result.in_network = result.in_network || (fabric.devices()[i].in_network && on_the_way);
  }
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    Port& port = result.of[i];
    result.latency = std::min(result.latency, reaches[devices[i].index()].other_than(i));
    for (const LinkId id : fabric.out_links(devices[i])) {
      const Link& link = fabric.link(id);
      if (usable(link) && leads(fabric, reaches, devices, link.to, i)) {
        port.out += capacity(link);
        port.both += capacity(link);
      }
    }
    for (const LinkId id : fabric.in_links(devices[i])) {
      const Link& link = fabric.link(id);
      if (!usable(link) || !leads(fabric, reached, devices, link.from, i)) {
        continue;
      }
      port.in += capacity(link);
      const bool counted = link.sharing == topology::Sharing::half_duplex && link.reverse &&
                           leads(fabric, reaches, devices, fabric.link(*link.reverse).to, i);
      port.both += counted ? Bandwidth{} : capacity(link);
    }
  }
  return result;
}

}  // namespace plumbline::analytic

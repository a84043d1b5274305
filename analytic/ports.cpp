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

/// Nearest devices by what ways may do in between: a GPU forwards once, from NVLink to NVLink (with
/// PXN to anything).
struct Reach {
  Nearest plain;     ///< through no GPU
  Nearest by_relay;  ///< of a GPU: likewise, by a link that it may forward to or from
  Nearest relayed;   ///< through one GPU

  [[nodiscard]] Seconds other_than(std::uint32_t me) const {
    return std::min(plain.other_than(me), relayed.other_than(me));
  }
};

enum class Direction : std::uint8_t { towards, from };

/// Which links count: all, or NVLink alone.
using Usable = bool (*)(const Link&);

bool is_nvlink(const Link& link) {
  return link.kind == topology::LinkKind::nvlink;
}

bool is_gpu(const Fabric& fabric, DeviceId device) {
  return fabric.device(device).kind == topology::DeviceKind::gpu;
}

/// Whether `from` reaches all the others over NVLink, as routes do: through no GPU, or within its
/// machine through one.
bool reaches_all_by_nvlink(const Fabric& fabric, std::span<const DeviceId> devices, DeviceId from) {
  const auto machine = [&](DeviceId device) {
    return fabric.device(device).in_node ? fabric.device(device).node : nobody;
  };
  std::array<std::vector<bool>, 2> seen;  // before and after a GPU has forwarded
  seen.fill(std::vector<bool>(fabric.devices().size(), false));
  std::vector<std::pair<DeviceId, bool>> open{{from, false}};
  while (!open.empty()) {
    const auto [at, relayed] = open.back();
    open.pop_back();
    for (const LinkId id : fabric.out_links(at)) {
      const DeviceId to = fabric.link(id).to;
      const bool home = machine(to) == machine(from);
      if (!is_nvlink(fabric.link(id)) || (relayed && !home) ||
          seen.at(relayed ? 1 : 0)[to.index()]) {
        continue;
      }
      seen.at(relayed ? 1 : 0)[to.index()] = true;
      if (!topology::is_endpoint(fabric.device(to).kind)) {
        open.emplace_back(to, relayed);
      } else if (!relayed && home && is_gpu(fabric, to)) {
        open.emplace_back(to, true);
      }
    }
  }
  return std::ranges::all_of(devices, [&](DeviceId device) {
    return device == from || seen[0][device.index()] || seen[1][device.index()];
  });
}

Usable usable_links(const Fabric& fabric, std::span<const DeviceId> devices) {
  const bool nvlink = std::ranges::all_of(
      devices, [&](DeviceId device) { return reaches_all_by_nvlink(fabric, devices, device); });
  return nvlink ? is_nvlink : [](const Link&) { return true; };
}

/// Dijkstra from all devices at once, along links (`from`) or against them (`towards`).
class Search {
 public:
  Search(const Fabric& fabric, Direction direction, Usable usable, bool pxn)
      : fabric_(fabric),
        along_(direction == Direction::from),
        usable_(usable),
        pxn_(pxn),
        found_(fabric.devices().size()) {}

  std::vector<Reach> run(std::span<const DeviceId> devices) {
    for (std::uint32_t i = 0; i < devices.size(); ++i) {
      found_[devices[i].index()].plain.add(i, Seconds{});
      spread(Seconds{}, i, devices[i], Links::all, false);
    }
    while (!queue_.empty()) {
      const auto [latency, who, at, relayed, may_relay] = queue_.top();
      queue_.pop();
      Reach& reach = found_[at.index()];
      const bool is_new = (relayed ? reach.relayed : reach.plain).add(who, latency);
      if (!topology::is_endpoint(fabric_.device(at).kind)) {
        if (is_new) {
          spread(latency, who, at, Links::all, relayed);
        }
      } else if (may_relay && reach.by_relay.add(who, latency)) {
        spread(latency, who, at, along_ && pxn_ ? Links::all : Links::nvlink, true);
      }
    }
    return std::move(found_);
  }

 private:
  enum class Links : std::uint8_t { all, nvlink };

  void spread(Seconds latency, std::uint32_t who, DeviceId at, Links links, bool relayed) {
    for (const LinkId id : along_ ? fabric_.out_links(at) : fabric_.in_links(at)) {
      const Link& link = fabric_.link(id);
      if (!usable_(link) || (links == Links::nvlink && !is_nvlink(link))) {
        continue;
      }
      const DeviceId next = along_ ? link.to : link.from;
      const bool may_relay =
          !relayed && is_gpu(fabric_, next) && (is_nvlink(link) || (pxn_ && !along_));
      queue_.emplace(latency + link.latency, who, next, relayed, may_relay);
    }
  }

  using Entry = std::tuple<Seconds, std::uint32_t, DeviceId, bool, bool>;
  const Fabric& fabric_;
  bool along_;
  Usable usable_;
  bool pxn_;
  std::vector<Reach> found_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

/// Whether a link's far end is another of the devices, or leads to one.
bool leads(const Fabric& fabric, const std::vector<Reach>& found, std::span<const DeviceId> devices,
           DeviceId next, std::uint32_t me) {
  const Reach& reach = found[next.index()];
  if (!topology::is_endpoint(fabric.device(next).kind)) {
    return reach.other_than(me) < Seconds::infinity();
  }
  const std::uint32_t nearest = reach.plain.who[0];
  const bool is_other = nearest != nobody && nearest != me && devices[nearest] == next;
  return is_other || reach.by_relay.other_than(me) < Seconds::infinity();
}

Bandwidth capacity(const Link& link) {
  return link.sharing == topology::Sharing::unshared ? Bandwidth::infinity() : link.capacity;
}

}  // namespace

Ports ports(const Fabric& fabric, std::span<const DeviceId> devices, bool pxn) {
  const Usable usable = usable_links(fabric, devices);
  const std::vector<Reach> reaches = Search(fabric, Direction::towards, usable, pxn).run(devices);
  const std::vector<Reach> reached = Search(fabric, Direction::from, usable, pxn).run(devices);
  Ports result{std::vector<Port>(devices.size()), Seconds::infinity()};
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    const bool on_the_way = reaches[i].other_than(nobody) < Seconds::infinity() &&
                            reached[i].other_than(nobody) < Seconds::infinity();
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

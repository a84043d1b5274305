// SPDX-License-Identifier: Apache-2.0
// One search makes every table: Dijkstra backwards from where the ways end, over links that stay
// within one machine or within the network, never on through an endpoint. A destination in a
// machine enters the network's search as the switches that it is reached from, each with what is
// left from there; so 4,096 GPUs behind 128 leaves need 128 tables, and 100,000 hosts of a star
// one.
#include "topology/forwarding.hpp"

#include <algorithm>
#include <functional>
#include <queue>

#include "core/diagnostic.hpp"

namespace plumbline::topology {
namespace {

/// Beyond this many entries the network's tables are dropped and made anew when asked for: 10,000
/// routers that all talk to each other would fill gigabytes.
constexpr std::size_t most_network_entries = std::size_t{1} << 25U;

}  // namespace

Forwarding::Forwarding(const Fabric& fabric, bool pxn) : fabric_(fabric), pxn_(pxn) {
  divide();
  towards_.resize(fabric_.devices().size());
  arrivals_.resize(fabric_.devices().size());
  machine_ports_.resize(fabric_.nodes());
}

void Forwarding::divide() {
  const std::size_t machines = fabric_.nodes();
  members_.resize(machines + 1);
  for (std::vector<std::vector<LinkId>>* rows : {&ports_, &descents_, &direct_}) {
    rows->resize(machines);
  }
  for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
    const Device& device = fabric_.devices()[i];
    const std::uint32_t part = device.in_node ? device.node : fabric_.nodes();
    places_.push_back(
        {part, static_cast<std::uint32_t>(members_[part].size()), is_endpoint(device.kind)});
    members_[part].emplace_back(i);
  }
  for (const Link& link : fabric_.links()) {
    end_of_.push_back(link.to);
  }
  for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
    const DeviceId device(i);
    for (const LinkId out : fabric_.out_links(device)) {
      const DeviceId to = fabric_.link(out).to;
      if (domain(device) == domain(to)) {
        inner_out_.append(out);
      } else if (!inside(device)) {
        descents_[domain(to)].push_back(out);
      } else {
        (inside(to) ? direct_ : ports_)[domain(device)].push_back(out);
      }
    }
    for (const LinkId in : fabric_.in_links(device)) {
      if (domain(device) == domain(fabric_.link(in).from)) {
        inner_in_.append(in);
      }
    }
    inner_out_.end_row();
    inner_in_.end_row();
  }
}

Cost Forwarding::cost(LinkId id) const {
  const Link& link = fabric_.link(id);
  switch (link.kind) {
    case LinkKind::nvlink:
      return hop::nvlink;
    case LinkKind::pcie:
      return hop::pcie;
    case LinkKind::cpu:
      return hop::socket;
    case LinkKind::network:
      if (inside(link.from) || inside(link.to)) {
        return hop::machine;
      }
      return link.global ? hop::global : hop::network;
  }
  throw core::InternalError("a kind of link without a cost");
}

/// Whether a way that ends or begins at `end` may lead through `device`.
bool Forwarding::forwards(DeviceId device, DeviceId end) const {
  return device == end || !is_end(device);
}

/// A way ends on arriving at a start, which adds the start's cost. The starts' own costs are those
/// of going on, so that a GPU that relays is not relayed for.
Forwards Forwarding::search(std::size_t domain, std::span<const Start> starts, Ways ways) const {
  const std::vector<DeviceId>& members = members_[domain];
  Forwards result{.cost = std::vector<Cost>(members.size(), unreachable), .next = {}};
  std::vector<Cost> onward = result.cost;  // from arriving at a device to the end
  using Entry = std::pair<Cost, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  for (const Start& start : starts) {
    Cost& known = onward[position(start.device)];
    known = std::min(known, start.cost);
    queue.emplace(start.cost, position(start.device));
  }
  while (!queue.empty()) {
    const auto [left, at] = queue.top();
    queue.pop();
    if (left > onward[at]) {
      continue;
    }
    for (const LinkId in : inner_in_[members[at].index()]) {
      const DeviceId from = fabric_.link(in).from;
      Cost& known = result.cost[position(from)];
      const Cost found = left + cost(in);
      if ((ways == Ways::nvlink && fabric_.link(in).kind != LinkKind::nvlink) || found >= known) {
        continue;
      }
      known = found;
      if (!is_end(from) && found < onward[position(from)]) {
        onward[position(from)] = found;
        queue.emplace(found, position(from));
      }
    }
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!is_end(members[i])) {
      result.cost[i] = onward[i];
    }
  }
  result.next = cheapest_links(members, result.cost, onward, ways);
  return result;
}

LinkRows Forwarding::cheapest_links(std::span<const DeviceId> members,
                                    const std::vector<Cost>& cost_of,
                                    const std::vector<Cost>& onward, Ways ways) const {
  LinkRows rows;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (const LinkId out : inner_out_[members[i].index()]) {
      if ((ways == Ways::all || fabric_.link(out).kind == LinkKind::nvlink) &&
          cost_of[i] < unreachable &&
          cost(out) + onward[position(fabric_.link(out).to)] == cost_of[i]) {
        rows.append(out);
      }
    }
    rows.end_row();
  }
  return rows;
}

/// NVLink to a GPU that forwards: over NVLink again to another GPU, or with PXN to an adapter by
/// whatever way that GPU has.
Forwards Forwarding::relays(DeviceId target, const Forwards& plain) const {
  const DeviceKind kind = fabric_.device(target).kind;
  if (kind != DeviceKind::gpu && !(pxn_ && kind == DeviceKind::nic)) {
    return {};
  }
  std::vector<Start> starts;
  for (const DeviceId member : members_[domain(target)]) {
    const Cost left = plain.cost[position(member)];
    if (fabric_.device(member).kind == DeviceKind::gpu && member != target &&
        left < (kind == DeviceKind::gpu ? hop::relay : unreachable)) {
      starts.push_back({member, left + hop::relay});
    }
  }
  return starts.empty() ? Forwards{} : search(domain(target), starts, Ways::nvlink);
}

const LocalForwards& Forwarding::make_towards(DeviceId target) {
  std::unique_ptr<LocalForwards>& table = towards_[target.index()];
  table = std::make_unique<LocalForwards>();
  const Start start{target, 0};
  table->plain = search(domain(target), std::span(&start, 1), Ways::all);
  table->plain.cost[position(target)] = 0;
  table->relayed = relays(target, table->plain);
  return *table;
}

const Ports& Forwarding::ports(std::uint32_t machine) {
  std::unique_ptr<Ports>& known = machine_ports_[machine];
  if (known != nullptr) {
    return *known;
  }
  known = std::make_unique<Ports>();
  std::vector<DeviceId> rails;
  for (const LinkId link : ports_[machine]) {
    const DeviceId from = fabric_.link(link).from;
    const auto rail = std::find(rails.begin(), rails.end(), from) - rails.begin();
    if (static_cast<std::size_t>(rail) == rails.size()) {
      rails.push_back(from);
    }
    known->ports.push_back({.link = link,
                            .from = from,
                            .entry = position(fabric_.link(link).to),
                            .rail = static_cast<std::uint32_t>(rail)});
  }
  for (const DeviceId device : members_[machine]) {
    for (const Port& port : known->ports) {
      known->costs.push_back(forwards(port.from, device)
                                 ? towards(port.from).cost(position(device)) + cost(port.link)
                                 : unreachable);
    }
  }
  return *known;
}

const Forwards& Forwarding::network_towards(const std::map<std::uint32_t, Cost>& exits) {
  std::unique_ptr<Forwards>& table = networks_[exits];
  if (table == nullptr) {
    std::vector<Start> starts;
    for (const auto& [exit, left] : exits) {
      starts.push_back({network()[exit], left});
    }
    table = std::make_unique<Forwards>(search(fabric_.nodes(), starts, Ways::all));
    network_entries_ += table->cost.size() + table->next.size();
  }
  return *table;
}

void Forwarding::forget_networks() {
  arrivals_.clear();
  arrivals_.resize(fabric_.devices().size());
  networks_.clear();
  groups_.clear();
  network_entries_ = 0;
}

const Arrival& Forwarding::make_arrival(DeviceId target) {
  if (network_entries_ > most_network_entries) {
    forget_networks();
  }
  Arrival& arrival = arrivals_[target.index()];
  if (inside(target)) {
    enter_machine(target, arrival);
  } else {
    arrival.network = &network_towards({{position(target), 0}});
  }
  const auto [group, is_new] = groups_.try_emplace({arrival.network, arrival.rails}, group_count_);
  group_count_ += is_new ? 1U : 0U;
  arrival.group = group->second;
  return arrival;
}

void Forwarding::enter_machine(DeviceId target, Arrival& arrival) {
  const std::uint32_t machine = fabric_.device(target).node;
  const auto left = [&](LinkId descent) {
    const DeviceId to = fabric_.link(descent).to;
    return forwards(to, target) ? cost(descent) + towards(target).plain.cost[position(to)]
                                : unreachable;
  };
  std::map<std::uint32_t, Cost> exits;
  Cost nearest = unreachable;
  for (const LinkId descent : descents_[machine]) {
    if (const Cost found = left(descent); found < unreachable) {
      Cost& least = exits.try_emplace(position(fabric_.link(descent).from), found).first->second;
      least = std::min(least, found);
      nearest = std::min(nearest, found);
    }
  }
  arrival.network = &network_towards(exits);
  for (const LinkId descent : descents_[machine]) {
    if (left(descent) < unreachable &&
        left(descent) == arrival.network->cost[position(fabric_.link(descent).from)]) {
      arrival.descents.push_back({fabric_.link(descent).from, descent});
    }
  }
  if (arrival.descents.size() == 1) {
    const LinkRows& next = towards(target).plain.next;
    DeviceId at = end_of(arrival.descents.front().link);
    for (; at != target && next[position(at)].size() == 1; at = end_of(arrival.last.back())) {
      arrival.last.push_back(next[position(at)].front());
    }
  }
  for (const Port& port : pxn_ ? ports(machine).ports : std::vector<Port>{}) {
    const auto& reverse = fabric_.link(port.link).reverse;
    if (reverse && nearest < unreachable && left(*reverse) == nearest && port.rail < 64) {
      arrival.rails |= std::uint64_t{1} << port.rail;
    }
  }
}

}  // namespace plumbline::topology

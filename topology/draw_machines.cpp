// SPDX-License-Identifier: Apache-2.0
#include "topology/draw_machines.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <unordered_map>

namespace plumbline::topology::drawing {
namespace {

/// Alike machines in a row up to which all are drawn.
constexpr std::size_t machines_in_full = 3;
constexpr std::size_t hosts_in_full = 16;
/// Machines of any kind in one picture.
constexpr std::size_t most_machines = 6;
constexpr std::size_t most_hosts = 40;
/// Of hosts that are more even when long runs are cut.
constexpr std::size_t some_hosts = 14;

/// Equal for machines that look alike. A lone host belongs to the picture of its leaf.
std::string signature(const Fabric& fabric, const std::vector<DeviceId>& members) {
  std::unordered_map<DeviceId, std::size_t> position;
  for (std::size_t i = 0; i < members.size(); ++i) {
    position.emplace(members[i], i);
  }
  std::string text;
  for (const DeviceId member : members) {
    const Device& device = fabric.device(member);
    text += fmt::format("{}x{}:", to_text(device.kind), device.planes);
    for (const LinkId id : fabric.out_links(member)) {
      const Link& link = fabric.link(id);
      const auto inner = position.find(link.to);
      if (inner != position.end()) {
        text += fmt::format("{}/{}/{} ", inner->second, link.link_class, link.count);
      } else {
        text += members.size() == 1 ? fmt::format("to {} ", link.to.value) : "out ";
      }
    }
  }
  return text;
}

void add_run(std::uint32_t first, std::uint32_t end, std::size_t in_full, std::uint32_t at_front,
             std::vector<Item>& items) {
  if (end - first <= in_full) {
    for (std::uint32_t node = first; node < end; ++node) {
      items.push_back({.node = node});
    }
    return;
  }
  for (std::uint32_t i = 0; i < at_front; ++i) {
    items.push_back({.node = first + i});
  }
  items.push_back({.node = first + at_front, .hidden = end - first - at_front - 1});
  items.push_back({.node = end - 1});
}

/// Keeps the first and the last items of too long a list.
std::vector<Item> shorten(const std::vector<Item>& items, std::size_t most) {
  std::vector<Item> result(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(most) - 2);
  if (result.back().hidden > 0) {
    result.pop_back();
  }
  const Item& before = result.back();
  result.push_back(
      {.node = before.node + 1, .hidden = items.back().node - before.node - 1, .alike = false});
  result.push_back(items.back());
  return result;
}

/// The device that `member` hangs from, by the first link to a switch of its machine, else to a
/// CPU.
std::optional<DeviceId> hub_of(const Fabric& fabric, DeviceId member) {
  std::optional<DeviceId> cpu;
  const std::uint32_t node = fabric.device(member).node;
  for (const LinkId id : fabric.out_links(member)) {
    const DeviceId other = fabric.link(id).to;
    const Device& device = fabric.device(other);
    if (device.kind == DeviceKind::pcie_switch && device.node == node &&
        fabric.device(member).kind != DeviceKind::pcie_switch) {
      return other;
    }
    if (device.kind == DeviceKind::cpu && device.node == node && !cpu) {
      cpu = other;
    }
  }
  return cpu;
}

}  // namespace

std::vector<std::vector<DeviceId>> members_of_nodes(const Fabric& fabric) {
  std::vector<std::vector<DeviceId>> members(fabric.nodes());
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    const Device& device = fabric.devices()[i];
    if (device.in_node) {
      members[device.node].push_back(DeviceId(i));
    }
  }
  return members;
}

std::vector<Item> choose_machines(const Fabric& fabric,
                                  const std::vector<std::vector<DeviceId>>& members) {
  const bool hosts_only = std::all_of(members.begin(), members.end(),
                                      [](const auto& devices) { return devices.size() <= 1; });
  const std::size_t most = hosts_only ? most_hosts : most_machines;
  std::vector<std::string> looks;
  for (const auto& devices : members) {
    looks.push_back(signature(fabric, devices));
  }
  const auto choose = [&](std::size_t in_full) {
    std::vector<Item> items;
    for (std::size_t first = 0; first < looks.size();) {
      std::size_t end = first + 1;
      while (end < looks.size() && looks[end] == looks[first]) {
        ++end;
      }
      add_run(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end), in_full,
              hosts_only ? 2 : 1, items);
      first = end;
    }
    return items;
  };
  std::vector<Item> items = choose(hosts_only ? hosts_in_full : machines_in_full);
  if (items.size() > most) {
    items = choose(machines_in_full);
  }
  return items.size() > most ? shorten(items, hosts_only ? some_hosts : most) : items;
}

Machine sort_machine(const Fabric& fabric, const std::vector<DeviceId>& members) {
  Machine machine;
  std::map<DeviceId, std::vector<Branch>> by_cpu;
  std::map<DeviceId, Branch> by_hub;
  Socket rest;
  Branch loose;
  for (const DeviceId member : members) {
    const DeviceKind kind = fabric.device(member).kind;
    if (kind == DeviceKind::nvswitch) {
      machine.nvswitches.push_back(member);
    } else if (kind == DeviceKind::cpu || kind == DeviceKind::pcie_switch) {
      by_hub[member].hub = member;
    }
  }
  for (const DeviceId member : members) {
    const bool is_nic = fabric.device(member).kind == DeviceKind::nic;
    if (is_nic || is_endpoint(fabric.device(member).kind)) {
      const std::optional<DeviceId> hub = hub_of(fabric, member);
      Branch& branch = hub ? by_hub[*hub] : loose;
      (is_nic ? branch.nics : branch.endpoints).push_back(member);
    }
  }
  for (auto& [hub, branch] : by_hub) {
    const bool is_cpu = fabric.device(hub).kind == DeviceKind::cpu;
    const std::optional<DeviceId> cpu = is_cpu ? std::optional(hub) : hub_of(fabric, hub);
    (cpu ? by_cpu[*cpu] : rest.branches).push_back(std::move(branch));
  }
  if (!loose.nics.empty() || !loose.endpoints.empty()) {
    rest.branches.push_back(std::move(loose));
  }
  for (auto& [cpu, branches] : by_cpu) {
    // Two sockets face each other; otherwise each CPU stands left of its switches.
    const bool cpu_last = by_cpu.size() == 2 && machine.sockets.empty();
    std::stable_partition(branches.begin(), branches.end(),
                          [&](const Branch& branch) { return (branch.hub == cpu) != cpu_last; });
    machine.sockets.push_back({cpu, std::move(branches)});
  }
  if (!rest.branches.empty()) {
    machine.sockets.push_back(std::move(rest));
  }
  return machine;
}

}  // namespace plumbline::topology::drawing

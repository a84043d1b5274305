// SPDX-License-Identifier: Apache-2.0
#include "topology/draw_machines.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace plumbline::topology::drawing {
namespace {

/// Alike machines in a row up to which all are drawn.
constexpr std::size_t machines_in_full = 3;
constexpr std::size_t hosts_in_full = 16;
/// Machines of any kind in one picture.
constexpr std::size_t most_machines = 6;
constexpr std::size_t most_hosts = 40;

/// Of one row inside of a machine; branches of one socket.
constexpr std::size_t most_in_row = 16;
constexpr std::size_t most_branches = 9;  // eight switches and the CPU
constexpr std::size_t most_sockets = 4;

/// What a machine looks like, equal for those that look alike, and what a lone host plugs into.
struct Look {
  std::string shape;
  std::string place;
  friend bool operator==(const Look&, const Look&) = default;
};

Look look_of(const Fabric& fabric, const std::vector<DeviceId>& members) {
  std::unordered_map<DeviceId, std::size_t> position;
  for (std::size_t i = 0; i < members.size(); ++i) {
    position.emplace(members[i], i);
  }
  Look look;
  for (const DeviceId member : members) {
    const Device& device = fabric.device(member);
    look.shape += fmt::format("{}x{}:", to_text(device.kind), device.planes);
    for (const LinkId id : fabric.out_links(member)) {
      const Link& link = fabric.link(id);
      const auto inner = position.find(link.to);
      const std::string target =
          inner != position.end() ? fmt::format("{}", inner->second)
                                  : fmt::format("out to {}", to_text(fabric.device(link.to).kind));
      look.shape += fmt::format("{}/{}/{} ", target, link.link_class, link.count);
      if (members.size() == 1) {
        look.place += fmt::format("{} ", link.to.value);
      }
    }
  }
  return look;
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

/// Machines from one on that look alike and, where they are lone hosts, stand at one switch.
struct Run {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
};

std::vector<Run> runs_of(const std::vector<Look>& looks) {
  std::vector<Run> runs;
  for (std::uint32_t first = 0; first < looks.size();) {
    std::uint32_t end = first + 1;
    while (end < looks.size() && looks[end] == looks[first]) {
      ++end;
    }
    runs.push_back({first, end});
    first = end;
  }
  return runs;
}

/// Cuts the runs in the middle out of too long a list.
std::vector<Item> shorten(const std::vector<Run>& runs, const std::vector<Look>& looks,
                          std::size_t at_front, std::uint32_t shown_of_run) {
  std::vector<Item> result;
  for (std::size_t i = 0; i < at_front; ++i) {
    add_run(runs[i].first, runs[i].end, machines_in_full, shown_of_run, result);
  }
  const std::uint32_t from = runs[at_front - 1].end;
  const std::uint32_t to = runs.back().first;
  const bool alike = std::all_of(looks.begin() + from, looks.begin() + to, [&](const Look& look) {
    return look.shape == looks[from - 1].shape;
  });
  result.push_back({.node = from, .hidden = to - from, .alike = alike});
  add_run(to, runs.back().end, machines_in_full, shown_of_run, result);
  return result;
}

/// The device that an endpoint or NIC hangs from, by the first link to a switch of its machine,
/// else to a CPU.
std::optional<DeviceId> hub_of(const Fabric& fabric, DeviceId member) {
  std::optional<DeviceId> cpu;
  const std::uint32_t node = fabric.device(member).node;
  for (const LinkId id : fabric.out_links(member)) {
    const DeviceId other = fabric.link(id).to;
    const Device& device = fabric.device(other);
    if (device.kind == DeviceKind::pcie_switch && device.node == node) {
      return other;
    }
    if (device.kind == DeviceKind::cpu && device.node == node && !cpu) {
      cpu = other;
    }
  }
  return cpu;
}

/// The first CPU on a way over PCIe switches of the machine.
std::optional<DeviceId> cpu_above(const Fabric& fabric, DeviceId hub) {
  std::vector<DeviceId> seen{hub};
  for (std::size_t i = 0; i < seen.size(); ++i) {
    for (const LinkId id : fabric.out_links(seen[i])) {
      const DeviceId next = fabric.link(id).to;
      const Device& device = fabric.device(next);
      if (device.kind == DeviceKind::cpu && device.node == fabric.device(hub).node) {
        return next;
      }
      if (device.kind == DeviceKind::pcie_switch &&
          std::find(seen.begin(), seen.end(), next) == seen.end()) {
        seen.push_back(next);
      }
    }
  }
  return std::nullopt;
}

/// What hangs from one device.
struct Hub {
  std::vector<DeviceId> nics;
  std::vector<DeviceId> endpoints;

  [[nodiscard]] Branch branch(std::optional<DeviceId> hub, std::size_t most) const {
    return {.hub = hub, .nics = slots_of(nics, most), .endpoints = slots_of(endpoints, most)};
  }
};

std::size_t size_of(const std::vector<Slot>& slots) {
  std::size_t sum = 0;
  for (const Slot& slot : slots) {
    sum += slot.device ? 1 : slot.hidden;
  }
  return sum;
}

std::size_t size_of(const Branch& branch) {
  return (branch.hub ? 1 : 0) + size_of(branch.nics) + size_of(branch.endpoints);
}

std::size_t size_of(const Socket& socket) {
  std::size_t sum = 0;
  for (const Branch& branch : socket.branches) {
    sum += size_of(branch);
  }
  return sum;
}

std::string shape_of(const Fabric& fabric, const Branch& branch) {
  return fmt::format("{}:{}:{} ", branch.hub ? to_text(fabric.device(*branch.hub).kind) : "",
                     size_of(branch.nics), size_of(branch.endpoints));
}

std::string shape_of(const Fabric& fabric, const Socket& socket) {
  std::string text;
  for (const Branch& branch : socket.branches) {
    text += shape_of(fabric, branch);
  }
  return text;
}

/// In a list of more than `most`, of those alike in a row only the first, the second and the last.
template <class Part>
void cut_runs(std::vector<Part>& parts, std::size_t most, const Fabric& fabric) {
  if (parts.size() <= most) {
    return;
  }
  std::vector<Part> result;
  for (std::size_t first = 0; first < parts.size();) {
    std::size_t end = first + 1;
    while (end < parts.size() && shape_of(fabric, parts[end]) == shape_of(fabric, parts[first])) {
      ++end;
    }
    Part gap{};
    for (std::size_t i = first; i < end; ++i) {
      if (end - first <= 3 || i < first + 2 || i + 1 == end) {
        if (gap.alike > 0) {
          result.push_back(std::exchange(gap, Part{}));
        }
        result.push_back(std::move(parts[i]));
      } else {
        gap.hidden += size_of(parts[i]);
        ++gap.alike;
      }
    }
    first = end;
  }
  parts = std::move(result);
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

std::vector<Slot> slots_of(const std::vector<DeviceId>& devices, std::size_t most) {
  std::vector<Slot> slots;
  for (const DeviceId device : devices) {
    slots.push_back({.device = device});
  }
  if (slots.size() > most) {
    const std::size_t hidden = slots.size() - 3;
    slots.erase(slots.begin() + 2, slots.end() - 1);
    slots.insert(slots.begin() + 2, Slot{.device = {}, .hidden = hidden});
  }
  return slots;
}

std::vector<Item> choose_machines(const Fabric& fabric,
                                  const std::vector<std::vector<DeviceId>>& members, bool all) {
  std::vector<Item> items;
  if (all) {
    for (std::uint32_t node = 0; node < members.size(); ++node) {
      items.push_back({.node = node});
    }
    return items;
  }
  const bool hosts_only = std::all_of(members.begin(), members.end(),
                                      [](const auto& devices) { return devices.size() <= 1; });
  std::vector<Look> looks;
  for (const auto& devices : members) {
    looks.push_back(look_of(fabric, devices));
  }
  const std::vector<Run> runs = runs_of(looks);
  const std::uint32_t shown_of_run = hosts_only ? 2 : 1;
  const auto choose = [&](std::size_t in_full) {
    items.clear();
    for (const Run& run : runs) {
      add_run(run.first, run.end, in_full, shown_of_run, items);
    }
    return items.size() <= (hosts_only ? most_hosts : most_machines);
  };
  if (choose(hosts_only ? hosts_in_full : machines_in_full) || choose(machines_in_full) ||
      runs.size() < 4) {
    return items;
  }
  return shorten(runs, looks, std::min<std::size_t>(runs.size() - 2, hosts_only ? 2 : 3),
                 shown_of_run);
}

Machine sort_machine(const Fabric& fabric, const std::vector<DeviceId>& members, bool all) {
  Machine machine;
  const std::size_t most = all ? members.size() : most_in_row;
  std::map<DeviceId, Hub> by_hub;
  Hub loose;
  std::vector<DeviceId> others;
  for (const DeviceId member : members) {
    const DeviceKind kind = fabric.device(member).kind;
    if (kind == DeviceKind::cpu || kind == DeviceKind::pcie_switch) {
      by_hub[member];
    } else if (kind != DeviceKind::nic && !is_endpoint(kind)) {
      others.push_back(member);
    }
  }
  machine.nvswitches = slots_of(others, most);
  for (const DeviceId member : members) {
    const bool is_nic = fabric.device(member).kind == DeviceKind::nic;
    if (is_nic || is_endpoint(fabric.device(member).kind)) {
      const std::optional<DeviceId> hub = hub_of(fabric, member);
      Hub& place = hub ? by_hub[*hub] : loose;
      (is_nic ? place.nics : place.endpoints).push_back(member);
    }
  }
  std::map<DeviceId, std::vector<Branch>> by_cpu;
  Socket rest;
  for (const auto& [hub, hanging] : by_hub) {
    const bool is_cpu = fabric.device(hub).kind == DeviceKind::cpu;
    const std::optional<DeviceId> cpu = is_cpu ? std::optional(hub) : cpu_above(fabric, hub);
    (cpu ? by_cpu[*cpu] : rest.branches).push_back(hanging.branch(hub, most));
  }
  if (!loose.nics.empty() || !loose.endpoints.empty()) {
    rest.branches.push_back(loose.branch({}, most));
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
  if (!all) {
    cut_runs(machine.sockets, most_sockets, fabric);
    for (Socket& socket : machine.sockets) {
      cut_runs(socket.branches, most_branches, fabric);
    }
  }
  return machine;
}

}  // namespace plumbline::topology::drawing

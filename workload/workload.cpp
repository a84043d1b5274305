// SPDX-License-Identifier: Apache-2.0
#include "workload/workload.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "topology/switch_tree.hpp"

namespace plumbline::workload {

namespace {

constexpr std::array<std::string_view, 20> collective_names{
    "all_reduce", "all_gather", "reduce_scatter", "all_to_all",  "broadcast",
    "reduce",     "send_recv",  "ping_pong",      "incast",      "all_to_allv",
    "gather",     "scatter",    "outcast",        "permutation", "barrier",
    "stream",     "flows",      "pipeline",       "compute",     "together"};
constexpr std::array<std::string_view, 3> schedule_names{"gpipe", "1f1b", "interleaved"};

/// Fills in what switches that add and replicate join.
void find_switches(const topology::Fabric& fabric, const topology::Placement& placement,
                   Site& site) {
  topology::Router router(fabric);
  topology::SwitchTrees trees(fabric, router);
  const auto joins = [&](const std::vector<topology::DeviceId>& group) {
    return trees.meeting(group).has_value();
  };
  std::vector<std::vector<topology::DeviceId>> machines;
  std::vector<topology::DeviceId> leaders;
  for (std::size_t rank = 0; rank < site.machine_of.size(); ++rank) {
    machines.resize(std::max<std::size_t>(machines.size(), site.machine_of[rank] + 1));
    machines[site.machine_of[rank]].push_back(placement.device_of[rank]);
  }
  for (const auto& machine : machines) {
    leaders.push_back(machine.front());
  }
  site.in_network = joins(placement.device_of);
  site.in_network_inside = std::ranges::all_of(machines, joins);
  site.in_network_leaders = joins(leaders);
}

}  // namespace

std::string_view to_text(Collective collective) {
  return collective_names[static_cast<std::size_t>(collective)];
}

std::optional<Collective> collective(std::string_view text) {
  for (std::size_t i = 0; i < collective_names.size(); ++i) {
    if (collective_names[i] == text) {
      return static_cast<Collective>(i);
    }
  }
  return std::nullopt;
}

std::string_view to_text(PipelineSchedule schedule) {
  return schedule_names[static_cast<std::size_t>(schedule)];
}

Site site_of(const topology::Fabric& fabric, const topology::Placement& placement) {
  Site site{.device_of = placement.device_of};
  std::map<std::uint32_t, std::uint32_t> numbers;
  std::map<std::uint32_t, std::uint32_t> gpus;
  std::map<topology::DeviceId, std::uint32_t> gpu_of;
  for (const topology::DeviceId device : fabric.endpoints()) {
    gpu_of[device] = gpus[fabric.device(device).node]++;
  }
  for (const topology::DeviceId device : placement.device_of) {
    const std::uint32_t machine = fabric.device(device).node;
    site.gpu_of.push_back(gpu_of[device]);
    site.machine_of.push_back(
        numbers.try_emplace(machine, static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  const bool any = std::ranges::any_of(
      fabric.devices(), [](const topology::Device& device) { return device.in_network; });
  if (any) {
    find_switches(fabric, placement, site);
  }
  return site;
}

double bus_factor(Collective collective, RankCount ranks) {
  const double n = ranks.value;
  switch (collective) {
    case Collective::all_reduce:
      return 2.0 * (n - 1.0) / n;
    case Collective::all_gather:
    case Collective::reduce_scatter:
    case Collective::all_to_all:
    case Collective::all_to_allv:
    case Collective::gather:
    case Collective::scatter:
      return (n - 1.0) / n;
    default:
      return 1.0;
  }
}

double reported_share(const Workload& workload) {
  switch (workload.collective) {
    case Collective::ping_pong:
      return 0.5;
    case Collective::stream:
      return 1.0 / workload.messages;
    default:
      return 1.0;
  }
}

}  // namespace plumbline::workload

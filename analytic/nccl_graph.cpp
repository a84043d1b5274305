// SPDX-License-Identifier: Apache-2.0
#include "analytic/nccl_graph.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

#include "analytic/mesh_rings.hpp"
#include "analytic/nccl_given.hpp"
#include "core/text.hpp"
#include "topology/routing.hpp"

namespace plumbline::analytic::nccl {
namespace {

using core::Bandwidth;
using topology::DeviceId;
using topology::DeviceKind;
using topology::Fabric;
using topology::Link;
using topology::LinkId;
using topology::LinkKind;
using workload::NcclGraph;

constexpr std::uint32_t hopper_capability = 90;

/// What bounds the channels of one machine.
struct Capacity {
  Bandwidth inside;                 ///< out of one GPU; infinite where it is alone
  std::vector<Bandwidth> adapters;  ///< those that its GPUs use
  std::uint32_t gpus = 0;
  bool nvlink = false;
  bool nvswitch = false;
  bool near_network = true;
};

/// Measures the machines of one fabric as NCCL counts them.
class Survey {
 public:
  Survey(const Tables& tables, const Architecture& gpu, const Cpu* cpu, const Fabric& fabric)
      : tables_(tables), gpu_(gpu), cpu_(cpu), fabric_(fabric), router_(fabric) {}

  [[nodiscard]] Capacity of(const std::vector<DeviceId>& gpus) {
    Capacity capacity{.inside = Bandwidth::infinity(),
                      .adapters = {},
                      .gpus = static_cast<std::uint32_t>(gpus.size())};
    if (gpus.size() > 1) {
      capacity.inside = over_nvlink(gpus, capacity.nvswitch);
      capacity.nvlink = capacity.inside > Bandwidth{};
      if (!capacity.nvlink) {
        capacity.inside = around(gpus);
      }
    }
    find_adapters(fabric_.device(gpus.front()).node, capacity);
    return capacity;
  }

  /// Between sockets lay a link and the CPU was not named.
  [[nodiscard]] bool misses_cpu() const { return misses_cpu_; }

 private:
  /// The least that one of the GPUs can send to the others over NVLink.
  [[nodiscard]] Bandwidth over_nvlink(const std::vector<DeviceId>& gpus, bool& nvswitch) const {
    const std::set<DeviceId> group(gpus.begin(), gpus.end());
    Bandwidth least = Bandwidth::infinity();
    for (const DeviceId gpu : gpus) {
      Bandwidth sum;
      for (const LinkId id : fabric_.out_links(gpu)) {
        const Link& link = fabric_.link(id);
        const bool to_switch = fabric_.device(link.to).kind == DeviceKind::nvswitch;
        if (link.kind == LinkKind::nvlink && (to_switch || group.contains(link.to))) {
          sum += gpu_.nvlink * link.count;
          nvswitch = nvswitch || to_switch;
        }
      }
      least = std::min(least, sum);
    }
    return least;
  }

  /// The rate at which one ring over the GPUs in order runs.
  [[nodiscard]] Bandwidth around(const std::vector<DeviceId>& gpus) {
    std::map<LinkId, double> crossings;
    for (std::size_t i = 0; i < gpus.size(); ++i) {
      const auto route = router_.route(gpus[i], gpus[(i + 1) % gpus.size()]);
      if (!route) {
        return {};
      }
      for (const LinkId id : route->links) {
        crossings[id] += 1.0;
      }
    }
    Bandwidth least = Bandwidth::infinity();
    for (const auto& [id, times] : crossings) {
      least = std::min(least, counted(fabric_.link(id)) / times);
    }
    return least;
  }

  /// What NCCL counts a link as.
  [[nodiscard]] Bandwidth counted(const Link& link) {
    switch (link.kind) {
      case LinkKind::nvlink:
        return gpu_.nvlink * link.count;
      case LinkKind::pcie:
        return slot(link);
      case LinkKind::cpu:
        misses_cpu_ = misses_cpu_ || cpu_ == nullptr;
        return cpu_ == nullptr ? Bandwidth::infinity() : cpu_->between_sockets;
      case LinkKind::network:
        return link.capacity;
    }
    return link.capacity;
  }

  [[nodiscard]] Bandwidth slot(const Link& link) const {
    Bandwidth best;
    for (const Bandwidth rate : tables_.search.pcie) {
      best = rate <= link.capacity ? rate : best;
    }
    return best;
  }

  void find_adapters(std::uint32_t node, Capacity& capacity) {
    for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
      const topology::Device& device = fabric_.devices()[i];
      if (device.kind != DeviceKind::nic || device.node != node ||
          capacity.adapters.size() == capacity.gpus) {
        continue;
      }
      Bandwidth rate = Bandwidth::infinity();
      for (const LinkId id : fabric_.out_links(DeviceId(i))) {
        const Link& link = fabric_.link(id);
        rate = std::min(rate, counted(link));
        capacity.near_network =
            capacity.near_network && fabric_.device(link.to).kind != DeviceKind::cpu;
      }
      capacity.adapters.push_back(rate);
    }
  }

  const Tables& tables_;
  const Architecture& gpu_;
  const Cpu* cpu_;
  const Fabric& fabric_;
  topology::Router router_;
  bool misses_cpu_ = false;
};

/// The least of every machine.
Capacity least(const std::vector<Capacity>& machines) {
  Capacity result = machines.front();
  for (const Capacity& machine : machines) {
    result.inside = std::min(result.inside, machine.inside);
    result.gpus = std::min(result.gpus, machine.gpus);
    result.nvlink = result.nvlink && machine.nvlink;
    result.nvswitch = result.nvswitch && machine.nvswitch;
    result.near_network = result.near_network && machine.near_network;
    if (machine.adapters.size() < result.adapters.size()) {
      result.adapters = machine.adapters;
    }
  }
  return result;
}

/// How many channels of this speed there are.
double fitting(const Capacity& capacity, bool machines, Bandwidth speed) {
  double fit = std::floor(capacity.inside / speed);
  if (machines) {
    double between = 0.0;
    for (const Bandwidth adapter : capacity.adapters) {
      between += std::floor(adapter / speed);
    }
    fit = std::min(fit, between);
  }
  return fit;
}

/// Trees of the same channels: over machines, what enters by one adapter may leave to two children,
/// so that the rate inside is raised to at most twice the rate outside, as far as links allow.
NcclGraph trees(const NcclGraph& rings, const Capacity& capacity,
                const std::vector<Bandwidth>& speeds) {
  NcclGraph graph = rings;
  for (auto faster = speeds.rbegin(); faster != speeds.rend(); ++faster) {
    if (*faster > graph.intra && graph.intra < graph.inter * 2.0 &&
        *faster * graph.channels <= capacity.inside) {
      graph.intra = *faster;
    }
  }
  return graph;
}

/// Rings: the speed at which most bandwidth is found, doubled where it is high.
std::optional<NcclGraph> rings(const Search& search, const Capacity& capacity, bool machines,
                               const std::vector<Bandwidth>& speeds, bool from_hopper) {
  const double most = search.most_channels;
  double channels = 0.0;
  Bandwidth speed;
  for (const Bandwidth next : speeds) {
    if (channels > 0.0 && next <= speed * search.slowest_share) {
      break;
    }
    const double fit = std::min(most, fitting(capacity, machines, next));
    if (next * fit > speed * channels) {
      channels = fit;
      speed = next;
    }
  }
  if (channels < 1.0) {
    return std::nullopt;
  }
  const bool many = from_hopper && channels > search.few_channels;
  const double parts = speed >= (many ? search.doubled_from_many : search.doubled_from) ? 2.0 : 1.0;
  return NcclGraph{static_cast<std::uint32_t>(std::min(most, channels * parts)), speed / parts,
                   speed / parts};
}

/// In-switch reduction: a channel per GPU, whose head moves its data twice. The rate between
/// machines is raised afterwards as far as the adapters and twice the rate inside allow; on one
/// machine nothing limits it.
std::optional<NcclGraph> switches(const Capacity& capacity, bool machines,
                                  const std::vector<Bandwidth>& speeds) {
  if (!capacity.nvswitch || capacity.gpus <= 2) {
    return std::nullopt;
  }
  NcclGraph graph{.channels = capacity.gpus, .intra = {}, .inter = {}};
  Bandwidth adapter = Bandwidth::infinity();
  if (machines) {
    graph.channels = static_cast<std::uint32_t>(capacity.adapters.size());
    for (const Bandwidth rate : capacity.adapters) {
      adapter = std::min(adapter, rate);
    }
  }
  const auto found = std::ranges::find_if(speeds, [&](Bandwidth speed) {
    return speed * (graph.channels + 1.0) <= capacity.inside && speed <= adapter;
  });
  if (found == speeds.end() || graph.channels == 0) {
    return std::nullopt;
  }
  graph.intra = *found;
  graph.inter = *found;
  for (auto faster = found; faster != speeds.begin() && graph.inter < graph.intra * 2.0;) {
    --faster;
    if (*faster > adapter) {
      break;
    }
    graph.inter = *faster;
  }
  return graph;
}

std::map<std::uint32_t, std::vector<DeviceId>> machines_of(const Fabric& fabric,
                                                           const topology::Placement& placement) {
  std::map<std::uint32_t, std::vector<DeviceId>> machines;
  for (const DeviceId device : placement.device_of) {
    machines[fabric.device(device).node].push_back(device);
  }
  return machines;
}

/// Whether the ranks use every GPU of their machines: given graphs are of whole machines.
bool is_whole(const Fabric& fabric,
              const std::map<std::uint32_t, std::vector<DeviceId>>& machines) {
  std::map<std::uint32_t, std::size_t> gpus;
  for (const DeviceId device : fabric.endpoints()) {
    ++gpus[fabric.device(device).node];
  }
  return std::ranges::all_of(
      machines, [&](const auto& machine) { return gpus[machine.first] == machine.second.size(); });
}

template <class Entry>
const Entry* entry(const std::map<std::string, Entry, std::less<>>& table, const std::string& name,
                   std::string_view what, std::string& missing) {
  const auto found = table.find(name);
  if (found != table.end()) {
    return &found->second;
  }
  std::vector<std::string> names;
  for (const auto& [known, unused] : table) {
    names.push_back(known);
  }
  missing = fmt::format("the tuner knows no {} '{}' ({})", what, name, core::join(names, ", "));
  return nullptr;
}

void override_graphs(Communicator& communicator, const workload::NcclGraphs& given) {
  const auto take = [](std::optional<NcclGraph>& graph, const std::optional<NcclGraph>& other) {
    graph = other ? other : graph;
  };
  take(communicator.ring, given.ring);
  take(communicator.tree, given.tree);
  take(communicator.nvls, given.nvls);
  take(communicator.collnet, given.collnet);
}

}  // namespace

std::variant<Communicator, std::string> communicator_of(const Tables& tables,
                                                        const workload::MachineFacts& facts,
                                                        const Fabric& fabric,
                                                        const topology::Placement& placement) {
  if (!facts.gpu) {
    return "the system does not say of which generation its GPUs are (gpu: {arch: …})";
  }
  const auto machines = machines_of(fabric, placement);
  const bool several = machines.size() > 1;
  std::string missing;
  Communicator result;
  result.ranks = placement.ranks().value;
  result.machines = static_cast<std::uint32_t>(machines.size());
  result.gpu = entry(tables.architectures, facts.gpu->arch, "GPU generation", missing);
  if (facts.nccl && !facts.nccl->cpu.empty()) {
    result.cpu = entry(tables.cpus, facts.nccl->cpu, "CPU", missing);
  }
  if (!missing.empty()) {
    return missing;
  }
  Survey survey(tables, *result.gpu, result.cpu, fabric);
  std::vector<Capacity> capacities;
  for (const auto& [node, gpus] : machines) {
    capacities.push_back(survey.of(gpus));
  }
  if (result.cpu == nullptr && (several || survey.misses_cpu())) {
    return "the system does not say which CPUs it has (nccl: {cpu: …})";
  }
  const Capacity capacity = least(capacities);
  const Speeds& lists = tables.search.speeds.at(result.gpu->search);
  const std::vector<Bandwidth>& speeds = several ? lists.machines : lists.one_machine;
  result.nvlink = capacity.nvlink;
  result.near_network = capacity.near_network;
  result.plain_tree = capacity.gpus == 1;
  result.same_channels = !several;
  result.ring = rings(tables.search, capacity, several, speeds,
                      result.gpu->compute_capability >= hopper_capability);
  if (result.ring) {  // the search gives trees as many channels as rings
    result.tree = several ? trees(*result.ring, capacity, speeds) : *result.ring;
  }
  if (result.ring && !several) {
    result.ring_orders = mesh_rings(fabric, machines.begin()->second, result.ring->channels);
  }
  result.nvls = switches(capacity, several, speeds);
  if (facts.nccl) {
    result.net_latency = facts.nccl->net_latency;
    const auto& given = several ? facts.nccl->machines : facts.nccl->one_machine;
    if (facts.nccl->graphs != nullptr) {
      missing = take_graphs(result, *facts.nccl->graphs, workload::site_of(fabric, placement));
    } else if (given && is_whole(fabric, machines)) {
      override_graphs(result, *given);
    }
  }
  if (!missing.empty()) {
    return missing;
  }
  if (!result.ring) {
    return "NCCL would find no ring over these GPUs";
  }
  return result;
}

}  // namespace plumbline::analytic::nccl

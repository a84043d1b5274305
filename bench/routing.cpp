// SPDX-License-Identifier: Apache-2.0
// How long routes take and what their tables weigh: every pair of a three-level fat tree of 4,096
// GPUs on rails, a ring over a star of 100,000 hosts, and a dragonfly.
#include "topology/routing.hpp"

#include <cstdint>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <string>

namespace plumbline::topology {
namespace {

constexpr std::uint32_t machines = 512;
constexpr std::uint32_t gpus = 8;
constexpr std::uint32_t machines_per_leaf = 32;
constexpr std::uint32_t spines_per_pod = 16;
constexpr std::uint32_t groups_per_pod = 4;
constexpr std::uint32_t cores = 64;

LinkClass link_of(const std::string& name, LinkKind kind) {
  return {.name = name,
          .kind = kind,
          .bandwidth_per_direction = core::Bandwidth::from_si(50e9),
          .latency = core::Seconds::from_si(500e-9)};
}

const LinkClass nvlink = link_of("nvlink", LinkKind::nvlink);
const LinkClass pcie = link_of("pcie", LinkKind::pcie);
const LinkClass socket = link_of("socket", LinkKind::cpu);
const LinkClass cable = link_of("cable", LinkKind::network);

Device fabric_switch(std::string name, DeviceKind kind) {
  return {.name = std::move(name), .kind = kind, .in_node = false};
}

/// One PCIe switch with one NIC for each GPU, two sockets, NVSwitch.
void add_machine(FabricBuilder& builder, std::uint32_t node, const std::vector<DeviceId>& leaves) {
  const auto add = [&](const char* name, std::uint32_t i, DeviceKind kind) {
    return builder.add(
        {.name = fmt::format("node{}/{}{}", node, name, i), .kind = kind, .node = node});
  };
  const DeviceId sockets[] = {add("cpu", 0, DeviceKind::cpu), add("cpu", 1, DeviceKind::cpu)};
  builder.connect(sockets[0], sockets[1], socket);
  const DeviceId nvswitch = add("nvswitch", 0, DeviceKind::nvswitch);
  for (std::uint32_t i = 0; i < gpus; ++i) {
    const DeviceId gpu = add("gpu", i, DeviceKind::gpu);
    const DeviceId hub = add("pcie_switch", i, DeviceKind::pcie_switch);
    const DeviceId nic = add("nic", i, DeviceKind::nic);
    builder.connect(gpu, nvswitch, nvlink);
    builder.connect(gpu, hub, pcie);
    builder.connect(hub, nic, pcie);
    builder.connect(hub, sockets[i / (gpus / 2)], pcie);
    builder.connect(nic, leaves[i], cable);
  }
}

Fabric fat_tree() {
  FabricBuilder builder;
  std::vector<DeviceId> top;
  for (std::uint32_t i = 0; i < cores; ++i) {
    top.push_back(builder.add(fabric_switch(fmt::format("core{}", i), DeviceKind::core)));
  }
  std::vector<DeviceId> spines;
  for (std::uint32_t group = 0; group < machines / machines_per_leaf; ++group) {
    if (group % groups_per_pod == 0) {
      spines.clear();
      for (std::uint32_t i = 0; i < spines_per_pod; ++i) {
        spines.push_back(
            builder.add(fabric_switch(fmt::format("pod{}/spine{}", group, i), DeviceKind::spine)));
        for (std::uint32_t c = i; c < cores; c += spines_per_pod) {
          builder.connect(spines.back(), top[c], cable);
        }
      }
    }
    std::vector<DeviceId> leaves;
    for (std::uint32_t rail = 0; rail < gpus; ++rail) {
      leaves.push_back(
          builder.add(fabric_switch(fmt::format("leaf{}_rail{}", group, rail), DeviceKind::leaf)));
      for (const DeviceId spine : spines) {
        builder.connect(leaves.back(), spine, cable);
      }
    }
    for (std::uint32_t i = 0; i < machines_per_leaf; ++i) {
      add_machine(builder, group * machines_per_leaf + i, leaves);
    }
  }
  return builder.finish();
}

Fabric star(std::uint32_t hosts) {
  FabricBuilder builder;
  const DeviceId leaf = builder.add(fabric_switch("leaf", DeviceKind::leaf));
  for (std::uint32_t i = 0; i < hosts; ++i) {
    builder.connect(
        builder.add({.name = fmt::format("host{}", i), .kind = DeviceKind::host, .node = i}), leaf,
        cable);
  }
  return builder.finish();
}

/// Groups of `size` routers, all joined, each with one host; a global link between any two groups.
Fabric dragonfly(std::uint32_t groups, std::uint32_t size) {
  FabricBuilder builder;
  std::vector<std::vector<DeviceId>> routers(groups);
  for (std::uint32_t g = 0; g < groups; ++g) {
    for (std::uint32_t r = 0; r < size; ++r) {
      const DeviceId router =
          builder.add(fabric_switch(fmt::format("router{}_{}", g, r), DeviceKind::router));
      for (const DeviceId other : routers[g]) {
        builder.connect(router, other, cable);
      }
      routers[g].push_back(router);
      builder.connect(builder.add({.name = fmt::format("host{}_{}", g, r),
                                   .kind = DeviceKind::host,
                                   .node = g * size + r}),
                      router, cable);
    }
    for (std::uint32_t other = 0; other < g; ++other) {
      builder.make_global(
          builder.connect(routers[g][other % size], routers[other][(g - 1) % size], cable));
    }
  }
  return builder.finish();
}

/// Peak resident memory of this process so far; 0 where the system does not say.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stod(line.substr(6)) / 1024.0;
    }
  }
  return 0.0;
}

template <class Work>
void measure(const char* what, Work work) {
  const std::clock_t before = std::clock();  // of this process: one core, whatever else runs
  const auto [routes, links] = work();
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  fmt::print("{:<34} {:>11} routes {:>12} links {:8.3f} s {:8.1f} ns a route, peak {:.0f} MB\n",
             what, routes, links, seconds, 1e9 * seconds / static_cast<double>(routes),
             peak_megabytes());
}

using Count = std::pair<std::uint64_t, std::uint64_t>;

Count all_pairs(const Fabric& fabric, Routing routing) {
  Router router(fabric, routing);
  Route route;
  Count count{};
  for (const DeviceId from : fabric.endpoints()) {
    for (const DeviceId to : fabric.endpoints()) {
      route.links.clear();
      count.first += router.append(from, to, route) ? 1U : 0U;
      count.second += route.links.size();
    }
  }
  return count;
}

/// Whether each link starts where the one before ended, from the first device to the last.
bool leads(const Fabric& fabric, const Route& route, DeviceId from, DeviceId to) {
  for (const LinkId link : route.links) {
    if (fabric.link(link).from != from) {
      return false;
    }
    from = fabric.link(link).to;
  }
  return from == to;
}

/// Not measured: whether what all_pairs counted are routes.
void check_all_pairs(const Fabric& fabric) {
  Router router(fabric);
  Route route;
  std::uint64_t wrong = 0;
  for (const DeviceId from : fabric.endpoints()) {
    for (const DeviceId to : fabric.endpoints()) {
      route.links.clear();
      wrong += router.append(from, to, route) && leads(fabric, route, from, to) ? 0U : 1U;
    }
  }
  fmt::print("of these {} do not lead from their source to their destination\n", wrong);
}

Count ring(const Fabric& fabric) {
  Router router(fabric);
  Route route;
  Count count{};
  const auto hosts = fabric.endpoints();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    route.links.clear();
    count.first += router.append(hosts[i], hosts[(i + 1) % hosts.size()], route) ? 1U : 0U;
    count.second += route.links.size();
  }
  return count;
}

void run() {
  const Fabric hosts = star(100'000);
  measure("star of 100,000 hosts, ring", [&] { return ring(hosts); });
  const Fabric groups = dragonfly(33, 32);
  measure("dragonfly of 1,056 routers, ring", [&] { return ring(groups); });
  measure("the same, all pairs", [&] { return all_pairs(groups, {}); });
  const Fabric tree = fat_tree();
  measure("fat tree of 4,096 GPUs, all pairs", [&] { return all_pairs(tree, {}); });
  check_all_pairs(tree);
  measure("the same, pxn", [&] { return all_pairs(tree, {.pxn = true}); });
  measure("the same, ecmp", [&] { return all_pairs(tree, {.kind = RoutingKind::ecmp}); });
}

}  // namespace
}  // namespace plumbline::topology

int main() {
  plumbline::topology::run();
}

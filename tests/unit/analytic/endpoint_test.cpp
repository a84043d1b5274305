// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "analytic/ports.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"
#include "workload/traffic.hpp"

namespace plumbline::test {
namespace {

using core::Bandwidth;
using core::Seconds;
using topology::DeviceKind;
using workload::Collective;
using workload::Problem;

topology::LinkClass link(double bandwidth, double latency,
                         topology::LinkKind kind = topology::LinkKind::network) {
  return {.name = "link" + std::to_string(bandwidth),
          .kind = kind,
          .bandwidth_per_direction = Bandwidth::from_si(bandwidth),
          .latency = Seconds::from_si(latency),
          .sharing = topology::Sharing::full_duplex};
}

Problem problem_on(topology::FabricBuilder& builder, workload::Workload workload) {
  const auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload.ranks = topology::RankCount(fabric->endpoints().size());
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  return make_problem(fabric, std::move(placement), std::move(workload), {});
}

TEST_CASE("Endpoint bounds of 1 GB on 8 ranks with ports of 50 GB/s and paths of 500 ns") {
  const auto on = [](Collective kind, const char* algorithm, std::uint32_t hosts = 8) {
    return bound("endpoint", on_star({.hosts = hosts}, collective(kind, algorithm, 1e9)));
  };
  // S/B = 20 ms
  CHECK(on(Collective::all_reduce, "ring") == exactly(500e-9 + 14.0 / 8 * 20e-3));
  CHECK(on(Collective::all_gather, "ring") == exactly(500e-9 + 7.0 / 8 * 20e-3));
  CHECK(on(Collective::reduce_scatter, "ring") == exactly(500e-9 + 7.0 / 8 * 20e-3));
  CHECK(on(Collective::all_to_all, "direct") == exactly(500e-9 + 7.0 / 8 * 20e-3));
  CHECK(on(Collective::broadcast, "binomial") == exactly(500e-9 + 20e-3));
  CHECK(on(Collective::reduce, "binomial") == exactly(500e-9 + 20e-3));
  CHECK(on(Collective::incast, "incast") == exactly(500e-9 + 7 * 20e-3));
  CHECK(on(Collective::send_recv, "send_recv", 2) == exactly(500e-9 + 20e-3));
  CHECK(on(Collective::ping_pong, "ping_pong", 2) == exactly(2 * (500e-9 + 20e-3)));
}

TEST_CASE("Endpoint bounds where pairs differ") {
  // Row and column sums without the diagonal, in MB: rank 0 sends 30, 1 sends 30, 2 sends 60; 0
  // takes 50, 1 takes 40, 2 takes 30. 60 MB over 50 GB/s is 1.2 ms.
  workload::Workload v = collective(Collective::all_to_allv, "direct", 0.0);
  for (const double megabytes : {9.0, 10.0, 20.0, 20.0, 9.0, 10.0, 30.0, 30.0, 9.0}) {
    v.traffic.push_back(core::Bytes::from_si(megabytes * 1e6));
  }
  CHECK(bound("endpoint", on_star({.hosts = 3}, v)) == exactly(500e-9 + 1.2e-3));
  v.experts = {.count = 3, .per_token = 2};  // every token twice in the bytes, at most
  CHECK(bound("endpoint", on_star({.hosts = 3}, v)) == exactly(500e-9 + 0.6e-3));
  // S/n = 125 MB into or out of the root from 7 others; the whole to 7 others; one to one.
  const auto on = [](Collective kind) {
    workload::Workload workload = collective(kind, "direct", 1e9);
    if (kind == Collective::permutation) {
      workload.algorithm = "permutation";
      workload.targets = workload::shift_targets(topology::RankCount(8), 3);
    }
    return bound("endpoint", on_star({}, workload));
  };
  CHECK(on(Collective::gather) == exactly(500e-9 + 17.5e-3));
  CHECK(on(Collective::scatter) == exactly(500e-9 + 17.5e-3));
  CHECK(on(Collective::outcast) == exactly(500e-9 + 140e-3));
  CHECK(on(Collective::permutation) == exactly(500e-9 + 20e-3));
  CHECK(bound("endpoint", on_star({}, collective(Collective::barrier, "dissemination", 8.0))) ==
        exactly(500e-9));
}

TEST_CASE("The bound is at the speed of light: constants don't move it, and it names the port") {
  workload::ConstantSet slow;
  slow.launch = Seconds::from_si(1.0);
  slow.links["port"] = {.efficiency = 0.5, .extra_latency = Seconds::from_si(1.0)};
  const Problem problem = on_star({}, collective(Collective::incast, "incast", 1e9), slow);
  const workload::Outcome outcome = solve("endpoint", problem);
  CHECK(outcome.bounds[0].scope == workload::Scope::speed_of_light);
  CHECK(outcome.bounds[0].value.si() == exactly(500e-9 + 7 * 20e-3));
  CHECK(outcome.bounds[0].binding == "ingress of rank 0 (host0), 50 GB/s");
}

TEST_CASE(
    "Ranks with unequal ports: the sum bounds all_reduce, the slowest each rank's own bytes") {
  // Ports of 10, 10, 10 and 90 GB/s, no latency. all_reduce of 1 GB: in total 2·3 GB over 120 GB/s
  // is 50 ms; each slow rank must send 1 GB over 10 GB/s: 100 ms, which binds.
  const auto build = [](double slow) {
    topology::FabricBuilder builder;
    const auto hub = builder.add({.name = "hub", .kind = DeviceKind::leaf, .in_node = false});
    for (std::uint32_t h = 0; h < 4; ++h) {
      const auto host =
          builder.add({.name = "host" + std::to_string(h), .kind = DeviceKind::host, .node = h});
      builder.connect(host, hub, link(h == 3 ? 90e9 : slow, 0.0));
    }
    return problem_on(builder, collective(Collective::all_reduce, "ring", 1e9));
  };
  CHECK(bound("endpoint", build(10e9)) == exactly(100e-3));
  // 60, 60, 60 and 90: 6 GB over 270 GB/s = 22.2 ms; a slow rank alone: 16.7 ms.
  CHECK(bound("endpoint", build(60e9)) == exactly(6.0 / 270));
}

/// GPUs with 20 GB/s of PCIe to a common switch (paths of 2·1 us), 500 GB/s to a NIC that leads
/// nowhere, and 100 GB/s of NVLink (2·2 us) to the NVSwitch of their half, or of all.
Problem two_transports(std::uint32_t gpus, bool one_nvswitch, workload::Workload workload) {
  topology::FabricBuilder builder;
  const auto pcie = builder.add({.name = "pcie", .kind = DeviceKind::pcie_switch});
  const std::array halves{builder.add({.name = "nvswitch0", .kind = DeviceKind::nvswitch}),
                          builder.add({.name = "nvswitch1", .kind = DeviceKind::nvswitch})};
  for (std::uint32_t g = 0; g < gpus; ++g) {
    const auto gpu = builder.add({.name = "gpu" + std::to_string(g), .kind = DeviceKind::gpu});
    const auto nic = builder.add({.name = "nic" + std::to_string(g), .kind = DeviceKind::nic});
    builder.connect(gpu, halves[one_nvswitch ? 0 : g / (gpus / 2)],
                    link(100e9, 2e-6, topology::LinkKind::nvlink));
    builder.connect(gpu, pcie, link(20e9, 1e-6, topology::LinkKind::pcie));
    builder.connect(gpu, nic, link(500e9, 0.0, topology::LinkKind::pcie));
  }
  return problem_on(builder, std::move(workload));
}

TEST_CASE("All links that lead to another rank count, NVLink alone where it reaches all") {
  const auto workload = collective(Collective::all_to_all, "direct", 6e9);
  // 4 GPUs on one NVSwitch: 4.5 GB each way over 100 GB/s, 4 us
  CHECK(bound("endpoint", two_transports(4, true, workload)) == exactly(45e-3 + 4e-6));
  // Two islands of NVLink: 4.5 GB over 120 GB/s, and the nearest rank is 2 us away.
  CHECK(bound("endpoint", two_transports(4, false, workload)) == exactly(37.5e-3 + 2e-6));
}

TEST_CASE("A half-duplex port carries what is sent and what is received") {
  Star shape{.hosts = 2};
  shape.sharing = topology::Sharing::half_duplex;
  // all_to_all of 1 GB on 2 ranks: 0.5 GB out and 0.5 GB in over one 50 GB/s cable: 20 ms. (Full
  // duplex: 10 ms + 500 ns.)
  const auto workload = collective(Collective::all_to_all, "direct", 1e9);
  CHECK(bound("endpoint", on_star(shape, workload)) == exactly(20e-3));
  shape.sharing = topology::Sharing::full_duplex;
  CHECK(bound("endpoint", on_star(shape, workload)) == exactly(10e-3 + 500e-9));
}

TEST_CASE("Links that limit each transfer but not their sum leave latency only") {
  Star shape{.hosts = 4};
  shape.sharing = topology::Sharing::unshared;
  CHECK(bound("endpoint", on_star(shape, collective(Collective::all_to_all, "direct", 1e9))) ==
        exactly(500e-9));
}

TEST_CASE("Flows: each port carries what starts late enough, from then on") {
  const auto fabric = star({.hosts = 3});
  workload::Workload workload = collective(Collective::flows, "flows", 0.0);
  workload.ranks = topology::RankCount(3);
  const auto flow = [&](std::uint32_t from, std::uint32_t to, double bytes, double start) {
    workload.flows.push_back({.from = fabric->endpoints()[from],
                              .to = fabric->endpoints()[to],
                              .size = core::Bytes::from_si(bytes),
                              .start = Seconds::from_si(start)});
  };
  // Into host 2: 1 GB from 0, 0.5 GB from 15 ms: all from 0: 30 ms; the late one: 15 + 10 = 25 ms.
  flow(0, 2, 1e9, 0.0);
  flow(1, 2, 0.5e9, 15e-3);
  const auto at = [&] {
    return bound("endpoint",
                 make_problem(fabric, topology::packed(*fabric, workload.ranks), workload, {}));
  };
  CHECK(at() == exactly(500e-9 + 30e-3));
  flow(0, 2, 0.0, 40e-3);  // nothing to move, but not before 40 ms and a latency
  CHECK(at() == exactly(500e-9 + 40e-3));
}

TEST_CASE("A pipeline's last rank works m times, and the first and last chunk pass all others") {
  workload::Workload workload = collective(Collective::pipeline, "pipeline", 0.0);
  workload.pipeline = workload::Pipeline{.schedule = workload::PipelineSchedule::one_f_one_b,
                                         .micro_batches = 8,
                                         .virtual_stages = 1,
                                         .forward = {Seconds::from_si(1e-3)},
                                         .backward = {Seconds::from_si(2e-3)},
                                         .activation = core::Bytes::from_si(50e6)};
  // 8·3 ms + 3·3 ms + 2·3·(500 ns + 50 MB / 50 GB/s)
  CHECK(bound("endpoint", on_star({.hosts = 4}, workload)) ==
        exactly(24e-3 + 9e-3 + 6 * (500e-9 + 1e-3)));
  // An early slow stage: rank 1 works 8·6 ms, after and before rank 0's 3 ms and a transfer each
  // way.
  workload.pipeline->forward = {Seconds::from_si(1e-3), Seconds::from_si(4e-3),
                                Seconds::from_si(1e-3), Seconds::from_si(1e-3)};
  workload.pipeline->backward = std::vector<Seconds>(4, Seconds::from_si(2e-3));
  CHECK(bound("endpoint", on_star({.hosts = 4}, workload)) ==
        exactly(48e-3 + 3e-3 + 2 * (500e-9 + 1e-3)));
}

TEST_CASE("A GPU that forwards over NVLink is a way, and where it is the only one no PCIe counts") {
  // a – b – c over NVLink at 100 GB/s and 1 us a cable; all three below a PCIe switch at 10 GB/s.
  // Ranks on a and c: NVLink by way of b takes 2 us and is what routes use, not PCIe beside it.
  topology::FabricBuilder builder;
  const auto nv = link(100e9, 1e-6, topology::LinkKind::nvlink);
  std::vector<topology::DeviceId> gpus;
  const auto hub = builder.add({.name = "switch", .kind = DeviceKind::pcie_switch});
  for (const char* name : {"a", "b", "c"}) {
    gpus.push_back(builder.add({.name = name}));
    builder.connect(gpus.back(), hub, link(10e9, 5e-6, topology::LinkKind::pcie));
  }
  builder.connect(gpus[0], gpus[1], nv);
  builder.connect(gpus[1], gpus[2], nv);
  const topology::Fabric fabric = builder.finish();
  const std::array ends{gpus[0], gpus[2]};
  const analytic::Ports found = analytic::ports(fabric, ends);
  CHECK(found.latency.si() == exactly(2e-6));
  CHECK(found.of[0].out.si() == exactly(100e9));
  CHECK(found.of[1].in.si() == exactly(100e9));
}

TEST_CASE("Only one GPU forwards: a longer chain goes over PCIe, and NVLink to nobody counts not") {
  // a – b – c – d: from a to d two GPUs would have to forward. Ranks on a and d have 10 GB/s of
  // PCIe and 2 × 5 us. Their links to b and c lead to no rank with one GPU in between.
  topology::FabricBuilder builder;
  std::vector<topology::DeviceId> gpus;
  const auto hub = builder.add({.name = "switch", .kind = DeviceKind::pcie_switch});
  for (const char* name : {"a", "b", "c", "d"}) {
    gpus.push_back(builder.add({.name = name}));
    builder.connect(gpus.back(), hub, link(10e9, 5e-6, topology::LinkKind::pcie));
    if (gpus.size() > 1) {
      builder.connect(gpus[gpus.size() - 2], gpus.back(),
                      link(100e9, 1e-6, topology::LinkKind::nvlink));
    }
  }
  const topology::Fabric fabric = builder.finish();
  const std::array ends{gpus[0], gpus[3]};
  const analytic::Ports found = analytic::ports(fabric, ends);
  CHECK(found.latency.si() == exactly(1e-5));
  CHECK(found.of[0].out.si() == exactly(10e9));
}

TEST_CASE("No GPU forwards over NVLink to another machine, so that both transports count there") {
  // a – b – c over NVLink, c in another machine; a and c also have a PCIe switch in common.
  topology::FabricBuilder builder;
  const auto a = builder.add({.name = "a"});
  const auto b = builder.add({.name = "b"});
  const auto c = builder.add({.name = "c", .node = 1});
  const auto hub = builder.add({.name = "switch", .kind = DeviceKind::pcie_switch});
  builder.connect(a, b, link(100e9, 1e-6, topology::LinkKind::nvlink));
  builder.connect(b, c, link(100e9, 1e-6, topology::LinkKind::nvlink));
  builder.connect(a, hub, link(10e9, 5e-6, topology::LinkKind::pcie));
  builder.connect(c, hub, link(10e9, 5e-6, topology::LinkKind::pcie));
  const topology::Fabric fabric = builder.finish();
  const std::array ends{a, c};
  CHECK(analytic::ports(fabric, ends).of[0].out.si() == exactly(110e9));
}

TEST_CASE("With PXN a GPU forwards from NVLink to an adapter, which only it has") {
  // a – b over NVLink (1 us), b – nic (2 us), nic – far (3 us): a reaches far through b.
  topology::FabricBuilder builder;
  const auto a = builder.add({.name = "a"});
  const auto b = builder.add({.name = "b"});
  const auto nic = builder.add({.name = "nic", .kind = DeviceKind::nic});
  const auto far = builder.add({.name = "far", .node = 1});
  builder.connect(a, b, link(100e9, 1e-6, topology::LinkKind::nvlink));
  builder.connect(b, nic, link(50e9, 2e-6, topology::LinkKind::pcie));
  builder.connect(nic, far, link(25e9, 3e-6));
  const topology::Fabric fabric = builder.finish();
  const std::array ends{a, far};
  CHECK(analytic::ports(fabric, ends).latency == Seconds::infinity());
  const analytic::Ports found = analytic::ports(fabric, ends, true);
  CHECK(found.latency.si() == exactly(6e-6));
  CHECK(found.of[0].out.si() == exactly(100e9));
  CHECK(found.of[1].in.si() == exactly(25e9));
}

TEST_CASE("The bound knows whether the problem's routes use PXN") {
  // b – nic – switch – nic – far, as above but over a fabric switch: a sends 1 GB to far at 25
  // GB/s, after 1 + 2 + 3 + 3 + 2 us.
  topology::FabricBuilder builder;
  const auto a = builder.add({.name = "a"});
  const auto b = builder.add({.name = "b"});
  const auto far = builder.add({.name = "far", .node = 1});
  const auto leaf = builder.add({.name = "leaf", .kind = DeviceKind::leaf, .in_node = false});
  builder.connect(a, b, link(100e9, 1e-6, topology::LinkKind::nvlink));
  for (const auto& [gpu, node] : {std::pair{b, 0U}, std::pair{far, 1U}}) {
    const auto nic =
        builder.add({.name = "nic" + std::to_string(node), .kind = DeviceKind::nic, .node = node});
    builder.connect(gpu, nic, link(50e9, 2e-6, topology::LinkKind::pcie));
    builder.connect(nic, leaf, link(25e9, 3e-6));
  }
  workload::Workload workload = collective(Collective::send_recv, "send_recv", 1e9);
  workload.ranks = topology::RankCount(2);
  const topology::Placement placement{.device_of = {a, far}, .description = "explicit"};
  const Problem problem =
      make_problem(std::make_shared<const topology::Fabric>(builder.finish()), placement, workload,
                   {}, {.kind = topology::RoutingKind::d_mod_k, .pxn = true});
  CHECK(bound("endpoint", problem) == exactly(20e-3 + 11e-6));
}

TEST_CASE("Memory is an end of flows and no way through") {
  // gpu – cpu – memory: 1 GB into the memory at 40 GB/s behind a slot of 50 GB/s, and one of 1 GB
  // out of it; each way is a port of its own.
  topology::FabricBuilder builder;
  const auto cpu = builder.add({.name = "cpu", .kind = DeviceKind::cpu});
  const auto memory = builder.add({.name = "memory", .kind = DeviceKind::memory});
  const auto gpu = builder.add({.name = "gpu"});
  builder.connect(gpu, cpu, link(50e9, 1e-6, topology::LinkKind::pcie));
  builder.connect(cpu, memory, link(40e9, 1e-6, topology::LinkKind::cpu));
  workload::Workload workload = collective(Collective::flows, "flows", 1e9);
  const core::Bytes size = core::Bytes::from_si(1e9);
  workload.flows = {{gpu, memory, size, {}}, {memory, gpu, size, {}}};
  CHECK(bound("endpoint", problem_on(builder, std::move(workload))) == exactly(25e-3 + 2e-6));
}

}  // namespace
}  // namespace plumbline::test

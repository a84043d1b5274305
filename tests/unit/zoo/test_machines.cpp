// SPDX-License-Identifier: Apache-2.0
// The machines of the catalogue against figures from other documents than the ones they were
// written from, and as pictures.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "topology/draw.hpp"
#include "topology/draw_layout.hpp"
#include "zoo_test.hpp"

namespace plumbline::zoo {
namespace {

using Catch::Matchers::WithinRel;
using topology::DeviceKind;
using topology::Fabric;

/// What a device sends over all of its links of a kind, in one direction.
double sends(const Fabric& fabric, topology::DeviceId device, topology::LinkKind kind) {
  double sum = 0;
  for (const topology::LinkId id : fabric.out_links(device)) {
    sum += fabric.link(id).kind == kind ? fabric.link(id).capacity.si() : 0.0;
  }
  return sum;
}

struct Machine {
  const char* name;
  std::size_t gpus;
  double gpu_link_bytes;  ///< over NVLink or its like, one GPU, one direction, per second
  std::size_t nics;
};

// The makers' totals of a GPU add both directions: V100 300 GB/s, A100 600, H100, H200 and GH200
// 900, B200 1800 (nvidia.com, NVLink, table of the generations); MI300X 896 over seven links (AMD
// MI300X platform data sheet); TPU v4 six links of 400 Gb/s each way, TPU v5p 1200 GB/s. Halved
// below. Adapters by the network's total: 400 Gb/s of 100 (p4d), 1600 Gb/s of 200 (ND A100 v4),
// 3200 Gb/s of 400 (DGX H100 and B200, ND H100 v5) or of 100 (p5), 800 Gb/s of 200 (MareNostrum 5,
// Alps, Perlmutter).
const std::vector<Machine> machines = {{"p4d", 8, 600e9 / 2, 400 / 100},
                                       {"ndv4", 8, 600e9 / 2, 1600 / 200},
                                       {"dgx_a100", 8, 600e9 / 2, 1600 / 200},
                                       {"abci2_a100_node", 8, 600e9 / 2, 800 / 200},
                                       {"dgx_h100", 8, 900e9 / 2, 3200 / 400},
                                       {"dgx_h200", 8, 900e9 / 2, 3200 / 400},
                                       {"ndv5", 8, 900e9 / 2, 3200 / 400},
                                       {"p5", 8, 900e9 / 2, 3200 / 100},
                                       {"oci_h100", 8, 900e9 / 2, 3200 / 400},
                                       {"dgx_b200", 8, 1800e9 / 2, 3200 / 400},
                                       {"gb200_nvl72", 72, 1800e9 / 2, 0},
                                       {"polaris_node", 4, 600e9 / 2, 400 / 200},
                                       {"perlmutter_node", 4, 600e9 / 2, 800 / 200},
                                       {"snellius_a100_node", 4, 600e9 / 2, 400 / 200},
                                       {"snellius_h100_node", 4, 900e9 / 2, 800 / 200},
                                       {"mn5_h100_node", 4, 900e9 / 2, 800 / 200},
                                       {"alps_gh200_node", 4, 900e9 / 2, 800 / 200},
                                       {"abci2_v100_node", 4, 300e9 / 2, 200 / 100},
                                       {"dgx1_v100", 8, 300e9 / 2, 400 / 100},
                                       {"mi300x_8gpu", 8, 896e9 / 2, 3200 / 400},
                                       {"l40s_8gpu", 8, 0, 0},
                                       {"rtx_pro_6000_8gpu", 8, 0, 0},
                                       {"gigabyte_g493_zb0", 8, 0, 0},
                                       {"wrx90_2switch", 8, 0, 0},
                                       {"wrx90_3switch", 8, 0, 0},
                                       {"wrx90_2vs", 8, 0, 0},
                                       {"wrx90_16gpu", 16, 0, 0},
                                       {"asrock_genoad24_16gpu", 16, 0, 0},
                                       {"rtx5090_4gpu", 4, 0, 0},
                                       {"tpu_v4_cube", 64, 6 * 400e9 / 8, 0},
                                       {"tpu_v5p_cube", 64, 1200e9 / 2, 0}};

TEST_CASE("GPUs, their NVLinks and the adapters of a machine are what the makers state", "[zoo]") {
  for (const Machine& machine : machines) {
    INFO(machine.name);
    const System system = load(machine.name);
    const Fabric& fabric = *system.fabric;
    CHECK(count(fabric, DeviceKind::gpu) == machine.gpus);
    CHECK(count(fabric, DeviceKind::nic) == machine.nics);
    CHECK(fabric.nodes() == 1);
    for (const topology::DeviceId gpu : fabric.endpoints()) {
      const double bytes = sends(fabric, gpu, topology::LinkKind::nvlink);
      CHECK_THAT(bytes, WithinRel(machine.gpu_link_bytes, 1e-12));
    }
  }
}

TEST_CASE("A node of a cluster sends what its adapters can", "[zoo]") {
  struct Cluster {
    const char* name;
    std::uint32_t nodes;
    double gigabits;  ///< of one node into the network
  };

  // ABCI 2.0: 4 HDR and 2 EDR ports; MareNostrum 5: 800 Gb/s a node; Snellius: 2 and 4 adapters of
  // 200; Polaris 2, Alps and Perlmutter 4 Slingshot adapters of 200; one HDR port.
  for (const Cluster& cluster : {Cluster{"abci2_a100_8", 8, 800},
                                 {"abci2_v100_4", 4, 200},
                                 {"mn5_h100_8", 8, 800},
                                 {"snellius_a100_2", 2, 400},
                                 {"snellius_h100_2", 2, 800},
                                 {"polaris_8", 8, 400},
                                 {"alps_gh200_4", 4, 800},
                                 {"perlmutter_2groups", 256, 800},
                                 {"azure_hdr_pair", 2, 200}}) {
    INFO(cluster.name);
    const System system = load(cluster.name);
    const Fabric& fabric = *system.fabric;
    CHECK(fabric.nodes() == cluster.nodes);
    std::vector<double> sent(cluster.nodes, 0.0);
    for (const topology::Link& link : fabric.links()) {
      const topology::Device& from = fabric.device(link.from);
      if (link.kind == topology::LinkKind::network && from.in_node) {
        sent.at(from.node) += link.capacity.si();
      }
    }
    for (const double bytes : sent) {
      CHECK_THAT(bytes, WithinRel(cluster.gigabits * 1e9 / 8, 1e-12));
    }
  }
}

TEST_CASE("A CloudMatrix384 carries up what its NPUs send", "[zoo]") {
  const System system = load("cloudmatrix384");
  const Fabric& fabric = *system.fabric;
  CHECK(fabric.endpoints().size() == 384);
  // 336 switches on the nodes, seven planes as one, and all 112 of the second tier as one.
  CHECK(count(fabric, DeviceKind::nvswitch) == 336 / 7 + 1);
  const topology::DeviceId second = *fabric.find("l2");
  CHECK(fabric.device(second).planes == 112);
  double sent = 0;
  double up = 0;
  for (const topology::Link& link : fabric.links()) {
    const bool from_npu = fabric.device(link.from).kind == DeviceKind::gpu;
    (from_npu ? sent : up) += from_npu || link.to == second ? link.capacity.si() : 0.0;
  }
  // 392 GB/s one way from an NPU; a node's seven switches have 448 GB/s each to the second tier.
  CHECK_THAT(sent, WithinRel(384 * 392e9, 1e-12));
  CHECK_THAT(up, WithinRel(336 * 448e9, 1e-12));
}

TEST_CASE("The hybrid cube mesh of a DGX-1 joins every GPU to four others", "[zoo]") {
  const System system = load("dgx1_v100");
  const Fabric& fabric = *system.fabric;
  for (const topology::DeviceId gpu : fabric.endpoints()) {
    std::vector<std::uint32_t> bundles;
    for (const topology::LinkId id : fabric.out_links(gpu)) {
      if (fabric.link(id).kind == topology::LinkKind::nvlink) {
        bundles.push_back(fabric.link(id).count);
      }
    }
    // Three edges of the cube and a diagonal; six links make two bundles of two and two of one.
    std::sort(bundles.begin(), bundles.end());
    CHECK(bundles == std::vector<std::uint32_t>{1, 1, 2, 2});
  }
}

TEST_CASE("Every machine is drawn with its boxes apart", "[zoo]") {
  for (const Item& item : shipped().list(Kind::systems)) {
    INFO(item.name);
    const System system = load(item.name);
    const std::string svg = topology::to_svg(*system.fabric, system.title);
    CHECK(svg.find("</svg>") != std::string::npos);
    const topology::drawing::Layout layout = topology::drawing::lay_out(*system.fabric);
    for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
      const topology::drawing::Box& a = layout.boxes[i];
      for (std::size_t j = 0; j < i; ++j) {
        const topology::drawing::Box& b = layout.boxes[j];
        const bool apart = a.left >= b.left + b.width || b.left >= a.left + a.width ||
                           a.top >= b.bottom() || b.top >= a.bottom();
        CHECK(apart);
      }
    }
  }
}

}  // namespace
}  // namespace plumbline::zoo

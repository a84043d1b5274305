// SPDX-License-Identifier: Apache-2.0
#include "topology/draw.hpp"

#include <catch2/catch.hpp>

#include "from_yaml.hpp"
#include "topology/draw_layout.hpp"

namespace plumbline::topology {
namespace {

const std::string machine =
    "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: {"
    "sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
    "inter_socket: cpu}}";

std::string tree(const std::string& rest) {
  return "{builder: fat_tree, node: " + machine + ", host_link: net, spines: 4, uplink: net, " +
         rest + "}";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

bool overlap(const drawing::Box& a, const drawing::Box& b) {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.bottom() &&
         b.top < a.bottom();
}

/// Devices drawn, and those that gaps stand for.
std::size_t accounted(const drawing::Layout& layout) {
  std::size_t sum = layout.boxes.size();
  for (const drawing::Gap& gap : layout.gaps) {
    sum += gap.devices;
  }
  return sum;
}

/// No box lies on another or outside of the picture, and none is there twice.
void check_boxes(const drawing::Layout& layout) {
  CHECK(layout.box_of.size() == layout.boxes.size());
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    const drawing::Box& box = layout.boxes[i];
    CHECK(box.left >= layout.left);
    CHECK(box.left + box.width <= layout.width);
    CHECK(box.bottom() <= layout.height);
    for (std::size_t j = 0; j < i; ++j) {
      CHECK_FALSE(overlap(box, layout.boxes[j]));
    }
  }
}

TEST_CASE("one machine is drawn whole, its boxes apart") {
  const Fabric fabric = test::fabric(machine);
  const drawing::Layout layout = drawing::lay_out(fabric);
  // 8 GPUs, 1 NVSwitch, 2 CPUs, 8 PCIe switches, 8 NICs; one frame for the machine, one a socket.
  CHECK(layout.boxes.size() == 27);
  CHECK(layout.frames.size() == 3);
  CHECK(layout.machines_hidden == 0);
  check_boxes(layout);
  const auto top = [&](const char* name) {
    return layout.boxes[layout.box_of.at(*fabric.find(name))].top;
  };
  CHECK(top("nic0") < top("pcie_switch0"));
  CHECK(top("pcie_switch0") == top("cpu0"));
  CHECK(top("cpu0") < top("gpu0"));
  CHECK(top("gpu0") < top("nvswitch"));
}

TEST_CASE("of 32 alike machines two are drawn and the others counted") {
  for (const char* wiring : {"nodes: 32, nodes_per_leaf: 32, rails: true, uplinks: 8",
                             "nodes: 32, nodes_per_leaf: 4, rails: false, uplinks: 8"}) {
    const Fabric fabric = test::fabric(tree(wiring));
    const drawing::Layout layout = drawing::lay_out(fabric);
    CHECK(layout.machines_hidden == 30);
    CHECK(layout.boxes.size() == 2 * 27 + 8 + 4);  // both kinds of wiring have 8 leaves
    CHECK(layout.box_of.contains(*fabric.find("node0/gpu0")));
    CHECK(layout.box_of.contains(*fabric.find("node31/gpu0")));
    check_boxes(layout);
    const std::string svg = to_svg(fabric, "tree");
    CHECK(count(svg, "30 more") == 1);
    CHECK(count(svg, "30 alike not drawn") == 1);
  }
  // On rails, the 30 machines not drawn plug into each of the 8 leaves; plainly, 3 more into leaf 0
  // and leaf 7 and 4 into each of the other six.
  const std::string rails = to_svg(test::fabric(tree("nodes: 32, nodes_per_leaf: 32, rails: true, "
                                                     "uplinks: 8")),
                                   "rails");
  CHECK(count(rails, ">+ 30 nodes<") == 8);
  const std::string plain =
      to_svg(test::fabric(tree("nodes: 32, nodes_per_leaf: 4, uplinks: 8")), "plain");
  CHECK(count(plain, ">+ 3 nodes<") == 2);
  CHECK(count(plain, ">+ 4 nodes<") == 6);
}

TEST_CASE("machines that differ are all drawn") {
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices:
  - {name: a0, kind: gpu, node: 0}
  - {name: a1, kind: gpu, node: 0}
  - {name: b0, kind: gpu, node: 1}
  - {name: leaf, kind: leaf}
links:
  - {from: a0, to: a1, link: nvlink}
  - {from: a0, to: leaf, link: net}
  - {from: a1, to: leaf, link: net}
  - {from: b0, to: leaf, link: net}
)");
  const drawing::Layout layout = drawing::lay_out(fabric);
  CHECK(layout.boxes.size() == 4);
  CHECK(layout.machines_hidden == 0);
  check_boxes(layout);
}

TEST_CASE("sixteen hosts on each of two leaves are drawn, a hundred thousand are not") {
  const auto hosts = [](const std::string& rest) {
    return drawing::lay_out(test::fabric("{builder: fat_tree, host_link: net, " + rest + "}"));
  };
  const drawing::Layout small =
      hosts("nodes: 32, nodes_per_leaf: 16, spines: 1, uplink: net, uplinks: 1");
  CHECK(small.boxes.size() == 32 + 2 + 1);
  check_boxes(small);
  const drawing::Layout star = hosts("nodes: 100000, nodes_per_leaf: 100000");
  CHECK(star.machines_hidden == 100'000 - 3);
  CHECK(star.boxes.size() == 3 + 1);
  CHECK(accounted(star) == 100'001);
  // 100 leaves and 40 spines: the leaves of the hosts drawn (of the first, second and last leaf,
  // three of each), and of the spines the first two and the last.
  const drawing::Layout many =
      hosts("nodes: 10000, nodes_per_leaf: 100, spines: 40, uplink: net, uplinks: 1");
  CHECK(many.switches_hidden == 97 + 37);
  CHECK(many.boxes.size() == 9 + 3 + 3);
  CHECK(accounted(many) == 10'140);
  check_boxes(many);
}

std::string dragonfly(const std::string& rest) {
  return "{builder: dragonfly, host_link: net, local_link: net, global_link: net, " + rest + "}";
}

TEST_CASE("every device is drawn or counted in a gap, once") {
  const std::string uplinks = "uplink: net, uplinks: 1, core_link: net, core_links: 1, ";
  for (const std::string& yaml :
       {machine, tree("nodes: 32, nodes_per_leaf: 4, uplinks: 8"),
        "{builder: fat_tree, host_link: net, uplink: net, uplinks: 8, rails: only, spines: 8, "
        "nodes: "
        "64, nodes_per_leaf: 32, node: " +
            machine + "}",
        "{builder: fat_tree, host_link: net, " + uplinks + "node: " + machine +
            ", nodes: 512, nodes_per_leaf: 32, nodes_per_pod: 128, rails: true, spines: 32, cores: "
            "128, core_planes: 4}",
        std::string("{builder: fat_tree, host_link: net, k: 16}"),
        dragonfly("groups: 33, routers_per_group: 16, nodes_per_router: 8, globals_per_router: 8"),
        dragonfly("groups: 3, routers_per_group: 2, nodes_per_router: 1, globals_per_router: 1, "
                  "node: " +
                  machine),
        std::string("{builder: torus, dims: [8, 8], link: nvlink}"),
        std::string("{builder: torus, dims: [16, 4, 9], link: nvlink}"),
        std::string("{builder: torus, dims: [3, 3, 3, 3, 3], link: nvlink}"),
        std::string("{builder: torus, dims: [5], link: nvlink}"),
        std::string("{builder: gpu_mesh, gpus: 8, all_to_all: 2, link: nvlink}"),
        std::string("{builder: nvswitch_node, gpus: 72, link: nvlink, links_per_gpu: 18}"),
        std::string("{builder: pcie_tree, sockets: 12, switches_per_socket: 11, gpus_per_switch: "
                    "1, link: pcie, inter_socket: cpu}")}) {
    INFO(yaml);
    const Fabric fabric = test::fabric(yaml);
    const drawing::Layout some = drawing::lay_out(fabric);
    CHECK(accounted(some) == fabric.devices().size());
    CHECK(some.boxes.size() <= 160);
    check_boxes(some);
    CHECK((to_dot(fabric, "some").find("⋯") == std::string::npos) == some.gaps.empty());
    if (fabric.devices().size() < 1000) {
      const drawing::Layout all = drawing::lay_out(fabric, true);
      CHECK(all.gaps.empty());
      CHECK(all.boxes.size() == fabric.devices().size());
      check_boxes(all);
    }
  }
}

TEST_CASE("pods and groups that are not drawn are counted") {
  // 4 pods: of the first and the last, spines and the leaves of the machines drawn.
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, host_link: net, nodes: 64, nodes_per_leaf: 2, nodes_per_pod: 16, "
      "spines: 8, uplink: net, uplinks: 1, cores: 8, core_link: net, core_links: 1, node: " +
      machine + "}");
  const std::string svg = to_svg(fabric, "pods");
  // Pods 1 and 2 have 16 spines and 16 leaves.
  CHECK(count(svg, ">16 more<") == 2);
  CHECK(count(svg, ">of 2 pods<") == 2);
  for (const char* name : {"pod0_leaf0", "pod3_leaf7", "pod0_spine0", "pod3_spine7", "core7"}) {
    CHECK(drawing::lay_out(fabric).box_of.contains(*fabric.find(name)));
  }
}

TEST_CASE("tiers stand above each other") {
  const Fabric fabric = test::fabric("{builder: fat_tree, host_link: net, k: 4}");
  const drawing::Layout layout = drawing::lay_out(fabric);
  const auto top = [&](const char* name) {
    return layout.boxes[layout.box_of.at(*fabric.find(name))].top;
  };
  CHECK(top("core0") < top("pod0_spine0"));
  CHECK(top("pod0_spine0") < top("pod0_leaf0"));
  CHECK(top("pod0_leaf0") < top("host0"));
}

TEST_CASE("a torus is a grid, its wrapping links are stubs") {
  const Fabric fabric = test::fabric("{builder: torus, dims: [4, 3], link: nvlink}");
  const drawing::Layout layout = drawing::lay_out(fabric);
  const auto box = [&](const char* name) {
    return layout.boxes[layout.box_of.at(*fabric.find(name))];
  };
  CHECK(box("router0.0").top == box("router3.0").top);
  CHECK(box("router0.0").left == box("router0.2").left);
  CHECK(box("router1.1").left - box("router0.1").left ==
        Approx(box("router3.1").left - box("router2.1").left));
  // 3 rows and 4 columns close, each with a path of two strokes: M…l…M…l….
  const std::string svg = to_svg(fabric, "torus");
  std::size_t stubs = 0;
  for (auto at = svg.find("<path d=\"M"); at != std::string::npos;
       at = svg.find("<path d=\"M", at + 1)) {
    const std::string path = svg.substr(at + 9, svg.find('"', at + 9) - at - 9);
    stubs += count(path, "l") == 2 ? 1U : 0U;
  }
  CHECK(stubs == 3 + 4);
}

TEST_CASE("the drawing says what a bundle carries per direction") {
  const std::string svg = to_svg(test::fabric(machine), "a machine");
  // 18 links of 25 GB/s.
  CHECK(svg.find("18× nvlink: 450 GB/s") != std::string::npos);
  CHECK(svg.find("a machine") != std::string::npos);
  CHECK(svg.find("4 switches") != std::string::npos);
}

TEST_CASE("names of users can't break the picture") {
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices: [{name: 'a"<b>&', kind: gpu}, {name: b, kind: gpu}]
links: [{from: 'a"<b>&', to: b, link: nvlink}]
)");
  const std::string svg = to_svg(fabric, "<script>");
  CHECK(svg.find("<script>") == std::string::npos);
  CHECK(svg.find("<b>") == std::string::npos);
  CHECK(svg.find("a&quot;&lt;b&gt;&amp;") != std::string::npos);
  const std::string dot = to_dot(fabric, "say \"hi\"");
  CHECK(dot.find("\"a\\\"<b>&\" -> \"b\"") != std::string::npos);
  CHECK(dot.find("say \\\"hi\\\"") != std::string::npos);
}

TEST_CASE("DOT has every device once, every cable once, one-way links with their direction") {
  const std::string dot = to_dot(test::fabric(machine), "machine");
  CHECK(count(dot, "fillcolor") == 27);
  // 8 NVLink bundles, 8 GPUs, 8 NICs and 8 switches on PCIe, 1 between the sockets.
  CHECK(count(dot, " -> ") == 33);
  CHECK(count(dot, "dir=both") == 33);
  CHECK(count(dot, "450 GB/s") == 8);
  const std::string one_way = to_dot(test::fabric(R"(
builder: explicit
devices: [{name: a, kind: gpu}, {name: b, kind: gpu}]
links: [{from: a, to: b, link: nvlink, direction: forward},
        {from: b, to: a, link: pcie, direction: forward}]
)"),
                                     "one way");
  CHECK(count(one_way, "dir=forward") == 2);
}

TEST_CASE("an empty fabric has a picture") {
  const Fabric empty = FabricBuilder().finish();
  CHECK(to_svg(empty, "nothing").find("</svg>") != std::string::npos);
  CHECK(to_dot(empty, "nothing").back() == '\n');
}

}  // namespace
}  // namespace plumbline::topology

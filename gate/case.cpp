// SPDX-License-Identifier: Apache-2.0
#include "gate/case.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "core/units.hpp"
#include "experiments/point.hpp"
#include "workload/calibration_record.hpp"

namespace plumbline::gate {
namespace {

using core::Bandwidth;
using core::Bytes;
using core::Seconds;

std::uint32_t whole(double value) {
  return static_cast<std::uint32_t>(std::lround(value));
}

constexpr std::array<AxisInfo, 19> table{{
    {"size", "size", Scale::bytes, 1024.0, 1073741824.0, false,
     [](const Case& c) { return c.size.si(); },
     [](Case& c, double v) { c.size = Bytes::from_si(v); }},
    {"nodes", "nodes", Scale::count, 1, 8, false,
     [](const Case& c) { return static_cast<double>(c.nodes); },
     [](Case& c, double v) { c.nodes = whole(v); }},
    {"gpus_per_node", "GPUs per node", Scale::count, 1, 8, false,
     [](const Case& c) { return static_cast<double>(c.gpus_per_node); },
     [](Case& c, double v) { c.gpus_per_node = whole(v); }},
    {"gpus_per_nic", "GPUs per NIC (hence NICs per node)", Scale::count, 1, 8, false,
     [](const Case& c) { return static_cast<double>(c.gpus_per_nic); },
     [](Case& c, double v) { c.gpus_per_nic = whole(v); }},
    {"latency", "network latency", Scale::seconds, 100e-9, 10e-6, false,
     [](const Case& c) { return c.latency.si(); },
     [](Case& c, double v) { c.latency = Seconds::from_si(v); }},
    {"bandwidth", "bandwidth of a NIC", Scale::bandwidth, 5e9, 100e9, false,
     [](const Case& c) { return c.bandwidth.si(); },
     [](Case& c, double v) { c.bandwidth = Bandwidth::from_si(v); }},
    {"nvlink_latency", "NVLink latency", Scale::seconds, 50e-9, 2e-6, false,
     [](const Case& c) { return c.nvlink_latency.si(); },
     [](Case& c, double v) { c.nvlink_latency = Seconds::from_si(v); }},
    {"nvlink_ratio", "NVLink over NIC bandwidth", Scale::ratio, 1, 20, false,
     [](const Case& c) { return c.nvlink_ratio; }, [](Case& c, double v) { c.nvlink_ratio = v; }},
    {"oversubscription", "oversubscription", Scale::ratio, 1, 8, false,
     [](const Case& c) { return c.oversubscription; },
     [](Case& c, double v) { c.oversubscription = v; }},
    {"micro_batches", "micro-batches", Scale::count, 1, 32, false,
     [](const Case& c) { return static_cast<double>(c.micro_batches); },
     [](Case& c, double v) { c.micro_batches = whole(v); }},
    {"compute", "compute of a micro-batch", Scale::seconds, 10e-6, 10e-3, false,
     [](const Case& c) { return c.compute.si(); },
     [](Case& c, double v) { c.compute = Seconds::from_si(v); }},
    {"channels", "channels", Scale::count, 1, 4, true,
     [](const Case& c) { return static_cast<double>(c.channels); },
     [](Case& c, double v) { c.channels = whole(v); }},
    {"pieces", "pieces", Scale::count, 1, 4, true,
     [](const Case& c) { return static_cast<double>(c.pieces); },
     [](Case& c, double v) { c.pieces = whole(v); }},
    {"slots", "slots", Scale::count, 1, 4, true,
     [](const Case& c) { return static_cast<double>(c.slots); },
     [](Case& c, double v) { c.slots = whole(v); }},
    {"step_latency", "protocol latency of a step", Scale::seconds, 0, 5e-6, true,
     [](const Case& c) { return c.step_latency.si(); },
     [](Case& c, double v) { c.step_latency = Seconds::from_si(v); }},
    {"wire_ratio", "wire bytes over payload", Scale::ratio, 1, 2, true,
     [](const Case& c) { return c.wire_ratio; }, [](Case& c, double v) { c.wire_ratio = v; }},
    {"launch", "launch cost", Scale::seconds, 0, 10e-6, true,
     [](const Case& c) { return c.launch.si(); },
     [](Case& c, double v) { c.launch = Seconds::from_si(v); }},
    {"ranks", "ranks", Scale::count, 2, 32, false,
     [](const Case& c) { return static_cast<double>(c.ranks()); }, nullptr},
    {"nics_per_node", "NICs per node", Scale::count, 1, 8, false,
     [](const Case& c) { return static_cast<double>(c.nics_per_node()); }, nullptr},
}};

std::string link(std::string_view kind, Bandwidth rate, Seconds latency) {
  return fmt::format("{{kind: {}, bandwidth_per_direction: {}, latency: {}}}", kind,
                     core::format(rate), core::format(latency));
}

/// Switches of a machine add and replicate where the algorithm is one that needs it.
bool sums_in_network(const Case& at) {
  return at.algorithm.starts_with("nvls");
}

std::string machine_text(const Case& at, const std::string& indent) {
  std::string text = fmt::format(
      "{0}builder: nvswitch_node\n{0}gpus: {1}\n{0}links_per_gpu: 1\n{0}link: {2}\n", indent,
      at.gpus_per_node, link("nvlink", at.bandwidth * at.nvlink_ratio, at.nvlink_latency));
  if (sums_in_network(at)) {
    text += indent + "in_network: true\n";
  }
  return text;
}

/// PCIe joins GPUs and adapters here, and neither limits nor delays them.
std::string fabric_text(const Case& at) {
  if (at.nodes == 1) {
    return machine_text(at, "  ");
  }
  const std::uint32_t per_leaf = (at.nodes + 1) / 2;
  const double entering = static_cast<double>(per_leaf) * at.nics_per_node();
  std::string text = fmt::format(
      "  builder: fat_tree\n  nodes: {}\n  nodes_per_leaf: {}\n  host_link: {}\n  spines: 1\n"
      "  uplinks: 1\n  uplink: {}\n",
      at.nodes, per_leaf, link("network", at.bandwidth, at.latency),
      link("network", at.bandwidth * (entering / at.oversubscription), at.latency));
  if (at.gpus_per_node > 1) {
    text += "  node:\n" + machine_text(at, "    ");
    text += fmt::format(
        "    pcie: {{sockets: 1, switches_per_socket: {}, gpus_per_switch: {}, nics_per_switch: 1, "
        "link: {}}}\n",
        at.nics_per_node(), at.gpus_per_nic,
        link("pcie", at.bandwidth * 2.0, Seconds::from_si(0.0)));
  }
  return text;
}

std::string workload_text(const Case& at) {
  if (at.collective == "pipeline") {
    return fmt::format(
        "  ranks: {}\n  pipeline: {{schedule: gpipe, micro_batches: {}, forward: {}, backward: {}, "
        "activation: 0 B}}\n",
        at.ranks(), at.micro_batches, core::format(at.compute / 3.0),
        core::format(at.compute * (2.0 / 3.0)));
  }
  std::string text = fmt::format("  collective: {}\n  algorithm: {}\n  ranks: {}\n  size: {}\n",
                                 at.collective, at.algorithm, at.ranks(), core::format(at.size));
  text += at.channels > 1 ? fmt::format("  channels: {}\n", at.channels) : "";
  if (at.pieces > 1) {
    text += fmt::format("  chunk: {}\n", core::format(at.size / (static_cast<double>(at.ranks()) *
                                                                 at.channels * at.pieces)));
  }
  text += at.slots > 1 ? fmt::format("  slots: {}\n", at.slots) : "";
  return text;
}

bool has_protocol(const Case& at) {
  return at.step_latency > Seconds{} || at.wire_ratio != 1.0;
}

std::string constants_text(const Case& at) {
  std::string text;
  if (at.launch > Seconds{}) {
    text += fmt::format("  launch: {}\n", core::format(at.launch));
  }
  if (has_protocol(at)) {
    const std::string step = fmt::format("{{step_latency: {}, wire_ratio: {}}}",
                                         core::format(at.step_latency), at.wire_ratio);
    text += fmt::format(
        "  protocols: {{simple: {{nvlink: {0}, pcie: {0}, net: {0}, nvls: {0}}}}}\n", step);
  }
  return text.empty() ? text : "constants:\n  constants: of_the_case\n" + text;
}

std::string many(std::uint32_t count, std::string_view what, std::string_view plural = "s") {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : plural);
}

}  // namespace

std::span<const AxisInfo> numbers() {
  return table;
}

const AxisInfo* find_number(std::string_view name) {
  const auto found = std::ranges::find(table, name, &AxisInfo::name);
  return found == table.end() ? nullptr : &*found;
}

std::span<const std::string_view> words() {
  static constexpr std::array<std::string_view, 3> names{"collective", "algorithm", "placement"};
  return names;
}

const std::string& word(const Case& at, std::string_view name) {
  return name == "collective" ? at.collective : name == "algorithm" ? at.algorithm : at.placement;
}

std::string value_text(const AxisInfo& axis, double value) {
  switch (axis.scale) {
    case Scale::bytes:
      return core::display(Bytes::from_si(value));
    case Scale::seconds:
      return core::display(Seconds::from_si(value));
    case Scale::bandwidth:
      return core::display(Bandwidth::from_si(value));
    case Scale::count:
    case Scale::ratio:
      break;
  }
  return fmt::format("{:.4g}", value);
}

std::string to_text(const Case& at) {
  if (at.collective == "pipeline") {
    return fmt::format("pipeline of {}, {} of {}", many(at.ranks(), "stage"),
                       many(at.micro_batches, "micro-batch", "es"), core::display(at.compute));
  }
  std::string text = fmt::format("{} by {}, {}, {} ranks", at.collective, at.algorithm,
                                 core::display(at.size), at.ranks());
  if (at.nodes > 1) {
    text += fmt::format(" on {} nodes", at.nodes);
    text +=
        at.gpus_per_nic > 1 ? fmt::format(", {} per node", many(at.nics_per_node(), "NIC")) : "";
    text += at.oversubscription != 1.0
                ? fmt::format(", oversubscription {:.3g}", at.oversubscription)
                : "";
    text += at.placement != "packed" ? ", " + at.placement : "";
  }
  text += at.channels > 1 ? fmt::format(", {} channels", at.channels) : "";
  text += at.pieces > 1 ? fmt::format(", {} pieces", at.pieces) : "";
  text += at.slots > 1 ? fmt::format(", {} slots", at.slots) : "";
  return text;
}

std::string to_yaml(const Case& at, std::string_view name, std::string_view question) {
  std::string text = fmt::format("# SPDX-License-Identifier: Apache-2.0\nexperiment: {}\n", name);
  if (!question.empty()) {
    text += fmt::format("question: {}\n", workload::yaml_text(question));
  }
  text += "fabric:\n" + fabric_text(at);
  if (at.placement == "round_robin" && at.nodes > 1 && at.gpus_per_node > 1) {
    text += fmt::format("placement: {{strided: {{stride: {}}}}}\n", at.gpus_per_node);
  }
  text += "workload:\n" + workload_text(at);
  text += has_protocol(at) ? "  protocol: simple\n" : "";
  return text + constants_text(at);
}

workload::Problem problem_of(const Case& at, const zoo::Catalogue& catalogue) {
  experiments::Experiment experiment({.name = "case", .text = to_yaml(at, "case", "")}, catalogue);
  return experiments::problem_of(experiment.bind(0));
}

}  // namespace plumbline::gate

// SPDX-License-Identifier: Apache-2.0
// A set of constants as a file that read_constants() reads back.
#include <fmt/format.h>

#include "workload/constants.hpp"

namespace plumbline::workload {
namespace {

constexpr std::array paths{PathClass::nvlink, PathClass::pcie, PathClass::net, PathClass::nvls};

std::string text_of(core::Seconds time) {
  return fmt::format("{:.6g} us", time.si() * 1e6);
}

std::string text_of(core::Bandwidth rate) {
  return fmt::format("{:.6g} GB/s", rate.si() * 1e-9);
}

std::string text_of(const StepConstants& step) {
  std::string text = fmt::format("{{step_latency: {}, wire_ratio: {:.6g}",
                                 text_of(step.step_latency), step.wire_ratio);
  text += step.occupancy > 0.0 ? fmt::format(", occupancy: {:.6g}", step.occupancy) : "";
  return text + "}";
}

bool says_something(const StepConstants& step) {
  return step.step_latency > core::Seconds{} || step.wire_ratio != 1.0 || step.occupancy > 0.0;
}

std::string protocol_text(const ConstantSet& set, Protocol protocol) {
  const auto index = static_cast<std::size_t>(protocol);
  std::string text;
  if (set.protocol_launch[index] > core::Seconds{}) {
    text += fmt::format("    launch: {}\n", text_of(set.protocol_launch[index]));
  }
  for (const PathClass path : paths) {
    const StepConstants& step = set.steps[index][static_cast<std::size_t>(path)];
    if (says_something(step)) {
      text += fmt::format("    {}: {}\n", to_text(path), text_of(step));
    }
  }
  return text.empty() ? text : fmt::format("  {}:\n{}", to_text(protocol), text);
}

}  // namespace

std::string to_yaml(const ConstantSet& set) {
  std::string text = fmt::format("constants: {}\n", yaml_text(set.name));
  if (!set.links.empty()) {
    text += "links:\n";
    for (const auto& [name, link] : set.links) {
      text += fmt::format("  {}: {{efficiency: {:.6g}, extra_latency: {}}}\n", name,
                          link.efficiency, text_of(link.extra_latency));
    }
  }
  text += fmt::format("launch: {}\n", text_of(set.launch));
  if (set.network_launch > core::Seconds{}) {
    text += fmt::format("network_launch: {}\n", text_of(set.network_launch));
  }
  if (set.reduction_bandwidth) {
    text += fmt::format("reduction_bandwidth: {}\n", text_of(*set.reduction_bandwidth));
  }
  if (set.channel_rate) {
    text += fmt::format("channel_rate: {}\n", text_of(*set.channel_rate));
  }
  if (set.tree_ratio != 1.0) {
    text += fmt::format("tree_ratio: {:.6g}\n", set.tree_ratio);
  }
  std::string protocols;
  for (const Protocol protocol : {Protocol::ll, Protocol::ll128, Protocol::simple}) {
    protocols += protocol_text(set, protocol);
  }
  text += protocols.empty() ? "" : "protocols:\n" + protocols;
  return set.calibration == nullptr ? text : text + to_yaml(*set.calibration);
}

}  // namespace plumbline::workload

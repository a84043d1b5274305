// SPDX-License-Identifier: Apache-2.0
// `explain route`: which links a transfer crosses on a machine, and why those.
#include <algorithm>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "topology/route_explanation.hpp"

namespace plumbline::app {
namespace {

topology::DeviceId device_called(const topology::Fabric& fabric, const std::string& name) {
  if (const auto device = fabric.find(name)) {
    return *device;
  }
  const auto depth = [](const topology::Device& device) {  // where transfers start and end first
    return topology::is_endpoint(device.kind) ? 0 : device.in_node ? 1 : 2;
  };
  std::vector<topology::Device> devices(fabric.devices().begin(), fabric.devices().end());
  std::ranges::stable_sort(devices, {}, depth);
  std::vector<std::string> names;
  for (const topology::Device& device : devices) {
    names.push_back(device.name);
  }
  throw core::InputError({{"PL-N010",
                           core::Severity::error,
                           {"explain route", 1, 1},
                           fmt::format("no device is called '{}'", name),
                           core::suggest(name, names)}});
}

topology::Routing routing_of(const RouteQuestion& question) {
  Word word(question.routing, "--routing");
  std::optional<topology::Routing> routing = topology::read_routing(word.cursor());
  core::throw_if_errors(word.diagnostics());
  routing->seed = question.seed;
  routing->pxn = question.pxn;
  return *routing;
}

std::string hop_text(const topology::Fabric& fabric, const topology::ExplainedHop& hop) {
  const topology::Link& link = fabric.link(hop.link);
  const std::string share =
      hop.share.bytes == 1.0 ? "" : fmt::format(", {:.4g} of the bytes", hop.share.bytes);
  return fmt::format("  {}\n      {} x{}, {}, {}{}\n      {}\n", fabric.link_name(hop.link),
                     fabric.link_classes()[link.link_class], link.count,
                     core::display(link.capacity), core::display(link.latency), share, hop.why);
}

}  // namespace

ExitCode explain_route(const RouteQuestion& question, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  Word word(question.system, "--system");
  const std::optional<zoo::System> system = catalogue.system(word.cursor(), {});
  core::throw_if_errors(word.diagnostics());
  const topology::Fabric& fabric = *system->fabric;
  const topology::DeviceId from = device_called(fabric, question.from);
  const topology::DeviceId to = device_called(fabric, question.to);
  const topology::Routing routing = routing_of(question);
  const auto route = topology::Router(fabric, routing).explain(from, to, question.flow);
  if (!route) {
    throw core::ModelError(topology::no_path(fabric, from, to, routing));
  }
  std::string text = fmt::format("{} to {}: {}, {}\n", question.from, question.to, route->kind,
                                 routing.description());
  core::Seconds latency;
  for (const topology::ExplainedHop& hop : route->hops) {
    text += hop_text(fabric, hop);
    latency += fabric.link(hop.link).latency * hop.share.latency;
  }
  if (route->bottleneck) {
    text += fmt::format("latency of the links {}, bottleneck {}\n", core::display(latency),
                        fabric.link_name(*route->bottleneck));
  }
  console.result(text);
  return ExitCode::done;
}

}  // namespace plumbline::app

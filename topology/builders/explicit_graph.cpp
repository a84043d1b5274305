// SPDX-License-Identifier: Apache-2.0
// A fabric written out device by device and cable by cable.
#include <fmt/format.h>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {
namespace {

struct DeviceOption {
  std::string name;
  std::string kind;
  std::uint32_t node = 0;
  bool in_network = false;

  static const core::Schema<DeviceOption>& schema() {
    static const auto s =
        core::Schema<DeviceOption>("device")
            .required("name", &DeviceOption::name, "unique in the fabric")
            .choice("kind", &DeviceOption::kind,
                    "what it is: ranks sit on gpus (on hosts where there are no gpus), and routes "
                    "pass through everything but gpus, hosts, memory and nvme, where flows may "
                    "start or end",
                    device_kind_names())
            .optional("node", &DeviceOption::node,
                      "number of the machine it sits in, from 0; leaf, spine, core and router are "
                      "in none",
                      "0")
            .optional("in_network", &DeviceOption::in_network,
                      "whether it adds and replicates what it forwards, as switches with SHARP do",
                      "false");
    return s;
  }
};

struct CableOption {
  std::string from;
  std::string to;
  LinkOption link;
  std::uint32_t count = 1;
  std::string direction;

  static const core::Schema<CableOption>& schema() {
    static const auto s =
        core::Schema<CableOption>("link")
            .required("from", &CableOption::from, "name of a device")
            .required("to", &CableOption::to, "name of another device")
            .required("link", &CableOption::link, "link class, by name or written in place")
            .optional("count", &CableOption::count, "parallel links of this class", "1")
            .choice("direction", &CableOption::direction, "both: a cable; forward: only from → to",
                    {"both", "forward"}, "both");
    return s;
  }
};

struct GraphOptions {
  std::vector<DeviceOption> devices;
  std::vector<CableOption> links;

  static const core::Schema<GraphOptions>& schema() {
    static const auto s =
        core::Schema<GraphOptions>("explicit graph")
            .also(builder_key("explicit"))
            .required("devices", &GraphOptions::devices, "every device of the fabric")
            .required("links", &GraphOptions::links, "every cable between them");
    return s;
  }
};

const core::SchemaInfo& info() {
  return GraphOptions::schema();
}

bool add_devices(FabricBuilder& fabric, const GraphOptions& options, const core::Cursor& cursor) {
  const std::vector<core::Cursor> places = cursor.find("devices")->items();
  bool good = true;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const DeviceOption& option = options.devices[i];
    if (option.name.empty() || fabric.find(option.name)) {
      places[i].find("name")->error(
          "PL-T021", option.name.empty()
                         ? "a device needs a name"
                         : fmt::format("a second device is called '{}'", option.name));
      good = false;
      continue;
    }
    const bool node_fits = option.node < places.size();
    if (!node_fits) {
      places[i].find("node")->error(
          "PL-T025",
          fmt::format("there can't be a machine {} among {} devices", option.node, places.size()),
          "machines are numbered from 0 without gaps");
      good = false;
    }
    const DeviceKind kind = *device_kind(option.kind);
    if (option.in_network && is_endpoint(kind)) {
      places[i]
          .find("in_network")
          ->error("PL-T026", fmt::format("'{}' is a {}", option.name, option.kind),
                  "switches add and replicate what they forward");
      good = false;
    }
    fabric.add({.name = option.name,
                .kind = kind,
                .node = node_fits ? option.node : 0,
                .in_node = !is_network_switch(kind),
                .in_network = option.in_network});
  }
  return good;
}

/// The device that `key` of a link names; nullopt after a diagnostic.
std::optional<DeviceId> end_of(const FabricBuilder& fabric, const GraphOptions& options,
                               const core::Cursor& at, const std::string& name) {
  const std::optional<DeviceId> found = fabric.find(name);
  if (!found) {
    std::vector<std::string> names;
    for (const DeviceOption& device : options.devices) {
      names.push_back(device.name);
    }
    at.error("PL-T020", fmt::format("no device is called '{}'", name), core::suggest(name, names));
  }
  return found;
}

bool add_cable(FabricBuilder& fabric, const GraphOptions& options, const CableOption& cable,
               const core::Cursor& at, const BuildContext& context) {
  const auto from = end_of(fabric, options, *at.find("from"), cable.from);
  const auto to = end_of(fabric, options, *at.find("to"), cable.to);
  const std::optional<LinkClass> link = cable.link.resolve(context);
  if (!at_least_one(at, "count", cable.count) || !from || !to || !link) {
    return false;
  }
  if (*from == *to) {
    at.error("PL-T022", fmt::format("a link from '{}' to itself", cable.from));
    return false;
  }
  if (cable.direction == "both") {
    fabric.connect(*from, *to, *link, cable.count);
  } else {
    fabric.add_link(*from, *to, *link, cable.count);
  }
  return true;
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<GraphOptions> options = GraphOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  FabricBuilder builder;
  bool good = add_devices(builder, *options, cursor);
  const std::vector<core::Cursor> places = cursor.find("links")->items();
  for (std::size_t i = 0; i < places.size(); ++i) {
    good = add_cable(builder, *options, options->links[i], places[i], context) && good;
  }
  if (!good) {
    return std::nullopt;
  }
  Fabric fabric = builder.finish();
  if (fabric.endpoints().empty()) {
    cursor.find("devices")->error("PL-T024", "no device is a gpu or a host",
                                  "ranks sit on gpus, or on hosts where there are no gpus");
    return std::nullopt;
  }
  const std::vector<core::Cursor> devices = cursor.find("devices")->items();
  warn_unreachable(fabric, [&](DeviceId device) { return devices[device.index()]; });
  return fabric;
}

}  // namespace

extern const BuilderEntry explicit_graph{
    "explicit", "A graph written out: every device and every link", info, build};

}  // namespace plumbline::topology::builders

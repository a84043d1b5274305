// SPDX-License-Identifier: Apache-2.0
#include "topology/simgrid_export.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "core/diagnostic.hpp"
#include "core/xml.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

// Latencies stand on links, which the lazy update gets wrong (it forgets flows whose latencies end
// together): hence optim Full.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> configuration{
    {{"network/model", "CM02"},
     {"network/optim", "Full"},
     {"network/latency-factor", "1"},
     {"network/bandwidth-factor", "1"},
     {"network/weight-S", "0"},
     {"network/TCP-gamma", "0"},
     {"network/crosstraffic", "no"},
     {"surf/precision", "1e-12"}}};

/// The resource that a direction of a cable draws on: a half-duplex cable has one for both.
LinkId resource(const Fabric& fabric, LinkId id) {
  const Link& link = fabric.link(id);
  return link.sharing == Sharing::half_duplex && link.reverse ? std::min(id, *link.reverse) : id;
}

std::string name_of(const Fabric& fabric, LinkId id) {
  std::string name = fabric.link_name(resource(fabric, id));
  constexpr std::string_view arrow = "→";
  name.replace(name.find(arrow), arrow.size(), ":");
  return core::xml_escaped(name);
}

std::string links(const Fabric& fabric) {
  std::string text;
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[i];
    if (resource(fabric, LinkId(i)) == LinkId(i)) {
      text +=
          fmt::format(R"(    <link id="{}" bandwidth="{}Bps" latency="{}s" sharing_policy="{}"/>)",
                      name_of(fabric, LinkId(i)), link.capacity.si(), link.latency.si(),
                      link.sharing == Sharing::unshared ? "FATPIPE" : "SHARED") +
          "\n";
    }
  }
  return text;
}

std::string routes(const Fabric& fabric) {
  Router router(fabric);
  std::string text;
  for (const DeviceId from : fabric.endpoints()) {
    for (const DeviceId to : fabric.endpoints()) {
      const auto route = router.route(from, to);
      if (from == to || !route) {
        continue;
      }
      text += fmt::format(R"(    <route src="{}" dst="{}" symmetrical="NO">)",
                          core::xml_escaped(fabric.device(from).name),
                          core::xml_escaped(fabric.device(to).name));
      for (const LinkId link : route->links) {
        text += fmt::format(R"(<link_ctn id="{}"/>)", name_of(fabric, link));
      }
      text += "</route>\n";
    }
  }
  return text;
}

}  // namespace

std::string to_simgrid(const Fabric& fabric) {
  if (fabric.endpoints().size() > simgrid_endpoint_limit) {
    throw core::ModelError(
        fmt::format("a platform file names the route of every pair, and {} endpoints are more than "
                    "{}: export a part of this machine",
                    fabric.endpoints().size(), simgrid_endpoint_limit));
  }
  std::string text =
      "<?xml version=\"1.0\"?>\n"
      "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
      "<platform version=\"4.1\">\n"
      "  <config>\n";
  for (const auto& [key, value] : configuration) {
    text += fmt::format("    <prop id=\"{}\" value=\"{}\"/>\n", key, value);
  }
  text += "  </config>\n  <zone id=\"fabric\" routing=\"Full\">\n";
  for (const DeviceId host : fabric.endpoints()) {
    text += fmt::format("    <host id=\"{}\" speed=\"1Gf\"/>\n",
                        core::xml_escaped(fabric.device(host).name));
  }
  return text + links(fabric) + routes(fabric) + "  </zone>\n</platform>\n";
}

}  // namespace plumbline::topology

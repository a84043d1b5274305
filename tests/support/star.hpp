// SPDX-License-Identifier: Apache-2.0
// The fabric most closed forms speak of: hosts around one switch, each with a port of its own.
#pragma once

#include <memory>
#include <string>

#include "workload/problem.hpp"

namespace plumbline::test {

struct Star {
  std::uint32_t hosts = 8;
  core::Bandwidth bandwidth = core::Bandwidth::from_si(50e9);  ///< per direction
  core::Seconds latency = core::Seconds::from_si(500e-9);      ///< of a path: two links
  topology::Sharing sharing = topology::Sharing::full_duplex;
  bool in_network = false;  ///< the switch adds and replicates
};

[[nodiscard]] inline std::shared_ptr<const topology::Fabric> star(const Star& star) {
  topology::FabricBuilder builder;
  const topology::LinkClass port{.name = "port",
                                 .kind = topology::LinkKind::network,
                                 .bandwidth_per_direction = star.bandwidth,
                                 .latency = star.latency / 2.0,
                                 .sharing = star.sharing};
  const auto hub = builder.add({.name = "switch",
                                .kind = topology::DeviceKind::leaf,
                                .node = 0,
                                .in_node = false,
                                .in_network = star.in_network});
  for (std::uint32_t h = 0; h < star.hosts; ++h) {
    const auto host = builder.add(
        {.name = "host" + std::to_string(h), .kind = topology::DeviceKind::host, .node = h});
    builder.connect(host, hub, port);
  }
  return std::make_shared<const topology::Fabric>(builder.finish());
}

/// The workload on the first hosts of a star.
[[nodiscard]] inline workload::Problem on_star(const Star& shape, workload::Workload workload,
                                               workload::ConstantSet constants = {}) {
  const auto fabric = star(shape);
  workload.ranks = workload.ranks.value == 0 ? topology::RankCount(shape.hosts) : workload.ranks;
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  workload.site = workload::site_of(*fabric, placement);
  return workload::make_problem(fabric, std::move(placement), std::move(workload),
                                std::move(constants));
}

[[nodiscard]] inline workload::Workload collective(workload::Collective kind, std::string algorithm,
                                                   double bytes) {
  workload::Workload workload;
  workload.collective = kind;
  workload.algorithm = std::move(algorithm);
  workload.size = core::Bytes::from_si(bytes);
  return workload;
}

}  // namespace plumbline::test

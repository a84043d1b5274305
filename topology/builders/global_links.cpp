// SPDX-License-Identifier: Apache-2.0
#include "topology/builders/global_links.hpp"

#include <fmt/format.h>
#include <map>

namespace plumbline::topology::builders {
namespace {

/// The far end of a port of a round.
struct End {
  std::uint32_t group = 0;
  std::uint32_t port = 0;
};

End far_end(Arrangement arrangement, std::uint32_t groups, std::uint32_t group,
            std::uint32_t port) {
  if (arrangement == Arrangement::palmtree) {
    return {(group + groups - port - 1) % groups, groups - 2 - port};
  }
  const std::uint32_t other = port < group ? port : port + 1;
  return {other, group < other ? group : group - 1};
}

}  // namespace

bool groups_meet(const GlobalOptions& options, const core::Cursor& cursor, std::string_view key) {
  const std::uint64_t ports = std::uint64_t{options.routers} * options.ports;
  if (options.groups <= ports + 1) {
    return true;
  }
  cursor.find(key).value_or(cursor).error(
      "PL-T043",
      fmt::format("{} global links leave a group, too few for {} other groups", ports,
                  options.groups - 1),
      fmt::format("{} routers × {} global links join at most {} groups", options.routers,
                  options.ports, ports + 1));
  return false;
}

void join_groups(FabricBuilder& fabric, const GlobalOptions& options,
                 const std::vector<std::vector<DeviceId>>& routers, const LinkClass& link) {
  if (options.groups < 2) {
    return;
  }
  const std::uint32_t round = options.groups - 1;
  const std::uint32_t rounds = options.routers * options.ports / round;
  for (std::uint32_t group = 0; group < options.groups; ++group) {
    std::map<std::pair<DeviceId, DeviceId>, std::uint32_t> bundles;
    for (std::uint32_t k = 0; k < rounds * round; ++k) {
      const End end = far_end(options.arrangement, options.groups, group, k % round);
      if (end.group > group) {  // the other half is seen from the far end
        const std::uint32_t far_port = k - k % round + end.port;
        ++bundles[{routers[group][k / options.ports],
                   routers[end.group][far_port / options.ports]}];
      }
    }
    for (const auto& [ends, count] : bundles) {
      fabric.make_global(fabric.connect(ends.first, ends.second, link, count));
    }
  }
}

}  // namespace plumbline::topology::builders

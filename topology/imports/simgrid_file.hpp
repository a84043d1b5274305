// SPDX-License-Identifier: Apache-2.0
// What a platform file of SimGrid says: zones within zones, what they hold, and the routes written
// in them (SimGrid 3.32, reference of platform files, XML version 4.1).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/quantity.hpp"
#include "core/xml.hpp"
#include "topology/imports/remarks.hpp"

namespace plumbline::topology::imports {

/// A resource. A SPLITDUPLEX link is two, called after it with _UP and _DOWN.
struct PlatformLink {
  std::string name;
  std::size_t reverse = 0;  ///< the one that a route takes backwards; of most links themselves
  core::Bandwidth bandwidth;
  core::Seconds latency;
  bool fatpipe = false;  ///< every transfer gets the whole bandwidth
};

/// One <route>, or <zoneRoute>: then from one gateway to the other.
struct PlatformRoute {
  std::vector<std::size_t> links;
  std::string from, to;  ///< hosts or routers
};

/// `written`: routes are those of the file. `shortest`: of these, chains of the fewest links.
/// `star`: up from the one and down to the other.
enum class ZoneRouting { written, shortest, star };

struct PlatformZone {
  const core::XmlElement* at = nullptr;
  std::size_t parent = 0;  ///< the outermost is its own
  ZoneRouting routing = ZoneRouting::written;
  /// By what the zone holds: hosts and routers, and zones by name.
  std::map<std::pair<std::string, std::string>, PlatformRoute> routes;
  std::map<std::string, std::vector<std::size_t>> up, down;  ///< of a star
};

struct Platform {
  std::vector<PlatformZone> zones;  ///< parents before children
  std::vector<PlatformLink> links;
  std::vector<std::string> hosts;              ///< in the order of the file
  std::map<std::string, std::size_t> zone_of;  ///< of hosts and routers
  std::map<std::string, std::size_t> zone_called;
};

/// Nullopt after errors. What a fabric does not hold is noted; what would change routes or rates
/// and can't be read is an error.
[[nodiscard]] std::optional<Platform> read_platform(const core::XmlElement& root, Remarks& remarks);

}  // namespace plumbline::topology::imports

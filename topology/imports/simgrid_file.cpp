// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/simgrid_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/text.hpp"
#include "topology/imports/simgrid_units.hpp"

namespace plumbline::topology::imports {
namespace {

using core::XmlElement;

constexpr std::size_t most_hosts = 4096;  // of one cluster, against a slip in its radical

class PlatformReader {
 public:
  explicit PlatformReader(Remarks& remarks) : remarks_(remarks) {}

  std::optional<Platform> run(const XmlElement& root) {
    const std::string* version = root.find("version");
    if (version == nullptr || (*version != "4" && *version != "4.1")) {
      remarks_.error(root, "PL-T090", "platform files of version 4.1 are read",
                     "simgrid_update_xml rewrites older ones");
      return std::nullopt;
    }
    for (const XmlElement& element : root.children) {
      const bool holds_network =
          element.name == "zone" || element.name == "AS" || element.name == "cluster";
      if (!holds_network) {
        remarks_.note(element, fmt::format("<{}> in <platform> is not used", element.name));
      } else if (platform_.zones.empty()) {
        read_in_zone(element, 0);
      } else {
        remarks_.error(element, "PL-T091", "a platform has one outermost zone");
      }
    }
    if (platform_.hosts.empty()) {
      remarks_.error(root, "PL-T024", "the platform has no host");
    }
    // Routes name links, hosts and zones wherever these stand.
    for (const auto& [element, zone] : routes_) {
      read_route(*element, zone);
    }
    return remarks_.good() ? std::optional(std::move(platform_)) : std::nullopt;
  }

 private:
  void read_in_zone(const XmlElement& element, std::size_t zone) {
    const std::string& name = element.name;
    if (name == "zone" || name == "AS") {
      read_zone(element, zone);
    } else if (name == "cluster") {
      read_cluster(element, zone);
    } else if (name == "host" || name == "router") {
      read_netpoint(element, zone);
    } else if (name == "link") {
      read_link(element);
    } else if (name == "route" || name == "zoneRoute" || name == "ASroute") {
      routes_.emplace_back(&element, zone);
    } else if (name == "prop") {
      remarks_.note(element, "<prop> is not used");
    } else {
      remarks_.error(element, "PL-T090", fmt::format("<{}> is not read", name),
                     "zones, clusters, hosts, routers, links, routes and zoneRoutes are");
    }
  }

  std::size_t add_zone(const XmlElement& at, std::size_t parent, ZoneRouting routing) {
    const std::size_t zone = platform_.zones.size();
    const std::string id = remarks_.text(at, "id").value_or("");
    if (!platform_.zone_called.try_emplace(id, zone).second) {
      remarks_.error(at, "PL-T091", fmt::format("a second zone is called '{}'", id));
    }
    PlatformZone& added = platform_.zones.emplace_back();
    added.at = &at;
    added.parent = parent;
    added.routing = routing;
    return zone;
  }

  void read_zone(const XmlElement& element, std::size_t parent) {
    remarks_.only(element, {"id", "routing"});
    const std::string routing = remarks_.text(element, "routing").value_or("Full");
    const bool shortest = routing == "Floyd" || routing == "Dijkstra" || routing == "DijkstraCache";
    if (!shortest && routing != "Full" && routing != "None") {
      remarks_.error(element, "PL-T090", fmt::format("routing=\"{}\" is not read", routing),
                     "Full, Floyd, Dijkstra and None are, and <cluster>");
    }
    const std::size_t zone =
        add_zone(element, parent, shortest ? ZoneRouting::shortest : ZoneRouting::written);
    for (const XmlElement& child : element.children) {
      read_in_zone(child, zone);
    }
  }

  void add_netpoint(const XmlElement& at, const std::string& name, std::size_t zone, bool host) {
    if (!platform_.zone_of.try_emplace(name, zone).second) {
      remarks_.error(at, "PL-T091", fmt::format("a second host or router is called '{}'", name));
    } else if (host) {
      platform_.hosts.push_back(name);
    }
  }

  void read_netpoint(const XmlElement& element, std::size_t zone) {
    refuse_profiles(element);
    remarks_.only(element, {"id", "speed", "core", "pstate", "coordinates"});
    for (const XmlElement& child : element.children) {
      remarks_.note(child, fmt::format("<{}> in <{}> is not used", child.name, element.name));
    }
    if (const std::optional<std::string> id = remarks_.text(element, "id")) {
      add_netpoint(element, *id, zone, element.name == "host");
    }
  }

  /// What changes in the course of time.
  void refuse_profiles(const XmlElement& element) {
    for (const auto& attribute : element.attributes) {
      if (attribute.name.ends_with("_file")) {
        remarks_.error(element, "PL-T090",
                       fmt::format("{} changes figures in the course of time", attribute.name),
                       "a fabric's figures stand still");
      }
    }
  }

  // --- links ---

  std::optional<double> figure(const XmlElement& at, std::string_view attribute,
                               std::optional<double> (*unit_of)(std::string_view),
                               std::string_view example) {
    const std::optional<std::string> text = remarks_.text(at, attribute);
    const std::optional<double> value = text ? simgrid_figure(*text, unit_of) : std::nullopt;
    if (text && !value) {
      remarks_.error(at, "PL-T082",
                     fmt::format("{}=\"{}\" is no figure with a unit of SimGrid", attribute, *text),
                     fmt::format("such as {}", example));
    }
    return value;
  }

  /// A resource, or two where `policy` splits it.
  void add_link(const XmlElement& at, const std::string& name, const std::string& policy,
                double bandwidth, double latency) {
    if (!links_.insert(name).second) {
      remarks_.error(at, "PL-T091", fmt::format("a second link is called '{}'", name));
      return;
    }
    if (policy != "SHARED" && policy != "FATPIPE" && policy != "SPLITDUPLEX") {
      remarks_.error(at, "PL-T090", fmt::format("sharing policy {} is not read", policy),
                     "SHARED, SPLITDUPLEX and FATPIPE are");
      return;
    }
    if (!(bandwidth > 0.0)) {
      remarks_.error(at, "PL-T003", fmt::format("'{}' has no bandwidth", name));
      return;
    }
    const bool split = policy == "SPLITDUPLEX";
    for (const char* suffix : split ? std::vector{"_UP", "_DOWN"} : std::vector{""}) {
      by_name_.emplace(name + suffix, platform_.links.size());
      platform_.links.push_back({.name = name + suffix,
                                 .reverse = platform_.links.size(),
                                 .bandwidth = core::Bandwidth::from_si(bandwidth),
                                 .latency = core::Seconds::from_si(latency),
                                 .fatpipe = policy == "FATPIPE"});
    }
    if (split) {
      std::swap(platform_.links.back().reverse, std::prev(platform_.links.end(), 2)->reverse);
    }
  }

  void read_link(const XmlElement& element) {
    refuse_profiles(element);
    remarks_.only(element, {"id", "bandwidth", "latency", "sharing_policy"});
    for (const XmlElement& child : element.children) {
      remarks_.note(child, fmt::format("<{}> in <link> is not used", child.name));
    }
    const std::optional<std::string> id = remarks_.text(element, "id");
    const auto bandwidth = figure(element, "bandwidth", simgrid_rate_unit, "50GBps");
    const auto latency = element.find("latency") == nullptr
                             ? std::optional(0.0)
                             : figure(element, "latency", simgrid_time_unit, "500ns");
    const std::string* policy = element.find("sharing_policy");
    if (id && bandwidth && latency) {
      add_link(element, *id, policy == nullptr ? "SHARED" : *policy, *bandwidth, *latency);
    }
  }

  // --- clusters ---

  void read_cluster(const XmlElement& element, std::size_t parent) {
    remarks_.only(
        element, {"id", "prefix", "suffix", "radical", "speed", "core", "bw", "lat",
                  "sharing_policy", "bb_bw", "bb_lat", "bb_sharing_policy", "topology", "router_id",
                  "loopback_bw", "loopback_lat", "limiter_link", "topo_parameters"});
    const std::string* topology = element.find("topology");
    if (topology != nullptr && *topology != "FLAT") {
      remarks_.error(element, "PL-T090",
                     fmt::format("a cluster of topology {} is not read", *topology),
                     "the builders fat_tree, torus and dragonfly make such networks");
      return;
    }
    if (element.find("limiter_link") != nullptr) {
      remarks_.error(element, "PL-T090", "limiter_link is not read");
    }
    const std::size_t zone = add_zone(element, parent, ZoneRouting::star);
    const std::string id = remarks_.text(element, "id").value_or("");
    const auto affix = [&](const char* key) {
      const std::string* text = element.find(key);
      return text == nullptr ? std::string() : *text;
    };
    const std::string prefix = affix("prefix");
    const std::string suffix = affix("suffix");
    const std::optional<std::size_t> backbone = add_backbone(element, id);
    const auto bandwidth = figure(element, "bw", simgrid_rate_unit, "50GBps");
    const auto latency = figure(element, "lat", simgrid_time_unit, "500ns");
    const std::string* policy = element.find("sharing_policy");
    for (const std::uint64_t number : numbers(element)) {
      if (!bandwidth || !latency) {
        return;
      }
      const std::string link = fmt::format("{}_link_{}", id, number);
      const std::size_t first = platform_.links.size();
      add_link(element, link, policy == nullptr ? "SPLITDUPLEX" : *policy, *bandwidth, *latency);
      const std::size_t last = std::max(first + 1, platform_.links.size()) - 1;
      const std::string host = fmt::format("{}{}{}", prefix, number, suffix);
      add_netpoint(element, host, zone, true);
      PlatformZone& star = platform_.zones[zone];
      star.up[host] = {first};
      star.down[host] = {last};
      if (backbone) {
        star.up[host].push_back(*backbone);
        star.down[host].insert(star.down[host].begin(), *backbone);
      }
    }
    const std::string router = affix("router_id");
    const std::string usual = fmt::format("{}{}_router{}", prefix, id, suffix);
    add_netpoint(element, router.empty() ? usual : router, zone, false);
  }

  std::optional<std::size_t> add_backbone(const XmlElement& element, const std::string& id) {
    if (element.find("bb_bw") == nullptr && element.find("bb_lat") == nullptr) {
      return std::nullopt;
    }
    const auto bandwidth = figure(element, "bb_bw", simgrid_rate_unit, "50GBps");
    const auto latency = figure(element, "bb_lat", simgrid_time_unit, "500ns");
    const std::string* policy = element.find("bb_sharing_policy");
    if (!bandwidth || !latency) {
      return std::nullopt;
    }
    if (policy != nullptr && *policy == "SPLITDUPLEX") {
      remarks_.error(element, "PL-T090", "a backbone has no direction to split it by");
      return std::nullopt;
    }
    add_link(element, id + "_backbone", policy == nullptr ? "SHARED" : *policy, *bandwidth,
             *latency);
    return platform_.links.size() - 1;
  }

  /// `0-3,7`: 0, 1, 2, 3 and 7.
  std::vector<std::uint64_t> numbers(const XmlElement& element) {
    std::vector<std::uint64_t> result;
    const std::string radical = remarks_.text(element, "radical").value_or("");
    for (std::size_t at = 0; at < radical.size();) {
      const std::size_t end = std::min(radical.find(',', at), radical.size());
      const std::string_view range = std::string_view(radical).substr(at, end - at);
      const std::size_t dash = std::min(range.find('-'), range.size());
      const auto first = core::parse_count(range.substr(0, dash));
      const auto last = dash == range.size() ? first : core::parse_count(range.substr(dash + 1));
      if (!first || !last || *last < *first || *last - *first >= most_hosts) {
        remarks_.error(element, "PL-T082",
                       fmt::format("radical=\"{}\" is no list of numbers", radical),
                       fmt::format("such as 0-3,7; at most {} hosts", most_hosts));
        return {};
      }
      for (std::uint64_t number = *first; number <= *last; ++number) {
        result.push_back(number);
      }
      at = end + 1;
    }
    return result;
  }

  // --- routes ---

  void read_route(const XmlElement& element, std::size_t zone) {
    remarks_.only(element, {"src", "dst", "gw_src", "gw_dst", "symmetrical"});
    const bool joins_zones = element.name != "route";
    const auto from = remarks_.text(element, "src");
    const auto to = remarks_.text(element, "dst");
    const auto gateway = [&](const char* key, const std::optional<std::string>& end) {
      return joins_zones ? remarks_.text(element, key) : end;
    };
    const auto first = gateway("gw_src", from);
    const auto last = gateway("gw_dst", to);
    const auto links = read_links(element);
    if (!from || !to || !first || !last || !links ||
        !is_end(element, zone, *from, *first, joins_zones) ||
        !is_end(element, zone, *to, *last, joins_zones)) {
      return;
    }
    if (*from == *to) {
      remarks_.note(element, "a route from a host to itself is not used");
      return;
    }
    add_route(element, zone, {*from, *to}, {.links = *links, .from = *first, .to = *last});
    const std::string* symmetrical = element.find("symmetrical");
    if (symmetrical != nullptr && (*symmetrical == "NO" || *symmetrical == "no")) {
      return;
    }
    PlatformRoute back{.links = {links->rbegin(), links->rend()}, .from = *last, .to = *first};
    for (std::size_t& link : back.links) {
      link = platform_.links[link].reverse;
    }
    add_route(element, zone, {*to, *from}, std::move(back));
  }

  void add_route(const XmlElement& element, std::size_t zone,
                 const std::pair<std::string, std::string>& ends, PlatformRoute route) {
    if (!platform_.zones[zone].routes.try_emplace(ends, std::move(route)).second) {
      remarks_.error(element, "PL-T091",
                     fmt::format("a second route from '{}' to '{}'", ends.first, ends.second),
                     "a route counts both ways unless symmetrical=\"NO\"");
    }
  }

  /// Whether a route of `zone` may end at `end`: a host or router of the zone itself; or a zone in
  /// it that `gateway` lies in.
  bool is_end(const XmlElement& element, std::size_t zone, const std::string& end,
              const std::string& gateway, bool is_zone) {
    const auto at = platform_.zone_of.find(gateway);
    if (at == platform_.zone_of.end()) {
      remarks_.error(element, "PL-T091", fmt::format("no host or router is called '{}'", gateway));
      return false;
    }
    std::size_t inner = at->second;
    while (is_zone && inner != zone && platform_.zones[inner].parent != zone) {
      if (inner == platform_.zones[inner].parent) {
        break;
      }
      inner = platform_.zones[inner].parent;
    }
    const auto called = platform_.zone_called.find(end);
    const bool good = is_zone ? inner != zone && called != platform_.zone_called.end() &&
                                    called->second == inner && platform_.zones[inner].parent == zone
                              : inner == zone;
    if (!good) {
      remarks_.error(element, "PL-T091",
                     is_zone
                         ? fmt::format("'{}' is not inside a zone '{}' of this zone", gateway, end)
                         : fmt::format("'{}' is in another zone", end));
    }
    return good;
  }

  std::optional<std::vector<std::size_t>> read_links(const XmlElement& element) {
    std::vector<std::size_t> result;
    bool good = true;
    for (const XmlElement& child : element.children) {
      if (child.name != "link_ctn") {
        remarks_.error(child, "PL-T090", fmt::format("<{}> in a route is not read", child.name));
        continue;
      }
      const std::string id = remarks_.text(child, "id").value_or("");
      const std::string* stated = child.find("direction");
      const std::string direction = stated == nullptr || *stated == "NONE" ? "" : "_" + *stated;
      const auto found = by_name_.find(id + direction);
      if (found == by_name_.end()) {
        remarks_.error(child, "PL-T091", fmt::format("no link is called '{}'", id + direction),
                       by_name_.contains(id + "_UP")
                           ? "a SPLITDUPLEX link takes direction=\"UP\" or \"DOWN\""
                       : by_name_.contains(id) ? "only a SPLITDUPLEX link has directions"
                                               : "");
      }
      good = good && found != by_name_.end();
      if (good) {
        result.push_back(found->second);
      }
    }
    return good ? std::optional(std::move(result)) : std::nullopt;
  }

  Remarks& remarks_;
  Platform platform_;
  std::set<std::string> links_;  // as the file calls them
  std::map<std::string, std::size_t> by_name_;
  std::vector<std::pair<const XmlElement*, std::size_t>> routes_;
};

}  // namespace

std::optional<Platform> read_platform(const XmlElement& root, Remarks& remarks) {
  return PlatformReader(remarks).run(root);
}

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/simgrid_platform.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <queue>
#include <set>

#include "topology/imports/simgrid_file.hpp"

namespace plumbline::topology::imports {
namespace {

using Links = std::vector<std::size_t>;

constexpr std::size_t most_hosts = 512;  // every pair has a route of its own

void append(Links& all, const Links& more) {
  all.insert(all.end(), more.begin(), more.end());
}

/// Routes as SimGrid puts them together: in the innermost zone that holds both ends, from one of
/// its members to another, and within these members to and from the gateways.
class PlatformRoutes {
 public:
  PlatformRoutes(const Platform& platform, Remarks& remarks)
      : platform_(platform), remarks_(remarks) {}

  std::optional<Links> between(const std::string& from, const std::string& to) {
    if (from == to) {
      return Links{};
    }
    const std::vector<std::size_t> above_from = zones_above(from);
    const std::vector<std::size_t> above_to = zones_above(to);
    const auto [one, other] =
        std::mismatch(above_from.begin(), above_from.end(), above_to.begin(), above_to.end());
    const std::size_t zone = *std::prev(one);
    const auto member = [&](auto at, auto end, const std::string& name) {
      return at == end ? name : *platform_.zones[*at].at->find("id");
    };
    return within(zone, from, member(one, above_from.end(), from), to,
                  member(other, above_to.end(), to));
  }

 private:
  /// From the outermost to that of a host or router.
  [[nodiscard]] std::vector<std::size_t> zones_above(const std::string& name) const {
    std::vector<std::size_t> result{platform_.zone_of.at(name)};
    while (result.back() != 0) {
      result.push_back(platform_.zones[result.back()].parent);
    }
    std::ranges::reverse(result);
    return result;
  }

  std::optional<Links> within(std::size_t zone, const std::string& from,
                              const std::string& from_member, const std::string& to,
                              const std::string& to_member) {
    if (platform_.zones[zone].routing == ZoneRouting::star) {
      return over_star(platform_.zones[zone], from, to);
    }
    Links result;
    std::string at = from;
    for (const PlatformRoute* step : steps(zone, from_member, to_member)) {
      const std::optional<Links> before = between(at, step->from);
      if (!before) {
        return std::nullopt;
      }
      append(result, *before);
      append(result, step->links);
      at = step->to;
    }
    if (at == from) {
      return std::nullopt;
    }
    const std::optional<Links> rest = between(at, to);
    if (!rest) {
      return std::nullopt;
    }
    append(result, *rest);
    return result;
  }

  /// A link that both halves name, a backbone, is crossed once.
  static Links over_star(const PlatformZone& zone, const std::string& from, const std::string& to) {
    Links result;
    for (const auto& [side, end] : {std::pair(&zone.up, &from), std::pair(&zone.down, &to)}) {
      if (const auto found = side->find(*end); found != side->end()) {
        std::ranges::copy_if(found->second, std::back_inserter(result), [&](std::size_t link) {
          return std::ranges::find(result, link) == result.end();
        });
      }
    }
    return result;
  }

  /// Empty where there is no way.
  std::vector<const PlatformRoute*> steps(std::size_t zone, const std::string& from,
                                          const std::string& to) {
    const PlatformZone& here = platform_.zones[zone];
    if (here.routing == ZoneRouting::written) {
      const auto found = here.routes.find({from, to});
      return found == here.routes.end() ? std::vector<const PlatformRoute*>()
                                        : std::vector{&found->second};
    }
    return shortest(zone, from, to);
  }

  struct Reached {
    std::size_t links = 0;
    std::size_t ways = 1;  ///< of that many links; beyond 2 as 2
    std::string before;
    const PlatformRoute* by = nullptr;
    bool done = false;
  };

  /// The members of a zone that lie on shortest ways from one of them. Routes without a link count
  /// as none, so members are taken up in the order of links, then of steps.
  const std::map<std::string, Reached>& search(std::size_t zone, const std::string& from) {
    const auto [known, is_new] = searched_.try_emplace({zone, from});
    std::map<std::string, Reached>& reached = known->second;
    if (!is_new) {
      return reached;
    }
    std::set<std::pair<std::size_t, std::string>> open{{0, from}};
    reached[from] = {};
    while (!open.empty()) {
      const auto [links, at] = *open.begin();
      open.erase(open.begin());
      reached[at].done = true;
      const auto& routes = platform_.zones[zone].routes;
      for (auto route = routes.lower_bound({at, ""});
           route != routes.end() && route->first.first == at; ++route) {
        const std::string& next = route->first.second;
        const std::size_t found = links + std::max<std::size_t>(1, route->second.links.size());
        const auto [entry, first] = reached.try_emplace(next);
        if (first || found < entry->second.links) {
          open.erase({entry->second.links, next});
          entry->second = {found, reached[at].ways, at, &route->second, false};
          open.emplace(found, next);
        } else if (found == entry->second.links) {
          entry->second.ways = 2;
        }
      }
    }
    return reached;
  }

  std::vector<const PlatformRoute*> shortest(std::size_t zone, const std::string& from,
                                             const std::string& to) {
    const std::map<std::string, Reached>& reached = search(zone, from);
    const auto end = reached.find(to);
    if (end == reached.end()) {
      return {};
    }
    if (end->second.ways > 1 && unclear_.insert(zone).second) {
      remarks_.error(*platform_.zones[zone].at, "PL-T092",
                     fmt::format("several ways of {} links lead from '{}' to '{}'",
                                 end->second.links, from, to),
                     "SimGrid takes the one that its search meets first; write the routes out in a "
                     "zone of routing Full");
    }
    std::vector<const PlatformRoute*> result;
    for (const Reached* at = &end->second; at->by != nullptr; at = &reached.at(at->before)) {
      result.push_back(at->by);
    }
    std::ranges::reverse(result);
    return result;
  }

  const Platform& platform_;
  Remarks& remarks_;
  std::map<std::pair<std::size_t, std::string>, std::map<std::string, Reached>> searched_;
  std::set<std::size_t> unclear_;
};

class PlatformFabric {
 public:
  PlatformFabric(const Platform& platform, const core::XmlElement& root, Remarks& remarks)
      : platform_(platform), root_(root), remarks_(remarks), edges_(platform.links.size()) {}

  std::optional<Fabric> run() {
    for (const std::string& host : platform_.hosts) {
      const auto node = static_cast<std::uint32_t>(hosts_.size());
      hosts_.push_back(fabric_.add({.name = host, .kind = DeviceKind::host, .node = node}));
    }
    PlatformRoutes routes(platform_, remarks_);
    for (std::size_t from = 0; from < hosts_.size(); ++from) {
      for (std::size_t to = 0; to < hosts_.size(); ++to) {
        if (from != to) {
          add_route(from, to, routes.between(platform_.hosts[from], platform_.hosts[to]));
        }
      }
    }
    warn_missing();
    return remarks_.good() ? std::optional(fabric_.finish()) : std::nullopt;
  }

 private:
  struct Edge {
    DeviceId in, out;
    LinkId link;
  };

  void add_route(std::size_t from, std::size_t to, const std::optional<Links>& route) {
    if (!route) {
      if (missing_++ == 0) {
        first_missing_ = {from, to};
      }
      return;
    }
    if (route->empty()) {
      remarks_.error(root_, "PL-T090",
                     fmt::format("the route from '{}' to '{}' crosses no link",
                                 platform_.hosts[from], platform_.hosts[to]),
                     "a transfer would take no time at all");
      return;
    }
    std::vector<LinkId> links;
    DeviceId at = hosts_[from];
    for (const std::size_t link : *route) {
      const Edge& next = edge(link);
      links.push_back(joint(at, next.in, link));
      links.push_back(next.link);
      at = next.out;
    }
    links.push_back(joint(at, hosts_[to], route->back()));
    fabric_.fix_route(hosts_[from], hosts_[to], std::move(links));
  }

  const Edge& edge(std::size_t link) {
    if (!edges_[link]) {
      const PlatformLink& of = platform_.links[link];
      const auto junction = [&](const char* side) {
        std::string name = of.name + side;
        while (fabric_.find(name)) {
          name += "'";
        }
        return fabric_.add({.name = name, .kind = DeviceKind::router, .in_node = false});
      };
      const DeviceId in = junction("/in");
      const DeviceId out = junction("/out");
      edges_[link] = {in, out, fabric_.add_link(in, out, link_class(of))};
    }
    return *edges_[link];
  }

  /// Every transfer by it also crosses `link`, so that its rate caps nothing.
  LinkId joint(DeviceId from, DeviceId to, std::size_t link) {
    const auto [known, is_new] = joints_.try_emplace({from, to});
    if (is_new) {
      LinkClass free = link_class(platform_.links[link]);
      free.name = "joint";
      free.latency = {};
      free.sharing = Sharing::unshared;
      known->second = fabric_.add_link(from, to, free);
    }
    return known->second;
  }

  static LinkClass link_class(const PlatformLink& link) {
    return {.name = link.name,
            .kind = LinkKind::network,
            .bandwidth_per_direction = link.bandwidth,
            .latency = link.latency,
            .sharing = link.fatpipe ? Sharing::unshared : Sharing::full_duplex};
  }

  void warn_missing() {
    if (missing_ > 0) {
      remarks_.warning(root_, "PL-T023",
                       fmt::format("{} pairs of hosts have no route, the first '{}' to '{}'",
                                   missing_, platform_.hosts[first_missing_.first],
                                   platform_.hosts[first_missing_.second]));
    }
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      if (!edges_[i] && !edges_[platform_.links[i].reverse]) {
        remarks_.note(root_, fmt::format("no route crosses link '{}'", platform_.links[i].name));
      }
    }
  }

  const Platform& platform_;
  const core::XmlElement& root_;
  Remarks& remarks_;
  FabricBuilder fabric_;
  std::vector<DeviceId> hosts_;
  std::vector<std::optional<Edge>> edges_;  ///< by link
  std::map<std::pair<DeviceId, DeviceId>, LinkId> joints_;
  std::size_t missing_ = 0;
  std::pair<std::size_t, std::size_t> first_missing_;
};

}  // namespace

std::optional<Fabric> import_simgrid_platform(const core::XmlElement& root,
                                              core::Diagnostics& diagnostics) {
  Remarks remarks(diagnostics);
  const std::optional<Platform> platform = read_platform(root, remarks);
  std::optional<Fabric> fabric;
  if (platform && platform->hosts.size() > most_hosts) {
    remarks.error(root, "PL-T016",
                  fmt::format("{} hosts are more than {}: every pair has a route of its own",
                              platform->hosts.size(), most_hosts));
  } else if (platform) {
    fabric = PlatformFabric(*platform, root, remarks).run();
  }
  for (const core::Diagnostic& note : remarks.notes()) {
    diagnostics.add(note);
  }
  return fabric;
}

}  // namespace plumbline::topology::imports

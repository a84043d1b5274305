// SPDX-License-Identifier: Apache-2.0
// Schedule generators: one entry per file in collectives/ and training/.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "topology/placement.hpp"
#include "topology/routing.hpp"
#include "workload/schedule.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// Where a generator gets the routes of its transfers.
class RouteSource {
 public:
  RouteSource(const topology::Placement& placement, topology::Router& router,
              topology::RouteTable& table, const topology::Fabric& fabric);

  /// Every route is number 0: for proving a schedule, where routes don't matter.
  [[nodiscard]] static RouteSource without_routes() { return {}; }

  /// The routes of some of the ranks, numbered anew: rank r of the result is ranks[r] here. Ranks
  /// beyond the placement (devices of flows) have none.
  [[nodiscard]] RouteSource on(std::span<const RankId> ranks) const;

  /// `flow` tells transfers between the same two ranks apart where routing spreads flows (a
  /// channel's number). ModelError where the fabric has no path.
  [[nodiscard]] RouteId between(RankId from, RankId to, std::uint32_t flow = 0);
  [[nodiscard]] RouteId between(topology::DeviceId from, topology::DeviceId to,
                                std::uint32_t flow = 0);

  /// The trees of switches that add and replicate (see Router); ModelError where there is none.
  /// `group` holds `rank` or not, as in OpKind.
  [[nodiscard]] RouteId multicast(RankId rank, std::span<const RankId> group);
  [[nodiscard]] RouteId switch_reduce(RankId rank, std::span<const RankId> group);
  [[nodiscard]] RouteId switch_all_reduce(std::span<const RankId> group);

 private:
  RouteSource() = default;
  std::shared_ptr<const topology::Placement> placement_;  ///< null: without routes
  topology::Router* router_ = nullptr;
  topology::RouteTable* table_ = nullptr;
  const topology::Fabric* fabric_ = nullptr;
  std::shared_ptr<topology::Router> tree_router_;

  /// Trees are laid out once, whatever routing spreads or splits flows: ways to one switch join.
  [[nodiscard]] topology::Router& tree_router();
  [[nodiscard]] std::vector<topology::DeviceId> devices(std::span<const RankId> ranks) const;
  [[nodiscard]] RouteId tree(const std::optional<topology::Route>& found) const;
};

struct GeneratorEntry {
  std::string_view name;  ///< the algorithm: `ring`
  std::span<const Collective> collectives;
  std::string_view summary;   ///< one sentence
  std::string_view citation;  ///< paper, section

  /// Why this request can't be generated (`ranks must be a power of two`); empty when it can.
  std::string (*refuses)(const Workload& workload);
  Schedule (*generate)(const Workload& workload, RouteSource& routes);
};

namespace collectives {
[[nodiscard]] std::span<const GeneratorEntry* const> all();
}

namespace training {
[[nodiscard]] std::span<const GeneratorEntry* const> all();
}

/// All generators: collectives, then training.
[[nodiscard]] std::vector<const GeneratorEntry*> generators();

/// The generator of (collective, algorithm), or null.
[[nodiscard]] const GeneratorEntry* find_generator(Collective collective,
                                                   std::string_view algorithm);

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// A problem's paths as a SimGrid platform, and the units in which it is simulated.
#pragma once

#include <optional>
#include <vector>

#include "workload/costs.hpp"
#include "workload/schedule.hpp"

namespace simgrid::s4u {
class Host;
class Link;
class NetZone;
}  // namespace simgrid::s4u

namespace plumbline::des {

/// Units of the simulation. SimGrid's sizes are whole numbers: the largest is brought near 2^60 so
/// that fractions of a byte survive. Its dates are merged within 1e-12 of whatever the unit is: the
/// critical path is made to last 1 to 2, so that this is relative to the answer and no schedule is
/// too short to be exact.
struct Scales {
  double bytes = 1.0;
  double seconds = 1.0;
};

/// ModelError where an operation takes for ever.
[[nodiscard]] Scales choose_scales(const workload::Dag& dag, const workload::Costs& costs);

/// The least k, at most `most_shares`, for which k times every weight is whole; nullopt where there
/// is none. SimGrid takes a share of a link for each time that a route names it, so weights of 1/k
/// become whole when every weight and every capacity is taken k times, which changes no rate.
[[nodiscard]] std::optional<unsigned> common_unit(const workload::Costs& costs);

inline constexpr unsigned most_shares = 64;

/// What stands for a path: SimGrid looks a route up by its ends.
struct HostPair {
  simgrid::s4u::Host* source = nullptr;
  simgrid::s4u::Host* destination = nullptr;
};

/// Paths as SimGrid routes. A zone holds one route per pair of hosts, so each path that is used
/// gets a pair of its own: √n sources times √n destinations. Hosts are names only.
class Platform {
 public:
  /// Starts the engine of this process.
  Platform(const workload::Costs& costs, const std::vector<workload::PathId>& used, Scales scales);

  /// Of a path among `used`.
  [[nodiscard]] HostPair pair(workload::PathId path) const { return pairs_[path.index()]; }

 private:
  void add_route(workload::PathId path, HostPair pair);
  simgrid::s4u::Link* shared_link(workload::ResourceId resource);

  const workload::Costs& costs_;
  double unit_;
  double rate_scale_;
  simgrid::s4u::NetZone* zone_;
  std::vector<simgrid::s4u::Link*> links_;  ///< by resource, made when first used
  std::vector<HostPair> pairs_;             ///< by path
};

}  // namespace plumbline::des

// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/units.hpp"
#include "des/replay.hpp"
#include "topology/fabric.hpp"
#include "topology/routing.hpp"
#include "workload/problem.hpp"

namespace plumbline::des {

using namespace core::literals;

namespace {

using topology::DeviceId;
using topology::DeviceKind;

/// Transfers that all start at once, each source to each of its destinations, on a star of `hosts`.
class Star {
 public:
  Star(std::size_t hosts, core::Bandwidth bandwidth, core::Seconds link_latency)
      : schedule_(workload::RankCount(hosts), 1) {
    topology::FabricBuilder builder;
    const topology::LinkClass cable{.name = "cable",
                                    .kind = topology::LinkKind::network,
                                    .bandwidth_per_direction = bandwidth,
                                    .latency = link_latency};
    const DeviceId centre = builder.add({.name = "switch", .kind = DeviceKind::leaf});
    for (std::size_t i = 0; i < hosts; ++i) {
      const DeviceId host =
          builder.add({.name = "host" + std::to_string(i), .kind = DeviceKind::host});
      builder.connect(host, centre, cable);
      placement_.device_of.push_back(host);
    }
    fabric_ = std::make_shared<const topology::Fabric>(builder.finish());
  }

  void transfer(std::size_t from, std::size_t to, core::Bytes size) {
    topology::Router router(*fabric_);
    const auto route = router.route(placement_.device_of[from], placement_.device_of[to]);
    workload::Operation operation;
    operation.rank = workload::RankId(from);
    operation.peer = workload::RankId(to);
    operation.route = routes_.intern(route.value().links);
    operation.amount = size / 1_B;
    schedule_.add(operation, {});
  }

  [[nodiscard]] core::Seconds replay() {
    workload::Workload request;
    request.collective = workload::Collective::flows;
    request.algorithm = "flows";
    request.ranks = placement_.ranks();
    const workload::Problem problem(
        {.fabric = fabric_,
         .placement = placement_,
         .workload = request,
         .schedule = std::make_shared<const workload::Schedule>(schedule_.finish()),
         .routes = std::make_shared<const topology::RouteTable>(std::move(routes_)),
         .constants = {}});
    return Replay({}).run(problem).estimate.value();
  }

 private:
  std::shared_ptr<const topology::Fabric> fabric_;
  topology::Placement placement_;
  topology::RouteTable routes_;
  workload::ScheduleBuilder schedule_;
};

void expect(const std::string& what, core::Seconds replayed, core::Seconds exact) {
  if (!(std::abs(replayed / exact - 1.0) <= 1e-9)) {
    throw core::ModelError(
        fmt::format("SimGrid {} can't be trusted here: {} takes {}, and the replay says {}",
                    simgrid_version(), what, core::format(exact), core::format(replayed)));
  }
}

/// 1 MB over two links of 25 GB/s and 500 ns each: 2 × 500 ns + 1e6 / 25e9 s = 41 us.
void one_unloaded_transfer() {
  Star star(2, 25_GBps, 500_ns);
  star.transfer(0, 1, 1_MB);
  expect("one unloaded transfer", star.replay(), 41_us);
}

/// Eight sources, each 1 MB to a host of its own and 1 MB to one that all send to; 1 GB/s, 1 us per
/// link. The common host's link is the only bottleneck of what goes there: 2 us of latency, then
/// 8 × 1 MB / 1 GB/s = 8 ms. (The private ones get the other 7/8 of their source's link and are
/// done after 1 / (7/8) = 1.14 ms, which frees nothing on the common link.) Lazy updates with
/// latencies on the links miss the sharing of the common link and say 2.002 ms.
void private_and_common_flows() {
  constexpr std::size_t sources = 8;
  Star star(2 * sources + 1, 1_GBps, 1_us);
  for (std::size_t i = 0; i < sources; ++i) {
    star.transfer(i, sources + i, 1_MB);
    star.transfer(i, 2 * sources, 1_MB);
  }
  expect("the last of eight flows to one host", star.replay(), 8.002_ms);
}

}  // namespace

void self_test() {
  one_unloaded_transfer();
  private_and_common_flows();
}

}  // namespace plumbline::des

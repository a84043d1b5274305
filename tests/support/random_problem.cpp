// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_problem.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace plumbline::test {
namespace {

using core::Bandwidth;
using core::Seconds;
using topology::DeviceId;
using topology::LinkId;
using workload::OpKind;

/// SplitMix64: the same numbers with every standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// from … to, both included.
  std::uint32_t between(std::uint32_t from, std::uint32_t to) {
    return from + static_cast<std::uint32_t>(next() % (std::uint64_t{to} - from + 1));
  }

  bool one_in(std::uint32_t n) { return between(1, n) == 1; }

  double uniform(double from, double to) {
    return from + (to - from) * (static_cast<double>(next() >> 11) * 0x1.0p-53);
  }

  double log_uniform(double from, double to) {
    return std::exp(uniform(std::log(from), std::log(to)));
  }

 private:
  std::uint64_t state_;
};

topology::Fabric fabric_of(const RandomShape& shape, Dice& dice) {
  topology::FabricBuilder builder;
  for (std::uint32_t d = 0; d <= shape.links; ++d) {
    builder.add(
        {.name = "host" + std::to_string(d), .kind = topology::DeviceKind::host, .node = d});
  }
  for (std::uint32_t l = 0; l < shape.links; ++l) {
    const std::uint32_t from = dice.between(0, shape.links);
    const std::uint32_t to = (from + dice.between(1, shape.links)) % (shape.links + 1);
    const double capacity = dice.log_uniform(1e9, 100e9);
    const double latency = dice.uniform(0.0, 10e-6);
    const bool cap = dice.one_in(6);
    builder.add_link(
        DeviceId(from), DeviceId(to),
        {.name = "link" + std::to_string(l),
         .kind = topology::LinkKind::network,
         .bandwidth_per_direction = Bandwidth::from_si(capacity * shape.capacity_factor),
         .latency = Seconds::from_si(latency * shape.latency_factor),
         .sharing = cap ? topology::Sharing::unshared : topology::Sharing::full_duplex});
  }
  return builder.finish();
}

topology::RouteId route_of(const RandomShape& shape, Dice& dice, topology::RouteTable& table) {
  std::vector<std::uint32_t> links(shape.links);
  std::iota(links.begin(), links.end(), 0U);
  std::vector<LinkId> route;
  const std::uint32_t hops = dice.between(1, std::min(4U, shape.links));
  for (std::uint32_t h = 0; h < hops; ++h) {
    std::swap(links[h], links[dice.between(h, shape.links - 1)]);
    route.emplace_back(links[h]);
  }
  std::vector<topology::Share> shares;
  if (dice.one_in(4)) {
    for (std::size_t h = 0; h < route.size(); ++h) {
      const double part = 0.25 * dice.between(1, 4);
      shares.push_back({part, part});
    }
  }
  return table.intern(route, shares);
}

workload::Schedule schedule_of(const RandomShape& shape, Dice& dice, topology::RouteTable& table) {
  const std::uint32_t ranks = shape.links + 1;
  workload::ScheduleBuilder builder(workload::RankCount(ranks), 1);
  const std::uint32_t strands = dice.between(2, 2 * shape.links);
  std::vector<std::optional<std::uint32_t>> last(strands);
  for (std::uint32_t i = 0; i < shape.operations; ++i) {
    std::optional<std::uint32_t>& mine = last[dice.between(0, strands - 1)];
    std::vector<workload::Predecessor> before;
    if (mine) {
      before.push_back({.op = *mine});
    }
    if (i > 0 && dice.one_in(4)) {
      const std::uint32_t other = i - dice.between(1, std::min(i, 8U));
      if (!mine || *mine != other) {
        before.push_back({.op = other});
      }
    }
    const bool computes = dice.one_in(8);
    const std::uint32_t rank = dice.between(0, ranks - 1);
    const std::uint32_t peer = (rank + dice.between(1, ranks - 1)) % ranks;
    const topology::RouteId route = route_of(shape, dice, table);
    const OpKind transfer = dice.one_in(4) ? OpKind::reduce : OpKind::copy;
    const double bytes = dice.log_uniform(1e3, 10e6);
    const double seconds = dice.log_uniform(1e-6, 1e-3);
    const bool silent = shape.forgotten == i;
    mine = builder.add({.kind = computes ? OpKind::compute : transfer,
                        .rank = topology::RankId(rank),
                        .peer = topology::RankId(peer),
                        .route = route,
                        .amount = computes ? seconds : (silent ? 0.0 : bytes)},
                       before);
  }
  return builder.finish();
}

workload::ConstantSet constants_of(Dice& dice) {
  workload::ConstantSet constants;
  if (dice.one_in(3)) {
    constants.launch = Seconds::from_si(dice.uniform(0.0, 20e-6));
  }
  if (dice.one_in(2)) {
    constants.reduction_bandwidth = Bandwidth::from_si(dice.log_uniform(5e9, 50e9));
  }
  if (dice.one_in(4)) {
    constants.channel_rate = Bandwidth::from_si(dice.log_uniform(2e9, 50e9));
  }
  return constants;
}

}  // namespace

RandomShape random_shape(std::uint64_t seed) {
  Dice dice(seed);
  RandomShape shape{.seed = dice.next()};
  shape.operations = dice.between(3, 200);
  shape.links = dice.between(2, 16);
  return shape;
}

workload::Problem random_problem(const RandomShape& shape) {
  Dice dice(shape.seed);
  auto fabric = std::make_shared<const topology::Fabric>(fabric_of(shape, dice));
  auto routes = std::make_shared<topology::RouteTable>();
  auto schedule = std::make_shared<const workload::Schedule>(schedule_of(shape, dice, *routes));
  topology::Placement placement{
      .device_of = {fabric->endpoints().begin(), fabric->endpoints().end()},
      .description = "explicit"};
  workload::Workload workload;
  workload.collective = workload::Collective::flows;
  workload.algorithm = "flows";
  workload.ranks = placement.ranks();
  return workload::Problem({.fabric = fabric,
                            .placement = std::move(placement),
                            .workload = std::move(workload),
                            .schedule = schedule,
                            .routes = routes,
                            .constants = constants_of(dice)});
}

}  // namespace plumbline::test

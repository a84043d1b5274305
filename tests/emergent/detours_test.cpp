// SPDX-License-Identifier: Apache-2.0
// Valiant's detours on a dragonfly whose every group sends to the next: the one link between the
// two, which shortest ways share, is left, and all others carry parts.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "tests/emergent/replayed.hpp"
#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using topology::Fabric;
using topology::LinkId;
using topology::RoutingKind;

constexpr std::uint32_t groups = 9;
constexpr std::uint32_t per_group = 8;  ///< hosts

std::uint32_t group_of(const Fabric& fabric, topology::DeviceId router) {
  return static_cast<std::uint32_t>(fabric.device(router).name.at(5) - '0');  // group3_router1
}

/// One global link of 50 GB/s between each two groups; the others are too wide to matter.
std::shared_ptr<const Fabric> dragonfly() {
  const std::string wide = "{kind: network, bandwidth_per_direction: 10 TB/s, latency: 0 s}";
  return std::make_shared<const Fabric>(topology::test::fabric(
      "{builder: dragonfly, groups: 9, routers_per_group: 4, nodes_per_router: 2, "
      "globals_per_router: 2, host_link: " +
      wide + ", local_link: " + wide +
      ", global_link: {kind: network, bandwidth_per_direction: 50 GB/s, latency: 0 s}}"));
}

workload::Problem to_next_group(const std::shared_ptr<const Fabric>& fabric,
                                topology::Routing routing) {
  Pairs pairs;
  const auto hosts = fabric->endpoints();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    pairs.emplace_back(hosts[i], hosts[(i + per_group) % hosts.size()]);
  }
  return flows(fabric, pairs, core::Bytes::from_si(1e9), routing);
}

/// Crossings of the global link from one group to another, by the two.
std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> between_groups(
    const workload::Problem& problem) {
  const Fabric& fabric = problem.fabric();
  const std::vector<std::uint32_t> count = crossings(problem);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> result;
  for (std::size_t i = 0; i < count.size(); ++i) {
    const topology::Link& link = fabric.link(LinkId(i));
    if (link.global) {
      result[{group_of(fabric, link.from), group_of(fabric, link.to)}] += count[i];
    }
  }
  return result;
}

TEST_CASE(
    "shortest ways: all of a group share the one link to the next, and nothing else is used") {
  const auto problem = to_next_group(dragonfly(), {});
  for (const auto& [ends, count] : between_groups(problem)) {
    CHECK(count == (ends.second == (ends.first + 1) % groups ? per_group : 0));
  }
  CHECK(replayed(problem) == Approx(per_group * 20e-3).epsilon(1e-9));
}

TEST_CASE("valiant: 16/7 flows cross each other global link on average, and none the short one") {
  // Each of the 72 flows goes by one of the 7 groups that are neither end's, all equally likely.
  // The link from a to b, b ≠ a + 1, has the 8 flows of a that go by b and the 8 for b that go by
  // a: 16 trials of 1/7, of mean 16/7 and variance 16·6/49.
  constexpr std::uint64_t seeds = 200;
  const auto fabric = dragonfly();
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> sum;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto problem = to_next_group(fabric, {.kind = RoutingKind::valiant, .seed = seed});
    for (const auto& [ends, count] : between_groups(problem)) {
      sum[ends] += count;
    }
  }
  REQUIRE(sum.size() == groups * (groups - 1));
  const double error = std::sqrt(16.0 * 6 / 49 / seeds);
  double total = 0.0;
  double squares = 0.0;
  for (const auto& [ends, crossed] : sum) {
    INFO("group " << ends.first << " to " << ends.second);
    total += crossed;
    if (ends.second == (ends.first + 1) % groups) {
      CHECK(crossed == 0.0);
    } else {
      const double off = (crossed / seeds - 16.0 / 7) / error;
      CHECK(std::abs(off) <= 4.0);  // 63 links: one beyond 4 with probability 0.4 %
      squares += off * off;
    }
  }
  CHECK(total == 72.0 * 2 * seeds);
  CHECK(squares / 63 <= 1.0 + 3 * std::sqrt(2.0 / 63));  // of unit variance, about normal
}

std::uint32_t fullest(const workload::Problem& problem) {
  std::uint32_t most = 0;
  for (const auto& [ends, count] : between_groups(problem)) {
    most = std::max(most, count);
  }
  return most;
}

/// Of 16 trials of 1/7, `least` or more.
double successes(std::uint32_t least) {
  double sum = 0.0;
  for (std::uint32_t k = least; k <= 16; ++k) {
    const double ways = std::tgamma(17.0) / std::tgamma(k + 1.0) / std::tgamma(17.0 - k);
    sum += ways * std::pow(1.0 / 7, k) * std::pow(6.0 / 7, 16 - k);
  }
  return sum;
}

TEST_CASE("valiant: the replay takes as long as the fullest global link") {
  // With k flows there it takes k · 20 ms at least. At most k flows share either link of a flow,
  // so that max-min never gives it less than a k-th: it has ended by then.
  const auto fabric = dragonfly();
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto problem = to_next_group(fabric, {.kind = RoutingKind::valiant, .seed = seed});
    CHECK(replayed(problem) == Approx(fullest(problem) * 20e-3).epsilon(1e-9));
  }
}

TEST_CASE("valiant: on average the fullest link has fewer flows than the one of shortest ways") {
  // One of 63 links has k flows or more with probability min(1, 63·P(Bin(16, 1/7) ≥ k)) at most;
  // summed over k that bounds the mean: 6.3 flows, where shortest ways have 8.
  double bound = 0.0;
  for (std::uint32_t k = 1; k <= 16; ++k) {
    bound += std::min(1.0, 63 * successes(k));
  }
  CHECK(bound < per_group);
  constexpr std::uint64_t seeds = 200;
  const auto fabric = dragonfly();
  double sum = 0.0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    sum += fullest(to_next_group(fabric, {.kind = RoutingKind::valiant, .seed = seed}));
  }
  INFO("mean " << sum / seeds << ", at most " << bound);
  CHECK(sum / seeds <= bound);
  CHECK(sum / seeds >= 16.0 / 7);
}

}  // namespace
}  // namespace plumbline::test

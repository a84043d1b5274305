// SPDX-License-Identifier: Apache-2.0
// ECMP: flows that a hash puts on equal uplinks collide like balls thrown into bins.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "tests/emergent/replayed.hpp"
#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using topology::Fabric;
using topology::LinkId;
using topology::Routing;
using topology::RoutingKind;

constexpr std::uint32_t hosts = 8;  ///< under each of two leaves
constexpr std::uint32_t uplinks = 4;

/// As many ways to throw m balls into u bins of at most k each as m!·[x^m] (Σ_{j≤k} x^j/j!)^u, of
/// u^m: bin by bin, ways[i] being the coefficient of x^i so far.
double at_most(std::uint32_t k) {
  std::vector<double> ways(hosts + 1, 0.0);
  ways[0] = 1.0;
  for (std::uint32_t bin = 0; bin < uplinks; ++bin) {
    std::vector<double> next(hosts + 1, 0.0);
    for (std::uint32_t before = 0; before <= hosts; ++before) {
      for (std::uint32_t j = 0; j <= std::min(k, hosts - before); ++j) {
        next[before + j] += ways[before] / std::tgamma(j + 1.0);
      }
    }
    ways = next;
  }
  return ways[hosts] * std::tgamma(hosts + 1.0) / std::pow(uplinks, hosts);
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};

/// Of the fullest bin.
Moments of_fullest() {
  Moments result;
  double square = 0.0;
  for (std::uint32_t k = 1; k <= hosts; ++k) {
    const double exactly = at_most(k) - at_most(k - 1);
    result.mean += k * exactly;
    square += k * k * exactly;
  }
  result.variance = square - result.mean * result.mean;
  return result;
}

/// Every link 50 GB/s and no latency, so that an uplink with k flows takes k times a flow's time.
std::shared_ptr<const Fabric> two_leaves() {
  const std::string cable = "{kind: network, bandwidth_per_direction: 50 GB/s, latency: 0 s}";
  return std::make_shared<const Fabric>(topology::test::fabric(
      "{builder: fat_tree, nodes: 16, nodes_per_leaf: 8, spines: 4, uplinks: 1, host_link: " +
      cable + ", uplink: " + cable + "}"));
}

/// Host i sends to host i + 8, under the other leaf.
workload::Problem across(const std::shared_ptr<const Fabric>& fabric, Routing routing) {
  Pairs pairs;
  for (std::uint32_t i = 0; i < hosts; ++i) {
    pairs.emplace_back(fabric->endpoints()[i], fabric->endpoints()[i + hosts]);
  }
  return flows(fabric, pairs, core::Bytes::from_si(1e9), routing);
}

std::uint32_t fullest_uplink(const workload::Problem& problem) {
  const std::vector<std::uint32_t> count = crossings(problem);
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < count.size(); ++i) {
    const topology::Link& link = problem.fabric().link(LinkId(i));
    if (problem.fabric().device(link.to).kind == topology::DeviceKind::spine) {
      most = std::max(most, count[i]);
    }
  }
  return most;
}

TEST_CASE("Small cases of the fullest of four bins, by counting") {
  // 8 balls: all in one bin 4 / 4^8; two in each 8! / 2!^4 / 4^8 = 2520 / 65536.
  CHECK(at_most(1) == 0.0);
  CHECK(at_most(2) == Approx(2520.0 / 65536));
  CHECK(at_most(8) - at_most(7) == Approx(4.0 / 65536));
  CHECK(at_most(8) == Approx(1.0));
}

TEST_CASE("ecmp: the fullest of 4 uplinks has as many of 8 flows as of balls thrown") {
  constexpr std::uint64_t seeds = 1000;
  const auto fabric = two_leaves();
  double sum = 0.0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    sum += fullest_uplink(across(fabric, {.kind = RoutingKind::ecmp, .seed = seed}));
  }
  const Moments expected = of_fullest();
  const double error = std::sqrt(expected.variance / seeds);
  INFO("mean " << sum / seeds << ", expected " << expected.mean << " +- " << error);
  CHECK(std::abs(sum / seeds - expected.mean) <= 3 * error);
  CHECK(expected.mean > 2 + 10 * error);  // far from the two of an even spread
}

TEST_CASE(
    "ecmp: the replay takes as long as the fullest uplink; the destination's number spreads") {
  const auto fabric = two_leaves();
  std::vector<std::uint32_t> seen;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    const auto problem = across(fabric, {.kind = RoutingKind::ecmp, .seed = seed});
    seen.push_back(fullest_uplink(problem));
    CHECK(replayed(problem) == Approx(seen.back() * 20e-3).epsilon(1e-9));
  }
  CHECK(*std::ranges::min_element(seen) < *std::ranges::max_element(seen));
  // Consecutive destinations, two on each uplink; in parts likewise.
  CHECK(replayed(across(fabric, {})) == Approx(40e-3).epsilon(1e-9));
  CHECK(replayed(across(fabric, {.kind = RoutingKind::adaptive})) == Approx(40e-3).epsilon(1e-9));
}

}  // namespace
}  // namespace plumbline::test

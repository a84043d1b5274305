// SPDX-License-Identifier: Apache-2.0
// Change a problem in a way whose effect is known, and everything that is computed from it must
// follow: bounds, predictions and replay.
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "analytic/solver.hpp"
#include "core/text.hpp"
#include "des/replay.hpp"
#include "gate/transforms.hpp"
#include "tests/conformance/cases.hpp"

namespace {

using namespace plumbline;               // NOLINT(google-build-using-namespace): a test
using namespace plumbline::conformance;  // NOLINT(google-build-using-namespace): a test
using namespace plumbline::core::literals;
using gate::Factors;
using workload::Collective;
using workload::Problem;

constexpr double slack = 1e-9;

double replay_time(const Problem& problem) {
  return des::Replay({}).run(problem).estimate->si();
}

/// Seconds by what computed them. A solver that refuses has no entry.
using Times = std::map<std::string, double>;

Times times_of(const Problem& problem) {
  Times times{{"replay", replay_time(problem)}};
  for (const workload::Bound& bound : analytic::all_bounds(problem).bounds) {
    // a bound's name may be there once per scope and side
    times[fmt::format("{} ({}, {})", bound.name, to_text(bound.scope), to_text(bound.side))] =
        bound.value.si();
  }
  for (const analytic::SolverEntry* entry : analytic::solvers::all()) {
    if (entry->bound || entry->schema != nullptr) {
      continue;  // options hold times of their own
    }
    const auto engine = entry->make(nullptr);
    if (engine->accepts(problem).valid) {
      times[std::string(entry->name)] = engine->run(problem).estimate->si();
    }
  }
  return times;
}

/// What differs from `factor` times before, in words.
std::vector<std::string> differences(const Times& before, const Times& after, double factor) {
  std::vector<std::string> found;
  for (const auto& [name, time] : before) {
    const auto other = after.find(name);
    if (other == after.end()) {
      found.push_back(name + " has no answer any more");
    } else if (std::abs(other->second - factor * time) > slack * std::abs(factor * time)) {
      found.push_back(
          fmt::format("{} goes from {} to {}, not times {}", name, time, other->second, factor));
    }
  }
  if (after.size() > before.size()) {
    found.push_back("something answers that did not");
  }
  return found;
}

/// One case of each generator, variant and set of constants on a fabric, as large as it can be.
std::vector<Case> largest_cases(const NamedFabric& fabric, std::string_view placement) {
  std::vector<Case> chosen;
  for (Case& item : cases_on(fabric)) {
    const topology::Placement& where = item.problem.placement();
    if (where.description == placement &&
        where.device_of.size() == fabric.fabric->endpoints().size()) {
      chosen.push_back(std::move(item));
    }
  }
  REQUIRE_FALSE(chosen.empty());
  return chosen;
}

const NamedFabric& fabric(std::string_view name) {
  static const std::vector<NamedFabric> all = all_fabrics();
  return *std::ranges::find(all, name, &NamedFabric::name);
}

template <class Change>
void must_scale(std::string_view name, double factor, Change change) {
  for (const Case& item : largest_cases(fabric(name), "random {seed: 1}")) {
    const auto [before, after] = change(item.problem);
    const auto found = differences(times_of(before), times_of(after), factor);
    INFO(item.name << "\n" << core::join(found, "\n"));
    CHECK(found.empty());
  }
}

/// Every fabric: unequal cables, trees, rails.
std::string any_fabric() {
  return GENERATE(as<std::string>{}, "explicit", "fat_tree", "fat_tree-rails", "nvswitch_node",
                  "pcie_tree");
}

/// The same request with other devices below its ranks.
Problem moved(const Problem& problem, const std::string& placement) {
  workload::Workload workload = problem.workload();
  const topology::Placement to =
      placement_from(placement, problem.fabric(), problem.placement().ranks().value);
  for (workload::Flow& flow : workload.flows) {
    std::vector<topology::DeviceId*> stops{&flow.from, &flow.to};
    std::ranges::transform(flow.via, std::back_inserter(stops), [](auto& via) { return &via; });
    for (topology::DeviceId* device : stops) {
      const auto& from = problem.placement().device_of;
      *device =
          to.device_of[static_cast<std::size_t>(std::ranges::find(from, *device) - from.begin())];
    }
  }
  return workload::make_problem(std::make_shared<const topology::Fabric>(problem.fabric()), to,
                                std::move(workload), problem.constants());
}

Problem ring(const std::string& fabric_yaml, Collective collective, std::uint32_t channels) {
  const auto fabric = fabric_from(fabric_yaml);
  const auto ranks = static_cast<std::uint32_t>(fabric->endpoints().size());
  workload::Workload workload;
  workload.collective = collective;
  workload.algorithm = "ring";
  workload.size = 1_MiB;
  workload.ranks = topology::RankCount(ranks);
  workload.channels = channels;
  return workload::make_problem(fabric, placement_from("packed", *fabric, ranks),
                                std::move(workload), {});
}

}  // namespace

TEST_CASE("every latency and every 1/bandwidth times k: every time is times k") {
  const double k = 3.7;
  must_scale(any_fabric(), k, [&](const Problem& problem) {
    return std::pair(problem, gate::scaled(problem, {.latency = k, .rate = 1.0 / k, .compute = k}));
  });
}

TEST_CASE("twice the bytes take twice the time where nothing has a latency") {
  must_scale(any_fabric(), 2.0, [](const Problem& problem) {
    // a pipeline's stages and the flows' start times are times too
    return std::pair(gate::scaled(problem, {.latency = 0.0}),
                     gate::scaled(problem, {.latency = 0.0, .bytes = 2.0, .compute = 2.0}));
  });
}

TEST_CASE("an endpoint that no rank sits on and its cable change nothing") {
  must_scale(any_fabric(), 1.0, [](const Problem& problem) {
    return std::pair(problem, gate::with_spare_endpoint(problem));
  });
}

TEST_CASE("a schedule written out takes the time of its compact form") {
  must_scale(any_fabric(), 1.0,
             [](const Problem& problem) { return std::pair(problem, gate::expanded(problem)); });
}

TEST_CASE("relabelled ranks take the same time where all devices are alike") {
  must_scale("nvswitch_node", 1.0, [](const Problem& problem) {
    return std::pair(problem, moved(problem, "[gpu3, gpu0, gpu7, gpu5, gpu1, gpu6, gpu2, gpu4]"));
  });
}

TEST_CASE("ranks moved on by a whole leaf take the same time") {
  // Routes choose among two spines by the destination's number: moved by four, the same parity.
  std::string list;
  for (unsigned host = 0; host < 16; ++host) {
    list += fmt::format("{}host{}", host == 0 ? "[" : ", ", (host + 4) % 16);
  }
  for (const Case& item : largest_cases(fabric("fat_tree"), "packed")) {
    const auto found =
        differences(times_of(item.problem), times_of(moved(item.problem, list + "]")), 1.0);
    INFO(item.name << "\n" << core::join(found, "\n"));
    CHECK(found.empty());
  }
}

TEST_CASE("relabelling is noticed where devices differ") {
  // In order a, b, c, d, e every hop of a ring is another than in order a, c, e, b, d, and the
  // cables are all unlike: were the times equal, the comparison above would be blind.
  std::size_t noticed = 0;
  for (const Case& item : largest_cases(fabric("explicit"), "packed")) {
    const Times moved_times = times_of(moved(item.problem, "[a, c, e, b, d]"));
    noticed += differences(times_of(item.problem), moved_times, 1.0).empty() ? 0U : 1U;
  }
  CHECK(noticed > 10);
}

TEST_CASE("a changed factor is noticed") {
  const Problem problem = largest_cases(fabric("fat_tree"), "packed").front().problem;
  const Times before = times_of(problem);
  CHECK(differences(before, before, 1.0).empty());
  CHECK(differences(before, before, 1.0 + 1e-8).size() == before.size());
  const Times slower = times_of(gate::scaled(problem, {.latency = 1.0 + 1e-6}));
  CHECK_FALSE(differences(before, slower, 1.0).empty());
  Times fewer = before;
  fewer.erase("replay");
  CHECK(differences(before, fewer, 1.0).size() == 1);
  CHECK(differences(fewer, before, 1.0).size() == 1);
}

TEST_CASE("a ring's all-reduce is its reduce-scatter followed by its all-gather") {
  // All hops alike, so that the ranks stay in step and the second phase starts as if alone.
  const std::string fabric_yaml =
      GENERATE(as<std::string>{},
               "{builder: nvswitch_node, gpus: 8, links_per_gpu: 1, link: {kind: nvlink, "
               "bandwidth_per_direction: 50 GB/s, latency: 250 ns}}",
               "{builder: fat_tree, nodes: 6, nodes_per_leaf: 6, host_link: {kind: network, "
               "bandwidth_per_direction: 25 GB/s, latency: 1 us}}");
  const std::uint32_t channels = GENERATE(1U, 2U);
  const Times whole = times_of(ring(fabric_yaml, Collective::all_reduce, channels));
  const Times scatter = times_of(ring(fabric_yaml, Collective::reduce_scatter, channels));
  const Times gather = times_of(ring(fabric_yaml, Collective::all_gather, channels));
  for (const char* name : {"replay", "uncontended"}) {
    INFO(name);
    CHECK(whole.at(name) == Approx(scatter.at(name) + gather.at(name)).epsilon(slack));
  }
  CHECK(whole.at("ring_all_reduce") ==
        Approx(scatter.at("ring_reduce_scatter") + gather.at("ring_all_gather")).epsilon(slack));
}

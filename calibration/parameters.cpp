// SPDX-License-Identifier: Apache-2.0
#include "calibration/parameters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "core/diagnostic.hpp"
#include "core/units.hpp"

namespace plumbline::calibration {
namespace {

using workload::ConstantSet;
using workload::PathClass;
using workload::Problem;
using workload::Protocol;
using What = Place::What;

// How far from the prior a fit may go (see the header).
constexpr double latency_span = 30.0;
constexpr double least_extra_launch = 0.01;
constexpr double most_extra_launch = 10.0;
constexpr std::array<double, workload::protocol_count> wire_spans{1.0, 64.0, 16.0, 4.0};
constexpr double first_flight = 0.7;  // of the leanest protocol's step
constexpr double flight_factor = 2.0;
constexpr double shortest_flight = 1.0 / 8.0;  // of the first
constexpr double longest_flight = 4.0;
constexpr double least_tree_ratio = 0.25;
constexpr double most_tree_ratio = 32.0;
constexpr double prior_factor = 4.0;  // one standard deviation
constexpr double least_efficiency = 0.01;

class Declaration {
 public:
  /// `overlapping`: messages of one channel may be under way at once.
  Declaration(const Usage& usage, bool overlapping, const ConstantSet& prior)
      : usage_(usage), overlapping_(overlapping), prior_(prior) {}

  std::vector<Parameter> run() {
    launches();
    for (const auto& [protocol, path] : usage_.steps) {
      if (protocol != Protocol::none) {
        steps(protocol, path);
      }
    }
    if (overlapping_ && uses(PathClass::net)) {
      flight();
    }
    if (usage_.trees_on_network && usage_.others_on_network) {
      add("tree_ratio", Measure::ratio, {.what = What::tree_ratio}, least_tree_ratio,
          most_tree_ratio, prior_.tree_ratio, 1.0);
    }
    if (several_pcie_classes() || !uses_protocols()) {
      for (const std::string& name : usage_.pcie_links) {
        add(fmt::format("links.{}.efficiency", name), Measure::ratio,
            {.what = What::link_efficiency, .link_class = name}, least_efficiency, 1.0, 1.0, 1.0);
      }
    }
    return std::move(parameters_);
  }

 private:
  /// Nothing is without a launch or a step, and no link carries its raw rate, which is what
  /// Simple's wire ratio or the links' efficiencies say.
  [[nodiscard]] static bool always_fitted(const Place& place) {
    return place.what == What::launch || place.what == What::step_latency ||
           place.what == What::link_efficiency ||
           (place.what == What::wire_ratio && place.protocol == Protocol::simple);
  }

  void add(std::string name, Measure measure, const Place& place, double low, double high,
           double start, double neutral) {
    parameters_.push_back(
        {.name = std::move(name),
         .measure = measure,
         .place = place,
         .range = {std::log(low), std::log(high)},
         .start = std::log(std::clamp(start, low, high)),
         .neutral = std::log(neutral),
         .optional = !always_fitted(place),
         .prior = {
             .mean = std::log(std::clamp(start, low, high)),
             .deviation = std::log(place.what == What::flight ? flight_factor : prior_factor)}});
  }

  void launches() {
    const double launch = prior_.launch.si();
    if (!(launch > 0.0) && !uses_protocols()) {
      return;  // copies alone, of which the prior says that they cost their bytes
    }
    if (!(launch > 0.0)) {
      throw core::ModelError("the prior has no launch: a fit needs a scale to start from");
    }
    add("launch", Measure::seconds, {.what = What::launch}, launch / latency_span,
        launch * latency_span, launch, launch / latency_span);
    const double low = launch * least_extra_launch;
    const double high = launch * most_extra_launch;
    if (uses(PathClass::net)) {
      add("network_launch", Measure::seconds, {.what = What::network_launch}, low, high,
          prior_.network_launch.si(), low);
    }
    // Launches of all protocols and the common one can't be told apart: the first has none.
    std::set<Protocol> protocols;
    for (const auto& [protocol, path] : usage_.steps) {
      protocols.insert(protocol);
    }
    protocols.erase(Protocol::none);
    for (auto at = protocols.begin(); at != protocols.end(); ++at) {
      if (at != protocols.begin()) {
        add(fmt::format("protocols.{}.launch", to_text(*at)), Measure::seconds,
            {.what = What::protocol_launch, .protocol = *at}, low, high,
            prior_.protocol_launch[static_cast<std::size_t>(*at)].si(), low);
      }
    }
  }

  void steps(Protocol protocol, PathClass path) {
    const workload::StepConstants& step =
        prior_.steps[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(path)];
    const double latency = step.step_latency.si();
    const std::string at = fmt::format("protocols.{}.{}", to_text(protocol), to_text(path));
    if (!(latency > 0.0)) {
      throw core::ModelError(
          fmt::format("the prior has no {}.step_latency: a fit needs a scale to start from", at));
    }
    add(at + ".step_latency", Measure::seconds,
        {.what = What::step_latency, .protocol = protocol, .path = path}, latency / latency_span,
        latency * latency_span, latency, latency / latency_span);
    if (path == PathClass::pcie && protocol == Protocol::simple && several_pcie_classes() &&
        !several_pcie_protocols()) {
      return;
    }
    add(at + ".wire_ratio", Measure::ratio,
        {.what = What::wire_ratio, .protocol = protocol, .path = path}, step.wire_ratio,
        step.wire_ratio * wire_spans[static_cast<std::size_t>(protocol)], step.wire_ratio,
        step.wire_ratio);
  }

  /// Declared after the steps, of which it is a part.
  void flight() {
    core::Seconds leanest = core::Seconds::infinity();
    for (const auto& [protocol, path] : usage_.steps) {
      if (path == PathClass::net && protocol != Protocol::none) {
        leanest = std::min(
            leanest,
            prior_.steps[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(path)]
                .step_latency);
      }
    }
    if (leanest < core::Seconds::infinity()) {
      const double start = leanest.si() * first_flight;
      add("protocols.*.net.flight", Measure::seconds, {.what = What::flight},
          start * shortest_flight, start * longest_flight, start, start);
    }
  }

  [[nodiscard]] bool uses_protocols() const {
    return std::ranges::any_of(usage_.steps,
                               [](const auto& step) { return step.first != Protocol::none; });
  }

  [[nodiscard]] bool uses(PathClass path) const {
    return std::ranges::any_of(usage_.steps, [&](const auto& step) { return step.second == path; });
  }

  [[nodiscard]] bool several_pcie_protocols() const {
    return std::ranges::count_if(usage_.steps, [](const auto& step) {
             return step.second == PathClass::pcie && step.first != Protocol::none;
           }) > 1;
  }

  [[nodiscard]] bool several_pcie_classes() const { return usage_.pcie_links.size() > 1; }

  const Usage& usage_;
  bool overlapping_;
  const ConstantSet& prior_;
  std::vector<Parameter> parameters_;
};

void put(ConstantSet& set, const Place& place, double value) {
  const auto protocol = static_cast<std::size_t>(place.protocol);
  const auto path = static_cast<std::size_t>(place.path);
  switch (place.what) {
    case What::launch:
      set.launch = core::Seconds::from_si(value);
      return;
    case What::network_launch:
      set.network_launch = core::Seconds::from_si(value);
      return;
    case What::protocol_launch:
      set.protocol_launch[protocol] = core::Seconds::from_si(value);
      return;
    case What::step_latency:
      set.steps[protocol][path].step_latency = core::Seconds::from_si(value);
      return;
    case What::wire_ratio:
      set.steps[protocol][path].wire_ratio = value;
      return;
    case What::flight:
      for (auto& of_protocol : set.steps) {
        workload::StepConstants& step = of_protocol[static_cast<std::size_t>(PathClass::net)];
        const double latency = step.step_latency.si();
        step.occupancy = latency > value ? 1.0 - value / latency : 0.0;
      }
      return;
    case What::tree_ratio:
      set.tree_ratio = value;
      return;
    case What::link_efficiency:
      set.links[place.link_class].efficiency = value;
      return;
    case What::link_latency:
      set.links[place.link_class].extra_latency = core::Seconds::from_si(value);
      return;
  }
}

}  // namespace

Usage usage_of(const Problem& problem) {
  const topology::Fabric& fabric = problem.fabric();
  const std::span<const workload::Operation> operations = problem.schedule().operations();
  const std::vector<bool> tree = problem.schedule().along_trees();
  Usage usage;
  std::set<topology::RouteId> seen;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    const workload::Operation& op = operations[i];
    if (!op.is_transfer()) {
      continue;
    }
    const PathClass path = problem.costs().path(problem.costs().path_of(i)).path_class;
    usage.steps.emplace(op.protocol, path);
    if (path == PathClass::net) {
      (tree[i] ? usage.trees_on_network : usage.others_on_network) = true;
    }
    if (!seen.insert(op.route).second) {
      continue;
    }
    for (const topology::LinkId link : problem.routes().links(op.route)) {
      const std::string& name = fabric.link_classes()[fabric.link(link).link_class];
      usage.links.insert(name);
      if (path == PathClass::pcie) {
        usage.pcie_links.insert(name);
      }
    }
  }
  return usage;
}

bool matters(const Parameter& parameter, const Usage& usage) {
  const Place& place = parameter.place;
  switch (place.what) {
    case What::launch:
      return true;
    case What::network_launch:
    case What::flight:
      return std::ranges::any_of(usage.steps,
                                 [](const auto& at) { return at.second == PathClass::net; });
    case What::protocol_launch:
      return std::ranges::any_of(usage.steps,
                                 [&](const auto& at) { return at.first == place.protocol; });
    case What::step_latency:
    case What::wire_ratio:
      return usage.steps.contains({place.protocol, place.path});
    case What::tree_ratio:
      return usage.trees_on_network;
    case What::link_efficiency:
    case What::link_latency:
      return usage.links.contains(place.link_class);
  }
  throw core::InternalError("a parameter of no kind");
}

std::vector<Parameter> declare_parameters(std::span<const Problem* const> problems,
                                          const ConstantSet& prior) {
  Usage all;
  bool overlapping = false;
  for (const Problem* problem : problems) {
    Usage usage = usage_of(*problem);
    all.steps.merge(usage.steps);
    all.links.merge(usage.links);
    all.pcie_links.merge(usage.pcie_links);
    all.trees_on_network = all.trees_on_network || usage.trees_on_network;
    all.others_on_network = all.others_on_network || usage.others_on_network;
    overlapping = overlapping || problem->workload().slots > 1;
  }
  return Declaration(all, overlapping, prior).run();
}

ConstantSet constants_at(const ConstantSet& base, std::span<const Parameter> parameters,
                         std::span<const double> theta, double bytes) {
  ConstantSet set = base;
  for (std::size_t j = 0; j < parameters.size(); ++j) {
    put(set, parameters[j].place, std::exp(theta[j]));
  }
  for (auto& of_protocol : set.steps) {
    for (workload::StepConstants& step : of_protocol) {
      step.wire_ratio *= bytes;
    }
  }
  return set;
}

std::string value_text(const Parameter& parameter, double value) {
  switch (parameter.measure) {
    case Measure::seconds:
      return core::display(core::Seconds::from_si(value));
    case Measure::ratio:
      break;
  }
  return fmt::format("{:.4g}", value);
}

}  // namespace plumbline::calibration

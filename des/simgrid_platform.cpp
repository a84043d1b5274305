// SPDX-License-Identifier: Apache-2.0
#include "des/simgrid_platform.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string>

#include <simgrid/s4u.hpp>

#include "core/diagnostic.hpp"
#include "des/replay.hpp"

// Last: it needs the macros of SimGrid's other headers.
#include <simgrid/version.h>

namespace plumbline::des {

namespace {

namespace s4u = simgrid::s4u;
using workload::Costs;
using workload::Dag;
using workload::Operation;
using workload::OpId;
using workload::PathId;

// 3.33 renamed two options.
constexpr bool renamed = SIMGRID_VERSION >= 33300;
constexpr const char* timing_precision =
    renamed ? "--cfg=precision/timing:1e-12" : "--cfg=surf/precision:1e-12";
constexpr const char* work_precision =
    renamed ? "--cfg=precision/work-amount:1e-9" : "--cfg=maxmin/precision:1e-9";

/// Configures SimGrid and starts its engine, which stays until the process ends.
void start_engine() {
  static std::vector<std::string> arguments{
      "plumbline",
      "--log=root.thres:warning",
      "--cfg=network/model:CM02",
      "--cfg=network/solver:maxmin",
      "--cfg=network/optim:Lazy",
      "--cfg=network/weight-S:0",
      "--cfg=network/TCP-gamma:0",
      "--cfg=network/crosstraffic:no",
      "--cfg=debug/verbose-exit:no",
      timing_precision,
      work_precision,
  };
  static std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  static int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  static const s4u::Engine engine(&count, pointers.data());
}

/// The power of two that brings a positive `value` into [2^(exponent−1), 2^exponent); 1 where there
/// is nothing to scale. Powers of two keep every double's digits.
double scale_to(double value, int exponent) {
  int own = 0;
  std::frexp(value, &own);
  return value > 0.0 ? std::ldexp(1.0, exponent - own) : 1.0;
}

std::vector<s4u::Host*> make_hosts(s4u::NetZone& zone, const std::string& prefix,
                                   std::size_t count) {
  std::vector<s4u::Host*> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back(zone.create_host(prefix + std::to_string(i), 1.0));
  }
  return hosts;
}

s4u::Link* make_link(s4u::NetZone& zone, const std::string& name, double bandwidth) {
  return zone.create_link(name, bandwidth)->set_latency(0.0);
}

s4u::NetZone* make_zone() {
  start_engine();
  return s4u::create_full_zone("fabric");
}

}  // namespace

Scales choose_scales(const Dag& dag, const Costs& costs) {
  std::vector<double> end(dag.size());
  double largest = 0.0;
  double longest = 0.0;
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const Operation& op = dag.operations[i];
    const auto before = dag.before(OpId(i));
    double start = before.empty() ? costs.launch().si() : 0.0;
    for (const OpId predecessor : before) {
      start = std::max(start, end[predecessor.index()]);
    }
    end[i] = start + costs.uncontended(op, dag.origin[i]).si();
    longest = std::max(longest, end[i]);
    if (op.is_transfer()) {
      largest = std::max(largest, costs.wire_bytes(op, costs.path_of(dag.origin[i])).si());
    }
  }
  if (!std::isfinite(longest) || !std::isfinite(largest)) {
    throw core::ModelError("an operation of this schedule takes for ever");
  }
  return {scale_to(largest, 60), scale_to(longest, 1)};
}

std::optional<unsigned> common_unit(const Costs& costs) {
  // Shares are sums of a few products of 1/k: this far from whole is rounding.
  constexpr double rounding = 1e-9;
  const auto whole = [&](unsigned unit) {
    for (std::size_t i = 0; i < costs.paths().size(); ++i) {
      for (const workload::Use& use : costs.uses(PathId(i))) {
        const double times = use.weight * unit;
        if (std::abs(times - std::round(times)) > rounding * unit) {
          return false;
        }
      }
    }
    return true;
  };
  for (unsigned unit = 1; unit <= most_shares; ++unit) {
    if (whole(unit)) {
      return unit;
    }
  }
  return std::nullopt;
}

Platform::Platform(const Costs& costs, const std::vector<PathId>& used, Scales scales)
    : costs_(costs),
      unit_(common_unit(costs).value()),
      rate_scale_(scales.bytes / scales.seconds),
      zone_(make_zone()),
      links_(costs.resources().size(), nullptr),
      pairs_(costs.paths().size()) {
  const auto side =
      static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(used.size()))));
  const std::vector<s4u::Host*> sources = make_hosts(*zone_, "source", side);
  const std::vector<s4u::Host*> destinations = make_hosts(*zone_, "destination", side);
  for (std::size_t i = 0; i < used.size(); ++i) {
    pairs_[used[i].index()] = {sources[i / side], destinations[i % side]};
    add_route(used[i], pairs_[used[i].index()]);
  }
  zone_->seal();
}

s4u::Link* Platform::shared_link(workload::ResourceId resource) {
  s4u::Link*& link = links_[resource.index()];
  if (link == nullptr) {
    const core::Bandwidth capacity = costs_.resources()[resource.index()].capacity;
    link = make_link(*zone_, "resource" + std::to_string(resource.index()),
                     capacity.si() * unit_ * rate_scale_);
    link->seal();
  }
  return link;
}

/// A resource of weight k is named k units times, which takes as many shares of it. The path's own
/// cap is a link of which everyone gets the whole.
void Platform::add_route(PathId id, HostPair pair) {
  std::vector<s4u::LinkInRoute> route;
  for (const workload::Use& use : costs_.uses(id)) {
    if (!std::isinf(costs_.resources()[use.resource.index()].capacity.si())) {
      route.insert(route.end(), static_cast<std::size_t>(std::lround(use.weight * unit_)),
                   s4u::LinkInRoute(shared_link(use.resource)));
    }
  }
  if (const double cap = costs_.path(id).cap.si(); !std::isinf(cap)) {
    s4u::Link* const link =
        make_link(*zone_, "cap" + std::to_string(id.index()), cap * rate_scale_);
    link->set_sharing_policy(s4u::Link::SharingPolicy::FATPIPE)->seal();
    route.emplace_back(link);
  }
  zone_->add_route(pair.source->get_netpoint(), pair.destination->get_netpoint(), nullptr, nullptr,
                   route, false);
}

std::string simgrid_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  sg_version_get(&major, &minor, &patch);
  return patch == 0 ? fmt::format("{}.{}", major, minor)
                    : fmt::format("{}.{}.{}", major, minor, patch);
}

}  // namespace plumbline::des

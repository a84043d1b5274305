// SPDX-License-Identifier: Apache-2.0
// The constants that a fit may change, and what they may be.
#pragma once

#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/response.hpp"
#include "core/quantity.hpp"
#include "workload/constants.hpp"
#include "workload/problem.hpp"

namespace plumbline::calibration {

/// What a constant is: how its logarithm becomes a value, and the unit that people read.
enum class Measure : std::uint8_t { seconds, ratio };

/// Where a parameter lives in a ConstantSet.
struct Place {
  enum class What : std::uint8_t {
    launch,
    network_launch,
    protocol_launch,
    step_latency,
    wire_ratio,
    flight,  ///< of a step between machines: the part for which the sender is not busy
    tree_ratio,
    link_efficiency,
    link_latency
  };

  What what = What::launch;
  workload::Protocol protocol = workload::Protocol::none;
  workload::PathClass path = workload::PathClass::nvlink;
  std::string link_class{};
};

struct Parameter {
  std::string name;  ///< its place in a constants file: `protocols.ll.net.step_latency`
  Measure measure = Measure::seconds;
  Place place;
  Range range;           ///< of the logarithm
  double start = 0.0;    ///< the logarithm of the prior's value, inside the range
  double neutral = 0.0;  ///< the logarithm at which it has least effect
  bool optional = true;  ///< whether a fit may do without it, at its neutral value
  Prior prior;  ///< weak: it settles what the points leave open, and which protocol is which
};

/// What of the constants a schedule's time may depend on.
struct Usage {
  std::set<std::pair<workload::Protocol, workload::PathClass>> steps;
  std::set<std::string> links;       ///< classes of all that is crossed
  std::set<std::string> pcie_links;  ///< of PCIe paths alone
  bool trees_on_network = false;
  bool others_on_network = false;  ///< transfers of other schedules
};

[[nodiscard]] Usage usage_of(const workload::Problem& problem);

/// Whether the parameter may change the time of a schedule that uses this.
[[nodiscard]] bool matters(const Parameter& parameter, const Usage& usage);

/// The parameters that any of the problems depends on, with ranges around what `prior` says:
///
/// * launch and step latencies: from a thirtieth to thirty times the prior; extra launches, of
/// which
///   a prior may know nothing, from a hundredth to ten times the launch;
/// * wire ratios: from the prior's, which is how a protocol packs its bytes, to 64 times that,
/// since
///   a protocol may fill but part of a link;
/// * the tree ratio, where rings and trees are used: from a quarter to 32, to tell the two apart;
/// * flight, what of a step between machines leaves the sender free, of all protocols alike: an
/// eighth
///   to eight times 0.7 of the leanest prior step;
/// * where several classes of PCIe or socket links are crossed, or no protocol is in use, their
///   efficiencies, from 1 % to all. Where Simple alone crosses them they stand in the place of its
///   wire ratio, from which they could not be told; beside others it has one, since on one link
///   protocols differ.
///
/// Copies by no protocol have no launch where the prior has none.
///
/// The prior must give the protocols in use a step latency; ModelError where it does not.
[[nodiscard]] std::vector<Parameter> declare_parameters(
    std::span<const workload::Problem* const> problems, const workload::ConstantSet& prior);

/// `base` with the parameters at theta; every wire ratio `bytes` times as large besides.
[[nodiscard]] workload::ConstantSet constants_at(const workload::ConstantSet& base,
                                                 std::span<const Parameter> parameters,
                                                 std::span<const double> theta, double bytes = 1.0);

/// The value as people write it: `1.3 us`, `2.1`, `40 %`.
[[nodiscard]] std::string value_text(const Parameter& parameter, double value);

}  // namespace plumbline::calibration

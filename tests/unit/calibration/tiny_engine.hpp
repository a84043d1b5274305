// SPDX-License-Identifier: Apache-2.0
// Problems to declare parameters of, and an engine whose times are a formula of a test's own.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calibration/parameters.hpp"
#include "calibration/simulated_response.hpp"
#include "tests/unit/topology/from_yaml.hpp"
#include "tests/unit/workload/fabrics.hpp"
#include "workload/engine.hpp"
#include "workload/problem.hpp"

namespace plumbline::calibration {

/// Latencies of 1 and 4 us, rates of a half and all: figures that are easy to reckon with.
inline workload::ConstantSet round_prior() {
  using namespace core::literals;
  using workload::Protocol;
  workload::ConstantSet prior;
  prior.launch = 5_us;
  for (const auto& [protocol, latency, ratio] : {std::tuple{Protocol::ll, 1_us, 2.0},
                                                 {Protocol::ll128, 2_us, 1.25},
                                                 {Protocol::simple, 4_us, 1.0}}) {
    for (workload::StepConstants& step : prior.steps[static_cast<std::size_t>(protocol)]) {
      step = {.step_latency = latency, .wire_ratio = ratio};
    }
  }
  prior.protocol_launch[static_cast<std::size_t>(Protocol::simple)] = 2_us;
  return prior;
}

/// An all_reduce by ring on every endpoint of the fabric.
inline workload::Problem ring_on(const std::shared_ptr<const topology::Fabric>& fabric,
                                 workload::Protocol protocol, core::Bytes size,
                                 std::uint32_t slots = 1, const std::string& algorithm = "ring") {
  const topology::Placement placement =
      topology::packed(*fabric, topology::RankCount(fabric->endpoints().size()));
  workload::Workload work;
  work.algorithm = algorithm;
  work.protocol = protocol;
  work.size = size;
  work.ranks = placement.ranks();
  work.site = workload::site_of(*fabric, placement);
  work.slots = slots;
  return workload::make_problem(fabric, placement, work, round_prior());
}

inline workload::Problem ring_on_star(workload::Protocol protocol, core::Bytes size,
                                      std::uint32_t ranks = 4) {
  return ring_on(std::make_shared<const topology::Fabric>(workload::star(ranks)), protocol, size);
}

/// The parameters of the problems.
inline std::vector<Parameter> declared(const std::vector<workload::Problem>& problems,
                                       const workload::ConstantSet& prior = round_prior()) {
  std::vector<const workload::Problem*> pointers;
  pointers.reserve(problems.size());
  for (const workload::Problem& problem : problems) {
    pointers.push_back(&problem);
  }
  return declare_parameters(pointers, prior);
}

/// Answers what a formula says of a problem.
class TinyEngine final : public workload::Engine {
 public:
  using Formula = std::function<double(const workload::Problem&)>;

  explicit TinyEngine(Formula formula) : formula_(std::move(formula)) {}

  [[nodiscard]] std::string_view name() const override { return "tiny"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override {
    return problem.workload().size > core::Bytes{} ? workload::Validity::yes()
                                                   : workload::Validity::no("it is empty");
  }

  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override {
    workload::Outcome outcome;
    outcome.estimate = core::Seconds::from_si(formula_(problem));
    return outcome;
  }

 private:
  Formula formula_;
};

/// What a formula may be made of: the constants of the problem's own protocol on NVLink.
struct Ingredients {
  double launch = 0.0;  ///< the protocol's included
  double step = 0.0;
  double wire = 0.0;  ///< bytes

  explicit Ingredients(const workload::Problem& problem) {
    const auto protocol = static_cast<std::size_t>(problem.workload().protocol);
    const workload::ConstantSet& constants = problem.constants();
    const workload::StepConstants& of =
        constants.steps[protocol][static_cast<std::size_t>(workload::PathClass::nvlink)];
    launch = (constants.launch + constants.protocol_launch[protocol]).si();
    step = of.step_latency.si();
    wire = problem.workload().size.si() * of.wire_ratio;
  }
};

/// Bytes a second.
inline constexpr double rate = 100e9;

/// launch + 6 steps + 1.5 bytes over the rate: one chain.
inline double one_chain(const workload::Problem& problem) {
  const Ingredients in(problem);
  return in.launch + 6.0 * in.step + 1.5 * in.wire / rate;
}

inline Family family(workload::Protocol protocol, core::Bytes size) {
  return {.label = std::string(workload::to_text(protocol)),
          .problem = ring_on_star(protocol, size),
          .size = size};
}

/// Seconds.
inline std::vector<double> evaluated(const SimulatedResponse& response,
                                     const std::vector<double>& theta) {
  std::vector<double> times(response.points());
  response.evaluate(theta, times, nullptr);
  std::ranges::transform(times, times.begin(), [](double time) { return std::exp(time); });
  return times;
}

}  // namespace plumbline::calibration

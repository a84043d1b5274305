// SPDX-License-Identifier: Apache-2.0
#include "experiments/sketch.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "analytic/solver.hpp"
#include "report/gap.hpp"

namespace plumbline::experiments {
namespace {

using Engines = std::array<std::unique_ptr<workload::Engine>, 2>;

const Engines& lower_bounds() {
  static const Engines engines{analytic::find_solver("critical_path")->make(nullptr),
                               analytic::find_solver("link_load")->make(nullptr)};
  return engines;
}

}  // namespace

workload::Validity Sketch::accepts(const workload::Problem& problem) const {
  workload::Validity last = workload::Validity::yes();
  for (const auto& engine : lower_bounds()) {
    last = engine->accepts(problem);
    if (last.valid) {
      break;
    }
  }
  return last;
}

workload::Outcome Sketch::run(const workload::Problem& problem) const {
  core::Seconds largest;
  for (const auto& engine : lower_bounds()) {
    if (!engine->accepts(problem).valid) {
      continue;
    }
    const workload::Outcome outcome = engine->run(problem);
    const workload::Bound* bound =
        report::tightest(outcome.bounds, workload::Scope::schedule, workload::Side::lower);
    largest = bound == nullptr ? largest : std::max(largest, bound->value);
  }
  workload::Outcome outcome;
  outcome.estimate = largest;
  return outcome;
}

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
// A time that is quick to have and never too long: what calibrations fit to before they replay.
#pragma once

#include "workload/engine.hpp"

namespace plumbline::experiments {

/// The larger of the schedule's critical path and its busiest resource. Answers an estimate without
/// terms.
class Sketch final : public workload::Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "sketch"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override;
  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override;
};

}  // namespace plumbline::experiments

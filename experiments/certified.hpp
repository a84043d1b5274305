// SPDX-License-Identifier: Apache-2.0
// The time of a schedule, by the cheapest way that is exact.
#pragma once

#include "workload/engine.hpp"

namespace plumbline::experiments {

/// Where the lower and the upper bound of a schedule meet, their value is its time and nothing is
/// replayed; elsewhere it is the replay's. Answers an estimate without terms.
class Certified final : public workload::Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "certified"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override;
  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override;
};

}  // namespace plumbline::experiments

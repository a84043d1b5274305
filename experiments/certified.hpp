// SPDX-License-Identifier: Apache-2.0
// The time of a schedule, by the cheapest way that is exact.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <unordered_set>

#include "workload/engine.hpp"

namespace plumbline::experiments {

/// The time of a schedule whose lower and upper bound meet; nullopt where they don't, or where one
/// is not known.
[[nodiscard]] std::optional<core::Seconds> where_they_meet(std::span<const workload::Bound> bounds);

/// Where the lower and the upper bound of a schedule meet, their value is its time and nothing is
/// replayed; elsewhere it is the replay's. Answers an estimate without terms.
class Certified final : public workload::Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "certified"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override;
  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override;

 private:
  /// Whether bounds are worth their time, which is longer than a replay's where operations contend:
  /// not where this schedule's have been apart, under whatever constants. Both ways give the same.
  [[nodiscard]] bool promising(const workload::Problem& problem) const;

  mutable std::mutex mutex_;
  mutable std::unordered_set<const workload::Schedule*> apart_;
};

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
// A solver's answers against the truth, as its claim asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gate/sample.hpp"
#include "gate/statistics.hpp"

namespace plumbline::gate {

/// What an estimate that promises nothing is held to.
inline constexpr double default_promise = 0.1;

/// What a choice may cost.
inline constexpr double most_regret = 0.05;

/// Relative, between engines.
inline constexpr double slack = 1e-9;

/// One answer against the truth.
struct Judgement {
  bool known = false;        ///< whether there was a truth to judge by
  bool kept = true;          ///< whether the claim held
  double error = 0.0;        ///< answer / truth - 1; of a choice the regret
  bool below_bound = false;  ///< faster than a proof allows, by more than it promises
  std::string fault;         ///< what no claim excuses: NaN, negative, crossed bounds, a crash
};

/// By how much of the truth an answer may be off.
[[nodiscard]] double tolerance(const analytic::Contract& contract);

/// The seconds that an answer claims; nullopt where it gives none.
[[nodiscard]] std::optional<double> claimed(const analytic::Contract& contract,
                                            const analytic::Answer& answer,
                                            const workload::Problem& problem);

[[nodiscard]] Judgement judge(const analytic::Contract& contract, const Sample& sample);

/// How bad a judgement is, larger being worse: the error on the side that the claim forbids.
[[nodiscard]] double badness(const analytic::Contract& contract, const Judgement& judgement);

/// One part of the sample.
struct Part {
  std::string name;  ///< `size 1 KiB to 64 KiB`
  std::size_t count = 0;
  std::size_t kept = 0;
  double median = 0.0;  ///< signed error
};

/// Mean |error| of the solver less that of another, over the points that both answer.
struct Comparison {
  std::string with;
  std::size_t points = 0;
  double own = 0.0;    ///< mean |error|
  double other = 0.0;  ///< the same of the other
  MeanInterval difference{};
};

struct Score {
  std::size_t known = 0;    ///< answers with a truth
  std::size_t unknown = 0;  ///< whose truth could not be found
  std::size_t violations = 0;
  double violation_limit = 1.0;  ///< one-sided 95 %
  std::size_t below_bounds = 0;
  double largest = 0.0;  ///< |error|
  double mean = 0.0;     ///< of |error|
  double bias = 0.0;     ///< mean of error
  double median = 0.0;   ///< of error
  double p95 = 0.0;      ///< of |error|
  double tau = 0.0;
  std::optional<std::size_t> worst;  ///< place in the sample
  std::vector<Part> parts;
  std::optional<Comparison> null;
  std::optional<Comparison> incumbent;
  core::Seconds answer_time;  ///< median
  core::Seconds truth_time;   ///< median of the replays; zero where none was needed
};

[[nodiscard]] Score score(const analytic::Contract& contract, const Domain& domain,
                          const std::vector<Sample>& samples,
                          const std::vector<Judgement>& judgements, std::uint64_t seed);

}  // namespace plumbline::gate

// SPDX-License-Identifier: Apache-2.0
#include "gate/differential.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/units.hpp"
#include "gate/comparison.hpp"

namespace plumbline::gate {
namespace {

using analytic::Answer;
using analytic::Claim;
using analytic::Contract;
using analytic::Quantity;

constexpr double loosest_exact = 1e-6;

/// What no claim excuses; empty where all is well.
std::string fault_of(const Contract& contract, const Answer& answer) {
  if (!answer.failure.empty()) {
    return answer.failure;
  }
  for (const auto& [name, value] :
       {std::pair("lower", answer.lower), std::pair("estimate", answer.estimate),
        std::pair("upper", answer.upper)}) {
    if (value && !(std::isfinite(*value) && *value >= 0.0)) {
      return fmt::format("it answers {} as its {}", *value, name);
    }
  }
  const bool crossed = answer.lower && answer.upper && *answer.lower > *answer.upper * (1 + slack);
  if (crossed) {
    return fmt::format("its lower bound {:.4g} s is above its upper {:.4g} s", *answer.lower,
                       *answer.upper);
  }
  if (contract.quantity == Quantity::choice && answer.choice.empty()) {
    return "it claims to choose and chooses nothing";
  }
  return {};
}

Judgement judge_choice(const Sample& sample) {
  Judgement judgement;
  const auto chosen = sample.by_algorithm.find(sample.answer.choice);
  if (chosen == sample.by_algorithm.end()) {
    judgement.fault = fmt::format("it chooses '{}', which can't run there", sample.answer.choice);
    return judgement;
  }
  judgement.known = sample.truth.time && chosen->second.time;
  if (judgement.known) {
    judgement.error = *chosen->second.time / *sample.truth.time - 1.0;
    judgement.kept = judgement.error <= most_regret;
  }
  return judgement;
}

/// Bounds that come beside the number that is claimed are claims too.
bool sides_hold(const Answer& answer, double truth) {
  return (!answer.lower || *answer.lower <= truth * (1.0 + slack)) &&
         (!answer.upper || *answer.upper >= truth * (1.0 - slack));
}

bool claim_holds(const Contract& contract, double error) {
  switch (contract.claim) {
    case Claim::lower:
      return error <= slack;
    case Claim::upper:
      return error >= -slack;
    case Claim::exact:
    case Claim::estimate:
      break;
  }
  return std::abs(error) <= tolerance(contract);
}

void add_parts(const AxisInfo& axis, const std::vector<Sample>& samples,
               const std::vector<Judgement>& judgements, std::vector<Part>& parts) {
  std::vector<double> values;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (judgements[i].known) {
      values.push_back(axis.get(samples[i].at));
    }
  }
  const double low = quantile(values, 1.0 / 3.0);
  const double high = quantile(values, 2.0 / 3.0);
  const double least = quantile(values, 0.0);
  const double most = quantile(values, 1.0);
  if (least == most) {
    return;
  }
  const std::vector<Range> ranges =
      low < high ? std::vector<Range>{{least, low}, {low, high}, {high, most}}
                 : std::vector<Range>{{least, low}, {low, most}};
  for (std::size_t r = 0; r < ranges.size(); ++r) {
    Part part{.name = fmt::format("{} {} to {}", axis.says, value_text(axis, ranges[r].from),
                                  value_text(axis, ranges[r].to))};
    std::vector<double> errors;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double value = axis.get(samples[i].at);
      const bool inside =
          (r == 0 ? value >= ranges[r].from : value > ranges[r].from) && value <= ranges[r].to;
      if (judgements[i].known && inside) {
        errors.push_back(judgements[i].error);
        part.kept += judgements[i].kept ? 1U : 0U;
      }
    }
    part.count = errors.size();
    part.median = quantile(std::move(errors), 0.5);
    if (part.count > 0) {
      parts.push_back(std::move(part));
    }
  }
}

void add_times(const std::vector<Sample>& samples, Score& score) {
  std::vector<double> answers;
  std::vector<double> replays;
  for (const Sample& sample : samples) {
    answers.push_back(sample.asked_for.si());
    if (sample.truth.replayed) {
      replays.push_back(sample.truth.wall.si());
    }
  }
  score.answer_time = core::Seconds::from_si(quantile(std::move(answers), 0.5));
  score.truth_time = core::Seconds::from_si(quantile(std::move(replays), 0.5));
}

}  // namespace

double badness(const Contract& contract, const Judgement& judgement) {
  const bool bounds = contract.quantity != Quantity::choice;
  return bounds && contract.claim == Claim::lower   ? judgement.error
         : bounds && contract.claim == Claim::upper ? -judgement.error
                                                    : std::abs(judgement.error);
}

double tolerance(const Contract& contract) {
  return contract.claim == Claim::exact ? std::clamp(contract.exact_to, slack, loosest_exact)
                                        : contract.within_p95.value_or(default_promise);
}

std::optional<double> claimed(const Contract& contract, const Answer& answer,
                              const workload::Problem& problem) {
  if (contract.claim == Claim::lower && answer.lower) {
    return answer.lower;
  }
  if (contract.claim == Claim::upper && answer.upper) {
    return answer.upper;
  }
  if (contract.quantity == Quantity::busbw && answer.estimate) {
    const workload::Workload& asked = problem.workload();
    return bus_factor(asked.collective, asked.ranks) * asked.size.si() / *answer.estimate;
  }
  return answer.estimate;
}

Judgement judge(const Contract& contract, const Sample& sample) {
  Judgement judgement;
  judgement.fault = fault_of(contract, sample.answer);
  if (!judgement.fault.empty()) {
    return judgement;
  }
  if (contract.quantity == Quantity::choice) {
    return judge_choice(sample);
  }
  const std::optional<double> said = claimed(contract, sample.answer, sample.problem);
  if (!said) {
    judgement.fault = fmt::format("it claims {} and gives none", to_text(contract.claim));
    return judgement;
  }
  const double promised = contract.claim == Claim::estimate ? tolerance(contract) : slack;
  if (contract.claim == Claim::exact || contract.claim == Claim::estimate) {
    judgement.below_bound = *said < sample.truth.lower.si() * (1.0 - promised);
  }
  judgement.known = sample.truth.time.has_value();
  if (judgement.known) {
    judgement.error = *said / sample.truth.time->si() - 1.0;
    judgement.kept = claim_holds(contract, judgement.error) &&
                     sides_hold(sample.answer, sample.truth.time->si());
  }
  return judgement;
}

Score score(const Contract& contract, const Domain& domain, const std::vector<Sample>& samples,
            const std::vector<Judgement>& judgements, std::uint64_t seed) {
  Score score;
  std::vector<double> errors;
  std::vector<double> sizes;
  std::vector<double> said;
  std::vector<double> true_times;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Judgement& judgement = judgements[i];
    score.below_bounds += judgement.below_bound ? 1U : 0U;
    if (!judgement.known) {
      score.unknown += judgement.fault.empty() ? 1U : 0U;
      continue;
    }
    score.violations += judgement.kept ? 0U : 1U;
    errors.push_back(judgement.error);
    sizes.push_back(std::abs(judgement.error));
    true_times.push_back(samples[i].truth.time->si());
    said.push_back(true_times.back() * (1.0 + judgement.error));
    if (!score.worst ||
        badness(contract, judgement) > badness(contract, judgements[*score.worst])) {
      score.worst = i;
    }
  }
  score.known = errors.size();
  score.violation_limit = upper_limit(score.violations, score.known);
  for (const double error : errors) {
    score.bias += error / static_cast<double>(errors.size());
    score.mean += std::abs(error) / static_cast<double>(errors.size());
  }
  score.largest = quantile(sizes, 1.0);
  score.median = quantile(errors, 0.5);
  score.p95 = quantile(sizes, 0.95);
  score.tau = kendall_tau(said, true_times);
  for (const AxisInfo& axis : numbers()) {
    if (domain.range(axis.name).from < domain.range(axis.name).to) {
      add_parts(axis, samples, judgements, score.parts);
    }
  }
  if (contract.quantity != Quantity::choice) {
    score.null = against_null(samples, judgements, seed);
    score.incumbent = against_incumbent(contract.name, samples, judgements, seed);
  }
  add_times(samples, score);
  return score;
}

}  // namespace plumbline::gate

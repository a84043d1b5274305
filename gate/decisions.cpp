// SPDX-License-Identifier: Apache-2.0
#include "gate/decisions.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "gate/differential.hpp"

namespace plumbline::gate {
namespace {

using analytic::Claim;
using analytic::Contract;

constexpr std::size_t most_decided = 24;  ///< each is several truths

/// What the solver expects of an algorithm at a case; nullopt where it says nothing.
std::optional<double> expected(analytic::Subject& subject, Case at, const std::string& algorithm,
                               const zoo::Catalogue& catalogue) {
  at.algorithm = algorithm;
  const auto problem = try_problem(at, catalogue);
  if (!problem) {
    return std::nullopt;
  }
  const analytic::Answer answer = subject.ask(*problem, {});
  const auto said = answer.failure.empty() && answer.not_applicable.empty()
                        ? claimed(subject.contract(), answer, *problem)
                        : std::nullopt;
  return said && std::isfinite(*said) ? said : std::nullopt;
}

/// The regret at one sample; nullopt where fewer than two algorithms are answered and known.
std::optional<double> regret(analytic::Subject& subject, const Sample& sample,
                             const zoo::Catalogue& catalogue, std::string& chosen) {
  std::size_t count = 0;
  double least_said = 0.0;
  double of_chosen = 0.0;
  double best = 0.0;
  for (const auto& [algorithm, truth] : sample.by_algorithm) {
    const auto said =
        truth.time ? expected(subject, sample.at, algorithm, catalogue) : std::nullopt;
    if (!said) {
      continue;
    }
    if (count == 0 || *said < least_said) {
      least_said = *said;
      of_chosen = truth.time->si();
      chosen = algorithm;
    }
    best = count == 0 ? truth.time->si() : std::min(best, truth.time->si());
    ++count;
  }
  return count > 1 ? std::optional(of_chosen / best - 1.0) : std::nullopt;
}

bool leaves_a_choice(const Domain& domain, const Case& at) {
  return std::ranges::count(domain.works(), at.collective, &Work::collective) > 1;
}

}  // namespace

std::optional<Decisions> decisions(analytic::Subject& subject, const Domain& domain,
                                   const std::vector<Sample>& samples,
                                   const zoo::Catalogue& catalogue, const TruthOptions& options) {
  const Contract& contract = subject.contract();
  const bool has_a_time = contract.claim == Claim::exact || contract.claim == Claim::estimate;
  if (!has_a_time || contract.quantity == analytic::Quantity::choice) {
    return std::nullopt;
  }
  std::vector<Sample> decided;
  const std::size_t step = std::max<std::size_t>(1, samples.size() / most_decided);
  for (std::size_t i = 0; i < samples.size(); i += step) {
    if (leaves_a_choice(domain, samples[i].at)) {
      decided.push_back(samples[i]);
    }
  }
  TruthOptions quiet = options;
  quiet.progress = nullptr;
  find_choices(decided, domain, catalogue, quiet);
  Decisions result;
  std::vector<double> regrets;
  for (const Sample& sample : decided) {
    std::string chosen;
    const std::optional<double> one = regret(subject, sample, catalogue, chosen);
    if (!one) {
      continue;
    }
    regrets.push_back(*one);
    result.wrong += *one > most_regret ? 1U : 0U;
    if (*one > result.worst) {
      result.worst = *one;
      result.worst_at = fmt::format("{}: it would take {}", to_text(sample.at), chosen);
    }
  }
  result.points = regrets.size();
  result.p95 = quantile(std::move(regrets), 0.95);
  return result.points > 0 ? std::optional(result) : std::nullopt;
}

}  // namespace plumbline::gate

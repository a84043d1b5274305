// SPDX-License-Identifier: Apache-2.0
#include "gate/sample.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "analytic/question.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::gate {
namespace {

constexpr std::size_t most_reasons = 5;
constexpr std::uint32_t most_draws_per_point = 20;
constexpr std::uint32_t probes_per_work = 24;

std::optional<workload::Problem> problem_if(const Case& at, const zoo::Catalogue& catalogue) {
  try {
    workload::Problem problem = problem_of(at, catalogue);
    return problem.schedule().operation_count() <= most_operations ? std::optional(problem)
                                                                   : std::nullopt;
  } catch (const core::InputError&) {
    return std::nullopt;
  }
}

bool chooses(const analytic::Contract& contract) {
  return contract.quantity == analytic::Quantity::choice;
}

/// Algorithms that a solver may choose from at a case.
std::vector<std::string> candidates(const Domain& domain, const Case& at) {
  std::vector<std::string> names;
  for (const Work& work : domain.works()) {
    if (work.collective == at.collective) {
      names.push_back(work.algorithm);
    }
  }
  return names;
}

/// What only the finished problem tells.
bool in_domain(const Domain& domain, const workload::Problem& problem) {
  return domain.beyond().empty() ||
         analytic::outside(domain.beyond(), analytic::question_of(problem)).empty();
}

/// The problems of a choice are truths of their own.
void find_choices(std::vector<Sample>& samples, const Domain& domain,
                  const zoo::Catalogue& catalogue, const TruthOptions& options) {
  std::vector<workload::Problem> problems;
  std::vector<std::pair<std::size_t, std::string>> of;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (const std::string& algorithm : candidates(domain, samples[i].at)) {
      Case other = samples[i].at;
      other.algorithm = algorithm;
      if (auto problem = problem_if(other, catalogue)) {
        problems.push_back(std::move(*problem));
        of.emplace_back(i, algorithm);
      }
    }
  }
  std::vector<Truth> found = truths(problems, options);
  for (std::size_t k = 0; k < found.size(); ++k) {
    Sample& sample = samples[of[k].first];
    if (found[k].time && (!sample.truth.time || *found[k].time < *sample.truth.time)) {
      sample.truth = found[k];
    }
    sample.by_algorithm[of[k].second] = std::move(found[k]);
  }
}

}  // namespace

std::optional<workload::Problem> try_problem(Case& at, const zoo::Catalogue& catalogue) {
  if (auto problem = problem_if(at, catalogue)) {
    return problem;
  }
  if (at.channels == 1 && at.pieces == 1 && at.slots == 1) {
    return std::nullopt;
  }
  at.channels = at.pieces = at.slots = 1;
  return problem_if(at, catalogue);
}

Sample asked(const Case& at, const workload::Problem& problem, analytic::Subject& subject) {
  const auto started = std::chrono::steady_clock::now();
  Sample sample{.at = at,
                .problem = problem,
                .answer = subject.ask(problem, {}),
                .asked_for = {},
                .truth = {}};
  sample.asked_for = core::Seconds::from_si(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  return sample;
}

void find_works(Domain& domain, analytic::Subject& subject, const zoo::Catalogue& catalogue) {
  if (domain.names_works()) {
    return;
  }
  const Sobol sobol(0);  // which works it answers must not hang on the seed
  std::vector<Work> answered;
  for (const Work& work : domain.works()) {
    Domain alone = domain;
    alone.keep({work});
    bool answers = false;
    for (std::uint32_t i = 0; i < probes_per_work && !answers; ++i) {
      std::optional<Case> at = alone.at(sobol.point(i));
      for (const AxisInfo& axis : numbers()) {  // the plainest are answered most
        if (at && axis.overhead) {
          axis.set(*at, domain.range(axis.name).from);
        }
      }
      const auto problem = at ? try_problem(*at, catalogue) : std::nullopt;
      answers = problem && subject.ask(*problem, {}).not_applicable.empty();
    }
    if (answers) {
      answered.push_back(work);
    }
  }
  if (!answered.empty()) {
    domain.keep(std::move(answered));
  }
}

void find_truths(std::vector<Sample>& samples, const Domain& domain,
                 const analytic::Contract& contract, const zoo::Catalogue& catalogue,
                 const TruthOptions& options) {
  if (chooses(contract)) {
    find_choices(samples, domain, catalogue, options);
    return;
  }
  std::vector<workload::Problem> problems;
  problems.reserve(samples.size());
  for (const Sample& sample : samples) {
    problems.push_back(sample.problem);
  }
  std::vector<Truth> found = truths(problems, options);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].truth = std::move(found[i]);
  }
}

Samples sample(const Domain& domain, analytic::Subject& subject, const SampleOptions& options,
               const zoo::Catalogue& catalogue) {
  Samples result;
  std::set<std::string> reasons;
  const auto offer = [&](Case at) {
    const std::optional<workload::Problem> problem = try_problem(at, catalogue);
    if (!problem || !in_domain(domain, *problem)) {
      return;
    }
    Sample one = asked(at, *problem, subject);
    ++result.asked;
    if (one.answer.not_applicable.empty()) {
      ++result.answered;
      result.all.push_back(std::move(one));
    } else if (reasons.size() < most_reasons) {
      reasons.insert(one.answer.not_applicable);
    }
  };
  std::vector<Case> corners = domain.corners();
  corners.resize(std::min(corners.size(), options.points / 4));
  std::ranges::for_each(corners, offer);
  const Sobol sobol(options.seed);
  const auto draws = static_cast<std::uint32_t>(options.points) * most_draws_per_point;
  for (std::uint32_t i = 0;
       i < draws && result.answered < options.points && result.asked < 4 * options.points; ++i) {
    if (const std::optional<Case> at = domain.at(sobol.point(i))) {
      offer(*at);
    }
  }
  result.words.assign(reasons.begin(), reasons.end());
  find_truths(result.all, domain, subject.contract(), catalogue, options.truth);
  return result;
}

}  // namespace plumbline::gate

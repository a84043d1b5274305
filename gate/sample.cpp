// SPDX-License-Identifier: Apache-2.0
#include "gate/sample.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "analytic/question.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::gate {
namespace {

constexpr std::size_t most_reasons = 5;
constexpr std::uint32_t most_draws_per_point = 20;
constexpr std::uint32_t probes_per_work = 24;
constexpr std::size_t sizes_on_a_line = 33;
constexpr double least_bend = 0.05;  ///< of logarithms: less is a smooth curve

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

struct Asked {
  Case at;
  workload::Problem problem;
};

/// Truths of these, in their order; those that are known already are not found out again.
std::vector<Truth> truths_of(const std::vector<Asked>& all, const TruthOptions& options) {
  std::vector<Truth> result(all.size());
  std::vector<workload::Problem> problems;
  std::vector<std::pair<std::size_t, std::string>> open;  // which of all, and its text
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string text = options.known != nullptr ? to_yaml(all[i].at, "case", "") : std::string();
    const bool is_known = options.known != nullptr && options.known->contains(text);
    if (is_known) {
      result[i] = options.known->find(text)->second;
    } else {
      problems.push_back(all[i].problem);
      open.emplace_back(i, std::move(text));
    }
  }
  std::vector<Truth> found = truths(problems, options);
  for (std::size_t k = 0; k < found.size(); ++k) {
    if (options.known != nullptr) {
      options.known->insert_or_assign(open[k].second, found[k]);
    }
    result[open[k].first] = std::move(found[k]);
  }
  return result;
}

/// What an answer is like: the logarithm of a time, or a choice.
struct Told {
  double log_time = 0.0;
  std::string choice;
  bool answered = false;
};

Told told(analytic::Subject& subject, const Case& at, const zoo::Catalogue& catalogue) {
  Case kept = at;
  const auto problem = try_problem(kept, catalogue);
  if (!problem) {
    return {};
  }
  const analytic::Answer answer = subject.ask(*problem, {});
  const bool is_time = answer.estimate && *answer.estimate > 0.0;
  return {.log_time = is_time ? std::log(*answer.estimate) : 0.0,
          .choice = answer.choice,
          .answered = is_time || !answer.choice.empty()};
}

/// Both sides of the sizes at which a solver turns to another answer: where its choice changes, and
/// where the slope of its time over size, both logarithms, changes most.
std::vector<Case> switch_points(const Domain& domain, analytic::Subject& subject,
                                const zoo::Catalogue& catalogue) {
  const Range range = domain.range("size");
  std::vector<Case> result;
  if (!(range.from < range.to)) {
    return result;
  }
  const std::vector<Case> corners = domain.corners();
  for (std::size_t b = 0; b < corners.size(); b += std::max<std::size_t>(1, corners.size() / 4)) {
    if (corners[b].collective == "pipeline") {
      continue;
    }
    std::vector<Case> line(sizes_on_a_line, corners[b]);
    std::vector<Told> answers;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const double share = static_cast<double>(i) / (sizes_on_a_line - 1);
      line[i].size =
          core::Bytes::from_si(std::round(range.from * std::pow(range.to / range.from, share)));
      answers.push_back(told(subject, line[i], catalogue));
    }
    std::optional<std::size_t> sharpest;
    double bend = least_bend;
    for (std::size_t i = 1; i + 1 < line.size(); ++i) {
      if (!answers[i - 1].answered || !answers[i].answered || !answers[i + 1].answered) {
        continue;
      }
      if (answers[i].choice != answers[i - 1].choice) {
        result.push_back(line[i - 1]);
        result.push_back(line[i]);
      }
      const double here =
          std::abs(answers[i + 1].log_time - 2 * answers[i].log_time + answers[i - 1].log_time);
      if (here > bend) {
        bend = here;
        sharpest = i;
      }
    }
    if (sharpest) {
      result.insert(result.end(), {line[*sharpest - 1], line[*sharpest], line[*sharpest + 1]});
    }
  }
  return result;
}

/// Asks one case after the other.
class Drawing {
 public:
  Drawing(const Domain& domain, analytic::Subject& subject, const zoo::Catalogue& catalogue)
      : domain_(domain), subject_(subject), catalogue_(catalogue) {}

  void offer(Case at, bool drawn = false) {
    const std::optional<workload::Problem> problem = try_problem(at, catalogue_);
    if (!problem || !in_domain(domain_, *problem)) {
      return;
    }
    Sample one = asked(at, *problem, subject_);
    one.drawn = drawn;
    ++result_.asked;
    if (one.answer.not_applicable.empty()) {
      ++result_.answered;
      result_.all.push_back(std::move(one));
    } else if (reasons_.size() < most_reasons) {
      reasons_.insert(one.answer.not_applicable);
    }
  }

  void draw(std::uint64_t seed, std::size_t points, std::size_t most_asked, const Within& within) {
    const Sobol sobol(seed);
    const auto draws = static_cast<std::uint32_t>(points) * most_draws_per_point;
    for (std::uint32_t i = 0; i < draws && result_.answered < points && result_.asked < most_asked;
         ++i) {
      const std::optional<Case> at = domain_.at(sobol.point(i));
      if (at && within(*at)) {
        offer(*at, true);
      }
    }
  }

  [[nodiscard]] Samples finish(const TruthOptions& options) {
    result_.words.assign(reasons_.begin(), reasons_.end());
    find_truths(result_.all, domain_, subject_.contract(), catalogue_, options);
    return std::move(result_);
  }

 private:
  const Domain& domain_;
  analytic::Subject& subject_;
  const zoo::Catalogue& catalogue_;
  Samples result_;
  std::set<std::string> reasons_;
};

}  // namespace

void find_choices(std::vector<Sample>& samples, const Domain& domain,
                  const zoo::Catalogue& catalogue, const TruthOptions& options) {
  std::vector<Asked> problems;
  std::vector<std::pair<std::size_t, std::string>> of;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (const std::string& algorithm : candidates(domain, samples[i].at)) {
      Case other = samples[i].at;
      other.algorithm = algorithm;
      if (auto problem = problem_if(other, catalogue)) {
        problems.push_back({other, std::move(*problem)});
        of.emplace_back(i, algorithm);
      }
    }
  }
  std::vector<Truth> found = truths_of(problems, options);
  for (std::size_t k = 0; k < found.size(); ++k) {
    Sample& sample = samples[of[k].first];
    if (found[k].time && (!sample.truth.time || *found[k].time < *sample.truth.time)) {
      sample.truth = found[k];
    }
    sample.by_algorithm[of[k].second] = std::move(found[k]);
  }
}

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
  std::vector<Asked> problems;
  problems.reserve(samples.size());
  for (const Sample& sample : samples) {
    problems.push_back({sample.at, sample.problem});
  }
  std::vector<Truth> found = truths_of(problems, options);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].truth = std::move(found[i]);
  }
}

Samples sample(const Domain& domain, analytic::Subject& subject, const SampleOptions& options,
               const zoo::Catalogue& catalogue) {
  Drawing drawing(domain, subject, catalogue);
  std::vector<Case> corners = domain.corners();
  corners.resize(std::min(corners.size(), options.points / 4));
  std::vector<Case> switches = switch_points(domain, subject, catalogue);
  switches.resize(std::min(switches.size(), options.points / 8));
  for (const std::vector<Case>* cases : {&corners, &switches}) {
    for (const Case& at : *cases) {
      drawing.offer(at);
    }
  }
  drawing.draw(options.seed, options.points, 4 * options.points, [](const Case&) { return true; });
  return drawing.finish(options.truth);
}

Samples fresh_sample(const Domain& domain, const Within& within, analytic::Subject& subject,
                     const SampleOptions& options, const zoo::Catalogue& catalogue) {
  Drawing drawing(domain, subject, catalogue);
  drawing.draw(~options.seed, options.points, 16 * options.points, within);
  return drawing.finish(options.truth);
}

}  // namespace plumbline::gate

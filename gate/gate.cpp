// SPDX-License-Identifier: Apache-2.0
#include "gate/gate.hpp"

#include <algorithm>
#include <chrono>

namespace plumbline::gate {
namespace {

/// Where the claim breaks worst, a fault before any number; nullopt where it holds everywhere.
std::optional<Found> most_broken(const Report& report) {
  std::optional<Found> worst;
  for (std::size_t i = 0; i < report.judgements.size(); ++i) {
    const Judgement& judgement = report.judgements[i];
    if (!judgement.fault.empty()) {
      return Found{report.samples.all[i], judgement};
    }
    if (judgement.known && !judgement.kept &&
        (!worst ||
         badness(report.contract, judgement) > badness(report.contract, worst->judgement))) {
      worst = Found{report.samples.all[i], judgement};
    }
  }
  return worst;
}

/// Looks for worse than the sample has. What it finds is no draw, so that it counts against claims
/// without exception alone, never in a rate.
void search(const Court& court, const GateOptions& options, Report& report) {
  if (!report.score.worst) {
    return;
  }
  const std::size_t start = *report.score.worst;
  report.worst =
      worse(court, {report.samples.all[start], report.judgements[start]}, options.search);
  const bool without_exception = report.contract.quantity != analytic::Quantity::choice &&
                                 report.contract.claim != analytic::Claim::estimate;
  if (without_exception && !report.worst->judgement.kept && report.judgements[start].kept) {
    report.samples.all.push_back(report.worst->sample);
    report.judgements.push_back(report.worst->judgement);
    report.score =
        score(report.contract, court.domain, report.samples.all, report.judgements, report.seed);
  }
}

/// Of the property that decides the verdict, else of the claim; nullopt where neither breaks, and
/// where none is asked for.
std::optional<Counterexample> counterexample(const Court& court, const GateOptions& options,
                                             const Report& report) {
  if (options.shrink == 0) {
    return std::nullopt;
  }
  const auto property = std::ranges::find(report.properties, report.verdict.cause, &Property::name);
  if (property != report.properties.end() && property->worst) {
    const std::size_t worst = *property->worst;
    const auto how = [&](const Found& found) {
      return broken(court.subject, property->name, found.sample);
    };
    Found found = simplest(
        court, {report.samples.all[worst], report.judgements[worst]},
        [&](const Found& now) { return now.judgement.fault.empty() && !how(now).empty(); },
        options.shrink);
    std::string why = how(found);
    if (why.empty()) {  // it does not always fail, as what answers at random
      why = property->says;
    }
    return Counterexample{std::move(found), std::move(why)};
  }
  if (const std::optional<Found> worst = most_broken(report)) {
    Found found = simplest(court, *worst, breaks_like(*worst), options.shrink);
    std::string why = explanation(found, report.contract, options.sample.truth);
    return Counterexample{std::move(found), std::move(why)};
  }
  return std::nullopt;
}

void conclude(const Court& court, const GateOptions& options, Report& report) {
  report.verdict =
      decide(report.contract, report.samples, report.judgements, report.score, report.properties);
  if (report.verdict.decision == Decision::ship_with_domain) {
    const Box& box = *report.verdict.box;
    SampleOptions fresh = options.sample;
    fresh.points = std::max(least_fresh, options.sample.points);
    std::vector<Judgement> judgements;
    for (const Sample& sample :
         fresh_sample(
             court.domain, [&](const Case& at) { return box.lets_through(at); }, court.subject,
             fresh, court.catalogue)
             .all) {
      judgements.push_back(judge(report.contract, sample));
    }
    confirm(report.verdict, report.contract, judgements);
  }
  report.counterexample = counterexample(court, options, report);
}

}  // namespace

Report validate(analytic::Subject& subject, const GateOptions& options,
                const zoo::Catalogue& catalogue) {
  const auto started = std::chrono::steady_clock::now();
  Report report;
  report.contract = subject.contract();
  report.seed = options.sample.seed;
  const Experiments measured = measured_experiments(options.measured, catalogue);
  Domain domain(report.contract);
  find_works(domain, subject, catalogue);
  report.samples = sample(domain, subject, options.sample, catalogue);
  for (const Sample& sample : report.samples.all) {
    report.judgements.push_back(judge(report.contract, sample));
  }
  report.score = score(report.contract, domain, report.samples.all, report.judgements, report.seed);
  const Court court{subject, domain, catalogue, options.sample.truth};
  search(court, options, report);
  report.properties = properties(subject, report.samples.all);
  conclude(court, options, report);
  if (report.contract.quantity != analytic::Quantity::choice) {
    report.measured = against_measured(subject, measured);
  }
  report.decisions =
      decisions(subject, domain, report.samples.all, catalogue, options.sample.truth);
  report.properties.push_back(of_one_rank(subject, report.samples.all));
  if (const Property& last = report.properties.back();
      !last.passed && last.weight != Weight::told) {
    conclude(court, options, report);
  }
  report.wall = core::Seconds::from_si(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  return report;
}

}  // namespace plumbline::gate

// SPDX-License-Identifier: Apache-2.0
#include "gate/verdict.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/units.hpp"

namespace plumbline::gate {
namespace {

using analytic::Claim;
using analytic::Contract;
using analytic::Quantity;

bool is_strict(const Contract& contract) {
  return contract.quantity != Quantity::choice && contract.claim != Claim::estimate;
}

std::string promise_of(const Contract& contract) {
  if (contract.quantity == Quantity::choice) {
    return fmt::format("a choice that costs at most {:.0f} %", most_regret * 100.0);
  }
  switch (contract.claim) {
    case Claim::lower:
      return "a lower bound";
    case Claim::upper:
      return "an upper bound";
    case Claim::exact:
      return fmt::format("exact to {:.0e}", tolerance(contract));
    case Claim::estimate:
      break;
  }
  return fmt::format("within {:.3g} %", tolerance(contract) * 100.0);
}

std::string how_far(const Contract& contract, double error) {
  if (contract.quantity == Quantity::choice) {
    return fmt::format("what it chooses takes {:.3g} times the best", 1.0 + error);
  }
  if (std::abs(error) < 1e-3) {
    return fmt::format("off by {:.2e} of the time", error);
  }
  return error > 1.0 || error < -0.5 ? fmt::format("it says {:.3g} times the time", 1.0 + error)
                                     : fmt::format("off by {:+.3g} %", error * 100.0);
}

/// Where the claim breaks, in words.
std::string broken_claim(const Contract& contract, const Samples& samples,
                         const std::vector<Judgement>& judgements, const Score& score,
                         const std::optional<Box>& box) {
  std::string text = fmt::format(
      "{} of {} answers are not {}: {} at {}", score.violations, score.known, promise_of(contract),
      how_far(contract, judgements[*score.worst].error), to_text(samples.all[*score.worst].at));
  if (score.below_bounds > 0) {
    const auto first = std::ranges::find_if(judgements, &Judgement::below_bound);
    const Sample& sample = samples.all[static_cast<std::size_t>(first - judgements.begin())];
    text += fmt::format("; {} are faster than any run can be (bound: {})", score.below_bounds,
                        sample.truth.lower_by);
  }
  if (box) {
    std::vector<std::string> limits;
    for (const Limit& limit : box->limits) {
      limits.push_back(to_text(limit));
    }
    text += fmt::format("; it holds for {}: {:.0f} % of the points", fmt::join(limits, ", "),
                        box->share * 100.0);
  } else {
    text += "; it holds on no part of its domain";
  }
  return text;
}

const Property* first_broken(const std::vector<Property>& properties, Weight weight) {
  const auto found = std::ranges::find_if(properties, [&](const Property& property) {
    return !property.passed && property.weight == weight;
  });
  return found == properties.end() ? nullptr : &*found;
}

/// The reasons that leave no room for a smaller domain; empty where there are none.
Verdict refused_outright(const Contract& contract, const Samples& samples,
                         const std::vector<Judgement>& judgements, const Score& score,
                         const std::vector<Property>& properties) {
  const auto rejected = [](std::string cause, std::string reason) {
    return Verdict{Decision::reject, std::move(reason), std::move(cause), std::nullopt};
  };
  for (std::size_t i = 0; i < judgements.size(); ++i) {
    if (!judgements[i].fault.empty()) {
      return rejected("answers", fmt::format("no claim excuses what it answers: {} at {}",
                                             judgements[i].fault, to_text(samples.all[i].at)));
    }
  }
  if (const Property* broken = first_broken(properties, Weight::decides)) {
    return rejected(broken->name, broken->says);
  }
  if (score.known < least_points) {
    return rejected(
        "coverage",
        fmt::format("{} answers could be judged, and {} are needed{}", score.known, least_points,
                    samples.words.empty() ? "" : ": " + samples.words.front()));
  }
  if (!is_strict(contract) && samples.coverage() < least_coverage) {
    return rejected("coverage",
                    fmt::format("it answers {:.0f} % of its own domain, less than {:.0f} %: {}",
                                samples.coverage() * 100.0, least_coverage * 100.0,
                                samples.words.empty() ? "" : samples.words.front()));
  }
  if (score.truth_time > core::Seconds{} && score.answer_time > score.truth_time) {
    return rejected(
        "speed", fmt::format("an answer takes {}, the replay {}", core::display(score.answer_time),
                             core::display(score.truth_time)));
  }
  return {};
}

/// The part of the domain that is left, and whether it is worth shipping. Where too few points are
/// left to be sure of it, it still names what matters.
Verdict narrowed(const Contract& contract, const Samples& samples,
                 const std::vector<Judgement>& judgements, const Score& score) {
  Verdict verdict;
  verdict.box = largest_box(samples.all, judgements, [&](std::size_t bad, std::size_t count) {
    return stands(contract, bad, count);
  });
  const bool sure = verdict.box.has_value();
  if (!sure) {
    verdict.box = largest_box(samples.all, judgements, [](std::size_t bad, std::size_t count) {
      return bad == 0 && count >= least_points / 2;
    });
  }
  verdict.reason = broken_claim(contract, samples, judgements, score, verdict.box);
  verdict.cause = verdict.box ? verdict.box->limits.front().axis : "everywhere";
  verdict.decision =
      sure && verdict.box->share >= least_share ? Decision::ship_with_domain : Decision::reject;
  return verdict;
}

}  // namespace

std::string_view to_text(Decision decision) {
  switch (decision) {
    case Decision::ship:
      return "SHIP";
    case Decision::ship_with_domain:
      return "SHIP WITH DOMAIN";
    case Decision::reject:
      break;
  }
  return "REJECT";
}

bool stands(const Contract& contract, std::size_t bad, std::size_t count) {
  return is_strict(contract) ? bad == 0 && count >= least_points
                             : upper_limit(bad, count) <= most_outside;
}

void confirm(Verdict& verdict, const Contract& contract, const std::vector<Judgement>& fresh) {
  Box& box = *verdict.box;
  for (const Judgement& judgement : fresh) {
    const bool fault = !judgement.fault.empty();
    box.fresh += judgement.known || fault ? 1U : 0U;
    box.broken += fault || (judgement.known && !judgement.kept) ? 1U : 0U;
  }
  if (!stands(contract, box.broken, box.fresh)) {
    verdict.decision = Decision::reject;
    verdict.reason +=
        fmt::format(", and by chance: {} of {} fresh points there break it", box.broken, box.fresh);
  }
}

Verdict decide(const Contract& contract, const Samples& samples,
               const std::vector<Judgement>& judgements, const Score& score,
               const std::vector<Property>& properties) {
  Verdict verdict = refused_outright(contract, samples, judgements, score, properties);
  if (!verdict.reason.empty()) {
    return verdict;
  }
  if (!stands(contract, score.violations, score.known)) {
    return narrowed(contract, samples, judgements, score);
  }
  if (const Property* broken = first_broken(properties, Weight::afterwards)) {
    return {Decision::reject, broken->says, broken->name, std::nullopt};
  }
  const bool estimates = contract.claim == Claim::estimate && contract.quantity != Quantity::choice;
  if (estimates && score.null && score.null->difference.high >= 0.0) {
    verdict.cause = "null model";
    verdict.reason = fmt::format(
        "two straight lines do as well: mean error {:.3g} % against {:.3g} % of the solver",
        score.null->other * 100.0, score.null->own * 100.0);
    return verdict;
  }
  verdict.decision = Decision::ship;
  verdict.reason = fmt::format("{} of {} answers are {}", score.known - score.violations,
                               score.known, promise_of(contract));
  return verdict;
}

}  // namespace plumbline::gate

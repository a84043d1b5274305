// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "analytic/external/open.hpp"
#include "app/scorecard.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::app {
namespace {

using gate::Comparison;
using gate::Report;

constexpr std::size_t most_parts = 6;

std::string percent(double share) {
  return std::abs(share) < 5e-4 && share != 0.0 ? fmt::format("{:.1e} %", share * 100.0)
                                                : fmt::format("{:.3g} %", share * 100.0);
}

std::string row(std::string_view name, const std::string& text) {
  return fmt::format("  {:<11} {}\n", name, text);
}

std::string compared(const Comparison& other) {
  return fmt::format("{} err by {} on the same {} points, the solver by {}: {} to {} less",
                     other.with, percent(other.other), other.points, percent(other.own),
                     percent(-other.difference.high), percent(-other.difference.low));
}

std::string heading(const Report& report) {
  const analytic::Contract& contract = report.contract;
  std::string claim = fmt::format("{} of {}", to_text(contract.claim), to_text(contract.quantity));
  if (contract.quantity == analytic::Quantity::choice) {
    claim = "choice of algorithm";
  } else if (contract.claim == analytic::Claim::estimate) {
    claim += fmt::format(", within {}{}", percent(gate::tolerance(contract)),
                         contract.within_p95 ? "" : " (it promises nothing itself)");
  }
  return fmt::format("{}  {}  ({})\n  {}\n", to_text(report.verdict.decision), contract.name, claim,
                     report.verdict.reason);
}

/// What held a solver of a user: in a few words where nothing lacked.
std::string held(const analytic::Contract& contract) {
  const std::vector<std::string> lacking = analytic::external::not_granted(contract);
  if (!lacking.empty()) {
    return row("held", "but " + core::join(lacking, "; "));
  }
  const std::vector<std::string>& all = contract.containment;
  return all.empty()        ? ""
         : all.size() == 1U ? row("held", all.front())
                            : row("held", all.front() +
                                              ", reads and writes no files but its own and the "
                                              "system's, leaves no process behind");
}

std::string errors_of(const Report& report) {
  const gate::Score& score = report.score;
  const auto replayed = std::ranges::count_if(
      report.samples.all, [](const gate::Sample& sample) { return sample.truth.replayed; });
  if (score.known == 0) {
    return "\nAgainst the truth: no answer that could be judged\n" + held(report.contract);
  }
  std::string text = fmt::format("\nAgainst the truth: {} points, {} replayed, the others proved\n",
                                 score.known, replayed);
  text += row("violations", fmt::format("{}; of all problems at most {} (one-sided 95 %)",
                                        score.violations, percent(score.violation_limit)));
  text += row(report.contract.quantity == analytic::Quantity::choice ? "regret" : "error",
              fmt::format("mean {}, bias {}, median {}, 95th percentile {}, largest {}",
                          percent(score.mean), percent(score.bias), percent(score.median),
                          percent(score.p95), percent(score.largest)));
  if (score.worst) {
    text += row("worst", to_text(report.samples.all[*score.worst].at));
  }
  text += row("order", fmt::format("Kendall tau {:.3f} with the truth", score.tau));
  if (const auto& told = report.decisions) {
    text +=
        row("decisions",
            fmt::format("by its times {} of {} choices of algorithm cost more than {}; 95th "
                        "percentile {}{}",
                        told->wrong, told->points, percent(gate::most_regret), percent(told->p95),
                        told->worst > 0.0
                            ? fmt::format(", worst {} at {}", percent(told->worst), told->worst_at)
                            : ""));
  }
  text += score.null ? row("null model", compared(*score.null)) : "";
  text += score.incumbent ? row("incumbent", compared(*score.incumbent)) : "";
  text += row("coverage", fmt::format("{} of {} problems of its domain answered{}",
                                      report.samples.answered, report.samples.asked,
                                      score.unknown > 0
                                          ? fmt::format("; {} could not be replayed", score.unknown)
                                          : ""));
  text +=
      row("time", fmt::format("{} an answer{}", core::display(score.answer_time),
                              score.truth_time > core::Seconds{}
                                  ? fmt::format(", {} a replay", core::display(score.truth_time))
                                  : ""));
  return text + held(report.contract);
}

std::string counterexample_of(const Report& report) {
  std::string text;
  if (report.worst && report.worst->judgement.known) {
    text += row("searched", fmt::format("{} more cases, the worst off by {}: {}",
                                        report.worst->tried, percent(report.worst->judgement.error),
                                        to_text(report.worst->sample.at)));
  }
  if (report.counterexample) {
    const gate::Found& found = report.counterexample->found;
    text += fmt::format("\nThe simplest case that breaks it\n  {}\n  {}\n",
                        to_text(found.sample.at), report.counterexample->why);
  }
  return text;
}

/// The parts of the domain that are worst.
std::string parts_of(const Report& report) {
  std::vector<gate::Part> parts = report.score.parts;
  std::erase_if(parts, [](const gate::Part& part) { return part.kept == part.count; });
  const auto share = [](const gate::Part& part) {
    return static_cast<double>(part.kept) / static_cast<double>(part.count);
  };
  std::ranges::stable_sort(parts, {}, share);
  parts.resize(std::min(parts.size(), most_parts));
  std::string text = parts.empty() ? "" : "\nWhere the claim breaks most\n";
  for (const gate::Part& part : parts) {
    text += fmt::format("  {:>4} of {:<4} kept, median error {:>9}: {}\n", part.kept, part.count,
                        percent(part.median), part.name);
  }
  return text;
}

/// Told, never deciding.
std::string measured_of(const Report& report) {
  std::string text =
      report.measured.empty() ? "" : "\nAgainst measurements, which decide nothing\n";
  for (const gate::MeasuredScore& score : report.measured) {
    text += fmt::format("  {}: {} of {} points answered", score.experiment, score.answered,
                        score.points);
    if (score.null) {
      text += fmt::format(", mean error {}, worst {} at {}; two straight lines through them {}",
                          percent(score.mean), percent(score.worst), score.worst_at,
                          percent(*score.null));
    }
    text += score.why_not.empty() ? "\n" : fmt::format("\n    others: {}\n", score.why_not);
  }
  return text;
}

std::string properties_of(const Report& report) {
  std::string text = "\nWithout any truth\n";
  for (const gate::Property& property : report.properties) {
    text += fmt::format(
        "  {:<6} {}{}\n",
        property.checked == 0                   ? "-"
        : property.passed                       ? "ok"
        : property.weight != gate::Weight::told ? "FAILED"
                                                : "no",
        property.name,
        property.passed ? fmt::format(" ({} checks)", property.checked) : ": " + property.says);
  }
  return text;
}

}  // namespace

std::string scorecard_text(const Report& report) {
  std::string text = heading(report);
  if (report.verdict.box) {
    const gate::Box& box = *report.verdict.box;
    text += fmt::format("\nHolds on {} of the points{}\n", percent(box.share),
                        box.fresh > 0 ? fmt::format("; of {} fresh ones there {} break it",
                                                    box.fresh, box.broken)
                                      : "") +
            to_yaml(box);
  }
  text += errors_of(report) + counterexample_of(report) + parts_of(report) + measured_of(report) +
          properties_of(report);
  return text +
         fmt::format("\nJudged in {:.1f} s; --seed {} repeats it\n", report.wall.si(), report.seed);
}

}  // namespace plumbline::app

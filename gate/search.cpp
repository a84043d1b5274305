// SPDX-License-Identifier: Apache-2.0
#include "gate/search.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/units.hpp"
#include "des/replay.hpp"

namespace plumbline::gate {
namespace {

using analytic::Contract;

/// The case tried; nullopt where it is none of the domain, is not answered or has no truth.
std::optional<Found> tried(const Court& court, Case at, std::size_t count) {
  const bool whole = at.gpus_per_nic >= 1 && at.gpus_per_node % at.gpus_per_nic == 0;
  if (!whole || !court.domain.contains(at)) {
    return std::nullopt;
  }
  const auto problem = try_problem(at, court.catalogue);
  if (!problem) {
    return std::nullopt;
  }
  std::vector<Sample> one{asked(at, *problem, court.subject)};
  if (!one.front().answer.not_applicable.empty()) {
    return std::nullopt;
  }
  TruthOptions quiet = court.truth;
  quiet.progress = nullptr;
  find_truths(one, court.domain, court.subject.contract(), court.catalogue, quiet);
  Judgement judgement = judge(court.subject.contract(), one.front());
  return Found{std::move(one.front()), std::move(judgement), count};
}

/// A value that people would write: 1, 2 or 5 times a power of ten, or of two where it is a count.
double roundest(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)));
  return value >= 5 * unit ? 5 * unit : value >= 2 * unit ? 2 * unit : unit;
}

constexpr std::uint32_t most_on_one_machine = 16;

/// What nobody asks about: a value that says only that it does not matter.
double plainest(const AxisInfo& axis) {
  if (axis.name == "compute") {
    return 30e-6;  // forward 10 us, backward 20 us
  }
  switch (axis.scale) {
    case Scale::bytes:
      return 1e6;
    case Scale::seconds:
      return 1e-6;
    case Scale::bandwidth:
      return 1e10;
    case Scale::count:
    case Scale::ratio:
      break;
  }
  return 1.0;
}

/// Simpler cases than this one, the simplest first.
std::vector<Case> simpler(const Case& at) {
  std::vector<Case> result;
  const auto offer = [&](auto change) {
    Case other = at;
    change(other);
    if (other.nodes == 1) {
      other.gpus_per_nic = 1;
      other.oversubscription = 1.0;
    }
    result.push_back(std::move(other));
  };
  for (const AxisInfo& axis : numbers()) {
    const double value = axis.get(at);
    if (axis.set == nullptr || value == axis.from) {
      continue;
    }
    const bool trivial = axis.overhead || axis.scale == Scale::ratio;
    if (axis.scale == Scale::count || trivial) {
      for (const double less : {axis.from, axis.from + 1.0, std::floor(value / 2.0), value - 1.0}) {
        if (less < value && less >= axis.from && (less == axis.from || !axis.overhead)) {
          offer([&](Case& other) { axis.set(other, less); });
        }
      }
    }
  }
  if (at.placement != "packed") {
    offer([](Case& other) { other.placement = "packed"; });
  }
  if (at.nodes > 1 && at.nodes * at.gpus_per_node <= most_on_one_machine) {
    offer([](Case& other) {
      other.gpus_per_node *= other.nodes;
      other.nodes = 1;
    });
  }
  for (const AxisInfo& axis : numbers()) {
    const double value = axis.get(at);
    if (axis.set == nullptr || axis.scale == Scale::count || value <= 0.0 ||
        std::abs(value / plainest(axis) - 1.0) < 1e-9) {
      continue;
    }
    for (const double rounder :
         {plainest(axis), axis.name == "compute" ? 3.0 * roundest(value / 3.0) : roundest(value)}) {
      if (std::abs(rounder / value - 1.0) > 1e-9) {
        offer([&](Case& other) { axis.set(other, rounder); });
      }
    }
  }
  return result;
}

std::string seconds_text(double seconds) {
  return core::display(core::Seconds::from_si(seconds));
}

std::string replayed_text(const workload::Problem& problem, const TruthOptions& options) {
  const des::Replay engine({.time_limit = options.time_limit,
                            .memory_limit = options.memory_limit,
                            .timeline = false,
                            .stop = options.stop});
  const workload::Outcome outcome = engine.run(problem);
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < workload::term_count; ++i) {
    if (const double share = outcome.terms.values[i] / *outcome.estimate; share > 0.005) {
      terms.push_back(
          fmt::format("{:.0f} % {}", share * 100.0, to_text(static_cast<workload::Term>(i))));
    }
  }
  std::string text = fmt::format("The replay takes {}: {}.", seconds_text(outcome.estimate->si()),
                                 fmt::join(terms, ", "));
  if (!outcome.replay->hottest_links.empty()) {
    const workload::LinkLoad& link = outcome.replay->hottest_links.front();
    text += fmt::format(" {} carries {} and is busy for {:.0f} % of it.", link.link,
                        core::display(link.bytes), link.utilisation * 100.0);
  }
  return text;
}

}  // namespace

Found worse(const Court& court, const Found& start, std::size_t budget) {
  const Contract& contract = court.subject.contract();
  Found worst = start;
  std::size_t count = 0;
  for (bool moved = true; moved && count < budget;) {
    moved = false;
    for (const AxisInfo& axis : numbers()) {
      for (const double factor : {2.0, 0.5}) {
        if (axis.set == nullptr || count >= budget) {
          continue;
        }
        Case at = worst.sample.at;
        const Range range = court.domain.range(axis.name);
        const double value = axis.get(at);
        const double next =
            std::clamp(value == 0.0 ? range.to : value * factor, range.from, range.to);
        if (value == next || (axis.scale == Scale::count && next != std::floor(next))) {
          continue;
        }
        axis.set(at, next);
        ++count;
        const std::optional<Found> found = tried(court, at, count);
        if (found && found->judgement.known &&
            badness(contract, found->judgement) > badness(contract, worst.judgement) * (1 + 1e-6)) {
          worst = *found;
          moved = true;
        }
      }
    }
  }
  worst.tried = count;
  return worst;
}

Shows breaks_like(const Found& start) {
  return [fault = !start.judgement.fault.empty(), error = start.judgement.error](const Found& now) {
    const Judgement& judgement = now.judgement;
    return fault ? !judgement.fault.empty()
                 : judgement.known && !judgement.kept && judgement.error * error >= 0.0;
  };
}

Found simplest(const Court& court, const Found& start, const Shows& shows, std::size_t budget) {
  Found best = start;
  std::size_t count = 0;
  for (bool moved = true; moved && count < budget;) {
    moved = false;
    for (const Case& at : simpler(best.sample.at)) {
      if (++count > budget || !court.subject.recover()) {
        best.tried = count;
        return best;
      }
      std::optional<Found> found = tried(court, at, count);
      if (found && shows(*found)) {
        best = std::move(*found);
        moved = true;
        break;
      }
    }
  }
  best.tried = count;
  return best;
}

std::string explanation(const Found& found, const Contract& contract, const TruthOptions& options) {
  const Sample& sample = found.sample;
  if (!found.judgement.fault.empty()) {
    return found.judgement.fault;
  }
  std::string text;
  if (contract.quantity == analytic::Quantity::choice) {
    for (const auto& [algorithm, truth] : sample.by_algorithm) {
      text +=
          truth.time ? fmt::format("{} takes {}. ", algorithm, seconds_text(truth.time->si())) : "";
    }
    return text + fmt::format("The solver chooses {}.", sample.answer.choice);
  }
  text = replayed_text(sample.problem, options);
  text += fmt::format(" The solver says {}.",
                      seconds_text((1.0 + found.judgement.error) * sample.truth.time->si()));
  if (found.judgement.below_bound) {
    text += fmt::format(" No run can be faster than {}, set by {}.",
                        seconds_text(sample.truth.lower.si()), sample.truth.lower_by);
  }
  return text;
}

}  // namespace plumbline::gate

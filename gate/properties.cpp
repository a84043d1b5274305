// SPDX-License-Identifier: Apache-2.0
#include "gate/properties.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "gate/differential.hpp"
#include "gate/transforms.hpp"

namespace plumbline::gate {
namespace {

using analytic::Answer;
using analytic::Claim;
using analytic::Contract;
using analytic::Gauge;
using analytic::Quantity;
using workload::Problem;

constexpr std::size_t most_checked = 24;
constexpr double rounding = 1e-12;
constexpr double unit_slack = 1e-7;  ///< texts of numbers round
constexpr double extreme = 0x1p20;   ///< a power of two rounds nothing

/// An answer as a property looks at it.
struct Said {
  std::optional<double> time;
  std::string choice;
  std::string why_not;

  explicit Said(const Contract& contract, const Answer& answer, const Problem& problem)
      : time(contract.quantity == Quantity::choice ? std::nullopt
                                                   : claimed(contract, answer, problem)),
        choice(answer.choice),
        why_not(answer.failure.empty() ? answer.not_applicable : answer.failure) {}

  [[nodiscard]] std::string text() const {
    return !why_not.empty() ? "nothing (" + why_not + ")"
           : time           ? fmt::format("{:.6g} s", *time)
                            : choice;
  }
};

/// How far apart two answers are: 0 the same, 1 where one of them is none.
double apart(const Said& a, const Said& b) {
  if (a.time.has_value() != b.time.has_value() || a.choice != b.choice ||
      a.why_not.empty() != b.why_not.empty()) {
    return 1.0;
  }
  if (!a.time || *a.time == *b.time) {
    return 0.0;
  }
  const double difference =
      std::abs(*a.time - *b.time) / std::max(std::abs(*a.time), std::abs(*b.time));
  return std::isnan(difference) ? 1.0 : difference;
}

class Checks {
 public:
  Checks(analytic::Subject& subject, const std::vector<Sample>& samples)
      : subject_(subject), contract_(subject.contract()) {
    const std::size_t step = std::max<std::size_t>(1, samples.size() / most_checked);
    for (std::size_t i = 0; i < samples.size(); i += step) {
      if (judge(contract_, samples[i]).fault.empty()) {
        chosen_.push_back(&samples[i]);
      }
    }
  }

  std::vector<Property> all() {
    repeats();
    has_no_hidden_units();
    keeps_its_claim_in_the_limits();
    grows_and_falls();
    knows_no_names();
    ignores_what_is_unused();
    adds_up();
    return std::move(found_);
  }

 private:
  [[nodiscard]] Said said(const Problem& problem, const Gauge& gauge = {}) {
    return Said(contract_, subject_.ask(problem, gauge), problem);
  }

  [[nodiscard]] Said said_of(const Sample& sample) const {
    return Said(contract_, sample.answer, sample.problem);
  }

  Property& begin(std::string name) {
    worst_ = 0.0;
    return found_.emplace_back(Property{.name = std::move(name), .says = {}});
  }

  /// The worst example is the one that is told.
  template <class Sentence>
  void look(double difference, double allowed, const Sentence& sentence) {
    Property& property = found_.back();
    ++property.checked;
    if (difference > allowed && difference > worst_) {
      worst_ = difference;
      property.passed = false;
      property.says = sentence();
    }
  }

  void repeats() {
    begin("determinism");
    for (const Sample* sample : chosen_) {
      const Said again = said(sample->problem);
      look(apart(said_of(*sample), again), rounding, [&] {
        return fmt::format("asked twice, it answers {} and then {}: {}", said_of(*sample).text(),
                           again.text(), to_text(sample->at));
      });
    }
  }

  void has_no_hidden_units() {
    begin("gauge invariance");
    // Powers of two round nothing, so that even a ceil() of two sizes says the same.
    const std::array<std::pair<Gauge, const char*>, 3> gauges{
        {{{1024.0, 1.0}, "seconds / 1024"},
         {{1.0, 1.0 / 1024.0}, "KiB"},
         {{8.0, 0.25}, "seconds / 8 and units of 4 B"}}};
    for (const Sample* sample : chosen_) {
      for (const auto& [gauge, name] : gauges) {
        const Said other = said(sample->problem, gauge);
        look(apart(said_of(*sample), other), unit_slack, [&, name = name] {
          return fmt::format(
              "a constant that it does not declare is in it, or a wrong unit: put in {}, the same "
              "question has the answer {} and not {}: {}",
              name, other.text(), said_of(*sample).text(), to_text(sample->at));
        });
      }
    }
  }

  /// How far an answer is outside of what the bounds of the problem let it be.
  [[nodiscard]] double outside(double said, const Truth& bounds) const {
    const double too_low = 1.0 - said / bounds.lower.si();
    const double too_high = said / bounds.upper.si() - 1.0;
    return contract_.claim == Claim::lower   ? too_high
           : contract_.claim == Claim::upper ? too_low
                                             : std::max(too_low, too_high);
  }

  void keeps_its_claim_in_the_limits() {
    Property& property = begin("limits");
    const std::array<std::tuple<Factors, const char*, const char*>, 3> limits{
        {{{.bytes = 1 / extreme}, "size", "almost nothing to send"},
         {{.rate = extreme}, "bandwidth", "almost endless bandwidth"},
         {{.latency = 1 / extreme}, "latency", "almost no latency"}}};
    property.weight = contract_.claim != Claim::estimate ? Weight::afterwards : Weight::told;
    for (const Sample* sample : chosen_) {
      for (const auto& [factors, axis, name] : limits) {
        if (contract_.quantity == Quantity::choice || contract_.domain.contains(axis)) {
          continue;
        }
        const Problem problem = scaled(sample->problem, factors);
        const Said there = said(problem);
        if (!there.why_not.empty()) {
          continue;
        }
        const Truth bounds = bounded(problem);
        const double excess =
            there.time && std::isfinite(*there.time) ? outside(*there.time, bounds) : 1e300;
        look(excess,
             contract_.claim == Claim::lower || contract_.claim == Claim::upper
                 ? slack
                 : tolerance(contract_),
             [&, name = name] {
               return fmt::format(
                   "with {} it answers {}, and the bounds are {:.4g} s to {:.4g} s: {}", name,
                   there.text(), bounds.lower.si(), bounds.upper.si(), to_text(sample->at));
             });
      }
    }
  }

  /// Only where the true time is proved to follow: max-min times need not.
  void grows_and_falls() {
    begin("monotonicity").weight = Weight::afterwards;
    const bool has_a_time = contract_.claim == Claim::exact || contract_.claim == Claim::estimate;
    const std::array<std::pair<Factors, const char*>, 3> slower{
        {{{.bytes = 1.5}, "larger"},
         {{.latency = 1.5}, "of more latency"},
         {{.rate = 1 / 1.5}, "of less bandwidth"}}};
    for (const Sample* sample : chosen_) {
      const Said before = said_of(*sample);
      if (!has_a_time || !before.time || sample->truth.replayed) {
        continue;
      }
      for (const auto& [factors, name] : slower) {
        const Problem problem = scaled(sample->problem, factors);
        const Truth bounds = bounded(problem);
        const Said after = said(problem);
        if (!bounds.time || *bounds.time < *sample->truth.time || !after.time) {
          continue;
        }
        look(1.0 - *after.time / *before.time, tolerance(contract_), [&, name = name] {
          return fmt::format("{}, the same problem is said to be faster: {} and then {}: {}", name,
                             before.text(), after.text(), to_text(sample->at));
        });
      }
    }
  }

  /// Ranks turned round where all devices are alike.
  void knows_no_names() {
    begin("rank relabelling");
    for (const Sample* sample : chosen_) {
      if (sample->at.nodes > 1) {
        continue;
      }
      topology::Placement placement = sample->problem.placement();
      std::ranges::reverse(placement.device_of);
      workload::Workload work = sample->problem.workload();
      work.site = workload::site_of(sample->problem.fabric(), placement);
      const Problem turned = workload::make_problem(
          std::make_shared<const topology::Fabric>(sample->problem.fabric()), placement,
          std::move(work), sample->problem.constants(), sample->problem.routing());
      const Said other = said(turned);
      look(apart(said_of(*sample), other), slack, [&] {
        return fmt::format("with its ranks numbered backwards, {} becomes {}: {}",
                           said_of(*sample).text(), other.text(), to_text(sample->at));
      });
    }
  }

  void ignores_what_is_unused() {
    begin("unused link");
    for (const Sample* sample : chosen_) {
      // A switch's group is all that hang on it, and a host more is a leaf that is oversubscribed
      // more: neither is unused.
      const bool is_a_host = sample->at.nodes > 1 && sample->at.gpus_per_node == 1;
      if (sample->problem.workload().site.in_network || is_a_host) {
        continue;
      }
      const Said other = said(with_spare_endpoint(sample->problem));
      look(apart(said_of(*sample), other), slack, [&] {
        return fmt::format("with a cable and a GPU that nobody uses, {} becomes {}: {}",
                           said_of(*sample).text(), other.text(), to_text(sample->at));
      });
    }
  }

  /// Whether its domain has all three of all_reduce and its two halves.
  [[nodiscard]] bool claims_the_halves() const {
    const auto named = contract_.domain.find("collective");
    return named == contract_.domain.end() ||
           std::ranges::all_of(std::array{"all_reduce", "reduce_scatter", "all_gather"},
                               [&](const char* collective) {
                                 return std::ranges::find(named->second.words, collective) !=
                                        named->second.words.end();
                               });
  }

  /// all_reduce = reduce_scatter + all_gather, by ring, where all hops are alike.
  void adds_up() {
    begin("AR = RS + AG");
    if (contract_.claim != Claim::exact || !claims_the_halves()) {
      return;
    }
    for (const Sample* sample : chosen_) {
      const Case& at = sample->at;
      const bool fits = at.collective == "all_reduce" && at.algorithm == "ring" && at.nodes == 1 &&
                        at.pieces == 1 && at.slots == 1 && at.launch == core::Seconds{};
      if (!fits) {
        continue;
      }
      const auto part = [&](workload::Collective collective) {
        workload::Workload work = sample->problem.workload();
        work.collective = collective;
        return said(workload::make_problem(
            std::make_shared<const topology::Fabric>(sample->problem.fabric()),
            sample->problem.placement(), std::move(work), sample->problem.constants()));
      };
      const Said scatter = part(workload::Collective::reduce_scatter);
      const Said gather = part(workload::Collective::all_gather);
      const Said whole = said_of(*sample);
      if (whole.time && scatter.time && gather.time) {
        look(std::abs(*whole.time / (*scatter.time + *gather.time) - 1.0), tolerance(contract_),
             [&] {
               return fmt::format("all_reduce {} is not reduce_scatter {} and all_gather {}: {}",
                                  whole.text(), scatter.text(), gather.text(), to_text(at));
             });
      }
    }
  }

  analytic::Subject& subject_;
  const Contract& contract_;
  std::vector<const Sample*> chosen_;
  std::vector<Property> found_;
  double worst_ = 0.0;
};

}  // namespace

std::vector<Property> properties(analytic::Subject& subject, const std::vector<Sample>& samples) {
  return Checks(subject, samples).all();
}

}  // namespace plumbline::gate

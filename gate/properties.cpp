// SPDX-License-Identifier: Apache-2.0
#include "gate/properties.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <tuple>
#include <utility>

#include "analytic/question.hpp"
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
  std::string failure;

  explicit Said(const Contract& contract, const Answer& answer, const Problem& problem)
      : time(contract.quantity == Quantity::choice ? std::nullopt
                                                   : claimed(contract, answer, problem)),
        choice(answer.choice),
        why_not(answer.failure.empty() ? answer.not_applicable : answer.failure),
        failure(answer.failure) {}

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

/// What one sample shows of a property.
struct Look {
  std::size_t checked = 0;
  double by = 0.0;   ///< how badly it fails
  std::string says;  ///< empty where it holds
  Weight weight = Weight::decides;
};

/// Looks at one property of one sample after the other.
class Checks {
 public:
  explicit Checks(analytic::Subject& subject) : subject_(subject), contract_(subject.contract()) {}

  void repeats(const Sample& sample) {
    const Said again = said(sample.problem);
    look(apart(said_of(sample), again), rounding, [&] {
      return fmt::format("asked twice, it answers {} and then {}", said_of(sample).text(),
                         again.text());
    });
  }

  void has_no_hidden_units(const Sample& sample) {
    // Powers of two round nothing, so that even a ceil() of two sizes says the same.
    const std::array<std::tuple<Gauge, const char*, const char*>, 3> gauges{
        {{{1024.0, 1.0}, "units of 1/1024 s", "seconds"},
         {{1.0, 1.0 / 1024.0}, "KiB", "bytes"},
         {{8.0, 0.25}, "units of 1/8 s and 4 B", "seconds and bytes"}}};
    for (const auto& [gauge, unit, si] : gauges) {
      const Said other = said(sample.problem, gauge);
      look(apart(said_of(sample), other), unit_slack, [&, unit = unit, si = si] {
        return fmt::format(
            "a constant that it does not declare is in it, or a wrong unit: asked in {} it says "
            "{}, asked in {} {}",
            unit, other.text(), si, said_of(sample).text());
      });
    }
  }

  void keeps_its_claim_in_the_limits(const Sample& sample) {
    const std::array<std::tuple<Factors, const char*, const char*>, 3> limits{
        {{{.bytes = 1 / extreme}, "size", "almost nothing to send"},
         {{.rate = extreme}, "bandwidth", "almost endless bandwidth"},
         {{.latency = 1 / extreme}, "latency", "almost no latency"}}};
    found_.weight = contract_.claim != Claim::estimate ? Weight::afterwards : Weight::told;
    for (const auto& [factors, axis, name] : limits) {
      if (contract_.quantity == Quantity::choice || contract_.domain.contains(axis)) {
        continue;
      }
      const Problem problem = scaled(sample.problem, factors);
      const Said there = said(problem);
      if (!there.why_not.empty()) {
        continue;
      }
      const Truth bounds = bounded(problem);
      if (contract_.claim == Claim::lower && bounds.upper == core::Seconds::infinity()) {
        continue;  // nothing is known that it could be above
      }
      const double excess =
          there.time && std::isfinite(*there.time) ? outside(*there.time, bounds) : 1e300;
      look(excess,
           contract_.claim == Claim::lower || contract_.claim == Claim::upper
               ? slack
               : tolerance(contract_),
           [&, name = name] {
             return fmt::format("with {} it answers {}, and the bounds are {:.4g} s to {:.4g} s",
                                name, there.text(), bounds.lower.si(), bounds.upper.si());
           });
    }
  }

  /// Who is alone sends nothing. What there is of paths has no value then, so that to answer
  /// nothing is right, and to break is told: no experiment is of one rank.
  void asks_nothing_of_one_rank(const Sample& sample) {
    found_.weight = Weight::told;
    if (contract_.quantity != Quantity::time || sample.problem.workload().pipeline) {
      return;
    }
    const Problem one = alone(sample.problem);
    if (!analytic::outside(contract_.domain, analytic::question_of(one)).empty()) {
      return;
    }
    const Said there = said(one);
    if (!there.time || !std::isfinite(*there.time)) {
      if (there.time || !there.failure.empty()) {
        look(1.0, 0.0, [&] {
          return fmt::format(
              "asked of one rank alone, it {}; `ranks` from 2 on in its domain would "
              "say that it can't",
              there.time ? "answers " + there.text() : "breaks");
        });
      }
      return;
    }
    const double launch = one.costs().launch().si();
    const double too_much = contract_.claim == Claim::upper ? 0.0 : *there.time - launch;
    const double excess = std::max(too_much, -*there.time);
    const double allowed = slack * std::abs(said_of(sample).time.value_or(0.0));
    found_.weight = excess <= allowed                    ? Weight::told
                    : *there.time < 0.0                  ? Weight::decides
                    : contract_.claim == Claim::estimate ? Weight::told
                                                         : Weight::afterwards;
    look(excess, allowed, [&] {
      return fmt::format("one rank sends nothing, which takes {:.4g} s, and it answers {}", launch,
                         there.text());
    });
  }

  /// Only where the true time is proved to follow: max-min times need not.
  void grows_and_falls(const Sample& sample) {
    found_.weight = Weight::afterwards;
    const bool has_a_time = contract_.claim == Claim::exact || contract_.claim == Claim::estimate;
    const std::array<std::pair<Factors, const char*>, 3> slower{
        {{{.bytes = 1.5}, "larger"},
         {{.latency = 1.5}, "of more latency"},
         {{.rate = 1 / 1.5}, "of less bandwidth"}}};
    const Said before = said_of(sample);
    if (!has_a_time || !before.time || !sample.truth.time || sample.truth.replayed) {
      return;
    }
    for (const auto& [factors, name] : slower) {
      const Problem problem = scaled(sample.problem, factors);
      const Truth bounds = bounded(problem);
      const Said after = said(problem);
      if (!bounds.time || *bounds.time < *sample.truth.time || !after.time) {
        continue;
      }
      look(1.0 - *after.time / *before.time, tolerance(contract_), [&, name = name] {
        return fmt::format("{}, the same problem is said to be faster: {} and then {}", name,
                           before.text(), after.text());
      });
    }
  }

  /// Ranks turned round where all devices are alike.
  void knows_no_names(const Sample& sample) {
    if (sample.at.nodes > 1) {
      return;
    }
    const Said other = said(backwards(sample.problem));
    look(apart(said_of(sample), other), slack, [&] {
      return fmt::format("with its ranks numbered backwards, {} becomes {}", said_of(sample).text(),
                         other.text());
    });
  }

  void ignores_what_is_unused(const Sample& sample) {
    // A switch's group is all that hang on it, and a host more is a leaf that is oversubscribed
    // more: neither is unused.
    const bool is_a_host = sample.at.nodes > 1 && sample.at.gpus_per_node == 1;
    if (sample.problem.workload().site.in_network || is_a_host) {
      return;
    }
    const Said other = said(with_spare_endpoint(sample.problem));
    look(apart(said_of(sample), other), slack, [&] {
      return fmt::format("with a cable and a GPU that nobody uses, {} becomes {}",
                         said_of(sample).text(), other.text());
    });
  }

  /// all_reduce = reduce_scatter + all_gather, by ring, where all hops are alike.
  void adds_up(const Sample& sample) {
    const Case& at = sample.at;
    const bool fits = at.collective == "all_reduce" && at.algorithm == "ring" && at.nodes == 1 &&
                      at.pieces == 1 && at.slots == 1 && at.launch == core::Seconds{};
    if (contract_.claim != Claim::exact || !claims_the_halves() || !fits) {
      return;
    }
    const Said scatter = said(as(workload::Collective::reduce_scatter, sample.problem));
    const Said gather = said(as(workload::Collective::all_gather, sample.problem));
    const Said whole = said_of(sample);
    if (whole.time && scatter.time && gather.time) {
      look(std::abs(*whole.time / (*scatter.time + *gather.time) - 1.0), tolerance(contract_), [&] {
        return fmt::format("all_reduce {} is not reduce_scatter {} and all_gather {}", whole.text(),
                           scatter.text(), gather.text());
      });
    }
  }

  /// What was found since the last call.
  Look taken() { return std::exchange(found_, {}); }

 private:
  [[nodiscard]] Said said(const Problem& problem, const Gauge& gauge = {}) {
    return Said(contract_, subject_.ask(problem, gauge), problem);
  }

  [[nodiscard]] Said said_of(const Sample& sample) const {
    return Said(contract_, sample.answer, sample.problem);
  }

  /// The worst example is the one that is told.
  template <class Sentence>
  void look(double difference, double allowed, const Sentence& sentence) {
    ++found_.checked;
    if (difference > allowed && difference > found_.by) {
      found_.by = difference;
      found_.says = sentence();
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

  analytic::Subject& subject_;
  const Contract& contract_;
  Look found_;
};

struct Check {
  std::string_view name;
  void (Checks::*look)(const Sample&);
};

constexpr Check alone_check{"one rank", &Checks::asks_nothing_of_one_rank};

constexpr std::array<Check, 7> checks{{{"determinism", &Checks::repeats},
                                       {"gauge invariance", &Checks::has_no_hidden_units},
                                       {"limits", &Checks::keeps_its_claim_in_the_limits},
                                       {"monotonicity", &Checks::grows_and_falls},
                                       {"rank relabelling", &Checks::knows_no_names},
                                       {"unused link", &Checks::ignores_what_is_unused},
                                       {"AR = RS + AG", &Checks::adds_up}}};

Property looked_at(const Check& check, analytic::Subject& subject,
                   const std::vector<Sample>& samples) {
  Checks asking(subject);
  Property property{.name = std::string(check.name), .says = {}, .worst = {}};
  double worst = 0.0;
  const std::size_t step = std::max<std::size_t>(1, samples.size() / most_checked);
  for (std::size_t i = 0; i < samples.size(); i += step) {
    if (!judge(subject.contract(), samples[i]).fault.empty()) {
      continue;
    }
    (asking.*check.look)(samples[i]);
    const Look found = asking.taken();
    property.checked += found.checked;
    if (property.passed && found.says.empty()) {
      property.weight = found.weight;
    }
    // What weighs more is told first.
    const bool heavier = found.weight < property.weight;
    const bool more = found.weight == property.weight && found.by > worst;
    if (!found.says.empty() && (property.passed || heavier || more)) {
      property.passed = false;
      property.weight = found.weight;
      property.says = fmt::format("{}: {}", found.says, to_text(samples[i].at));
      property.worst = i;
      worst = found.by;
    }
  }
  return property;
}

}  // namespace

std::vector<Property> properties(analytic::Subject& subject, const std::vector<Sample>& samples) {
  std::vector<Property> result;
  result.reserve(checks.size());
  for (const Check& check : checks) {
    result.push_back(looked_at(check, subject, samples));
  }
  return result;
}

Property of_one_rank(analytic::Subject& subject, const std::vector<Sample>& samples) {
  return looked_at(alone_check, subject, samples);
}

std::string broken(analytic::Subject& subject, std::string_view property, const Sample& sample) {
  const auto check = std::ranges::find(checks, property, &Check::name);
  Checks asking(subject);
  (asking.*(check == checks.end() ? alone_check : *check).look)(sample);
  return asking.taken().says;
}

}  // namespace plumbline::gate

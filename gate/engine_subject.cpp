// SPDX-License-Identifier: Apache-2.0
#include "gate/engine_subject.hpp"

#include <fmt/format.h>
#include <limits>

#include "core/diagnostic.hpp"
#include "core/text.hpp"
#include "gate/case.hpp"
#include "gate/transforms.hpp"

namespace plumbline::gate {
namespace {

using analytic::Answer;
using analytic::Claim;
using analytic::Contract;
using analytic::Gauge;
using workload::Problem;

constexpr double unlimited = std::numeric_limits<double>::infinity();

Answer answer_of(const workload::Outcome& outcome, const Gauge& gauge) {
  Answer answer;
  if (outcome.estimate) {
    answer.estimate = outcome.estimate->si() / gauge.time;
    for (std::size_t i = 0; i < workload::term_count; ++i) {
      answer.terms[std::string(to_text(static_cast<workload::Term>(i)))] =
          outcome.terms.values[i].si() / gauge.time;
    }
  }
  for (const workload::Bound& bound : outcome.bounds) {
    const double value = bound.value.si() / gauge.time;
    if (bound.side == workload::Side::lower) {
      answer.lower = std::max(answer.lower.value_or(0.0), value);
    } else {
      answer.upper = answer.upper ? std::min(*answer.upper, value) : value;
    }
  }
  answer.binding = outcome.binding;
  return answer;
}

/// Why the gate can't judge it; empty where it can.
std::string beyond(const analytic::SolverEntry& entry) {
  if (entry.claim == Claim::estimate && entry.promise == nullptr) {
    return entry.schema != nullptr
               ? "its numbers come with its options: judge the fit with `plumbline calibrate`"
               : "it predicts a library, not a schedule: judge it on measured sets with "
                 "`plumbline calibrate`";
  }
  return {};
}

Contract contract_of(const analytic::SolverEntry& entry) {
  Contract contract;
  contract.name = std::string(entry.name);
  contract.claim = entry.claim;
  contract.citation = std::string(entry.citation);
  for (const AxisInfo& axis : numbers()) {
    if (axis.overhead) {  // it reads the schedule and its costs
      contract.domain[std::string(axis.name)] = {axis.from, unlimited, {}};
    }
  }
  if (entry.promise != nullptr) {
    const analytic::Promise promise = entry.promise();
    contract.within_p95 = promise.within;
    for (const analytic::PromiseLimit& limit : promise.limits) {
      contract.domain[std::string(limit.axis)] = {
          limit.from, limit.to, {limit.words.begin(), limit.words.end()}};
    }
  }
  return contract;
}

}  // namespace

Answer EngineSubject::ask(const Problem& problem, const Gauge& gauge) {
  Answer answer;
  try {
    const Problem asked = in_units(problem, gauge);
    if (const workload::Validity validity = engine_->accepts(asked); !validity.valid) {
      answer.not_applicable = validity.why_not;
      return answer;
    }
    answer = answer_of(engine_->run(asked), gauge);
  } catch (const std::exception& error) {
    answer.failure = error.what();
  }
  return answer;
}

std::vector<std::string> built_in_names() {
  std::vector<std::string> names;
  for (const analytic::SolverEntry* entry : analytic::solvers::all()) {
    if (beyond(*entry).empty()) {
      names.emplace_back(entry->name);
    }
  }
  return names;
}

std::unique_ptr<analytic::Subject> built_in(std::string_view name) {
  const analytic::SolverEntry* entry = analytic::find_solver(name);
  const std::string why =
      entry == nullptr
          ? fmt::format("there is no {} '{}'",
                        name.find_first_of("./") == name.npos ? "solver" : "file", name)
          : beyond(*entry);
  if (!why.empty()) {
    throw core::InputError(
        {{"PL-N001",
          core::Severity::error,
          {"solver", 1, 1},
          why,
          entry == nullptr ? core::suggest(name, built_in_names()) : std::string()}});
  }
  return std::make_unique<EngineSubject>(
      contract_of(*entry), std::shared_ptr<const workload::Engine>(entry->make(nullptr)));
}

}  // namespace plumbline::gate

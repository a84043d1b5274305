// SPDX-License-Identifier: Apache-2.0
#include "analytic/solver.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string>

namespace plumbline::analytic {

std::string_view to_text(Claim claim) {
  switch (claim) {
    case Claim::lower:
      return "lower";
    case Claim::upper:
      return "upper";
    case Claim::exact:
      return "exact";
    case Claim::estimate:
      return "estimate";
  }
  return "estimate";
}

std::unique_ptr<workload::Engine> make_solver(const SolverEntry& entry, const core::Cursor* options,
                                              const SolverContext& context) {
  return entry.make_in != nullptr ? entry.make_in(options, context) : entry.make(options);
}

const SolverEntry* find_solver(std::string_view name) {
  const auto all = solvers::all();
  const auto found = std::ranges::find(all, name, [](const SolverEntry* e) { return e->name; });
  return found == all.end() ? nullptr : *found;
}

BoundReport all_bounds(const workload::Problem& problem) {
  BoundReport report;
  for (const SolverEntry* entry : solvers::all()) {
    if (!entry->bound) {
      continue;
    }
    const auto engine = entry->make(nullptr);
    if (const workload::Validity validity = engine->accepts(problem); !validity.valid) {
      report.notes.push_back(fmt::format("{}: {}", entry->name, validity.why_not));
      continue;
    }
    workload::Outcome outcome = engine->run(problem);
    std::ranges::move(outcome.bounds, std::back_inserter(report.bounds));
    for (const std::string& note : outcome.notes) {
      report.notes.push_back(fmt::format("{}: {}", entry->name, note));
    }
  }
  return report;
}

}  // namespace plumbline::analytic

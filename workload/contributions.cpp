// SPDX-License-Identifier: Apache-2.0
#include "workload/contributions.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/hash.hpp"

namespace plumbline::workload {

ContributionSets::ContributionSets() : known_(16, Hash{this}, Equal{this}) {
  (void)intern({});
}

std::size_t ContributionSets::Hash::operator()(SetId set) const {
  core::Hash hash;
  for (const Run& run : sets->runs(set)) {
    hash.mix(run.begin);
    hash.mix(run.end);
  }
  return hash.value();
}

bool ContributionSets::Equal::operator()(SetId a, SetId b) const {
  return std::ranges::equal(sets->runs(a), sets->runs(b));
}

/// Appends the set, and takes it away again when it is known already.
SetId ContributionSets::intern(std::span<const Run> runs) {
  const auto candidate = static_cast<SetId>(offsets_.size() - 1);
  runs_.insert(runs_.end(), runs.begin(), runs.end());
  offsets_.push_back(static_cast<std::uint32_t>(runs_.size()));
  const auto [found, is_new] = known_.insert(candidate);
  if (!is_new) {
    offsets_.pop_back();
    runs_.resize(offsets_.back());
  }
  return *found;
}

SetId ContributionSets::range(std::uint32_t begin, std::uint32_t end) {
  if (begin >= end) {
    return 0;
  }
  const Run run{begin, end};
  return intern(std::span(&run, 1));
}

/// Sweeps over the ends of both sets' runs; `keep(in_a, in_b)` says what belongs to the result.
template <class Keep>
SetId ContributionSets::combine(SetId a, SetId b, Keep keep) {
  const auto runs_a = runs(a);
  const auto runs_b = runs(b);
  // Number of run ends passed in each set: odd inside a run.
  std::size_t passed_a = 0;
  std::size_t passed_b = 0;
  const auto end_at = [](std::span<const Run> runs, std::size_t i) {
    return i % 2 == 0 ? runs[i / 2].begin : runs[i / 2].end;
  };
  std::vector<Run> result;
  bool inside = false;
  while (passed_a < 2 * runs_a.size() || passed_b < 2 * runs_b.size()) {
    const bool a_left = passed_a < 2 * runs_a.size();
    const bool b_left = passed_b < 2 * runs_b.size();
    const std::uint32_t at = std::min(a_left ? end_at(runs_a, passed_a) : end_at(runs_b, passed_b),
                                      b_left ? end_at(runs_b, passed_b) : end_at(runs_a, passed_a));
    passed_a += a_left && end_at(runs_a, passed_a) == at ? 1U : 0U;
    passed_b += b_left && end_at(runs_b, passed_b) == at ? 1U : 0U;
    const bool now_inside = keep(passed_a % 2 == 1, passed_b % 2 == 1);
    if (now_inside && !inside) {
      result.push_back({at, at});
    } else if (!now_inside && inside) {
      result.back().end = at;
    }
    inside = now_inside;
  }
  return intern(result);
}

SetId ContributionSets::unite(SetId a, SetId b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a || in_b; });
}

SetId ContributionSets::intersect(SetId a, SetId b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a && in_b; });
}

SetId ContributionSets::subtract(SetId a, SetId b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a && !in_b; });
}

std::string ContributionSets::text(SetId set, const Name& name) const {
  const auto named = [&](std::uint32_t number) {
    return name ? name(number) : fmt::format("{}", number);
  };
  constexpr std::size_t most_runs = 8;
  std::string result = "{";
  const auto all = runs(set);
  for (std::size_t i = 0; i < std::min(all.size(), most_runs); ++i) {
    result += i > 0 ? ", " : "";
    result += named(all[i].begin);
    if (all[i].end - all[i].begin > 1) {
      result += (name ? " to " : "–") + named(all[i].end - 1);
    }
  }
  return result + (all.size() > most_runs ? ", …}" : "}");
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// Proof of a schedule too large to execute: by its generator on fewer ranks.
#include <algorithm>
#include <bit>
#include <fmt/format.h>

#include "workload/generator.hpp"
#include "workload/verify.hpp"

namespace plumbline::workload {

namespace {

/// The same request on `ranks` ranks.
Workload on_fewer(Workload workload, std::uint32_t ranks) {
  workload.ranks = RankCount(ranks);
  workload.root = RankId(workload.root.value % ranks);
  workload.site.machine_of.resize(std::min<std::size_t>(workload.site.machine_of.size(), ranks));
  if (workload.pipeline) {
    for (auto* const times : {&workload.pipeline->forward, &workload.pipeline->backward}) {
      times->resize(std::min<std::size_t>(times->size(), ranks));
    }
    // An interleaved schedule takes whole rounds of `ranks` micro-batches.
    std::uint32_t& micro_batches = workload.pipeline->micro_batches;
    micro_batches = std::max(ranks, micro_batches - micro_batches % ranks);
  }
  return workload;
}

}  // namespace

Verification verify_generated(const Schedule& schedule, const Workload& workload) {
  const bool is_small = schedule.operation_count() <= verify_limit;
  const bool has_own_size = workload.collective == Collective::flows ||
                            workload.collective == Collective::compute ||
                            workload.collective == Collective::together;
  if (is_small || has_own_size || workload.ranks.value <= 2) {
    return verify(schedule, workload);
  }
  const GeneratorEntry* const generator = find_generator(workload.collective, workload.algorithm);
  if (generator == nullptr) {
    return {.proved = false,
            .at_ranks = workload.ranks,
            .failure = fmt::format("no generator makes {} with algorithm '{}'",
                                   to_text(workload.collective), workload.algorithm)};
  }
  RouteSource routes = RouteSource::without_routes();
  for (std::uint32_t ranks = std::bit_floor(workload.ranks.value - 1); ranks >= 2; ranks /= 2) {
    const Workload smaller = on_fewer(workload, ranks);
    if (!generator->refuses(smaller).empty()) {
      continue;
    }
    const Schedule small_schedule = generator->generate(smaller, routes);
    if (small_schedule.operation_count() <= verify_limit || ranks == 2) {
      return verify(small_schedule, smaller);
    }
  }
  return verify(schedule, workload);
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// Every rank computes for the same time: what communication may overlap with.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::compute};

std::string refuses(const Workload& workload) {
  return refuse_channels_or_size(workload, workload.ranks.value);
}

Schedule generate(const Workload& workload, RouteSource& /*routes*/) {
  ScheduleBuilder builder(workload.ranks, 1);
  for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
    builder.add({.kind = OpKind::compute, .rank = RankId(rank), .amount = workload.duration.si()},
                {});
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry compute{.name = "compute",
                                    .collectives = supported,
                                    .summary = "Every rank computes for the time that is given",
                                    .citation = "The user's own time",
                                    .refuses = refuses,
                                    .generate = generate};

}  // namespace plumbline::workload::collectives

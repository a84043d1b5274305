// SPDX-License-Identifier: Apache-2.0
// One-shot all_reduce: every rank sends its whole buffer to every other at once, and all add.
// Fastest while latency rules; n − 1 buffers go through every port.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * (ranks - 1));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, 1);
  builder.keep_additions_apart();
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    for (std::uint32_t step = 1; step < ranks; ++step) {
      const RankId peer((rank + step) % ranks);
      builder.add({.kind = OpKind::reduce,
                   .protocol = workload.protocol,
                   .rank = RankId(rank),
                   .peer = peer,
                   .route = routes.between(RankId(rank), peer),
                   .amount = workload.size.si()},
                  {});
    }
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry one_shot{
    .name = "one_shot",
    .collectives = supported,
    .summary = "Every rank sends its whole buffer to every other at once",
    .citation =
        "NVIDIA TensorRT-LLM, custom all-reduce kernels, strategies ONESHOT and TWOSHOT, "
        "https://github.com/NVIDIA/TensorRT-LLM",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

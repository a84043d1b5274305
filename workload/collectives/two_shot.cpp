// SPDX-License-Identifier: Apache-2.0
// Two-shot all_reduce: every rank sends every other the part that this one sums up, all at once;
// once a rank has all parts of its sum, it sends that to all others at once.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/collectives/rounds.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::string refuses(const Workload& workload) {
  const std::uint64_t others = workload.ranks.value - 1;
  const std::string why = refuse_options(workload, {});
  return why.empty() ? refuse_size(2 * others * (others + 1), 2 * others * others * (others + 1))
                     : why;
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  RoundWriter writer(workload, routes, ranks);
  for (const OpKind kind : {OpKind::reduce, OpKind::copy}) {
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      for (std::uint32_t step = 1; step < ranks; ++step) {
        const std::uint32_t peer = (rank + step) % ranks;
        writer.add(kind, RankId(rank), RankId(peer), kind == OpKind::reduce ? peer : rank);
      }
    }
    writer.next();
  }
  return writer.finish();
}

}  // namespace

extern const GeneratorEntry two_shot{
    .name = "two_shot",
    .collectives = supported,
    .summary = "Everyone to everyone twice: a direct reduce_scatter, then a direct all_gather",
    .citation =
        "NVIDIA TensorRT-LLM, custom all-reduce kernels, strategies ONESHOT and TWOSHOT, "
        "https://github.com/NVIDIA/TensorRT-LLM",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

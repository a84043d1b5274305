// SPDX-License-Identifier: Apache-2.0
// Messages from rank 0 to rank 1, all under way at once; message i is chunk i. Benchmarks of
// bandwidth print one message's share of the time; see reported_share().
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::stream};

std::string refuses(const Workload& workload) {
  return refuse_channels_or_size(workload, workload.messages);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  ScheduleBuilder builder(workload.ranks, workload.messages);
  const RouteId route = routes.between(RankId(0), RankId(1));
  for (std::uint32_t message = 0; message < workload.messages; ++message) {
    builder.add({.kind = OpKind::copy,
                 .protocol = workload.protocol,
                 .rank = RankId(0),
                 .peer = RankId(1),
                 .route = route,
                 .chunk = message,
                 .amount = workload.size.si()},
                {});
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry stream{
    .name = "stream",
    .collectives = supported,
    .summary = "Messages from rank 0 to rank 1, all under way at once",
    .citation = "The window of perftest (ib_write_bw --tx-depth) and of osu_bw",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

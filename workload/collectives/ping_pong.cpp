// SPDX-License-Identifier: Apache-2.0
// One round trip: a message from rank 0 to rank 1 (chunk 0) and, once it has arrived, one of the
// same size back (chunk 1). Benchmarks print half of it; see reported_share().
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::ping_pong};

std::string refuses(const Workload& workload) {
  return refuse_channels_or_size(workload, 2);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  ScheduleBuilder builder(workload.ranks, 2);
  Turns turns(workload.ranks);
  for (const std::uint32_t sender : {0U, 1U}) {
    const RankId from(sender);
    const RankId to(1 - sender);
    turns.add(builder, {.kind = OpKind::copy,
                        .protocol = workload.protocol,
                        .rank = from,
                        .peer = to,
                        .route = routes.between(from, to),
                        .chunk = sender,
                        .amount = workload.size.si()});
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry ping_pong{
    .name = "ping_pong",
    .collectives = supported,
    .summary = "A message from rank 0 to rank 1 and one of the same size back: one round trip",
    .citation =
        "Hockney, The communication challenge for MPP, Parallel Computing 20(3), 1994, "
        "doi:10.1016/S0167-8191(06)80021-9",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

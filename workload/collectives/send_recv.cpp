// SPDX-License-Identifier: Apache-2.0
// One message from rank 0 to rank 1.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::send_recv};

std::string refuses(const Workload& workload) {
  return refuse_channels_or_size(workload, 1);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  ScheduleBuilder builder(workload.ranks, 1);
  builder.add({.kind = OpKind::copy,
               .protocol = workload.protocol,
               .rank = RankId(0),
               .peer = RankId(1),
               .route = routes.between(RankId(0), RankId(1)),
               .amount = workload.size.si()},
              {});
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry send_recv{
    .name = "send_recv",
    .collectives = supported,
    .summary = "One message from rank 0 to rank 1",
    .citation =
        "Hockney, The communication challenge for MPP, Parallel Computing 20(3), 1994, "
        "doi:10.1016/S0167-8191(06)80021-9",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

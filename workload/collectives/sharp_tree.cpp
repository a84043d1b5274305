// SPDX-License-Identifier: Apache-2.0
// all_reduce within the network: every rank's buffer streams up a tree of switches, which add, and
// the sum streams down again. One operation: each link of the tree carries the buffer once.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::string refuses(const Workload& workload) {
  if (!workload.site.in_network) {
    return "no switch that adds and replicates joins all ranks";
  }
  return refuse_channels_or_size(workload, 1);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  ScheduleBuilder builder(workload.ranks, 1);
  std::vector<RankId> all;
  for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
    all.emplace_back(rank);
  }
  const RouteId route = routes.switch_all_reduce(all);
  builder.add({.kind = OpKind::switch_all_reduce,
               .protocol = workload.protocol,
               .rank = RankId(0),
               .peer = RankId(builder.group(std::move(all))),
               .route = route,
               .amount = workload.size.si()},
              {});
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry sharp_tree{
    .name = "sharp_tree",
    .collectives = supported,
    .summary = "A tree of switches adds on the way up and replicates on the way down",
    .citation =
        "Graham et al., Scalable Hierarchical Aggregation Protocol (SHARP), COMHPC 2016, "
        "doi:10.1109/COMHPC.2016.006",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

// SPDX-License-Identifier: Apache-2.0
// all_reduce on a heap-shaped binary tree, whole buffer, unpipelined: reduce up, broadcast down.
// Rank r's parent is (r − 1)/2. Both children send to their parent as soon as they are ready, and a
// parent sends to both at once: they share its port.
#include <array>
#include <vector>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::string refuses(const Workload& workload) {
  return refuse_channels_or_size(workload, 2 * std::uint64_t{workload.ranks.value - 1});
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, 1);
  const auto transfer = [&](OpKind kind, std::uint32_t from, std::uint32_t to) {
    return Operation{.kind = kind,
                     .protocol = workload.protocol,
                     .rank = RankId(from),
                     .peer = RankId(to),
                     .route = routes.between(RankId(from), RankId(to)),
                     .amount = workload.size.si()};
  };

  std::vector<std::vector<Predecessor>> received(ranks);  // from the children
  std::vector<std::uint32_t> sent_up(ranks);
  for (std::uint32_t rank = ranks - 1; rank > 0; --rank) {
    const std::uint32_t parent = (rank - 1) / 2;
    sent_up[rank] = builder.add(transfer(OpKind::reduce, rank, parent), received[rank]);
    received[parent].push_back({.op = sent_up[rank]});
  }
  std::vector<std::vector<Predecessor>> complete(ranks);  // what makes a rank's result final
  complete[0] = received[0];
  for (std::uint32_t rank = 1; rank < ranks; ++rank) {
    std::vector<Predecessor> before = complete[(rank - 1) / 2];
    if ((rank - 1) / 2 != 0) {
      // Implied by the parent's result; said all the same, for it is the rank's own chain.
      before.push_back({.op = sent_up[rank]});
    }
    complete[rank] = {{.op = builder.add(transfer(OpKind::copy, (rank - 1) / 2, rank), before)}};
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry binary_tree{
    .name = "binary_tree",
    .collectives = supported,
    .summary =
        "A heap-shaped binary tree, whole buffer per hop; two children share a parent's port",
    .citation =
        "Pješivac-Grbović et al., Performance analysis of MPI collective operations, "
        "Cluster Computing 10, 2007, §3, doi:10.1007/s10586-007-0012-0",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

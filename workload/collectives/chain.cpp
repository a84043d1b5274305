// SPDX-License-Identifier: Apache-2.0
// Broadcast along a chain, root, root + 1, … (mod n), in pieces of at most `chunk`: every rank
// passes a piece on while the next one arrives. Reduce goes the other way. Channels are chains side
// by side over parts of the buffer.
#include "workload/collectives/chain.hpp"

#include <algorithm>
#include <array>

#include "workload/collectives/piped.hpp"
#include "workload/collectives/ring_orders.hpp"

namespace plumbline::workload {

Schedule chains(const Workload& workload, RouteSource& routes,
                const std::vector<std::vector<RankId>>& orders) {
  const bool adds = workload.collective == Collective::reduce;
  std::vector<PipedHop> hops;
  for (std::uint32_t channel = 0; channel < workload.channels; ++channel) {
    std::vector<RankId> order = orders[channel];
    std::ranges::rotate(order, std::ranges::find(order, workload.root));
    if (adds) {
      std::ranges::reverse(order);
    }
    for (std::uint32_t i = 0; i + 1 < order.size(); ++i) {
      const auto last = static_cast<std::uint32_t>(hops.size()) - 1;
      hops.push_back({.kind = adds ? OpKind::reduce : OpKind::copy,
                      .from = order[i],
                      .to = order[i + 1],
                      .stream = channel,
                      .fed_by = i == 0 ? std::vector<std::uint32_t>{} : std::vector{last}});
    }
  }
  return pipe(workload, routes, hops, workload.channels);
}

std::string refuse_chains(const Workload& workload) {
  const std::uint64_t hops = std::uint64_t{workload.channels} * (workload.ranks.value - 1);
  return refuse_pipe(workload, hops, workload.channels);
}

namespace collectives {

namespace {

constexpr std::array supported{Collective::broadcast, Collective::reduce};

std::string refuses(const Workload& workload) {
  const std::string why =
      refuse_options(workload, {Option::channels, Option::chunk, Option::slots});
  return why.empty() ? refuse_chains(workload) : why;
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  return chains(workload, routes, ring_orders(workload));
}

}  // namespace

extern const GeneratorEntry chain{
    .name = "chain",
    .collectives = supported,
    .summary = "From rank to rank in pieces, each passed on while the next arrives",
    .citation =
        "Pješivac-Grbović et al., Performance analysis of MPI collective operations, "
        "Cluster Computing 10, 2007, §3, doi:10.1007/s10586-007-0012-0",
    .refuses = refuses,
    .generate = generate};

}  // namespace collectives

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/machines.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace plumbline::workload {

std::vector<std::vector<RankId>> ranks_of_machines(const Workload& workload) {
  const std::vector<std::uint32_t>& machine_of = workload.site.machine_of;
  std::vector<std::vector<RankId>> machines(1);
  for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
    const std::size_t machine = machine_of.empty() ? 0 : machine_of[rank];
    machines.resize(std::max(machines.size(), machine + 1));
    machines[machine].emplace_back(rank);
  }
  return machines;
}

std::string refuse_machines(const Workload& workload) {
  const auto machines = ranks_of_machines(workload);
  if (machines.size() == 1) {
    return "all ranks are in one machine";
  }
  for (const auto& machine : machines) {
    if (machine.size() != machines.front().size()) {
      return fmt::format("machines hold {} and {} ranks; it needs as many in each",
                         machines.front().size(), machine.size());
    }
  }
  return {};
}

}  // namespace plumbline::workload

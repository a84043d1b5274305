// SPDX-License-Identifier: Apache-2.0
#include "workload/loads.hpp"

namespace plumbline::workload {

std::vector<ResourceLoad> loads(const Problem& problem) {
  const Costs& costs = problem.costs();
  const Schedule& schedule = problem.schedule();
  std::vector<ResourceLoad> by_path(costs.paths().size());
  for (const Block& block : schedule.blocks()) {
    for (std::uint32_t i = block.first_op; i < block.first_op + block.op_count; ++i) {
      const Operation& op = schedule.operations()[i];
      if (op.is_transfer()) {
        const PathId path = costs.path_of(i);
        by_path[path.index()].bytes += costs.wire_bytes(op, path) * block.repeat;
        by_path[path.index()].transfers += block.repeat;
      }
    }
  }
  std::vector<ResourceLoad> by_resource(costs.resources().size());
  for (std::size_t i = 0; i < by_path.size(); ++i) {
    for (const Use& use : costs.uses(PathId(i))) {
      ResourceLoad& load = by_resource[use.resource.index()];
      load.bytes += by_path[i].bytes * use.weight;
      load.transfers += by_path[i].transfers;
    }
  }
  return by_resource;
}

}  // namespace plumbline::workload

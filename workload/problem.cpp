// SPDX-License-Identifier: Apache-2.0
#include "workload/problem.hpp"

#include <fmt/format.h>

#include "core/diagnostic.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload {

Problem::Problem(Parts parts) {
  Costs costs = derive_costs(*parts.fabric, *parts.routes, *parts.schedule,
                             parts.placement.device_of, parts.constants);
  data_ = std::make_shared<const Data>(
      Data{std::move(parts), std::move(costs), std::make_shared<Expansion>()});
}

Problem Problem::with_constants(ConstantSet constants) const {
  Parts parts = data_->parts;
  parts.constants = std::move(constants);
  Costs costs = derive_costs(*parts.fabric, *parts.routes, *parts.schedule,
                             parts.placement.device_of, parts.constants);
  return Problem(
      std::make_shared<const Data>(Data{std::move(parts), std::move(costs), data_->expansion}));
}

const Dag& Problem::dag() const {
  const std::uint64_t count = schedule().operation_count();
  if (count > expand_limit) {
    throw core::ModelError(
        fmt::format("the schedule has {} operations; at most {} are replayed or searched one by "
                    "one",
                    count, expand_limit));
  }
  Expansion& expansion = *data_->expansion;
  std::call_once(expansion.once, [&] { expansion.dag = schedule().expand(); });
  return expansion.dag;
}

Problem make_problem(std::shared_ptr<const topology::Fabric> fabric, topology::Placement placement,
                     Workload workload, ConstantSet constants, topology::Routing routing) {
  const GeneratorEntry* const generator = find_generator(workload.collective, workload.algorithm);
  if (generator == nullptr) {
    throw core::InternalError(fmt::format("no generator makes {} with algorithm '{}'",
                                          to_text(workload.collective), workload.algorithm));
  }
  topology::Router router(*fabric, routing);
  auto table = std::make_shared<topology::RouteTable>();
  RouteSource routes(placement, router, *table, *fabric);
  auto schedule = std::make_shared<const Schedule>(generator->generate(workload, routes));
  return Problem(Problem::Parts{.fabric = std::move(fabric),
                                .placement = std::move(placement),
                                .workload = std::move(workload),
                                .schedule = std::move(schedule),
                                .routes = std::move(table),
                                .constants = std::move(constants),
                                .routing = routing});
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// The immutable question that every engine answers.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "topology/fabric.hpp"
#include "topology/placement.hpp"
#include "topology/routing.hpp"
#include "workload/constants.hpp"
#include "workload/costs.hpp"
#include "workload/schedule.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// More operations than this are never expanded.
inline constexpr std::uint64_t expand_limit = 5'000'000;

/// Shares its parts; copying is cheap. `with_constants` reuses the schedule, as calibration needs.
class Problem {
 public:
  struct Parts {
    std::shared_ptr<const topology::Fabric> fabric;
    topology::Placement placement;
    Workload workload;
    std::shared_ptr<const Schedule> schedule;
    std::shared_ptr<const topology::RouteTable> routes;
    ConstantSet constants;
    topology::Routing routing{};
  };

  explicit Problem(Parts parts);

  [[nodiscard]] Problem with_constants(ConstantSet constants) const;

  [[nodiscard]] const topology::Fabric& fabric() const { return *data_->parts.fabric; }

  [[nodiscard]] const topology::Placement& placement() const { return data_->parts.placement; }

  [[nodiscard]] const Workload& workload() const { return data_->parts.workload; }

  [[nodiscard]] const Schedule& schedule() const { return *data_->parts.schedule; }

  [[nodiscard]] const topology::RouteTable& routes() const { return *data_->parts.routes; }

  [[nodiscard]] const topology::Routing& routing() const { return data_->parts.routing; }

  [[nodiscard]] const ConstantSet& constants() const { return data_->parts.constants; }

  [[nodiscard]] const Costs& costs() const { return data_->costs; }

  /// The expanded schedule, made on first use and shared by the problem's copies and by
  /// with_constants. ModelError above expand_limit.
  [[nodiscard]] const Dag& dag() const;

 private:
  struct Expansion {
    std::once_flag once;
    Dag dag;
  };

  struct Data {
    Parts parts;
    Costs costs;
    std::shared_ptr<Expansion> expansion;
  };

  explicit Problem(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::shared_ptr<const Data> data_;
};

/// Generates the schedule with its routes. Precondition: the generator accepts the workload (see
/// GeneratorEntry::refuses). ModelError where the fabric has no path.
[[nodiscard]] Problem make_problem(std::shared_ptr<const topology::Fabric> fabric,
                                   topology::Placement placement, Workload workload,
                                   ConstantSet constants, topology::Routing routing = {});

}  // namespace plumbline::workload

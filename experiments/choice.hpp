// SPDX-License-Identifier: Apache-2.0
// `algorithm: auto` and `protocol: auto`: what the library would take, made into a workload that
// has a schedule.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analytic/solver.hpp"
#include "calibration/simulated_response.hpp"
#include "core/cursor.hpp"
#include "topology/fabric.hpp"
#include "topology/placement.hpp"
#include "workload/constants.hpp"
#include "workload/workload.hpp"

namespace plumbline::experiments {

/// The model that chooses where the experiment names none.
inline constexpr std::string_view default_choice = "nccl_tuner";

/// The fastest schedule of all that the library has, under the experiment's constants.
inline constexpr std::string_view fastest_choice = "fastest";

/// Its name in an experiment.
[[nodiscard]] constexpr std::string_view choice_of(calibration::Choosing choosing) {
  return choosing == calibration::Choosing::fastest ? fastest_choice : default_choice;
}

/// What an experiment says, else what its constants were fitted to, else default_choice. Nullopt
/// after a diagnostic.
[[nodiscard]] std::optional<std::string> who_chooses(const core::Cursor& experiment,
                                                     const workload::ConstantSet& constants);

/// How a point came by its algorithm, protocol and channels.
struct Choice {
  std::string by = "given";        ///< or the model that chose
  std::uint32_t channels = 1;      ///< the library's; schedules of nvls and pat have none
  std::vector<std::string> notes;  ///< what the model would rather have taken, and why it was not
  std::vector<workload::Workload> candidates;  ///< of `choose: fastest`: what it is to choose from
  /// Of the candidates, by the library's tables; infinity where it leaves one out by itself.
  std::vector<core::Seconds> reckoned;
  std::vector<core::Seconds> times;  ///< of the candidates, once one of them was picked
};

/// Fills in what the workload leaves open: the fastest of the tuner's candidates that there is a
/// schedule for. A chosen algorithm brings its channels and, where they are known, their orders of
/// ranks; else rings between machines are rotated, so that each uses an adapter of its own. Trees
/// are cut into pieces as NCCL cuts them, unless the workload says how. In one sentence why not,
/// where nothing fits.
[[nodiscard]] std::string choose(workload::Workload& workload, const analytic::SolverContext& known,
                                 const topology::Fabric& fabric,
                                 const topology::Placement& placement, Choice& choice);

/// Every way in which the library may run an open workload and that there is a schedule for, into
/// `choice`. No more channels than there are different ones: in a fluid model channels that pass
/// the same links are as fast as one. In one sentence why not, where there is none.
[[nodiscard]] std::string list_candidates(const workload::Workload& workload,
                                          const analytic::SolverContext& known,
                                          const topology::Fabric& fabric,
                                          const topology::Placement& placement, Choice& choice);

/// The candidate whose schedule takes least, as `workload`. ModelError where one can't be timed.
void pick_fastest(workload::Workload& workload,
                  const std::shared_ptr<const topology::Fabric>& fabric,
                  const topology::Placement& placement, const topology::Routing& routing,
                  const workload::ConstantSet& constants, Choice& choice);

}  // namespace plumbline::experiments

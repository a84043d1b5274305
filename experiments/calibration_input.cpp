// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_input.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "analytic/solver.hpp"
#include "core/text.hpp"
#include "experiments/measured.hpp"
#include "experiments/point.hpp"
#include "report/gap.hpp"
#include "workload/flow_pieces.hpp"

namespace plumbline::experiments {
namespace {

/// Which flows, and how large: no two lists of flows are one family.
std::string flows_text(const workload::Workload& work) {
  std::string text;
  for (const workload::Flow& flow : work.flows) {
    for (const topology::DeviceId device : workload::stops_of(flow)) {
      text += fmt::format("{}>", device.value);
    }
    text += fmt::format("{}@{}/{};", flow.size.si(), flow.start.si(), flow.pieces);
  }
  return text;
}

/// What two workloads must have in common for their schedules to differ in nothing but bytes.
std::string family_key(const PointSpec& spec, const workload::Workload& work,
                       const workload::Problem& problem) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", spec.system->name, spec.placement.description,
                     spec.routing.description(), to_text(work.collective), work.algorithm,
                     to_text(work.protocol), work.ranks.value, work.channels,
                     problem.schedule().operation_count(), flows_text(work));
}

core::Seconds speed_of_light(const workload::Problem& problem) {
  const analytic::BoundReport known = analytic::all_bounds(problem);
  const workload::Bound* bound =
      report::tightest(known.bounds, workload::Scope::speed_of_light, workload::Side::lower);
  return bound == nullptr ? core::Seconds{} : bound->value;
}

/// nccl_tuner's answer, where it is among the solvers and has one.
std::optional<core::Seconds> ask_tuner(const PointSpec& spec, const workload::Problem& problem) {
  for (const RequestedSolver& solver : spec.solvers) {
    if (solver.name == default_choice && solver.engine->accepts(problem).valid) {
      return solver.engine->run(problem).estimate;
    }
  }
  return std::nullopt;
}

class Gathering {
 public:
  Gathering(CalibrationInput& input, PointsOf which) : input_(input), which_(which) {}

  /// False where no row, or several, are of the point. `open`: the library may have chosen by its
  /// own tables.
  bool take(const PointSpec& spec, bool open) {
    const std::uint32_t nodes = nodes_used(*spec.system->fabric, spec.placement);
    const bool flows = spec.workload.collective == workload::Collective::flows;
    calibration::MeasuredRow imagined;
    imagined.collective = to_text(spec.workload.collective);
    imagined.nodes = nodes;
    imagined.ranks = spec.workload.ranks.value;
    imagined.size = flows ? spec.workload.flows.front().size : spec.workload.size;
    std::vector<const calibration::MeasuredRow*> rows{&imagined};
    if (which_ == PointsOf::rows) {
      const calibration::MeasuredQuery query = query_of(*spec.measured, spec.workload, nodes);
      rows = match(*spec.measured->set, query);
      if (rows.empty()) {
        why_ = why_unmatched(*spec.measured->set, query);
      }
    }
    if (rows.size() != 1) {
      return false;
    }
    calibration::Asked asked{.size = imagined.size,
                             .families = {},
                             .reckoned = {},
                             .share = reported_share(spec.workload)};
    for (const core::Seconds time : spec.choice.reckoned) {
      if (open) {
        asked.reckoned.push_back(time.si());
      }
    }
    std::optional<core::Seconds> light;
    std::optional<core::Seconds> tuner;
    for (const workload::Workload& work : spec.choice.candidates) {
      const workload::Problem problem = workload::make_problem(spec.system->fabric, spec.placement,
                                                               work, spec.constants, spec.routing);
      asked.families.push_back(family(spec, work, imagined.size, problem));
      if (!light) {
        light = speed_of_light(problem);
        tuner = ask_tuner(spec, problem);
      }
    }
    input_.points.push_back({.curve = curve(spec, *rows.front(), nodes),
                             .row = *rows.front(),
                             .speed_of_light = *light,
                             .tuner = tuner});
    input_.asked.push_back(std::move(asked));
    return true;
  }

  /// What is known of points that found no row, since it was last asked: `; the set has …`.
  std::string why() {
    const std::string text = std::exchange(why_, {});
    return text.empty() ? text : "; " + text;
  }

 private:
  std::size_t family(const PointSpec& spec, const workload::Workload& work, core::Bytes size,
                     const workload::Problem& problem) {
    const auto [found, is_new] =
        families_.try_emplace(family_key(spec, work, problem), input_.families.size());
    if (is_new) {
      input_.families.push_back(
          {.label = fmt::format("{}, {}, {} channel{}", work.algorithm, to_text(work.protocol),
                                work.channels, work.channels == 1 ? "" : "s"),
           .problem = problem,
           .size = size});
    }
    return found->second;
  }

  std::size_t curve(const PointSpec& spec, const calibration::MeasuredRow& row,
                    std::uint32_t nodes) {
    // Cases of copies on one machine are one curve: its figures are what they share.
    const bool flows = spec.workload.collective == workload::Collective::flows;
    const std::string& set = spec.measured ? spec.measured->set->name : spec.system->name;
    const std::string label =
        flows ? fmt::format("{}, {} on {}, {} at once", set, row.collective, spec.system->name,
                            row.ranks)
              : fmt::format("{}, {}{}{}, {} node{}, {} ranks", set, row.collective,
                            row.algorithm.empty() ? "" : " ", row.algorithm, nodes,
                            nodes == 1 ? "" : "s", row.ranks);
    const auto [found, is_new] = curves_.try_emplace(label, input_.curves.size());
    if (is_new) {
      input_.curves.push_back({.label = label,
                               .system = spec.system->name,
                               .set = spec.measured ? spec.measured->set : nullptr,
                               .collective = row.collective,
                               .algorithm = flows ? std::string() : row.algorithm,
                               .nodes = nodes,
                               .ranks = row.ranks,
                               .at = spec.measured ? spec.measured->at : core::SourceSpan{}});
    }
    return found->second;
  }

  CalibrationInput& input_;
  PointsOf which_;
  std::string why_;
  std::map<std::string, std::size_t> families_;
  std::map<std::string, std::size_t> curves_;
};

}  // namespace

void require_measured(std::span<Experiment* const> experiments) {
  core::Diagnostics found;
  for (Experiment* experiment : experiments) {
    if (!experiment->candidates(0).measured) {
      found.error("PL-M051", {experiment->document().name(), 1, 1},
                  fmt::format("'{}' has no `measured:`", experiment->name()),
                  "name a measured set: measured: {set: NAME}; see `plumbline list measurements`");
    }
  }
  core::throw_if_errors(found);
}

CalibrationInput calibration_input(std::span<Experiment* const> experiments,
                                   const std::function<void(const Progress&)>& told, PointsOf which,
                                   std::span<const std::string> open) {
  if (which == PointsOf::rows) {
    require_measured(experiments);
  }
  CalibrationInput input;
  Gathering gathering(input, which);
  Progress progress;
  for (const Experiment* experiment : experiments) {
    progress.total += experiment->points();
  }
  for (Experiment* experiment : experiments) {
    std::size_t unmatched = 0;
    const bool is_open = std::ranges::find(open, experiment->name()) != open.end();
    for (std::size_t i = 0; i < experiment->points(); ++i) {
      const PointSpec spec = experiment->candidates(i);
      if (progress.done == 0) {
        input.prior = spec.constants;
      }
      unmatched += gathering.take(spec, is_open) ? 0U : 1U;
      ++progress.done;
      if (told) {
        told(progress);
      }
    }
    if (unmatched > 0) {
      input.notes.push_back(
          fmt::format("{} of the {} points of {} have no measured row, or several{}", unmatched,
                      experiment->points(), experiment->name(), gathering.why()));
    }
  }
  if (input.points.empty()) {
    throw core::ModelError(fmt::format("no point of the experiments has one measured row: {}",
                                       core::join(input.notes, "; ")));
  }
  return input;
}

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
#include "experiments/runner.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <set>

#include "experiments/point.hpp"
#include "report/gap.hpp"
#include "report/writers.hpp"
#ifdef PLUMBLINE_WITH_DES
#include "des/replay.hpp"
#endif

namespace plumbline::experiments {
namespace {

using report::PointStatus;
using report::ResultSet;

void refuse_too_large(Experiment& experiment) {
  core::Diagnostics diagnostics;
  for (std::size_t i = 0; i < experiment.points(); ++i) {
    const PointSpec spec = experiment.bind(i);
    const std::uint64_t operations = outline(spec.workload).operation_count();
    if (spec.replay.enabled && operations > workload::expand_limit) {
      diagnostics.error("PL-R003", spec.workload_at,
                        fmt::format("{} operations, more than the {} that are replayed", operations,
                                    workload::expand_limit),
                        "use fewer ranks or channels, or `replay: off` for the closed forms alone");
    }
  }
  core::throw_if_errors(diagnostics);
}

ResultSet describe(const Experiment& experiment) {
  ResultSet result;
  result.experiment = experiment.name();
  result.question = experiment.question();
  for (const core::Axis& axis : experiment.axes()) {
    result.axes.push_back({axis.path, axis.values});
  }
  result.inputs.push_back({experiment.document().name(), experiment.document().text()});
  result.provenance = experiment.provenance();
  return result;
}

/// Runs the points in order; up to `jobs` replays are in flight while the next points are prepared.
class Run {
 public:
  Run(Experiment& experiment, const RunOptions& options)
      : experiment_(experiment), options_(options), result_(describe(experiment)) {
    for (const core::Diagnostic& found : experiment.diagnostics().sorted()) {
      diagnostics_.add(found);
    }
    result_.points.resize(experiment.points());
  }

  ResultSet all() {
    for (std::size_t i = 0; i < experiment_.points() && !stopped(); ++i) {
      start(i);
      while (in_flight_.size() >= std::max(1U, options_.jobs)) {
        finish_oldest();
      }
    }
    while (!in_flight_.empty()) {
      finish_oldest();
    }
    result_.interrupted = stopped();
    judge_it();
    result_.diagnostics = diagnostics_.sorted();
    return std::move(result_);
  }

 private:
  struct InFlight {
    std::size_t index;
    workload::Problem problem;
    core::SourceSpan at;
#ifdef PLUMBLINE_WITH_DES
    std::unique_ptr<des::Replay> engine;
    des::IsolatedRun replay;
#endif
  };

  [[nodiscard]] bool stopped() const {
    return options_.stop != nullptr && *options_.stop != 0;
  }

  void judge_it() {
    const Acceptance& accept = experiment_.accept();
    if (options_.predict && options_.replay) {
      result_.verdict = judge(accept, result_);
    } else if (accept.at.line > 0) {
      diagnostics_.warning("PL-R004", accept.at, "the conditions of `accept` were not judged",
                           "they need predictions and replays: use `plumbline run`");
    }
  }

  void start(std::size_t index) {
    const PointSpec spec = experiment_.bind(index);
    remember_inputs(spec);
    report::Point& point = result_.points[index];
    point.labels = spec.labels;
    try {
      PreparedPoint prepared = prepare(spec, proofs_);
      if (options_.predict) {
        predict(spec, prepared);
      }
      if (spec.measured) {
        prepared.point.measured =
            measure(*spec.measured, spec.workload, prepared.point.nodes, diagnostics_);
      }
      point = std::move(prepared.point);
      if (options_.replay && spec.replay.enabled) {
        launch(index, spec, std::move(prepared.problem));
      } else {
        finish(index);
      }
    } catch (const core::ModelError& error) {
      fail(index, spec.workload_at, error.what());
    }
  }

  void launch([[maybe_unused]] std::size_t index, [[maybe_unused]] const PointSpec& spec,
              [[maybe_unused]] workload::Problem problem) {
#ifdef PLUMBLINE_WITH_DES
    auto engine =
        std::make_unique<des::Replay>(des::ReplayOptions{.time_limit = spec.replay.time_limit,
                                                         .memory_limit = spec.replay.memory_limit,
                                                         .timeline = options_.timeline,
                                                         .stop = options_.stop});
    if (const workload::Validity validity = engine->accepts(problem); !validity.valid) {
      throw core::ModelError("the replay can't run this: " + validity.why_not);
    }
    des::IsolatedRun started = engine->start(problem);
    in_flight_.push_back(
        {index, std::move(problem), spec.workload_at, std::move(engine), std::move(started)});
#else
    throw core::ModelError("built without SimGrid: no replay (say `replay: off`)");
#endif
  }

  void finish_oldest() {
    InFlight oldest = std::move(in_flight_.front());
    in_flight_.pop_front();
#ifdef PLUMBLINE_WITH_DES
    report::Point& point = result_.points[oldest.index];
    try {
      point.replay = oldest.engine->collect(oldest.problem, std::move(oldest.replay));
      if (options_.timeline) {
        point.trace = report::trace_operations(oldest.problem.dag(), *point.replay->replay);
      }
      finish(oldest.index);
    } catch (const core::ModelError& error) {
      if (stopped()) {
        return;  // killed by us: the point stays missing
      }
      fail(oldest.index, oldest.at, error.what());
    }
#endif
  }

  void finish(std::size_t index) {
    result_.points[index].status = PointStatus::done;
    report::complete(result_.points[index]);
    count();
  }

  void fail(std::size_t index, const core::SourceSpan& at, const std::string& why) {
    report::Point& point = result_.points[index];
    point.status = PointStatus::failed;
    point.notes.push_back(why);
    diagnostics_.error("PL-R001", at, fmt::format("point {} failed: {}", index + 1, why));
    report::complete(point);
    count();
  }

  void count() {
    ++done_;
    if (options_.progress) {
      options_.progress({done_, result_.points.size()});
    }
  }

  /// The machines and the measured set of a sweep, each once.
  void remember_inputs(const PointSpec& spec) {
    if (spec.measured && !result_.measured) {
      result_.measured = experiments::describe(*spec.measured);
    }
    if (!systems_.insert(spec.system->name).second) {
      return;
    }
    result_.system += (result_.system.empty() ? "" : ", ") + spec.system->name;
    if (!spec.system->file.empty()) {
      result_.inputs.push_back({spec.system->file, spec.system->text});
    }
    result_.provenance.insert(result_.provenance.end(), spec.system->provenance.begin(),
                              spec.system->provenance.end());
  }

  Experiment& experiment_;
  const RunOptions& options_;
  ResultSet result_;
  core::Diagnostics diagnostics_;
  Proofs proofs_;
  std::set<std::string> systems_;
  std::deque<InFlight> in_flight_;
  std::size_t done_ = 0;
};

/// Operations that wait for none, and so begin together.
std::size_t beginnings(const workload::Schedule& schedule) {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < schedule.operations().size(); ++i) {
    const auto before = schedule.before(i);
    // What is carried from an iteration holds nothing back in the first one.
    count += std::all_of(before.begin(), before.end(), [](const workload::Predecessor& p) {
      return p.when == workload::When::carried;
    });
  }
  return count;
}

/// SimGrid 3.32 takes 2 us a transfer plus up to 17 ns for each other one in flight (measured on
/// a 2.5 GHz Xeon; a guide for people, no promise). In flight at once: about what ranks and
/// channels allow, or what begins together where that is more (a direct all_to_all).
Plan::Row cost_of(const PointSpec& spec) {
  Plan::Row row;
  row.labels = spec.labels;
  const workload::Schedule schedule = outline(spec.workload);
  row.operations = schedule.operation_count();
  const auto operations = static_cast<double>(row.operations);
  const double live = std::min(operations, std::max(static_cast<double>(beginnings(schedule)),
                                                    static_cast<double>(spec.workload.ranks.value) *
                                                        spec.workload.channels));
  row.time = core::Seconds::from_si(operations * (2e-6 + 17e-9 * live));
  row.memory = core::Bytes::from_si(40e6 + 150.0 * operations + 1500.0 * live);
  return row;
}

}  // namespace

ResultSet run(Experiment& experiment, const RunOptions& options) {
  if (options.replay) {
    refuse_too_large(experiment);
#ifdef PLUMBLINE_WITH_DES
    des::self_test();
#endif
  }
  return Run(experiment, options).all();
}

Plan plan(Experiment& experiment) {
  Plan result;
  for (std::size_t i = 0; i < experiment.points(); ++i) {
    result.points.push_back(cost_of(experiment.bind(i)));
  }
  return result;
}

}  // namespace plumbline::experiments

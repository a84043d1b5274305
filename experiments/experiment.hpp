// SPDX-License-Identifier: Apache-2.0
// One experiment file: read once, bound point by point.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analytic/nccl_tables.hpp"
#include "analytic/solver.hpp"
#include "core/cursor.hpp"
#include "core/schema.hpp"
#include "experiments/accept.hpp"
#include "experiments/choice.hpp"
#include "experiments/measured.hpp"
#include "workload/engine.hpp"
#include "workload/problem.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::experiments {

/// A solver asked for under `predict:`.
struct RequestedSolver {
  std::string name;
  std::shared_ptr<const workload::Engine> engine;
  analytic::Claim claim = analytic::Claim::estimate;  ///< of a built-in; see external::contract_of
};

/// What `replay:` says.
struct ReplayRequest {
  bool enabled = true;
  core::Seconds time_limit;
  core::Bytes memory_limit;
};

/// One point of the sweep, ready to compute.
struct PointSpec {
  std::vector<std::pair<std::string, std::string>> labels;  ///< axis path → value text
  std::shared_ptr<const zoo::System> system;
  workload::MachineFacts facts;  ///< of the system, and of the graph file
  topology::Placement placement;
  topology::Routing routing;
  workload::Workload workload;
  Choice choice;  ///< how it came by its algorithm and protocol
  workload::ConstantSet constants;
  std::vector<RequestedSolver> solvers;
  ReplayRequest replay;
  std::optional<MeasuredRequest> measured;
  core::SourceSpan workload_at;
};

/// `--set workload.size="1 MiB"`
struct Override {
  std::string path;
  std::string value;
};

/// An experiment that is no file.
struct ExperimentText {
  std::string name;  ///< that diagnostics show
  std::string text;
};

/// The file, its axes, and everything in it that does not vary by point. Every mistake of every
/// point is reported by the constructor's InputError at once; bind() of a good experiment does not
/// fail.
class Experiment {
 public:
  Experiment(const std::filesystem::path& file, const std::vector<Override>& overrides,
             const zoo::Catalogue& catalogue);

  /// The same from a text; relative paths in it count from the working directory.
  Experiment(const ExperimentText& given, const zoo::Catalogue& catalogue);

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] const std::string& question() const { return question_; }

  [[nodiscard]] const std::vector<core::Axis>& axes() const { return axes_.all(); }

  [[nodiscard]] std::size_t points() const { return axes_.points(); }

  [[nodiscard]] const Acceptance& accept() const { return accept_; }

  [[nodiscard]] const core::Document& document() const { return document_; }

  [[nodiscard]] const core::Diagnostics& diagnostics() const { return diagnostics_; }

  [[nodiscard]] const core::Provenance& provenance() const { return provenance_; }

  /// Point `index`, the last axis running fastest.
  [[nodiscard]] PointSpec bind(std::size_t index);

  /// The same with nothing chosen: choice.candidates holds all that may run there, the workload
  /// itself where it leaves nothing open.
  [[nodiscard]] PointSpec candidates(std::size_t index);

 private:
  [[nodiscard]] std::optional<PointSpec> try_bind(std::size_t index);
  [[nodiscard]] std::shared_ptr<const zoo::System> read_system(const core::Cursor& root);
  [[nodiscard]] std::optional<std::vector<RequestedSolver>> read_solvers(
      const core::Cursor& root, const std::function<analytic::SolverContext()>& context);
  [[nodiscard]] std::optional<RequestedSolver> read_external(const core::Cursor& item);

  /// Gives the point its workload, what is open of it chosen; false after a diagnostic.
  bool take_workload(PointSpec& point, workload::Workload what, const core::Cursor& root);
  [[nodiscard]] std::optional<MeasuredRequest> read_measured(const core::Cursor& root);

  /// Tables of the library's tuner, read when first asked for; null where the catalogue has none.
  [[nodiscard]] std::shared_ptr<const analytic::nccl::Tables> tuner();
  void read_header();
  void read_points();

  const zoo::Catalogue& catalogue_;
  std::filesystem::path base_;
  core::Diagnostics diagnostics_;
  core::Document document_;
  core::Axes axes_;
  core::Provenance provenance_;
  core::Reading reading_;
  std::string name_;
  std::string question_;
  Acceptance accept_;
  std::map<std::string, std::shared_ptr<const zoo::System>> systems_;
  std::optional<std::shared_ptr<const analytic::nccl::Tables>> tuner_;
  std::map<std::string, RequestedSolver> externals_;  ///< by place: one process for all points
  std::map<std::string, std::shared_ptr<const calibration::MeasuredSet>> sets_;
};

/// Keys, types and docs of an experiment file.
[[nodiscard]] const core::SchemaInfo& experiment_schema();

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
#include "experiments/experiment.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "analytic/external/open.hpp"
#include "analytic/solver.hpp"
#include "core/read.hpp"
#include "core/text.hpp"
#include "experiments/facts.hpp"
#include "workload/generator.hpp"

namespace plumbline::experiments {
namespace {

using core::Cursor;

/// More points than this is a slip of the pen, not a sweep.
constexpr std::size_t most_points = 100'000;

/// The tuner whose tables nccl_tuner and `algorithm: auto` read.
constexpr std::string_view default_tuner = "nccl_2_30";

/// Makes what a solver may need beside the problem.
using ContextSource = std::function<analytic::SolverContext()>;

struct ReplayKeys {
  core::Seconds time_limit = core::Seconds::from_si(60.0);
  core::Bytes memory_limit = core::Bytes::from_si(4.0 * 1024 * 1024 * 1024);

  static const core::Schema<ReplayKeys>& schema() {
    static const auto keys =
        core::Schema<ReplayKeys>("how to replay; `replay: off` for bounds and predictions alone")
            .optional("time_limit", &ReplayKeys::time_limit, "wall clock of one replay", "60 s")
            .optional("memory_limit", &ReplayKeys::memory_limit, "memory of one replay", "4 GiB")
            .check([](const Cursor& cursor, const ReplayKeys& limits) {
              if (limits.time_limit <= core::Seconds{} || limits.memory_limit <= core::Bytes{}) {
                cursor.error("PL-R002", "a replay's limits must be more than zero");
              }
            });
    return keys;
  }
};

std::optional<ReplayRequest> read_replay(const Cursor& root) {
  const std::optional<Cursor> at = root.find("replay");
  if (at && at->is_scalar()) {
    const std::optional<std::string> word = core::read_choice(*at, {"on", "off"}, "replay");
    const ReplayKeys keys;
    return word ? std::optional(ReplayRequest{*word == "on", keys.time_limit, keys.memory_limit})
                : std::nullopt;
  }
  const std::optional<ReplayKeys> keys = at ? ReplayKeys::schema().bind(*at) : ReplayKeys{};
  return keys ? std::optional(ReplayRequest{true, keys->time_limit, keys->memory_limit})
              : std::nullopt;
}

std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for (const analytic::SolverEntry* entry : analytic::solvers::all()) {
    if (!entry->bound) {
      names.emplace_back(entry->name);
    }
  }
  return names;
}

/// `name`, or `{name: {options}}`.
std::optional<RequestedSolver> read_solver(const Cursor& item, const ContextSource& context) {
  const std::vector<std::string> keys = item.is_map() ? item.keys() : std::vector<std::string>{};
  if (!item.is_scalar() && keys.size() != 1) {
    item.error("PL-S010", "a solver's name is expected here",
               "write a name, {name: {options}} or {external: …}; see `plumbline list solvers`");
    return std::nullopt;
  }
  const std::string name = item.is_scalar() ? item.text() : keys.front();
  const analytic::SolverEntry* entry = analytic::find_solver(name);
  if (entry == nullptr || entry->bound) {
    item.error("PL-N001",
               entry != nullptr ? fmt::format("'{}' is a bound; bounds are always computed", name)
                                : fmt::format("unknown solver '{}'", name),
               core::suggest(name, solver_names()));
    return std::nullopt;
  }
  const std::optional<Cursor> options = item.is_map() ? item.find(name) : std::nullopt;
  std::unique_ptr<workload::Engine> engine =
      analytic::make_solver(*entry, options ? &*options : nullptr,
                            entry->make_in != nullptr ? context() : analytic::SolverContext{});
  if (engine == nullptr) {
    if (!options) {
      item.error("PL-S011", fmt::format("solver '{}' needs options", name),
                 fmt::format("see `plumbline describe solver {}`", name));
    }
    return std::nullopt;
  }
  return RequestedSolver{name, std::move(engine), entry->claim};
}

core::Document load(const std::filesystem::path& file, const std::vector<Override>& overrides,
                    core::Diagnostics& diagnostics) {
  core::Document document = core::Document::load(file, diagnostics);
  for (const Override& item : overrides) {
    document.set(item.path, item.value, "--set", diagnostics);
  }
  core::throw_if_errors(diagnostics);
  return document;
}

}  // namespace

std::optional<RequestedSolver> Experiment::read_external(const Cursor& item) {
  RequestedSolver& solver = externals_[item.path()];
  if (solver.engine == nullptr) {
    if (auto external = analytic::external::read_external(*item.find("external"), base_)) {
      solver.name = external->name;
      solver.engine = analytic::external::engine_of(std::move(*external));
    }
  }
  return solver.engine != nullptr ? std::optional(solver) : std::nullopt;
}

std::optional<std::vector<RequestedSolver>> Experiment::read_solvers(const Cursor& root,
                                                                     const ContextSource& context) {
  std::vector<RequestedSolver> solvers;
  const std::optional<Cursor> at = root.find("predict");
  if (!at) {
    return solvers;
  }
  if (!at->is_sequence()) {
    at->error("PL-K004", "a list of solvers is expected here", "e.g. predict: [uncontended]");
    return std::nullopt;
  }
  bool good = true;
  for (const Cursor& item : at->items()) {
    std::optional<RequestedSolver> solver =
        item.is_map() && item.find("external") ? read_external(item) : read_solver(item, context);
    good = good && solver.has_value();
    if (solver) {
      solvers.push_back(std::move(*solver));
    }
  }
  return good ? std::optional(std::move(solvers)) : std::nullopt;
}

Experiment::Experiment(const std::filesystem::path& file, const std::vector<Override>& overrides,
                       const zoo::Catalogue& catalogue)
    : catalogue_(catalogue),
      base_(file.parent_path()),
      document_(load(file, overrides, diagnostics_)),
      reading_{&document_, &diagnostics_, &axes_, &provenance_} {
  read_points();
}

Experiment::Experiment(const ExperimentText& given, const zoo::Catalogue& catalogue)
    : catalogue_(catalogue),
      document_(core::Document::parse(given.text, given.name, diagnostics_)),
      reading_{&document_, &diagnostics_, &axes_, &provenance_} {
  core::throw_if_errors(diagnostics_);
  read_points();
}

void Experiment::read_points() {
  read_header();
  std::ignore = try_bind(0);
  reading_.provenance = nullptr;  // one point has read every number
  if (axes_.points() > most_points) {
    diagnostics_.error(
        "PL-G003", axes_.all().back().where,
        fmt::format("the sweep has {} points, more than {}", axes_.points(), most_points));
  }
  core::throw_if_errors(diagnostics_);
  for (std::size_t i = 1; i < axes_.points(); ++i) {
    std::ignore = try_bind(i);
  }
  core::throw_if_errors(diagnostics_);
}

void Experiment::read_header() {
  core::Reading plain = reading_;
  plain.axes = nullptr;  // nothing here may be swept
  const Cursor root(plain);
  if (!root.is_map()) {
    root.error("PL-K005", "an experiment is a map of keys",
               "start with `experiment: name`; see `plumbline schema experiment`");
    return;
  }
  root.reject_unknown(experiment_schema().keys());
  if (const std::optional<Cursor> at = root.require("experiment")) {
    name_ = core::read<std::string>(*at).value_or("");
  }
  if (const std::optional<Cursor> at = root.find("question")) {
    question_ = core::read<std::string>(*at).value_or("");
  }
  if (const std::optional<Cursor> at = root.find("accept")) {
    accept_ = read_accept(*at).value_or(Acceptance{});
    accept_.at = at->span();
  }
}

std::shared_ptr<const zoo::System> Experiment::read_system(const Cursor& root) {
  const std::optional<Cursor> named = root.find("system");
  const std::optional<Cursor> in_place = root.find("fabric");
  if (named.has_value() == in_place.has_value()) {
    root.error("PL-K007", named ? "both `system` and `fabric` are given" : "no machine is given",
               "write `system: NAME` (see `plumbline list systems`) or `fabric: {builder: …}`");
    return nullptr;
  }
  // A sweep binds every point; the machine only changes with its own axes.
  std::string key;
  for (std::size_t i = 0; i < axes_.all().size(); ++i) {
    if (axes_.all()[i].path.starts_with("system") || axes_.all()[i].path.starts_with("fabric")) {
      key += fmt::format("{}/", axes_.chosen()[i]);
    }
  }
  // The very first read meets the axes only while reading, so its key is the one of choosing 0 on
  // each.
  if (const auto known = systems_.find(key); known != systems_.end()) {
    return known->second;
  }
  std::optional<zoo::System> system =
      named ? catalogue_.system(*named, base_) : catalogue_.inline_system(*in_place, base_);
  if (!system) {
    return nullptr;
  }
  return systems_[key] = std::make_shared<const zoo::System>(std::move(*system));
}

std::shared_ptr<const analytic::nccl::Tables> Experiment::tuner() {
  if (!tuner_) {
    tuner_.emplace();
    if (const std::optional<zoo::Item> item = catalogue_.find(zoo::Kind::tuners, default_tuner)) {
      zoo::Catalogue::read(*item, diagnostics_, [&](const Cursor& root) {
        if (auto tables = analytic::nccl::read_tables(root)) {
          *tuner_ = std::make_shared<const analytic::nccl::Tables>(std::move(*tables));
        }
      });
    }
  }
  return *tuner_;
}

std::optional<MeasuredRequest> Experiment::read_measured(const Cursor& root) {
  const Cursor at = *root.find("measured");
  MeasuredRequest request;
  request.at = at.span();
  const bool short_form = at.is_scalar();
  if (!short_form && !at.is_map()) {
    at.error("PL-K005", "a measured set is expected here", "e.g. measured: {set: NAME}");
    return std::nullopt;
  }
  if (!short_form) {
    at.reject_unknown({"set", "where", "reader", "collective", "nodes", "ranks"});
  }
  const std::optional<Cursor> set = short_form ? std::optional(at) : at.require("set");
  if (const auto where = short_form ? std::nullopt : at.find("where")) {
    where->reject_unknown({"algorithm", "protocol", "nodes", "ranks"});
    for (const std::string& key : where->keys()) {
      request.where[key] = core::read<std::string>(*where->find(key)).value_or("");
    }
  }
  const auto path = set ? catalogue_.measured_set(*set, base_) : std::nullopt;
  const auto how =
      short_form ? std::optional<calibration::ReadRequest>(std::in_place) : read_request(at);
  if (!path || !how) {
    return std::nullopt;
  }
  std::shared_ptr<const calibration::MeasuredSet>& cached =
      sets_[fmt::format("{}\n{}\n{}\n{}\n{}", path->string(), how->reader, how->hints.collective,
                        how->hints.nodes, how->hints.ranks)];
  if (cached == nullptr) {
    std::optional<calibration::MeasuredSet> loaded =
        calibration::load_measured_set(*path, diagnostics_, *how);
    if (!loaded) {
      return std::nullopt;
    }
    cached = std::make_shared<const calibration::MeasuredSet>(std::move(*loaded));
  }
  request.set = cached;
  return request;
}

bool Experiment::take_workload(PointSpec& point, workload::Workload what, const Cursor& root) {
  const std::optional<std::string> by = who_chooses(root, point.constants);
  if (!by) {
    return false;
  }
  point.workload = std::move(what);
  point.choice.channels = point.workload.channels;
  if (!workload::is_open(point.workload)) {
    return true;
  }
  const analytic::SolverContext known{tuner(), point.facts};
  const topology::Fabric& fabric = *point.system->fabric;
  const std::string why =
      *by == fastest_choice
          ? list_candidates(point.workload, known, fabric, point.placement, point.choice)
          : choose(point.workload, known, fabric, point.placement, point.choice);
  if (!why.empty()) {
    root.find("workload")
        ->error("PL-W034", "nothing to choose from: " + why, "name the algorithm and the protocol");
  }
  return why.empty();
}

std::optional<PointSpec> Experiment::try_bind(std::size_t index) {
  axes_.select(index);
  const Cursor root(reading_);
  if (!root.is_map()) {
    return std::nullopt;
  }
  PointSpec point;
  point.system = read_system(root);
  std::optional<workload::MachineFacts> facts =
      point.system == nullptr ? std::nullopt : read_facts(root, *point.system, base_);
  const std::optional<Cursor> workload = root.require("workload");
  std::optional<ReplayRequest> replay = read_replay(root);
  std::optional<std::vector<RequestedSolver>> solvers = read_solvers(root, [&] {
    return analytic::SolverContext{tuner(), facts.value_or(workload::MachineFacts{})};
  });
  if (root.find("measured")) {
    point.measured = read_measured(root);
  }
  if (point.system == nullptr && workload && workload->is_map() && !workload->find("flows")) {
    // The mistakes of a workload that names no device of the wrong machine show all the same.
    const topology::Fabric nothing = topology::FabricBuilder().finish();
    const workload::RankCount ranks =
        workload::read_ranks(*workload).value_or(workload::RankCount(2));
    std::ignore = workload::read_workload(*workload, nothing, ranks, {}, base_);
  }
  if (point.system == nullptr || !workload) {
    return std::nullopt;
  }
  const topology::Fabric& fabric = *point.system->fabric;
  const std::optional<Cursor> ranks_at =
      workload->is_map() ? workload->find("ranks") : std::nullopt;
  const std::optional<workload::RankCount> asked = workload::read_ranks(*workload);
  std::optional<topology::Placement> placement = topology::read_placement(
      root.find("placement"), fabric, asked, ranks_at.value_or(*workload), base_);
  const std::optional<topology::Routing> routing = topology::read_routing(root.find("routing"));
  // A wrong placement must not hide the mistakes of the workload.
  std::optional<workload::Workload> what = workload::read_workload(
      *workload, fabric,
      placement ? placement->ranks()
                : asked.value_or(workload::RankCount(fabric.endpoints().size())),
      placement ? workload::site_of(fabric, *placement) : workload::Site{}, base_);
  const std::optional<Cursor> constants_at = root.find("constants");
  std::optional<workload::ConstantSet> constants =
      constants_at ? catalogue_.constants(*constants_at, base_)
                   : catalogue_.nominal_constants(*point.system, diagnostics_);
  if (constants && constants_at) {
    check_constants(*constants, *constants_at, *point.system, catalogue_.links());
  }
  if (!facts || !placement || !routing || !what || !constants || !replay || !solvers) {
    return std::nullopt;
  }
  point.facts = std::move(*facts);
  point.placement = std::move(*placement);
  point.routing = decided(*routing, point.facts, fabric, point.placement);
  point.constants = std::move(*constants);
  if (!take_workload(point, std::move(*what), root)) {
    return std::nullopt;
  }
  point.solvers = std::move(*solvers);
  point.replay = *replay;
  point.workload_at = workload->span();
  for (std::size_t i = 0; i < axes_.all().size(); ++i) {
    const core::Axis& axis = axes_.all()[i];
    point.labels.emplace_back(axis.path, axis.values[axes_.chosen()[i]]);
  }
  return point;
}

PointSpec Experiment::candidates(std::size_t index) {
  std::optional<PointSpec> point = try_bind(index);
  if (!point) {
    core::throw_if_errors(diagnostics_);
    throw core::InternalError(fmt::format("point {} of '{}' can't be bound", index, name_));
  }
  if (point->choice.candidates.empty()) {
    point->choice.candidates = {point->workload};
  }
  return std::move(*point);
}

PointSpec Experiment::bind(std::size_t index) {
  PointSpec point = candidates(index);
  if (workload::is_open(point.workload)) {
    pick_fastest(point.workload, point.system->fabric, point.placement, point.routing,
                 point.constants, point.choice);
  }
  return point;
}

}  // namespace plumbline::experiments

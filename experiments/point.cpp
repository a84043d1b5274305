// SPDX-License-Identifier: Apache-2.0
#include "experiments/point.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "analytic/external/open.hpp"
#include "analytic/solver.hpp"
#include "core/hash.hpp"
#include "workload/generator.hpp"
#include "workload/verify.hpp"

namespace plumbline::experiments {
namespace {

/// What a schedule's correctness depends on: what it does in which order; sizes, routes and times
/// don't matter to it.
std::string proof_key(const workload::Workload& workload, const workload::Schedule& schedule) {
  core::Hash hash;
  for (const workload::Block& block : schedule.blocks()) {
    hash.mix(block.op_count);
    hash.mix(block.repeat);
    hash.mix(block.chunk_stride);
  }
  for (std::uint32_t i = 0; i < schedule.operations().size(); ++i) {
    const workload::Operation& op = schedule.operations()[i];
    hash.mix(static_cast<std::uint64_t>(op.kind) << 32U | op.rank.value);
    hash.mix(std::uint64_t{op.peer.value} << 32U | op.chunk);
    hash.mix(op.chunk_count);
    for (const workload::Predecessor& predecessor : schedule.before(i)) {
      hash.mix(std::uint64_t{predecessor.op} << 8U | static_cast<std::uint64_t>(predecessor.when));
    }
  }
  return fmt::format("{}/{}/{}/{}/{}/{:x}", to_text(workload.collective), workload.algorithm,
                     workload.ranks.value, schedule.chunks(), workload.root.value, hash.value());
}

/// Flows and several workloads together have no size of their own: all that they carry.
core::Bytes size_of(const workload::Workload& workload) {
  core::Bytes size = workload.size;
  for (const workload::Flow& flow : workload.flows) {
    size += flow.size;
  }
  for (const workload::Part& part : workload.parts) {
    size += size_of(part.work);
  }
  return size;
}

std::string prove(const workload::Workload& workload, const workload::Schedule& schedule) {
  const workload::Verification proof = workload::verify_generated(schedule, workload);
  if (!proof.proved) {
    throw core::InternalError(fmt::format("the generated {} {} is wrong: {}", workload.algorithm,
                                          to_text(workload.collective), proof.failure));
  }
  return proof.at_ranks == workload.ranks ? "proved"
                                          : fmt::format("proved at {} ranks", proof.at_ranks.value);
}

report::Prediction ask(const RequestedSolver& solver, const workload::Problem& problem) {
  report::Prediction prediction;
  prediction.solver = solver.name;
  const workload::Validity validity = solver.engine->accepts(problem);
  if (!validity.valid) {
    prediction.valid = false;
    prediction.notes = {validity.why_not};
    return prediction;
  }
  workload::Outcome outcome = solver.engine->run(problem);
  prediction.estimate = outcome.estimate;
  prediction.terms = outcome.terms;
  prediction.notes = std::move(outcome.notes);
  const analytic::Contract* const contract = analytic::external::contract_of(*solver.engine);
  if (contract != nullptr) {
    for (const std::string& sentence : analytic::external::not_granted(*contract)) {
      prediction.notes.push_back(fmt::format("{}: {}", contract->name, sentence));
    }
  }
  prediction.claim = to_text(contract != nullptr ? contract->claim : solver.claim);
  prediction.exact_to = contract != nullptr ? contract->exact_to : prediction.exact_to;
  return prediction;
}

}  // namespace

workload::Schedule outline(const workload::Workload& workload) {
  const workload::GeneratorEntry* generator =
      workload::find_generator(workload.collective, workload.algorithm);
  workload::RouteSource nowhere = workload::RouteSource::without_routes();
  return generator->generate(workload, nowhere);
}

std::uint32_t nodes_used(const topology::Fabric& fabric, const topology::Placement& placement) {
  std::set<std::uint32_t> nodes;
  for (const topology::DeviceId device : placement.device_of) {
    nodes.insert(fabric.device(device).node);
  }
  return static_cast<std::uint32_t>(nodes.size());
}

workload::Problem problem_of(const PointSpec& spec) {
  return workload::make_problem(spec.system->fabric, spec.placement, spec.workload, spec.constants,
                                spec.routing);
}

PreparedPoint prepare(const PointSpec& spec, Proofs& proofs) {
  PreparedPoint prepared{{}, problem_of(spec)};
  report::Point& point = prepared.point;
  const workload::Workload& workload = spec.workload;
  point.labels = spec.labels;
  point.collective = workload.collective;
  point.algorithm = workload.algorithm;
  point.protocol = std::string(to_text(workload.protocol));
  point.chosen_by = spec.choice.by;
  point.channels = spec.choice.channels;
  point.notes = spec.choice.notes;
  point.ranks = prepared.problem.schedule().ranks().value;  // flows: the devices that they name
  point.nodes = nodes_used(*spec.system->fabric, spec.placement);
  point.size = size_of(workload);
  point.reported_share = workload::reported_share(workload);
  point.has_nvswitch = std::any_of(
      spec.system->fabric->devices().begin(), spec.system->fabric->devices().end(),
      [](const topology::Device& d) { return d.kind == topology::DeviceKind::nvswitch; });
  point.placement = spec.placement.description;
  point.routing = spec.routing.description();
  point.constants = spec.constants.name;
  if (spec.constants.calibration != nullptr) {
    point.margin = spec.constants.calibration->margins.of(point.size);
  }
  auto [proof, fresh] = proofs.try_emplace(proof_key(workload, prepared.problem.schedule()));
  if (fresh) {
    proof->second = prove(workload, prepared.problem.schedule());
  }
  point.verified = proof->second;
  return prepared;
}

void predict(const PointSpec& spec, PreparedPoint& prepared) {
  analytic::BoundReport bounds = analytic::all_bounds(prepared.problem);
  prepared.point.bounds = std::move(bounds.bounds);
  prepared.point.notes.insert(prepared.point.notes.end(), bounds.notes.begin(), bounds.notes.end());
  for (const RequestedSolver& solver : spec.solvers) {
    prepared.point.predictions.push_back(ask(solver, prepared.problem));
  }
}

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
#include "experiments/choice.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "analytic/nccl_choice.hpp"
#include "workload/generator.hpp"

namespace plumbline::experiments {
namespace {

using analytic::nccl::Algorithm;
using analytic::nccl::Candidate;
using analytic::nccl::Ranking;
using workload::Workload;

bool on_several_machines(const workload::Site& site) {
  return std::ranges::any_of(site.machine_of, [](std::uint32_t machine) { return machine > 0; });
}

/// The workload with what is open filled in.
Workload filled(const Workload& open, const Candidate& candidate, const Ranking& ranking) {
  Workload work = open;
  if (open.choose_protocol) {
    work.protocol = candidate.protocol;
    work.choose_protocol = false;
  }
  if (open.algorithm == workload::automatic) {
    work.algorithm = analytic::nccl::generator_of(candidate.algorithm);
    if (candidate.algorithm == Algorithm::ring || candidate.algorithm == Algorithm::tree) {
      work.channels = candidate.channels;
    }
    const bool tree = candidate.algorithm == Algorithm::tree;
    const auto& orders = tree ? ranking.tree_orders : ranking.ring_orders;
    if (!orders.empty() && (tree || candidate.algorithm == Algorithm::ring)) {
      work.ring_order = workload::RingOrder::given;
      work.rings = orders;
    } else if (candidate.algorithm == Algorithm::ring && on_several_machines(work.site)) {
      work.ring_order = workload::RingOrder::rotated;
    }
  }
  return work;
}

/// Why there is no schedule of it; empty where there is.
std::string refusal(const Workload& work) {
  const workload::GeneratorEntry* generator =
      workload::find_generator(work.collective, work.algorithm);
  return generator == nullptr
             ? fmt::format("there is no {} by {}", to_text(work.collective), work.algorithm)
             : generator->refuses(work);
}

}  // namespace

std::string choose(Workload& workload, const analytic::SolverContext& known,
                   const topology::Fabric& fabric, const topology::Placement& placement,
                   Choice& choice) {
  if (known.nccl == nullptr) {
    return "there are no tables of the tuner";
  }
  const Ranking ranking =
      analytic::nccl::rank(*known.nccl, known.machine, fabric, placement, workload);
  std::string why_not = ranking.why_not;
  for (const Candidate& candidate : ranking.candidates) {
    Workload work = filled(workload, candidate, ranking);
    why_not = refusal(work);
    if (why_not.empty()) {
      choice.by = default_choice;
      choice.channels =
          workload.algorithm == workload::automatic ? candidate.channels : work.channels;
      workload = std::move(work);
      return {};
    }
    choice.notes.push_back(
        fmt::format("NCCL would take {}: {}", analytic::nccl::to_text(candidate), why_not));
  }
  return why_not;
}

}  // namespace plumbline::experiments

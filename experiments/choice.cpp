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

/// The largest piece of a tree's stream, as NCCL cuts it, but no more than most_pieces of them, so
/// that a replay stays small. The first of c pieces takes h hops, and all of them pass the busiest
/// port f times; more pieces save less than h/(f·c) of the time, 5 % on eight machines of four GPUs
/// (h = 12, f = 4; from 32 to 64 pieces a replay there gains 1 %).
core::Bytes piece_of(const Workload& work, const analytic::nccl::Tables& tables) {
  constexpr double most_pieces = 64.0;
  const auto& machine_of = work.site.machine_of;
  const std::uint32_t machines = machine_of.empty() ? 1 : std::ranges::max(machine_of) + 1;
  const core::Bytes stream = work.size / (2.0 * work.channels);  // both trees of a channel
  return std::max(stream / most_pieces,
                  tables.chunks.of_tree(work.protocol, stream, machines,
                                        double{1} * work.ranks.value / machines));
}

/// The workload with what is open filled in. Pieces of a tree have one slot each: those of other
/// streams hide their latency, while pieces of several slots would share their wire from the start
/// and travel as one large piece. Rings are not cut: all of their parts are under way on every hop
/// at any time, and slots hide the latency of the pieces that NCCL makes of them.
Workload filled(const Workload& open, const Candidate& candidate, const Ranking& ranking,
                const analytic::nccl::Tables& tables) {
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
  if (work.algorithm == analytic::nccl::generator_of(Algorithm::tree) && !work.chunk) {
    work.chunk = piece_of(work, tables);
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
    Workload work = filled(workload, candidate, ranking, *known.nccl);
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

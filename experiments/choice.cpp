// SPDX-License-Identifier: Apache-2.0
#include "experiments/choice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "analytic/nccl_choice.hpp"
#include "core/read.hpp"
#include "core/units.hpp"
#include "experiments/certified.hpp"
#include "workload/generator.hpp"
#include "workload/problem.hpp"

namespace plumbline::experiments {
namespace {

using analytic::nccl::Algorithm;
using analytic::nccl::Candidate;
using analytic::nccl::Ranking;
using workload::Workload;

// Of a tree that the tuner chose: on eight machines of four GPUs (h = 12, f = 4) 64 pieces leave 5
// % of the time to gain, and from 32 to 64 a replay gains 1 %.
constexpr double pieces_of_a_choice = 64.0;

// Of a tree that is one of many candidates, each timed many times over: what is left to gain is
// alike at all sizes, so that a calibration finds it as part of a wire ratio.
constexpr double pieces_of_a_candidate = 8.0;

bool on_several_machines(const workload::Site& site) {
  return std::ranges::any_of(site.machine_of, [](std::uint32_t machine) { return machine > 0; });
}

/// The largest piece of a tree's stream, as NCCL cuts it, but no more than `most` of them, so that
/// a replay stays small. The first of c pieces takes h hops, and all of them pass the busiest port
/// f times; more pieces save less than h/(f·c) of the time.
core::Bytes piece_of(const Workload& work, const analytic::nccl::Tables& tables, double most) {
  const auto& machine_of = work.site.machine_of;
  const std::uint32_t machines = machine_of.empty() ? 1 : std::ranges::max(machine_of) + 1;
  const core::Bytes stream = work.size / (2.0 * work.channels);  // both trees of a channel
  return std::max(stream / most, tables.chunks.of_tree(work.protocol, stream, machines,
                                                       double{1} * work.ranks.value / machines));
}

/// Of an in-switch all_reduce likewise: with c pieces its two phases overlap but for one of them,
/// so that more than these save less than 6 %.
core::Bytes switch_piece_of(const Workload& work, const analytic::nccl::Tables& tables) {
  constexpr double most = 16.0;
  return std::max(work.size / most, tables.chunks.nvls * work.ranks.value);
}

std::vector<workload::RankId> in_order(workload::RankCount ranks) {
  std::vector<workload::RankId> order;
  for (std::uint32_t rank = 0; rank < ranks.value; ++rank) {
    order.emplace_back(rank);
  }
  return order;
}

/// The workload with what is open filled in. Pieces of a tree have one slot each: those of other
/// streams hide their latency, while pieces of several slots would share their wire from the start
/// and travel as one large piece. Rings are not cut: all of their parts are under way on every hop
/// at any time, and slots hide the latency of the pieces that NCCL makes of them.
Workload filled(const Workload& open, const Candidate& candidate, const Ranking& ranking,
                const analytic::nccl::Tables& tables, double most_pieces) {
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
      work.slots = tables.chunks.slots;
    } else if (tree && !on_several_machines(work.site)) {
      work.ring_order = workload::RingOrder::given;  // a chain: the library's tree of one machine
      work.rings = {in_order(work.ranks)};
    }
  }
  if (work.algorithm == analytic::nccl::generator_of(Algorithm::tree) && !work.chunk) {
    work.chunk = piece_of(work, tables, most_pieces);
  }
  if (work.algorithm == analytic::nccl::generator_of(Algorithm::nvls) && !work.chunk &&
      work.collective == workload::Collective::all_reduce) {
    work.chunk = switch_piece_of(work, tables);
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

/// Adapters of the first machine: as many rings between machines are different.
std::uint32_t adapters(const topology::Fabric& fabric) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(fabric.devices(), [](const topology::Device& device) {
        return device.kind == topology::DeviceKind::nic && device.node == 0;
      }));
}

/// The same with no channel twice.
Workload thinned(Workload work, const topology::Fabric& fabric) {
  std::uint32_t different = 1;
  if (work.ring_order == workload::RingOrder::given) {
    different = static_cast<std::uint32_t>(work.rings.size());
  } else if (on_several_machines(work.site)) {
    different = std::max(adapters(fabric), 1U);
  }
  work.channels = std::min(work.channels, different);
  return work;
}

}  // namespace

std::optional<std::string> who_chooses(const core::Cursor& experiment,
                                       const workload::ConstantSet& constants) {
  if (const std::optional<core::Cursor> model = experiment.find("choose")) {
    return core::read_choice(*model, {std::string(default_choice), std::string(fastest_choice)},
                             "model that chooses");
  }
  return constants.calibration ? constants.calibration->choose : std::string(default_choice);
}

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
    Workload work = filled(workload, candidate, ranking, *known.nccl, pieces_of_a_choice);
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

std::string list_candidates(const Workload& workload, const analytic::SolverContext& known,
                            const topology::Fabric& fabric, const topology::Placement& placement,
                            Choice& choice) {
  if (known.nccl == nullptr) {
    return "there are no tables of the library";
  }
  const analytic::nccl::Ranking ranking =
      analytic::nccl::rank(*known.nccl, known.machine, fabric, placement, workload,
                           analytic::nccl::Ll128::wherever_nvlink);
  std::string why_not = ranking.why_not;
  for (const Candidate& candidate : ranking.candidates) {
    Workload work =
        thinned(filled(workload, candidate, ranking, *known.nccl, pieces_of_a_candidate), fabric);
    why_not = refusal(work);
    if (why_not.empty()) {
      choice.candidates.push_back(std::move(work));
      choice.reckoned.push_back(candidate.by_default ? candidate.time()
                                                     : core::Seconds::infinity());
    }
  }
  return choice.candidates.empty() ? why_not : std::string{};
}

void pick_fastest(Workload& workload, const std::shared_ptr<const topology::Fabric>& fabric,
                  const topology::Placement& placement, const topology::Routing& routing,
                  const workload::ConstantSet& constants, Choice& choice) {
  const Certified engine;
  const auto text = [](const Workload& work) {
    return fmt::format("{}, {}", work.algorithm, to_text(work.protocol));
  };
  std::vector<std::size_t> by_time;
  for (const Workload& candidate : choice.candidates) {
    by_time.push_back(by_time.size());
    choice.times.push_back(
        *engine.run(workload::make_problem(fabric, placement, candidate, constants, routing))
             .estimate);
  }
  std::ranges::stable_sort(by_time, {}, [&](std::size_t i) { return choice.times[i]; });
  workload = choice.candidates[by_time.front()];
  if (by_time.size() > 1) {  // no times here: notes that say the same at many points are one line
    choice.notes.push_back(fmt::format("fastest: {}; next: {}; of {}", text(workload),
                                       text(choice.candidates[by_time[1]]), by_time.size()));
  }
  choice.by = fastest_choice;
  choice.channels = workload.channels;
}

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
#include "workload/verify.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <ranges>
#include <unordered_map>
#include <vector>

#include "core/units.hpp"
#include "workload/goal.hpp"
#include "workload/happens_before.hpp"
#include "workload/together.hpp"
#include "workload/training/pipeline.hpp"

namespace plumbline::workload {

namespace {

/// Reads commute with reads and additions with additions; every other pair must be ordered.
enum class Access : std::uint8_t { read, add, replace };

/// Runs a schedule on sets of contributions. Each step answers whether the proof still stands; the
/// first one that does not leaves its reason in failure().
class Proof {
 public:
  Proof(const Schedule& schedule, const Workload& workload)
      : schedule_(schedule),
        workload_(workload),
        ranks_(schedule.ranks()),
        chunks_(schedule.chunks()),
        dag_(schedule.expand()),
        before_(dag_),
        apart_(schedule.additions_apart()),
        goal_(workload, chunks_, sets_),
        last_compute_(ranks_.value) {}

  [[nodiscard]] bool run() {
    failure_ = goal_.refuses(ranks_);
    if (!failure_.empty()) {
      return false;
    }
    for (std::uint32_t i = 0; i < dag_.size(); ++i) {
      const Operation& op = dag_.operations[i];
      const bool good = op.is_transfer()             ? transfer(OpId(i))
                        : op.is_local()              ? local(OpId(i))
                        : op.kind == OpKind::compute ? compute(OpId(i))
                                                     : true;
      if (!good) {
        return false;
      }
    }
    return final_state() && starts();
  }

  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  static constexpr std::uint32_t nothing = static_cast<std::uint32_t>(-1);

  /// What one (rank, chunk) holds, and who touched it: `latest` are the accesses that may run side
  /// by side, `earlier` the ones before them, which they all come after. Both are lists in links_.
  struct Cell {
    SetId held = 0;
    std::uint32_t latest = nothing;
    std::uint32_t earlier = nothing;
    Access access = Access::read;
    // Where additions are kept apart: what was there before them, and the list of them.
    SetId base = 0;
    std::uint32_t additions = nothing;
  };

  struct Addition {
    OpId op;
    SetId set;
    std::uint32_t next;
  };

  struct Link {
    OpId op;
    std::uint32_t next;
  };

  bool transfer(OpId id);
  bool local(OpId id);
  bool compute(OpId id);
  bool move(OpId id, std::uint32_t from, std::uint32_t to);
  bool join(OpId id, RankId rank, std::uint32_t chunk, SetId& sum, SetId added);
  bool touch(OpId id, RankId rank, std::uint32_t chunk, Access access);
  [[nodiscard]] SetId seen_by(OpId id, RankId rank, std::uint32_t chunk);
  bool all_before(std::uint32_t list, OpId id, RankId rank, std::uint32_t chunk);
  bool final_state();
  bool starts();

  /// Sorted.
  struct Ends {
    std::span<const RankId> sources;
    std::span<const RankId> targets;
  };

  [[nodiscard]] Ends ends(const Operation& op) const;
  [[nodiscard]] Cell& cell(RankId rank, std::uint32_t chunk);
  [[nodiscard]] std::string name(OpId id) const;
  bool fail(RankId rank, std::uint32_t chunk, const std::string& why);

  const Schedule& schedule_;
  const Workload& workload_;
  RankCount ranks_;
  std::uint32_t chunks_;
  Dag dag_;
  HappensBefore before_;
  bool apart_;
  ContributionSets sets_;
  Goal goal_;
  std::unordered_map<std::uint64_t, Cell> cells_;
  std::vector<Link> links_;
  std::vector<Addition> additions_;
  std::vector<std::optional<OpId>> last_compute_;  ///< by rank
  std::string failure_;
};

bool Proof::fail(RankId rank, std::uint32_t chunk, const std::string& why) {
  failure_ = fmt::format("rank {}, {}: {}", rank.value, goal_.chunk_text(rank, chunk), why);
  return false;
}

std::string Proof::name(OpId id) const {
  const Operation& op = dag_.operations[id.index()];
  const std::string what = fmt::format("operation {} ({}", id.value, to_text(op.kind));
  return op.has_group() ? fmt::format("{} of rank {} with {})", what, op.rank.value, peer_text(op))
         : op.is_transfer()
             ? fmt::format("{} from rank {} to {})", what, op.rank.value, peer_text(op))
             : fmt::format("{} on rank {})", what, op.rank.value);
}

/// Where activations are free nothing is sent, and a micro-batch is in one place for all ranks.
Proof::Cell& Proof::cell(RankId rank, std::uint32_t chunk) {
  const bool one_place =
      workload_.collective == Collective::pipeline && !(workload_.pipeline->activation.si() > 0.0);
  const std::uint64_t key = one_place ? chunk : std::uint64_t{rank.value} * chunks_ + chunk;
  const auto [found, is_new] = cells_.try_emplace(key);
  if (is_new) {
    found->second.held = goal_.initial(rank, chunk);
    found->second.base = found->second.held;
  }
  return found->second;
}

bool Proof::all_before(std::uint32_t list, OpId id, RankId rank, std::uint32_t chunk) {
  for (std::uint32_t link = list; link != nothing; link = links_[link].next) {
    if (!before_(links_[link].op, id)) {
      return fail(
          rank, chunk,
          fmt::format("race: no dependency orders {} after {}", name(id), name(links_[link].op)));
    }
  }
  return true;
}

/// Whatever comes after an operation comes after all that it depends on, so a list needs only the
/// last of operations that follow one another.
bool Proof::touch(OpId id, RankId rank, std::uint32_t chunk, Access access) {
  if (apart_ && access == Access::add) {
    access = Access::read;  // it does not change what is read
  }
  Cell& touched = cell(rank, chunk);
  const bool joins = touched.access == access && access != Access::replace;
  if (!joins) {
    touched.earlier = touched.latest;
    touched.latest = nothing;
    touched.access = access;
  }
  if (!all_before(touched.earlier, id, rank, chunk)) {
    return false;
  }
  std::uint32_t rest = touched.latest;
  if (rest != nothing && before_.is_direct(links_[rest].op, id)) {
    rest = links_[rest].next;
  }
  touched.latest = static_cast<std::uint32_t>(links_.size());
  links_.push_back({id, rest});
  return true;
}

/// What the operation finds of what the rank holds.
SetId Proof::seen_by(OpId id, RankId rank, std::uint32_t chunk) {
  const Cell& sender = cell(rank, chunk);
  if (!apart_) {
    return sender.held;
  }
  SetId seen = sender.base;
  for (std::uint32_t i = sender.additions; i != nothing; i = additions_[i].next) {
    if (before_(additions_[i].op, id)) {
      seen = sets_.unite(seen, additions_[i].set);
    }
  }
  return seen;
}

bool Proof::transfer(OpId id) {
  const Operation& op = dag_.operations[id.index()];
  core::Bytes expected;
  for (std::uint32_t i = 0; i < op.chunk_count; ++i) {
    const auto chunk = static_cast<std::uint32_t>((std::uint64_t{op.chunk} + i) % chunks_);
    expected += goal_.bytes(chunk);
    if (!move(id, chunk, chunk)) {
      return false;
    }
  }
  if (!op.has_group()) {
    expected *= goal_.moved_share(op.rank, op.peer);
  }
  // Dust only: the generators divide in another order.
  if (std::abs((op.payload() - expected).si()) > 1e-9 * expected.si()) {
    return fail(op.has_group() ? op.rank : op.peer, op.chunk,
                fmt::format("{} moves {}, the chunks have {}", name(id),
                            core::display(op.payload()), core::display(expected)));
  }
  return true;
}

/// Who gives and who gets what a transfer carries. What a switch adds up or a rank sends to itself
/// by way of the switch replaces what was there.
Proof::Ends Proof::ends(const Operation& op) const {
  const std::span<const RankId> rank(&op.rank, 1);
  switch (op.kind) {
    case OpKind::multicast:
      return {rank, schedule_.groups()[op.peer.index()]};
    case OpKind::switch_reduce:
      return {schedule_.groups()[op.peer.index()], rank};
    case OpKind::switch_all_reduce:
      return {schedule_.groups()[op.peer.index()], schedule_.groups()[op.peer.index()]};
    case OpKind::local_copy:
    case OpKind::local_reduce:
      return {rank, rank};
    default:
      return {rank, std::span(&op.peer, 1)};
  }
}

/// A local addition reads its target and writes it back: nothing else may touch it meanwhile.
bool Proof::move(OpId id, std::uint32_t from, std::uint32_t to) {
  const Operation& op = dag_.operations[id.index()];
  const auto [sources, targets] = ends(op);
  const Access access = op.kind == OpKind::reduce ? Access::add : Access::replace;
  for (const RankId source : sources) {
    const bool is_target = from == to && std::ranges::binary_search(targets, source);
    if (!is_target && !touch(id, source, from, Access::read)) {
      return false;
    }
  }
  if (!std::ranges::all_of(targets, [&](RankId at) { return touch(id, at, to, access); })) {
    return false;
  }
  SetId sum = op.kind == OpKind::local_reduce ? seen_by(id, op.rank, to) : 0;
  for (const RankId source : sources) {
    const SetId given = seen_by(id, source, from);
    if (given == 0) {
      return fail(source, from, fmt::format("{} sends what the rank does not hold", name(id)));
    }
    if (!join(id, source, to, sum, given)) {
      return false;
    }
  }
  for (const RankId target : targets) {
    Cell& receiver = cell(target, to);
    if (access == Access::replace) {
      receiver.held = sum;
      receiver.base = sum;
      receiver.additions = nothing;
      continue;
    }
    if (!join(id, target, to, receiver.held, sum)) {
      return false;
    }
    additions_.push_back({id, sum, receiver.additions});
    receiver.additions = static_cast<std::uint32_t>(additions_.size() - 1);
  }
  return true;
}

/// Adds to a sum what it must not hold yet; to hear twice of a rank does no harm in a barrier.
bool Proof::join(OpId id, RankId rank, std::uint32_t chunk, SetId& sum, SetId added) {
  const SetId twice = sets_.intersect(sum, added);
  if (twice != 0 && workload_.collective != Collective::barrier) {
    return fail(rank, chunk, fmt::format("{} adds {} a second time", name(id), goal_.text(twice)));
  }
  sum = sets_.unite(sum, added);
  return true;
}

bool Proof::local(OpId id) {
  const Operation& op = dag_.operations[id.index()];
  return std::ranges::all_of(std::views::iota(0U, op.chunk_count), [&](std::uint32_t i) {
    return move(id, op.chunk + i, op.peer.value + i);
  });
}

bool Proof::compute(OpId id) {
  const Operation& op = dag_.operations[id.index()];
  const std::uint32_t step = op.peer.value;
  if (workload_.collective != Collective::pipeline) {
    return fail(op.rank, op.chunk, name(id) + " has no place in a collective");
  }
  const PipelineSteps steps(workload_);
  if (step >= steps.count() || steps.rank(step) != op.rank) {
    return fail(op.rank, op.chunk, fmt::format("{} does step {}, not the rank's", name(id), step));
  }
  if (std::abs((op.duration() - steps.duration(step)).si()) > 1e-9 * steps.duration(step).si()) {
    return fail(op.rank, op.chunk,
                fmt::format("{} takes {}, step {} takes {}", name(id), core::display(op.duration()),
                            step, core::display(steps.duration(step))));
  }
  std::optional<OpId>& last = last_compute_[op.rank.index()];
  if (last && !before_(*last, id)) {
    return fail(
        op.rank, op.chunk,
        fmt::format("nothing keeps {} and {} from computing at once", name(*last), name(id)));
  }
  last = id;
  if (!touch(id, op.rank, op.chunk, Access::replace)) {
    return false;
  }
  SetId& held = cell(op.rank, op.chunk).held;
  if (held != sets_.range(0, step)) {
    return fail(
        op.rank, op.chunk,
        fmt::format("{} does step {} where steps {} are done", name(id), step, sets_.text(held)));
  }
  held = sets_.range(0, step + 1);
  return true;
}

bool Proof::final_state() {
  for (std::uint32_t chunk = 0; chunk < chunks_; ++chunk) {
    const std::optional<RankId> only = goal_.wanted_at(chunk);
    const std::uint32_t first = only ? only->value : 0;
    const std::uint32_t end = only ? first + 1 : ranks_.value;
    for (std::uint32_t rank = first; rank < end; ++rank) {
      const std::optional<SetId> wanted = goal_.wanted(RankId(rank), chunk);
      if (!wanted) {
        continue;
      }
      const SetId held = cell(RankId(rank), chunk).held;
      if (held != *wanted) {
        const SetId missing = sets_.subtract(*wanted, held);
        return fail(
            RankId(rank), chunk,
            missing != 0
                ? fmt::format("ends with {}: {} is missing", goal_.text(held), goal_.text(missing))
                : fmt::format("ends with {}: {} does not belong there", goal_.text(held),
                              goal_.text(sets_.subtract(held, *wanted))));
      }
    }
  }
  return true;
}

/// What sets of contributions can't say: that a pong answers its ping, and that a flow starts when
/// and goes where it is meant to.
bool Proof::starts() {
  if (workload_.collective == Collective::ping_pong &&
      (dag_.size() != 2 || !before_.is_direct(OpId(0), OpId(1)))) {
    return fail(RankId(1), 1, "the answer does not wait for the message");
  }
  if (workload_.collective == Collective::flows) {
    failure_ = goal_.refuses_hops(dag_);
  }
  return failure_.empty();
}

}  // namespace

Verification verify(const Schedule& schedule, const Workload& workload) {
  if (workload.collective == Collective::together) {
    return verify_together(schedule, workload);
  }
  if (workload.collective == Collective::compute) {
    return verify_compute(schedule, workload);
  }
  Proof proof(schedule, workload);
  const bool proved = proof.run();
  return {.proved = proved, .at_ranks = workload.ranks, .failure = proof.failure()};
}

}  // namespace plumbline::workload

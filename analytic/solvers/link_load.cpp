// SPDX-License-Identifier: Apache-2.0
// Lower bound: head–load–tail of the most loaded resource.
//
//   T ≥ max over resources e and thresholds h, q of  h + Σ_{f on e, head_f ≥ h, tail_f ≥ q}
//   w_fe·S_f / C_e + q
//
// | symbol | meaning |
// |---|---|
// | head_f | longest path of uncontended durations to f, its own latency and launch included |
// | tail_f | longest path of uncontended durations after f's end |
// | w_fe, C_e | bytes on e per byte of f; capacity of e |
// | S_f | bytes of f on the wire |
//
// Citation: Carlier 1982, doi:10.1016/S0377-2217(82)80007-6 (heads and tails on one machine).
// Proof: f moves its bytes inside [head_f, T − tail_f]: it can't start moving before head_f, and
// everything after it still takes tail_f at least (critical_path.cpp). The operations counted move
// Σ w_fe·S_f through e inside [h, T − q], and e passes at most C_e per second: T − q − h ≥ Σ / C_e.
// A direction of a link, a half-duplex cable and a GPU's reduction are resources alike.
// Assumptions: none on the sharing (fluid or packet).
// Known to be loose when two resources are busy in turns.
//
// The maximum over all thresholds is exact: only heads and tails of operations on e matter, so
// sweep h down over the heads and keep, for every q, q + the load of what was added with tail ≥ q.
// O(k log k) for k operations on e.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "analytic/dag_times.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/solver.hpp"
#include "core/units.hpp"

namespace plumbline::analytic::solvers {
namespace {

using core::Seconds;

/// Values per threshold with "add to the first k" and "largest of the first k".
class PrefixMaxima {
 public:
  explicit PrefixMaxima(std::span<const Seconds> initial)
      : leaves_(initial.size()), best_(4 * leaves_), added_(4 * leaves_) {
    build(1, 0, leaves_, initial);
  }

  void add_to_first(std::size_t count, Seconds value) { add(1, 0, leaves_, count, value); }

  [[nodiscard]] Seconds max_of_first(std::size_t count) const {
    return largest(1, 0, leaves_, count);
  }

 private:
  // Node `at` covers [from, to); `best_` of a node includes what was added to it, not to its
  // ancestors.
  void build(std::size_t at, std::size_t from, std::size_t to, std::span<const Seconds> initial) {
    if (to - from == 1) {
      best_[at] = initial[from];
      return;
    }
    const std::size_t middle = std::midpoint(from, to);
    build(2 * at, from, middle, initial);
    build(2 * at + 1, middle, to, initial);
    best_[at] = std::max(best_[2 * at], best_[2 * at + 1]);
  }

  void add(std::size_t at, std::size_t from, std::size_t to, std::size_t count, Seconds value) {
    if (count >= to) {
      best_[at] += value;
      added_[at] += value;
      return;
    }
    const std::size_t middle = std::midpoint(from, to);
    add(2 * at, from, middle, count, value);
    if (count > middle) {
      add(2 * at + 1, middle, to, count, value);
    }
    best_[at] = std::max(best_[2 * at], best_[2 * at + 1]) + added_[at];
  }

  [[nodiscard]] Seconds largest(std::size_t at, std::size_t from, std::size_t to,
                                std::size_t count) const {
    if (count >= to) {
      return best_[at];
    }
    const std::size_t middle = std::midpoint(from, to);
    Seconds best = largest(2 * at, from, middle, count);
    if (count > middle) {
      best = std::max(best, largest(2 * at + 1, middle, to, count));
    }
    return best + added_[at];
  }

  std::size_t leaves_;
  std::vector<Seconds> best_;
  std::vector<Seconds> added_;
};

/// One operation's claim on one resource.
struct Claimed {
  Seconds head;
  Seconds tail;
  Seconds load;
};

Seconds head_load_tail(std::vector<Claimed>& claims) {
  std::vector<Seconds> thresholds;
  thresholds.reserve(claims.size());
  for (const Claimed& claim : claims) {
    thresholds.push_back(claim.tail);
  }
  std::ranges::sort(thresholds);
  std::ranges::sort(claims, std::greater{}, &Claimed::head);
  PrefixMaxima values(thresholds);
  Seconds best{};
  std::size_t reached = 0;  // thresholds that at least one added operation meets
  for (const Claimed& claim : claims) {
    const auto met = static_cast<std::size_t>(std::ranges::upper_bound(thresholds, claim.tail) -
                                              thresholds.begin());
    values.add_to_first(met, claim.load);
    reached = std::max(reached, met);
    best = std::max(best, claim.head + values.max_of_first(reached));
  }
  return best;
}

std::vector<std::vector<Claimed>> claims_by_resource(const workload::Problem& problem) {
  const workload::Dag& dag = problem.dag();
  const workload::Costs& costs = problem.costs();
  const std::vector<Seconds> head = heads(problem).data_start;
  const std::vector<Seconds> tail = tails(problem);
  std::vector<std::vector<Claimed>> claims(costs.resources().size());
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const workload::Operation& op = dag.operations[i];
    if (!op.is_transfer()) {
      continue;
    }
    const workload::PathId path = costs.path_of(dag.origin[i]);
    const core::Bytes bytes = costs.wire_bytes(op, path);
    for (const workload::Use& use : costs.uses(path)) {
      const core::Bandwidth capacity = costs.resources()[use.resource.index()].capacity;
      claims[use.resource.index()].push_back({head[i], tail[i], use.weight * bytes / capacity});
    }
  }
  return claims;
}

workload::Outcome run(const workload::Problem& problem) {
  workload::Bound bound{.name = "link_load",
                        .scope = workload::Scope::schedule,
                        .side = workload::Side::lower,
                        .value = {},
                        .binding = "no resource is used"};
  auto claims = claims_by_resource(problem);
  for (std::size_t e = 0; e < claims.size(); ++e) {
    if (claims[e].empty()) {
      continue;
    }
    const std::size_t operations = claims[e].size();
    const Seconds value = head_load_tail(claims[e]);
    if (value > bound.value) {
      bound.value = value;
      bound.binding =
          fmt::format("{}, crossed by {} operation{}", problem.costs().resources()[e].name,
                      operations, operations == 1 ? "" : "s");
    }
    claims[e] = {};  // this and the tree are all the memory that grows with the schedule
  }
  workload::Outcome outcome;
  outcome.binding = bound.binding;
  outcome.bounds.push_back(std::move(bound));
  return outcome;
}

}  // namespace

extern const SolverEntry link_load{
    .name = "link_load",
    .summary = "Head, load and tail of the most loaded resource",
    .citation =
        "Carlier 1982, The one-machine sequencing problem, "
        "doi:10.1016/S0377-2217(82)80007-6",
    .validity = "schedules of at most 5,000,000 operations",
    .formula = "T >= max over e, h, q of h + sum(w_fe S_f, head >= h, tail >= q)/C_e + q",
    .claim = Claim::lower,
    .bound = true,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("link_load", can_expand, run); }};

}  // namespace plumbline::analytic::solvers

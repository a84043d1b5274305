// SPDX-License-Identifier: Apache-2.0
// Upper bound on what max-min sharing can make of the schedule.
//
//   end(f) ≤ start(f) + L_f + min(charged, shared), and T ≤ the largest end, where
//   charged = S_f / r_f + Σ_{g∥f} s_g · max_{e∈p(f)∩p(g)} w_ge / C_e
//   shared  = S_f / min(r_f, min_{e∈p(f)} C_e / W_e)
//
// | symbol | meaning |
// |---|---|
// | S_f, L_f, r_f | bytes on the wire, latency, uncontended rate min(cap, C_e / w_fe) |
// | w_fe, C_e | bytes on resource e per byte of f; capacity of e |
// | g∥f | rivals: neither ancestor nor descendant of f, sharing a resource, windows overlapping |
// | s_g | the part of S_g that can meet f (below); S_g at most |
// | W_e | w_fe and the largest w_ge of each chain of rivals on e: operations that the dag orders |
// | window of g | [earliest data start by uncontended paths, latest end proved so far] |
//
// Citation: Bertsekas and Gallager 1992, Data Networks, §6.5.2 (max-min: every flow has a
// bottleneck); Graham 1969, doi:10.1137/0117039 (the argument: while one waits, work is done).
//
// PROOF. At every instant of its data phase f runs at its cap, or crosses a resource e(t) that is
// full: 1 = Σ_g w_ge·x_g / C_e over e's flows, f among them. Either way
//   1 ≤ x_f / r_f + Σ_{g∥f} b_g·y_g,   b_g = max_{shared e} w_ge / C_e,
// y_g being x_g while g is on e(t), else 0. Integrated from f's data start d to a time t before its
// end, with S_f − ρ(t) bytes moved:
//   (1) t − d ≤ (S_f − ρ(t)) / r_f + Σ_g b_g·∫ y_g,  so the end is at most d + S_f / r_f + Σ
//   b_g·s_g
// for any s_g ≥ ∫ y_g. A rival counts once, at the worst resource shared. What s_g may be:
//   (a) S_g; and C_e / w_ge times (latest end of g − earliest data start of f): b_g·y_g ≤ 1.
//   (b) Max-min makes x_g ≤ x_f on f's bottleneck, whatever the weights: all rates rise together,
//       and there f's stops last. Operations of one chain are never active together, so a chain's
//       s_g sum to at most S_f, and its b_g·s_g to at most S_f times its largest b; and g, which
//       can't be active before its window opens at t_g, has s_g ≤ ρ(t_g).
// Shares: with (b), at f's bottleneck C_e = Σ w_ge·x_g ≤ W_e·x_f, one operation of each chain being
// there at most, which gives `shared`. From t on, with ρ(t) bytes left and weights W'_e there at
// most, the end is at most t + ρ(t) / min_e(C_e / W'_e). With W_e of all chains of e it holds
// whatever the windows: who opens later than that end is no rival.
// Windows: let rivals in in the order of t_g and let E be the bound from those let in. If the next
// t_g ≥ E then f ended before anybody else could meet it: E stands. Otherwise (1) at t_g, with only
// those let in active before, says ρ(t_g) ≤ r_f·(E − t_g), which (b) uses.
// Induction in topological order: the bound grows with d, and d ≤ the largest bound of f's
// predecessors + L_f. Windows use earliest starts (critical_path.cpp) and ends already proved, so
// every operation of every round is a proof of its own, and rounds may stop at any time.
//
// Assumptions: the model of the replay — max-min sharing of the transfers in their data phase,
// operations that start as soon as their predecessors have ended. Real stacks may idle: this bounds
// the replay, never a measurement.
// Known to be loose: rivals that the dag leaves unordered but that in fact take turns; above the
// budget of ContentionBudget only windows exclude rivals.
#include <algorithm>
#include <fmt/format.h>

#include "analytic/dag_times.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/latest_ends.hpp"
#include "analytic/solver.hpp"
#include "core/units.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Outcome run(const workload::Problem& problem) {
  const LatestEnds latest = latest_ends(problem);
  const std::vector<workload::OpId> path = last_path(problem.dag(), latest.end);
  workload::Outcome outcome;
  outcome.binding = describe_path(problem, path);
  const core::Seconds value = path.empty() ? core::Seconds{} : latest.end[path.back().index()];
  const core::Seconds contended = value - path_terms(problem, path).sum();
  if (contended > 1e-9 * value) {
    outcome.binding += fmt::format(" + {} sharing at most", core::display(contended));
  }
  if (!latest.given_up.empty()) {
    outcome.notes.push_back(latest.given_up);
  }
  outcome.bounds.push_back({.name = "work_conserving",
                            .scope = workload::Scope::schedule,
                            .side = workload::Side::upper,
                            .value = value,
                            .binding = outcome.binding});
  return outcome;
}

}  // namespace

extern const SolverEntry work_conserving{
    .name = "work_conserving",
    .summary = "Latest end of every operation when every unordered rival gets in its way",
    .citation =
        "Graham 1969, doi:10.1137/0117039; Bertsekas and Gallager 1992, Data Networks, "
        "section 6.5.2",
    .validity = "schedules of at most 5,000,000 operations",
    .formula =
        "end(f) <= start(f) + L_f + min(S_f/r_f + sum over rivals of s_g max w_ge/C_e, "
        "S_f/min(r_f, min C_e/W_e))",
    .claim = Claim::upper,
    .bound = true,
    .schema = nullptr,
    .make = [](const core::Cursor*) {
      return function_engine("work_conserving", can_expand, run);
    }};

}  // namespace plumbline::analytic::solvers

// SPDX-License-Identifier: Apache-2.0
#include "analytic/even_steps.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "analytic/dag_times.hpp"
#include "core/units.hpp"

namespace plumbline::analytic {
namespace {

using core::Bandwidth;
using workload::Operation;
using workload::OpId;
using workload::Term;
using workload::Validity;

/// Quantities derived along different routes of equal links differ by rounding at most.
constexpr double rounding = 1e-12;

template <class Q>
bool alike(Q a, Q b) {
  return a == b || std::abs(a / b - 1.0) <= rounding;
}

std::string name_of(const Operation& op) {
  return fmt::format("rank {} → {}", op.rank.value, peer_text(op));
}

class Check {
 public:
  explicit Check(const workload::Problem& problem)
      : dag_(problem.dag()), costs_(problem.costs()), weight_(costs_.resources().size()) {}

  EvenSteps run() {
    for (const std::vector<OpId>& level : levels()) {
      if (result_.validity.valid) {
        check(level);
      }
    }
    return std::move(result_);
  }

 private:
  void refuse(std::string why) {
    if (result_.validity.valid) {
      result_.validity = Validity::no(std::move(why));
    }
  }

  /// Transfers by level. A delay of no time is on the level of what it waits for.
  std::vector<std::vector<OpId>> levels() {
    std::vector<std::vector<OpId>> result;
    std::vector<std::size_t> next(dag_.size());  // lowest level of what waits for it
    for (std::uint32_t i = 0; i < dag_.size(); ++i) {
      const Operation& op = dag_.operations[i];
      std::size_t level = 0;
      for (const OpId before : dag_.before(OpId(i))) {
        level = std::max(level, next[before.index()]);
      }
      next[i] = level;
      if (op.is_transfer()) {
        next[i] = level + 1;
        result.resize(std::max(result.size(), level + 1));
        result[level].emplace_back(i);
      } else if (op.kind == workload::OpKind::compute || op.duration() > core::Seconds{}) {
        refuse("there are operations that are not transfers");
      }
    }
    return result;
  }

  [[nodiscard]] EvenStep alone(OpId id) const {
    const workload::Path& path = costs_.path(path_of(id));
    return {.latency = path.latency,
            .payload = dag_.operations[id.index()].payload(),
            .wire_ratio = path.wire_ratio,
            .link_rate = path.link_rate,
            .rate = path.rate,
            .share = path.rate};
  }

  [[nodiscard]] workload::PathId path_of(OpId id) const {
    return costs_.path_of(dag_.origin[id.index()]);
  }

  void check(const std::vector<OpId>& level) {
    for (const OpId id : level) {
      for (const workload::Use& use : costs_.uses(path_of(id))) {
        weight_[use.resource.index()] += use.weight;
      }
    }
    EvenStep step = alone(level.front());
    if (costs_.path(path_of(level.front())).busy > core::Seconds{}) {
      refuse("messages keep their channel busy");
    }
    for (const OpId id : level) {
      const EvenStep other = alone(id);
      step.share = std::min(step.share, share_of(id));
      if (!alike(other.latency, step.latency) || !alike(other.payload, step.payload) ||
          other.wire_ratio != step.wire_ratio || !alike(other.link_rate, step.link_rate) ||
          !alike(other.rate, step.rate)) {
        refuse(name_of(dag_.operations[id.index()]) + " takes another time than " +
               name_of(dag_.operations[level.front().index()]) + " beside it");
      }
    }
    for (const OpId id : level) {
      if (share_of(id) > step.share * (1.0 + rounding)) {
        refuse(fmt::format("{} gets more than the {} of others beside it",
                           name_of(dag_.operations[id.index()]), core::display(step.share)));
      }
    }
    for (const OpId id : level) {
      for (const workload::Use& use : costs_.uses(path_of(id))) {
        weight_[use.resource.index()] = 0.0;
      }
    }
    result_.steps.push_back(step);
  }

  /// What the tightest resource on the way leaves each of its users, or the path's own cap.
  [[nodiscard]] Bandwidth share_of(OpId id) const {
    Bandwidth share = costs_.path(path_of(id)).cap;
    for (const workload::Use& use : costs_.uses(path_of(id))) {
      const std::size_t e = use.resource.index();
      share = std::min(share, costs_.resources()[e].capacity / weight_[e]);
    }
    return share;
  }

  const workload::Dag& dag_;
  const workload::Costs& costs_;
  std::vector<double> weight_;  ///< by resource, of the step's transfers
  EvenSteps result_;
};

}  // namespace

void EvenStep::add(workload::Terms& terms, double steps, core::Bytes bytes) const {
  const core::Bytes wire = bytes * wire_ratio;
  terms[Term::latency] += steps * latency;
  terms[Term::serialisation] += steps * (wire / link_rate);
  terms[Term::reduction] += steps * (wire / rate - wire / link_rate);
  terms[Term::contention] += steps * (wire / share - wire / rate);
}

EvenSteps even_steps(const workload::Problem& problem) {
  if (const Validity small = can_expand(problem); !small.valid) {
    return {.validity = small, .steps = {}};
  }
  return Check(problem).run();
}

}  // namespace plumbline::analytic

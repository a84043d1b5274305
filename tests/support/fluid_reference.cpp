// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fluid_reference.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace plumbline::test {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// What is left of a transfer by rounding alone, relative to its size.
constexpr double dust = 1e-12;

/// Times closer than this, relative to the clock, can't be told apart.
constexpr double tick = 1e-15;

enum class State { blocked, waiting, moving, done };

class Simulation {
 public:
  explicit Simulation(const workload::Problem& problem)
      : dag_(problem.dag()), costs_(problem.costs()), launch_(costs_.launch().si()) {
    const std::size_t count = dag_.size();
    state_.assign(count, State::blocked);
    until_.assign(count, never);
    left_.assign(count, 0.0);
    rate_.assign(count, 0.0);
    times_.data_start.assign(count, never);
    times_.end.assign(count, never);
  }

  FluidTimes run() {
    for (std::size_t finished = 0; finished < dag_.size();) {
      release();
      fill();
      const double step = next_event() - now_;
      if (step == never) {
        throw std::logic_error("fluid reference: nothing moves and nothing waits");
      }
      now_ += step;
      finished += advance(step);
    }
    times_.makespan = now_;
    return times_;
  }

 private:
  [[nodiscard]] workload::PathId path(std::size_t i) const {
    return costs_.path_of(dag_.origin[i]);
  }

  [[nodiscard]] double size(std::size_t i) const {
    return costs_.wire_bytes(dag_.operations[i], path(i)).si();
  }

  /// Operations whose predecessors are done begin to wait for their latency, or their duration.
  void release() {
    for (std::size_t i = 0; i < dag_.size(); ++i) {
      const auto before = dag_.before(workload::OpId(i));
      const auto ended = [&](workload::OpId p) { return state_[p.index()] == State::done; };
      if (state_[i] == State::blocked && std::all_of(before.begin(), before.end(), ended)) {
        const workload::Operation& op = dag_.operations[i];
        state_[i] = State::waiting;
        until_[i] = now_ + (before.empty() ? launch_ : 0.0) +
                    (op.is_transfer() ? costs_.path(path(i)).latency.si() : op.duration().si());
      }
    }
  }

  /// Raises all rates together; a transfer stops at its cap or when a resource of its is full.
  void fill() {
    std::vector<std::size_t> rising;
    for (std::size_t i = 0; i < dag_.size(); ++i) {
      rate_[i] = 0.0;
      if (state_[i] == State::moving) {
        rising.push_back(i);
      }
    }
    std::vector<double> room(costs_.resources().size());
    for (std::size_t e = 0; e < room.size(); ++e) {
      room[e] = costs_.resources()[e].capacity.si();
    }
    while (!rising.empty()) {
      std::vector<double> weight(room.size(), 0.0);
      double rise = never;
      for (const std::size_t i : rising) {
        rise = std::min(rise, costs_.path(path(i)).cap.si() - rate_[i]);
        for (const workload::Use& use : costs_.uses(path(i))) {
          weight[use.resource.index()] += use.weight;
        }
      }
      std::vector<bool> full(room.size(), false);
      for (std::size_t e = 0; e < room.size(); ++e) {
        rise = weight[e] > 0.0 ? std::min(rise, room[e] / weight[e]) : rise;
      }
      for (std::size_t e = 0; e < room.size(); ++e) {
        full[e] = weight[e] > 0.0 && room[e] / weight[e] <= rise * (1.0 + dust);
        room[e] = std::max(0.0, room[e] - rise * weight[e]);
      }
      std::erase_if(rising, [&](std::size_t i) {
        const double cap = costs_.path(path(i)).cap.si();
        const bool capped = cap - rate_[i] <= rise * (1.0 + dust);
        rate_[i] += rise;
        const auto uses = costs_.uses(path(i));
        return capped || std::any_of(uses.begin(), uses.end(), [&](const workload::Use& use) {
                 return full[use.resource.index()];
               });
      });
    }
  }

  [[nodiscard]] double next_event() const {
    double next = never;
    for (std::size_t i = 0; i < dag_.size(); ++i) {
      if (state_[i] == State::waiting) {
        next = std::min(next, until_[i]);
      } else if (state_[i] == State::moving) {
        next = std::min(next, now_ + left_[i] / rate_[i]);
      }
    }
    return next;
  }

  /// Lets `step` seconds pass; returns how many operations ended.
  std::size_t advance(double step) {
    std::size_t ended = 0;
    for (std::size_t i = 0; i < dag_.size(); ++i) {
      if (state_[i] == State::moving) {
        left_[i] -= step * rate_[i];
      } else if (state_[i] == State::waiting && until_[i] <= now_) {
        state_[i] = State::moving;
        left_[i] = dag_.operations[i].is_transfer() ? size(i) : 0.0;
        times_.data_start[i] = now_;
      } else {
        continue;
      }
      const double size_left = dag_.operations[i].is_transfer() ? dust * size(i) : 0.0;
      if (left_[i] <= std::max(size_left, rate_[i] * now_ * tick)) {
        state_[i] = State::done;
        times_.end[i] = now_;
        ++ended;
      }
    }
    return ended;
  }

  const workload::Dag& dag_;
  const workload::Costs& costs_;
  double launch_;
  double now_ = 0.0;
  std::vector<State> state_;
  std::vector<double> until_, left_, rate_;
  FluidTimes times_;
};

}  // namespace

FluidTimes fluid_reference(const workload::Problem& problem) {
  return Simulation(problem).run();
}

}  // namespace plumbline::test

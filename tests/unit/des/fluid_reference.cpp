// SPDX-License-Identifier: Apache-2.0
#include "fluid_reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace plumbline::des::test {

namespace {

using workload::Costs;
using workload::Dag;
using workload::Operation;
using workload::OpId;
using workload::PathId;

constexpr double never = std::numeric_limits<double>::infinity();

/// Dates nearer to each other than this, relative, are one date.
constexpr double same = 1e-13;

struct Activity {
  std::size_t op = 0;
  double wakes = 0.0;  ///< end of its wait
  double left = 0.0;   ///< bytes
  double rate = -1.0;  ///< not fixed yet: negative
};

class Fluid {
 public:
  Fluid(const Dag& dag, const Costs& costs)
      : dag_(dag), costs_(costs), ends_(dag.size()), waits_for_(dag.size()) {}

  std::vector<double> run() {
    for (std::size_t op = 0; op < dag_.size(); ++op) {
      waits_for_[op] = dag_.before(OpId(op)).size();
      if (waits_for_[op] == 0) {
        begin(op);
      }
    }
    while (!active_.empty()) {
      share();
      step();
    }
    return ends_;
  }

 private:
  [[nodiscard]] PathId path(std::size_t op) const { return costs_.path_of(dag_.origin[op]); }

  [[nodiscard]] bool moving(const Activity& a) const { return a.wakes <= now_ * (1.0 + same); }

  void begin(std::size_t op) {
    const Operation& operation = dag_.operations[op];
    Activity activity{.op = op, .wakes = now_};
    if (dag_.before(OpId(op)).empty()) {
      activity.wakes += costs_.launch().si();
    }
    if (operation.is_transfer()) {
      activity.wakes += costs_.path(path(op)).latency.si();
      activity.left = operation.amount * costs_.path(path(op)).wire_ratio;
    } else {
      activity.wakes += operation.amount;
    }
    active_.push_back(activity);
  }

  void share() {
    std::vector<double> room;
    for (const workload::Resource& resource : costs_.resources()) {
      room.push_back(resource.capacity.si());
    }
    std::vector<Activity*> rising;
    for (Activity& a : active_) {
      if (moving(a) && a.left > 0.0) {
        rising.push_back(&a);
      }
    }
    while (!rising.empty()) {
      rising = fill(rising, room);
    }
  }

  /// One round: the level at which something is full; what crosses it is fixed there. Returns the
  /// others, `room` less what the fixed ones take.
  std::vector<Activity*> fill(const std::vector<Activity*>& rising, std::vector<double>& room) {
    std::vector<double> weight(room.size());
    for (const Activity* a : rising) {
      for (const workload::Use& use : costs_.uses(path(a->op))) {
        weight[use.resource.index()] += use.weight;
      }
    }
    const auto own_limit = [&](const Activity* a) {
      double limit = costs_.path(path(a->op)).cap.si();
      for (const workload::Use& use : costs_.uses(path(a->op))) {
        limit = std::min(limit, room[use.resource.index()] / weight[use.resource.index()]);
      }
      return limit;
    };
    double level = never;
    for (const Activity* a : rising) {
      level = std::min(level, own_limit(a));
    }
    std::vector<Activity*> others;
    std::vector<Activity*> fixed;
    for (Activity* const a : rising) {
      (own_limit(a) <= level * (1.0 + same) ? fixed : others).push_back(a);
    }
    for (Activity* const a : fixed) {
      a->rate = level;
      for (const workload::Use& use : costs_.uses(path(a->op))) {
        room[use.resource.index()] -= level * use.weight;
      }
    }
    return others;
  }

  /// To the next date at which a wait ends or the last byte arrives.
  void step() {
    double next = never;
    for (const Activity& a : active_) {
      next = std::min(next, !moving(a) ? a.wakes : a.left > 0.0 ? now_ + a.left / a.rate : now_);
    }
    const double passed = next - now_;
    std::vector<std::size_t> ended;
    std::vector<Activity> still;
    for (Activity& a : active_) {
      if (moving(a) && a.left > 0.0) {
        a.left = std::max(0.0, a.left - a.rate * passed);
        a.left = a.left <= a.rate * next * same ? 0.0 : a.left;
      }
      if (a.left == 0.0 && a.wakes <= next * (1.0 + same)) {
        ended.push_back(a.op);
      } else {
        still.push_back(a);
      }
    }
    active_ = std::move(still);
    now_ = next;
    std::sort(ended.begin(), ended.end());
    for (const std::size_t op : ended) {
      end(op);
    }
  }

  void end(std::size_t op) {
    ends_[op] = now_;
    for (std::size_t next = op + 1; next < dag_.size(); ++next) {
      for (const OpId before : dag_.before(OpId(next))) {
        if (before.index() == op && --waits_for_[next] == 0) {
          begin(next);
        }
      }
    }
  }

  const Dag& dag_;
  const Costs& costs_;
  double now_ = 0.0;
  std::vector<Activity> active_;
  std::vector<double> ends_;
  std::vector<std::size_t> waits_for_;
};

}  // namespace

std::vector<double> fluid_ends(const Dag& dag, const Costs& costs) {
  return Fluid(dag, costs).run();
}

}  // namespace plumbline::des::test

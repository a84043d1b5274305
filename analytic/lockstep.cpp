// SPDX-License-Identifier: Apache-2.0
#include "analytic/lockstep.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <tuple>
#include <vector>

#include "core/units.hpp"

namespace plumbline::analytic {
namespace {

using core::Bandwidth;
using workload::Block;
using workload::Operation;
using workload::Predecessor;
using workload::Schedule;
using workload::Term;
using workload::Validity;
using workload::When;

/// Quantities derived along different routes of equal links differ by rounding at most.
constexpr double rounding = 1e-12;

template <class Q>
bool alike(Q a, Q b) {
  return a == b || std::abs(a / b - 1.0) <= rounding;
}

bool alike(const Hop& a, const Hop& b) {
  return alike(a.latency, b.latency) && a.wire_ratio == b.wire_ratio &&
         alike(a.link_rate, b.link_rate) && alike(a.rate, b.rate) && alike(a.share, b.share);
}

std::string name_of(const Operation& op) {
  return fmt::format("rank {} → {}", op.rank.value, peer_text(op));
}

class Check {
 public:
  explicit Check(const workload::Problem& problem)
      : schedule_(problem.schedule()),
        costs_(problem.costs()),
        channels_(std::max(problem.workload().channels, 1U)),
        users_(costs_.resources().size()),
        level_(schedule_.operations().size()) {
    if (problem.workload().slots != 1) {
      refuse(fmt::format("{} pieces are under way on a channel: steps overlap",
                         problem.workload().slots));
    }
  }

  Lockstep at_once() {
    if (result_.validity.valid) {
      std::vector<std::uint32_t> all = one_of_each_hop();
      by_channel(all);
      check_step(all);
    }
    return std::move(result_);
  }

  Lockstep run() {
    std::uint32_t depth_before = 0;
    for (std::size_t b = 0; b < schedule_.blocks().size() && result_.validity.valid; ++b) {
      const Block& block = schedule_.blocks()[b];
      if (block.op_count == 0) {
        continue;
      }
      const std::uint32_t depth = find_levels(block);
      check_waits(block, b, depth, depth_before);
      check_steps(block, depth);
      depth_before = depth;
    }
    return std::move(result_);
  }

 private:
  /// What crosses a resource within a step: the last of its operations so far, and the sum of their
  /// weights.
  struct Users {
    std::uint64_t step = 0;
    std::uint32_t operation = 0;
    double weight = 0.0;
  };

  /// With one slot the pieces of a hop follow one another: the first stands for all of them,
  /// however the schedule is written.
  [[nodiscard]] std::vector<std::uint32_t> one_of_each_hop() const {
    std::set<std::tuple<workload::OpKind, std::uint16_t, workload::RankId, workload::RankId>> seen;
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < schedule_.operations().size(); ++i) {
      const Operation& op = schedule_.operations()[i];
      if (seen.emplace(op.kind, op.channel, op.rank, op.peer).second) {
        chosen.push_back(i);
      }
    }
    return chosen;
  }

  void refuse(std::string why) {
    if (result_.validity.valid) {
      result_.validity = Validity::no(std::move(why));
    }
  }

  /// Levels of the block's operations by their `same` dependencies; returns how many.
  std::uint32_t find_levels(const Block& block) {
    std::uint32_t depth = 0;
    for (std::uint32_t i = 0; i < block.op_count; ++i) {
      std::uint32_t& level = level_[block.first_op + i];
      for (const Predecessor& p : schedule_.before(block.first_op + i)) {
        if (p.when == When::same) {
          level = std::max(level, level_[block.first_op + p.op] + 1);
        }
      }
      depth = std::max(depth, level + 1);
    }
    return depth;
  }

  /// (4), for the operations that wait for nobody of their own iteration.
  void check_waits(const Block& block, std::size_t index, std::uint32_t depth,
                   std::uint32_t depth_before) {
    for (std::uint32_t i = block.first_op; i < block.first_op + block.op_count; ++i) {
      if (level_[i] > 0) {
        continue;
      }
      bool carried = block.repeat == 1;
      bool entered = index == 0;
      for (const Predecessor& p : schedule_.before(i)) {
        if (p.when == When::carried) {
          carried = carried || level_[block.first_op + p.op] + 1 == depth;
        } else if (p.when == When::entry) {
          const Block& before = schedule_.blocks()[index - 1];
          entered = entered || level_[before.first_op + p.op] + 1 == depth_before;
        }
      }
      if (!carried || !entered) {
        refuse(name_of(schedule_.operations()[i]) +
               " does not wait for the step before: the ranks are not in lockstep");
        return;
      }
    }
  }

  /// (1), (2) and (3), level by level.
  void check_steps(const Block& block, std::uint32_t depth) {
    std::vector<std::uint32_t> order(block.op_count);
    for (std::uint32_t i = 0; i < block.op_count; ++i) {
      order[i] = block.first_op + i;
    }
    by_channel(order);
    if (depth > 1) {
      std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return level_[i]; });
    }
    for (auto from = order.begin(); from != order.end() && result_.validity.valid;) {
      const auto to = std::find_if(from, order.end(),
                                   [&](std::uint32_t i) { return level_[i] != level_[*from]; });
      check_step(std::span(from, to));
      from = to;
    }
  }

  /// So that operations of one channel that meet are neighbours.
  void by_channel(std::vector<std::uint32_t>& operations) const {
    if (channels_ > 1) {
      std::ranges::stable_sort(operations, {},
                               [&](std::uint32_t i) { return schedule_.operations()[i].channel; });
    }
  }

  void check_step(std::span<const std::uint32_t> operations) {
    ++step_;
    for (const std::uint32_t i : operations) {
      const Operation& op = schedule_.operations()[i];
      if (!op.is_transfer()) {
        refuse("there are operations that are not transfers");
        return;
      }
      for (const workload::Use& use : costs_.uses(costs_.path_of(i))) {
        claim(use, i);
      }
    }
    for (const std::uint32_t i : operations) {
      compare(i);
    }
  }

  void claim(const workload::Use& use, std::uint32_t operation) {
    Users& users = users_[use.resource.index()];
    if (users.step != step_) {
      users = {step_, operation, use.weight};
      return;
    }
    const Operation& last = schedule_.operations()[users.operation];
    const Operation& op = schedule_.operations()[operation];
    if (last.channel == op.channel && (last.rank != op.rank || last.peer != op.peer)) {
      refuse(fmt::format("{} is crossed by {} and {} at the same time",
                         costs_.resources()[use.resource.index()].name, name_of(last),
                         name_of(op)));
    }
    users.operation = operation;
    users.weight += use.weight;
  }

  void compare(std::uint32_t operation) {
    const Operation& op = schedule_.operations()[operation];
    const workload::PathId id = costs_.path_of(operation);
    const workload::Path& path = costs_.path(id);
    if (path.busy > core::Seconds{}) {
      refuse("messages keep their channel busy");
    }
    Hop hop{.latency = path.latency,
            .wire_ratio = path.wire_ratio,
            .link_rate = path.link_rate,
            .rate = path.rate,
            .share = path.rate,
            .channels = channels_};
    for (const workload::Use& use : costs_.uses(id)) {
      const Bandwidth capacity = costs_.resources()[use.resource.index()].capacity;
      hop.share = std::min(hop.share, capacity / users_[use.resource.index()].weight);
    }
    std::optional<Hop>& like = op.kind == workload::OpKind::reduce ? result_.reduce : result_.copy;
    if (!like) {
      like = hop;
    } else if (!alike(*like, hop)) {
      refuse(fmt::format("{} takes {} and {}, other hops {} and {}", name_of(op),
                         core::display(hop.latency), core::display(hop.share),
                         core::display(like->latency), core::display(like->share)));
    }
  }

  const Schedule& schedule_;
  const workload::Costs& costs_;
  std::uint32_t channels_;
  std::vector<Users> users_;
  std::vector<std::uint32_t> level_;
  std::uint64_t step_ = 0;
  Lockstep result_;
};

}  // namespace

void Hop::add(workload::Terms& terms, double steps, core::Bytes payload) const {
  const core::Bytes bytes = payload * wire_ratio / channels;
  terms[Term::latency] += steps * latency;
  terms[Term::serialisation] += steps * (bytes / link_rate);
  terms[Term::reduction] += steps * (bytes / rate - bytes / link_rate);
  terms[Term::contention] += steps * (bytes / share - bytes / rate);
}

Lockstep lockstep(const workload::Problem& problem) {
  return Check(problem).run();
}

Lockstep all_at_once(const workload::Problem& problem) {
  return Check(problem).at_once();
}

double ring_loops(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  return double{1} * problem.schedule().chunks() / workload.ranks.value / workload.channels;
}

Validity is_collective(const workload::Problem& problem, workload::Collective collective,
                       std::string_view algorithm) {
  const workload::Workload& workload = problem.workload();
  if (workload.collective != collective || workload.algorithm != algorithm) {
    return Validity::no(fmt::format("it speaks of {} by {}, not of {} by {}", to_text(collective),
                                    algorithm, to_text(workload.collective), workload.algorithm));
  }
  if (workload.ranks.value < 2) {
    return Validity::no("one rank moves nothing");
  }
  return Validity::yes();
}

Validity is_power_of_two(const workload::Problem& problem) {
  const std::uint32_t ranks = problem.workload().ranks.value;
  return std::has_single_bit(ranks)
             ? Validity::yes()
             : Validity::no(fmt::format("{} ranks are not a power of two", ranks));
}

workload::Outcome closed_form(const workload::Problem& problem, workload::Terms terms,
                              std::string binding) {
  workload::Outcome outcome;
  terms[Term::launch] += problem.costs().launch();
  outcome.terms = terms;
  outcome.estimate = terms.sum();
  outcome.binding = std::move(binding);
  return outcome;
}

}  // namespace plumbline::analytic

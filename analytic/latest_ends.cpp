// SPDX-License-Identifier: Apache-2.0
#include "analytic/latest_ends.hpp"

#include <algorithm>
#include <bit>

#include "analytic/dag_times.hpp"

namespace plumbline::analytic {
namespace {

using core::Bandwidth;
using core::Bytes;
using core::Seconds;
using workload::OpId;

/// Smaller changes of an end are rounding, not worth another round.
constexpr double settled = 1e-12;

/// A rival on one of the resources that it shares with the operation looked at.
struct Meeting {
  Seconds from;                ///< can't move data before
  Bytes bytes;                 ///< can't move more meanwhile
  Bandwidth rate;              ///< the resource's capacity over the rival's weight
  std::uint32_t chain = 0;     ///< numbered over all resources
  std::uint32_t standing = 0;  ///< which of the operation's standings
  bool charged = true;         ///< the slowest resource that the two share
};

/// What is proved while rivals are let in, one by one, in the order of `from`.
struct Progress {
  Seconds charged;  ///< end, every rival charged with what it may move
  Seconds shared;   ///< end by equal shares
  Bandwidth share;  ///< the smallest so far

  [[nodiscard]] Seconds end() const { return std::min(charged, shared); }
};

/// Load on a resource whose rivals aren't known in pairs, summed by time.
class LoadByTime {
 public:
  void add(Seconds time, Seconds load) { loads_.emplace_back(time, load); }

  void finish() {
    std::ranges::sort(loads_);
    Seconds sum{};
    for (auto& [time, load] : loads_) {
      load = sum += load;
    }
  }

  [[nodiscard]] Seconds before(Seconds time) const {
    return sum(std::ranges::lower_bound(loads_, time, {}, &Entry::first));
  }

  [[nodiscard]] Seconds until(Seconds time) const {
    return sum(std::ranges::upper_bound(loads_, time, {}, &Entry::first));
  }

 private:
  using Entry = std::pair<Seconds, Seconds>;

  [[nodiscard]] Seconds sum(std::vector<Entry>::const_iterator end) const {
    return end == loads_.begin() ? Seconds{} : std::prev(end)->second;
  }

  std::vector<Entry> loads_;
};

/// Rounds over the dag. One object per problem: the scratch is allocated once.
class Rounds {
 public:
  Rounds(const workload::Problem& problem, const ContentionBudget& budget);

  /// One round; whether an end came earlier.
  bool improve();

  /// Whether enough meetings were looked at in all rounds.
  [[nodiscard]] bool exhausted() const { return met_ > budget_.meetings; }

  [[nodiscard]] LatestEnds finish(std::uint32_t rounds) && {
    std::string given_up = contention_.given_up();
    if (given_up.empty() && exhausted()) {
      given_up = "some operations share with every chain of rivals (too many meetings)";
    }
    return {std::move(end_), rounds, std::move(given_up)};
  }

 private:
  void sum_unpaired();
  [[nodiscard]] Seconds with_every_chain(std::uint32_t op, Seconds data_start) const;
  void meet(std::uint32_t op, Seconds horizon);
  void meet_on(std::uint32_t op, Standing standing, std::uint32_t index, Seconds horizon);
  void let_in(std::uint32_t op, const Meeting& meeting, Seconds data_start, Progress& progress);
  [[nodiscard]] Progress alone_but_unpaired(std::uint32_t op, Seconds data_start) const;
  [[nodiscard]] Seconds latest_end(std::uint32_t op, Seconds data_start);

  [[nodiscard]] Bandwidth rate_of(std::uint32_t op) const {
    return costs_.path(costs_.path_of(dag_.origin[op])).rate;
  }

  const workload::Dag& dag_;
  const workload::Costs& costs_;
  Seconds launch_;
  ContentionBudget budget_;
  Contention contention_;
  Heads earliest_;
  std::vector<Seconds> end_;  // latest ends proved so far
  std::vector<Bytes> bytes_;
  std::vector<LoadByTime> may_start_, has_ended_;  // per shared resource; unpaired ones only

  // Scratch of one turn (an operation in a round); the first of each pair names the turn it is of.
  std::uint32_t turn_ = 0;
  std::uint64_t met_ = 0;
  std::vector<Meeting> meetings_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> charge_of_;  // rival → index of its charge
  std::vector<std::pair<std::uint32_t, Seconds>> charged_by_;       // chain → what it was charged
  std::vector<double> weight_met_;                                  // per standing
};

Rounds::Rounds(const workload::Problem& problem, const ContentionBudget& budget)
    : dag_(problem.dag()),
      costs_(problem.costs()),
      launch_(problem.costs().launch()),
      budget_(budget),
      contention_(problem, budget),
      earliest_(heads(problem)),
      end_(dag_.size(), Seconds::infinity()),
      bytes_(dag_.size()),
      may_start_(contention_.shared().size()),
      has_ended_(contention_.shared().size()),
      charge_of_(dag_.size(), {0, 0}),
      charged_by_(contention_.chains(), {0, Seconds{}}) {
  for (std::size_t i = 0; i < dag_.size(); ++i) {
    if (dag_.operations[i].is_transfer()) {
      bytes_[i] = costs_.wire_bytes(dag_.operations[i], costs_.path_of(dag_.origin[i]));
    }
  }
}

void Rounds::sum_unpaired() {
  for (std::size_t s = 0; s < contention_.shared().size(); ++s) {
    const Shared& shared = contention_.shared()[s];
    if (shared.paired) {
      continue;
    }
    may_start_[s] = {};
    has_ended_[s] = {};
    for (std::size_t i = 0; i < shared.ops.size(); ++i) {
      const std::uint32_t op = shared.ops[i];
      const Seconds load = bytes_[op] / (shared.capacity / shared.weight[i]);
      may_start_[s].add(earliest_.data_start[op], load);
      has_ended_[s].add(end_[op], load);
    }
    may_start_[s].finish();
    has_ended_[s].finish();
  }
}

/// The end at the share that is left when every chain of every resource is there.
Seconds Rounds::with_every_chain(std::uint32_t op, Seconds data_start) const {
  Bandwidth share = rate_of(op);
  for (const Standing standing : contention_.of(op)) {
    const Shared& shared = contention_.shared()[standing.shared];
    share = std::min(share, shared.capacity / shared.weight_beside(standing.position));
  }
  return data_start + bytes_[op] / share;
}

/// Collects the operation's rivals on one resource that can be there before `horizon`.
void Rounds::meet_on(std::uint32_t op, Standing standing, std::uint32_t index, Seconds horizon) {
  const Shared& shared = contention_.shared()[standing.shared];
  const auto row = shared.row(standing.position);
  const Seconds start = earliest_.data_start[op];
  for (std::size_t w = 0; w < row.size(); ++w) {
    for (std::uint64_t bits = row[w]; bits != 0; bits &= bits - 1) {
      const std::size_t at = 64 * w + static_cast<std::size_t>(std::countr_zero(bits));
      const std::uint32_t rival = shared.ops[at];
      if (earliest_.data_start[rival] >= horizon || end_[rival] <= start) {
        continue;
      }
      const Bandwidth rate = shared.capacity / shared.weight[at];
      const Bytes most = std::min(bytes_[rival], (end_[rival] - start) * rate);
      Meeting meeting{.from = earliest_.data_start[rival],
                      .bytes = most,
                      .rate = rate,
                      .chain = shared.first_chain + shared.chain[at],
                      .standing = index};
      auto& [seen_by, charge] = charge_of_[rival];
      if (seen_by == turn_) {
        Meeting& other = meetings_[charge];
        (rate < other.rate ? other : meeting).charged = false;
      }
      if (meeting.charged) {
        seen_by = turn_;
        charge = static_cast<std::uint32_t>(meetings_.size());
      }
      meetings_.push_back(meeting);
    }
  }
}

void Rounds::meet(std::uint32_t op, Seconds horizon) {
  meetings_.clear();
  weight_met_.clear();
  for (const Standing standing : contention_.of(op)) {
    const Shared& shared = contention_.shared()[standing.shared];
    if (shared.paired) {
      meet_on(op, standing, static_cast<std::uint32_t>(weight_met_.size()), horizon);
    }
    weight_met_.push_back(shared.weight[standing.position]);
  }
}

/// The operation with its resources to itself, except those whose rivals are excluded by time only:
/// there it pays for everything that its window lets in.
Progress Rounds::alone_but_unpaired(std::uint32_t op, Seconds data_start) const {
  const Bytes bytes = bytes_[op];
  Progress progress{data_start + bytes / rate_of(op), Seconds::infinity(), rate_of(op)};
  for (const Standing standing : contention_.of(op)) {
    const Shared& shared = contention_.shared()[standing.shared];
    if (!shared.paired) {
      const Bandwidth rate = shared.capacity / shared.weight[standing.position];
      const Seconds others = may_start_[standing.shared].before(end_[op]) -
                             has_ended_[standing.shared].until(earliest_.data_start[op]) -
                             bytes / rate;
      progress.charged += std::max(others, Seconds{});
      progress.share =
          std::min(progress.share, shared.capacity / shared.weight_beside(standing.position));
    }
  }
  progress.shared = data_start + bytes / progress.share;
  return progress;
}

void Rounds::let_in(std::uint32_t op, const Meeting& meeting, Seconds data_start,
                    Progress& progress) {
  const Seconds from = std::max(meeting.from, data_start);
  const Shared& shared = contention_.shared()[contention_.of(op)[meeting.standing].shared];
  const double heaviest = shared.heaviest[meeting.chain - shared.first_chain];
  auto& [seen_by, charged] = charged_by_[meeting.chain];
  const bool new_chain = seen_by != turn_;
  if (new_chain) {
    seen_by = turn_;
    charged = Seconds{};
  }
  if (meeting.charged) {
    const Bytes left = (progress.end() - from) * rate_of(op);
    const Seconds most = bytes_[op] / (shared.capacity / heaviest) - charged;
    const Seconds charge = std::min(std::min(meeting.bytes, left) / meeting.rate, most);
    charged += charge;
    progress.charged += charge;
  }
  if (new_chain) {
    double& weight = weight_met_[meeting.standing];
    weight += heaviest;
    const Bandwidth share = shared.capacity / weight;
    if (share < progress.share) {
      progress.shared = from + (progress.shared - from) * (progress.share / share);
      progress.share = share;
    }
  }
}

Seconds Rounds::latest_end(std::uint32_t op, Seconds data_start) {
  ++turn_;
  const Seconds horizon = std::min(end_[op], with_every_chain(op, data_start));
  if (met_ > budget_.meetings && horizon < Seconds::infinity()) {
    return horizon;
  }
  meet(op, horizon);
  met_ += meetings_.size();
  Progress progress = alone_but_unpaired(op, data_start);
  const auto there = [&](const Meeting& meeting) { return meeting.from <= data_start; };
  const auto later = std::partition(meetings_.begin(), meetings_.end(), there);
  for (auto meeting = meetings_.begin(); meeting != later; ++meeting) {
    let_in(op, *meeting, data_start, progress);
  }
  std::sort(later, meetings_.end(),
            [](const Meeting& a, const Meeting& b) { return a.from < b.from; });
  for (auto meeting = later; meeting != meetings_.end() && meeting->from < progress.end();
       ++meeting) {
    let_in(op, *meeting, data_start, progress);
  }
  return std::min(horizon, progress.end());
}

bool Rounds::improve() {
  sum_unpaired();
  bool improved = false;
  for (std::size_t i = 0; i < dag_.size(); ++i) {
    const auto before = dag_.before(OpId(i));
    Seconds start = before.empty() ? launch_ : Seconds{};
    for (const OpId p : before) {
      start = std::max(start, end_[p.index()]);
    }
    const Alone cost = alone(costs_, dag_.operations[i], dag_.origin[i]);
    const Seconds data_start = start + cost.latency;
    const bool contended = !contention_.of(i).empty();
    const Seconds end =
        contended ? latest_end(static_cast<std::uint32_t>(i), data_start) : data_start + cost.work;
    improved = improved || end < end_[i] * (1.0 - settled);
    end_[i] = std::min(end_[i], end);
  }
  return improved;
}

}  // namespace

LatestEnds latest_ends(const workload::Problem& problem, const ContentionBudget& budget,
                       std::uint32_t rounds) {
  Rounds sweep(problem, budget);
  std::uint32_t done = 0;
  while (done < rounds && !sweep.exhausted() && sweep.improve()) {
    ++done;
  }
  return std::move(sweep).finish(done);
}

}  // namespace plumbline::analytic

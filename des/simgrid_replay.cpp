// SPDX-License-Identifier: Apache-2.0
// The model M on stock SimGrid: max-min sharing from its CM02 network model on zero-latency links;
// everything that only takes time (latency, launch, compute, delay) from kernel timers.
//
// Why so, each point measured against an independent max-min simulator:
// - A latency on a link under the default lazy updates gives wrong shares without a word (flows
//   whose latency ends at one date leave their other links unsolved), so links have none.
// - A flow is created when it starts. Creating all first costs a list search over all per event.
// - One timer per distinct date: flows that start together are then shared out in one solve.
// - Every default of SimGrid is TCP's: latency × 13.01, bandwidth × 0.97, a window of 4 MiB, 5 %
//   reverse traffic, dates merged within 1 ns. All are set to nothing, one by one.
#include "des/simgrid_replay.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include "core/diagnostic.hpp"
#include "des/simgrid_platform.hpp"

namespace plumbline::des {

namespace {

namespace s4u = simgrid::s4u;
using simgrid::kernel::timer::Timer;
using workload::Costs;
using workload::Dag;
using workload::Operation;
using workload::OperationTimes;
using workload::OpId;
using workload::OpKind;
using workload::PathId;

class Simulation {
 public:
  Simulation(const Dag& dag, const Costs& costs);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  std::vector<OperationTimes> run();

 private:
  void link_successors();
  [[nodiscard]] std::vector<PathId> used_paths() const;
  [[nodiscard]] std::uint64_t size(OpId op) const;
  [[nodiscard]] double wait(OpId op) const;

  void ready(OpId op);
  void proceed(OpId op);
  void finished(OpId op);
  void settle();
  void flow_ended(const s4u::Activity& activity);
  [[noreturn]] void report_stuck() const;

  [[nodiscard]] core::Seconds now() const {
    return core::Seconds::from_si(s4u::Engine::get_clock() / scales_.seconds);
  }

  const Dag& dag_;
  const Costs& costs_;
  Scales scales_;
  Platform platform_;

  std::vector<std::uint32_t> waiting_for_;  ///< predecessors that have not ended
  std::vector<std::uint32_t> successor_offsets_;
  std::vector<OpId> successors_;

  std::map<double, std::vector<OpId>> due_;  ///< waits by the date they end; one timer each
  std::vector<OpId> settling_;               ///< waits that end now
  std::vector<s4u::CommPtr> flows_;          ///< by operation, while it moves data
  s4u::CommPtr last_ended_;  ///< a flow must not be freed inside its own completion callback

  std::vector<OperationTimes> times_;
  std::vector<bool> done_;
  std::size_t done_count_ = 0;
};

Simulation::Simulation(const Dag& dag, const Costs& costs)
    : dag_(dag),
      costs_(costs),
      scales_(choose_scales(dag, costs)),
      platform_(costs, used_paths(), scales_),
      flows_(dag.size()),
      times_(dag.size()),
      done_(dag.size(), false) {
  link_successors();
  s4u::Activity::on_completion_cb([this](const s4u::Activity& activity) { flow_ended(activity); });
}

/// Turns the dag's lists of predecessors round, by counting.
void Simulation::link_successors() {
  successor_offsets_.assign(dag_.size() + 1, 0);
  for (const OpId predecessor : dag_.predecessors) {
    ++successor_offsets_[predecessor.index() + 1];
  }
  for (std::size_t i = 0; i < dag_.size(); ++i) {
    successor_offsets_[i + 1] += successor_offsets_[i];
  }
  std::vector<std::uint32_t> next = successor_offsets_;
  successors_.resize(dag_.predecessors.size());
  waiting_for_.resize(dag_.size());
  for (std::size_t i = 0; i < dag_.size(); ++i) {
    const auto before = dag_.before(OpId(i));
    waiting_for_[i] = static_cast<std::uint32_t>(before.size());
    for (const OpId predecessor : before) {
      successors_[next[predecessor.index()]++] = OpId(i);
    }
  }
}

std::vector<PathId> Simulation::used_paths() const {
  std::vector<bool> seen(costs_.paths().size(), false);
  std::vector<PathId> used;
  for (std::size_t i = 0; i < dag_.size(); ++i) {
    if (size(OpId(i)) == 0) {
      continue;
    }
    const PathId path = costs_.path_of(dag_.origin[i]);
    if (!seen[path.index()]) {
      seen[path.index()] = true;
      used.push_back(path);
    }
  }
  return used;
}

/// What SimGrid has to move; 0 for what takes no data time: it would never start a flow of nothing.
std::uint64_t Simulation::size(OpId id) const {
  const Operation& op = dag_.operations[id.index()];
  if (!op.is_transfer()) {
    return 0;
  }
  const PathId path = costs_.path_of(dag_.origin[id.index()]);
  if (std::isinf(costs_.path(path).rate.si())) {
    return 0;
  }
  return static_cast<std::uint64_t>(std::round(costs_.wire_bytes(op, path).si() * scales_.bytes));
}

/// What passes before the data: launch and latency; all of a compute or delay.
double Simulation::wait(OpId id) const {
  const Operation& op = dag_.operations[id.index()];
  const core::Seconds launch = dag_.before(id).empty() ? costs_.launch() : core::Seconds{};
  const core::Seconds own = op.is_transfer()
                                ? costs_.path(costs_.path_of(dag_.origin[id.index()])).latency
                                : op.duration();
  return (launch + own).si() * scales_.seconds;
}

void Simulation::ready(OpId op) {
  times_[op.index()].start = now();
  const double wait_for = wait(op);
  if (wait_for <= 0.0) {
    settling_.push_back(op);  // a timer of no length would cost a solve of its own
    return;
  }
  const double date = s4u::Engine::get_clock() + wait_for;
  const auto [entry, is_new] = due_.try_emplace(date);
  entry->second.push_back(op);
  if (is_new) {
    Timer::set(date, [this, date] {
      for (const auto due = due_.extract(date); const OpId waited : due.mapped()) {
        proceed(waited);
      }
      settle();
    });
  }
}

/// The wait is over: move the data.
void Simulation::proceed(OpId op) {
  times_[op.index()].data_start = now();
  const std::uint64_t bytes = size(op);
  if (bytes == 0) {
    finished(op);
    return;
  }
  const HostPair pair = platform_.pair(costs_.path_of(dag_.origin[op.index()]));
  s4u::CommPtr& flow = flows_[op.index()];
  flow = s4u::Comm::sendto_init();
  flow->set_data(&flow);
  // Starts by itself once it has a size, a source and a destination.
  flow->set_payload_size(bytes)->set_source(pair.source)->set_destination(pair.destination);
}

void Simulation::finished(OpId op) {
  times_[op.index()].end = now();
  done_[op.index()] = true;
  ++done_count_;
  for (std::uint32_t i = successor_offsets_[op.index()]; i < successor_offsets_[op.index() + 1];
       ++i) {
    if (--waiting_for_[successors_[i].index()] == 0) {
      ready(successors_[i]);
    }
  }
}

/// A loop, since a chain of operations that take no time may be long.
void Simulation::settle() {
  while (!settling_.empty()) {
    const OpId op = settling_.back();
    settling_.pop_back();
    proceed(op);
  }
}

void Simulation::flow_ended(const s4u::Activity& activity) {
  auto* const flow = activity.get_data<s4u::CommPtr>();
  if (flow == nullptr || *flow == nullptr) {
    return;  // a second call for the same flow
  }
  last_ended_ = std::exchange(*flow, nullptr);
  if (activity.get_state() == s4u::Activity::State::FINISHED) {
    finished(OpId(flow - flows_.data()));
    settle();
  }
}

std::vector<OperationTimes> Simulation::run() {
  for (std::size_t i = 0; i < dag_.size(); ++i) {
    if (waiting_for_[i] == 0) {
      ready(OpId(i));
    }
  }
  settle();
  s4u::Engine::get_instance()->run();
  // SimGrid ends quietly when what is left can't go on.
  if (done_count_ != dag_.size()) {
    report_stuck();
  }
  return std::move(times_);
}

/// The dag is in topological order: all that the first one waits for has ended.
void Simulation::report_stuck() const {
  const auto first =
      static_cast<std::size_t>(std::find(done_.begin(), done_.end(), false) - done_.begin());
  const Operation& op = dag_.operations[first];
  std::string what = fmt::format("{} of rank {}", to_text(op.kind), op.rank.value);
  if (op.is_transfer()) {
    what += fmt::format(" to {}, bottleneck {}", peer_text(op),
                        costs_.bottleneck(costs_.path_of(dag_.origin[first])));
  }
  throw core::ModelError(
      fmt::format("the replay stalled after {} of {} operations: operation {} ({}) never ended",
                  done_count_, dag_.size(), first, what));
}

}  // namespace

std::vector<OperationTimes> simgrid_replay(const Dag& dag, const Costs& costs) {
  return Simulation(dag, costs).run();
}

}  // namespace plumbline::des

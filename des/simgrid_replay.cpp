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
#include "des/replay.hpp"

// Last: it needs the macros of SimGrid's other headers.
#include <simgrid/version.h>

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

// 3.33 renamed two options.
constexpr bool renamed = SIMGRID_VERSION >= 33300;
constexpr const char* timing_precision =
    renamed ? "--cfg=precision/timing:1e-12" : "--cfg=surf/precision:1e-12";
constexpr const char* work_precision =
    renamed ? "--cfg=precision/work-amount:1e-9" : "--cfg=maxmin/precision:1e-9";

/// Owns the arguments that Engine keeps pointers to.
s4u::Engine& raw_engine() {
  static std::vector<std::string> arguments{
      "plumbline",
      "--log=root.thres:warning",
      "--cfg=network/model:CM02",
      "--cfg=network/solver:maxmin",
      "--cfg=network/optim:Lazy",
      "--cfg=network/weight-S:0",
      "--cfg=network/TCP-gamma:0",
      "--cfg=network/crosstraffic:no",
      "--cfg=debug/verbose-exit:no",
      timing_precision,
      work_precision,
  };
  static std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  static int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  static s4u::Engine engine(&count, pointers.data());
  return engine;
}

/// The power of two that brings a positive `value` into [2^(exponent−1), 2^exponent); 1 where there
/// is nothing to scale. Powers of two keep every double's digits.
double scale_to(double value, int exponent) {
  int own = 0;
  std::frexp(value, &own);
  return value > 0.0 ? std::ldexp(1.0, exponent - own) : 1.0;
}

/// Units of the simulation. SimGrid's sizes are whole numbers: the largest is brought near 2^60 so
/// that fractions of a byte survive. Its dates are merged within 1e-12 of whatever the unit is: the
/// critical path is made to last 1 to 2, so that this is relative to the answer and no schedule is
/// too short to be exact.
struct Scales {
  double bytes = 1.0;
  double seconds = 1.0;
};

Scales choose_scales(const Dag& dag, const Costs& costs) {
  std::vector<double> end(dag.size());
  double largest = 0.0;
  double longest = 0.0;
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const Operation& op = dag.operations[i];
    const auto before = dag.before(OpId(i));
    double start = before.empty() ? costs.launch().si() : 0.0;
    for (const OpId predecessor : before) {
      start = std::max(start, end[predecessor.index()]);
    }
    end[i] = start + costs.uncontended(op, dag.origin[i]).si();
    longest = std::max(longest, end[i]);
    if (op.is_transfer()) {
      largest = std::max(largest, costs.wire_bytes(op, costs.path_of(dag.origin[i])).si());
    }
  }
  if (!std::isfinite(longest) || !std::isfinite(largest)) {
    throw core::ModelError("an operation of this schedule takes for ever");
  }
  return {scale_to(largest, 60), scale_to(longest, 1)};
}

/// Paths as SimGrid routes. A zone holds one route per pair of hosts, so each path that is used
/// gets a pair of its own: √n sources times √n destinations. Hosts are names only.
class Platform {
 public:
  struct Pair {
    s4u::Host* source = nullptr;
    s4u::Host* destination = nullptr;
  };

  Platform(const Costs& costs, const std::vector<PathId>& used, Scales scales)
      : costs_(costs),
        rate_scale_(scales.bytes / scales.seconds),
        zone_(s4u::create_full_zone("fabric")),
        links_(costs.resources().size(), nullptr),
        pairs_(costs.paths().size()) {
    const auto side =
        static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(used.size()))));
    const std::vector<s4u::Host*> sources = hosts("source", side);
    const std::vector<s4u::Host*> destinations = hosts("destination", side);
    for (std::size_t i = 0; i < used.size(); ++i) {
      const Pair pair{sources[i / side], destinations[i % side]};
      zone_->add_route(pair.source->get_netpoint(), pair.destination->get_netpoint(), nullptr,
                       nullptr, route(used[i]), false);
      pairs_[used[i].index()] = pair;
    }
    zone_->seal();
  }

  [[nodiscard]] Pair pair(PathId path) const { return pairs_[path.index()]; }

 private:
  std::vector<s4u::Host*> hosts(const std::string& prefix, std::size_t count) {
    std::vector<s4u::Host*> made;
    for (std::size_t i = 0; i < count; ++i) {
      made.push_back(zone_->create_host(prefix + std::to_string(i), 1.0));
    }
    return made;
  }

  s4u::Link* link(const std::string& name, core::Bandwidth capacity) {
    return zone_->create_link(name, capacity.si() * rate_scale_)->set_latency(0.0);
  }

  /// A resource of weight k is named k times, which takes k shares of it. The path's own cap is a
  /// link of which everyone gets the whole.
  std::vector<s4u::LinkInRoute> route(PathId id) {
    std::vector<s4u::LinkInRoute> result;
    for (const workload::Use& use : costs_.uses(id)) {
      const workload::Resource& resource = costs_.resources()[use.resource.index()];
      if (std::isinf(resource.capacity.si())) {
        continue;
      }
      s4u::Link*& shared = links_[use.resource.index()];
      if (shared == nullptr) {
        shared = link("resource" + std::to_string(use.resource.index()), resource.capacity)->seal();
      }
      result.insert(result.end(), static_cast<std::size_t>(use.weight), s4u::LinkInRoute(shared));
    }
    if (!std::isinf(costs_.path(id).cap.si())) {
      s4u::Link* const cap = link("cap" + std::to_string(id.index()), costs_.path(id).cap);
      cap->set_sharing_policy(s4u::Link::SharingPolicy::FATPIPE)->seal();
      result.emplace_back(cap);
    }
    return result;
  }

  const Costs& costs_;
  double rate_scale_;
  s4u::NetZone* zone_;
  std::vector<s4u::Link*> links_;  ///< by resource, made when first used
  std::vector<Pair> pairs_;        ///< by path
};

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
  s4u::Engine& engine_;
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
      engine_(raw_engine()),
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
  const Platform::Pair pair = platform_.pair(costs_.path_of(dag_.origin[op.index()]));
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
  engine_.run();
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
    what += fmt::format(" to rank {}, bottleneck {}", op.peer.value,
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

std::string simgrid_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  sg_version_get(&major, &minor, &patch);
  return patch == 0 ? fmt::format("{}.{}", major, minor)
                    : fmt::format("{}.{}.{}", major, minor, patch);
}

}  // namespace plumbline::des

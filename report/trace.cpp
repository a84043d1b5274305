// SPDX-License-Identifier: Apache-2.0
// Chrome trace events: a process per point, a thread per rank and channel, a slice per operation.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <queue>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/series.hpp"
#include "report/writers.hpp"

namespace plumbline::report {
namespace {

/// Whole picoseconds: a slice's end and the next one's start are rounded alike, so that slices that
/// touch never overlap by a rounding.
std::int64_t picoseconds(core::Seconds time) {
  constexpr double per_second = 1e12;
  return std::llround(time.si() * per_second);
}

/// Microseconds with six decimals, as the format counts; NVLink-scale events vanish in whole ones.
std::string microseconds(std::int64_t ps) {
  constexpr std::int64_t per_microsecond = 1'000'000;
  return fmt::format("{}.{:06}", ps / per_microsecond, ps % per_microsecond);
}

std::string quoted(const std::string& text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string metadata(std::size_t pid, std::size_t tid, const char* what, const std::string& name) {
  return fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"{}","args":{{"name":{}}}}})", pid, tid,
                     what, quoted(name));
}

std::string slice(std::size_t pid, std::size_t tid, const TraceOperation& op) {
  const std::int64_t start = picoseconds(op.start);
  return fmt::format(R"({{"ph":"X","pid":{},"tid":{},"cat":"{}","name":{},"ts":{},"dur":{},)"
                     R"("args":{{"latency_us":{},"on_last_chain":{}}}}})",
                     pid, tid, workload::to_text(op.kind), quoted(op.name), microseconds(start),
                     microseconds(picoseconds(op.end) - start),
                     microseconds(picoseconds(op.data_start) - start), op.on_chain);
}

using Lane = std::pair<std::int64_t, std::size_t>;  ///< when it is free again, its number

/// Slices of one thread may not overlap, yet a rank may have several transfers in flight: each
/// takes the lane that has been free longest, or a new one.
class Lanes {
 public:
  std::size_t take(const TraceOperation& op) {
    std::size_t lane = count_;
    if (!free_.empty() && free_.top().first <= picoseconds(op.start)) {
      lane = free_.top().second;
      free_.pop();
    } else {
      ++count_;
    }
    free_.emplace(picoseconds(op.end), lane);
    return lane;
  }

 private:
  std::priority_queue<Lane, std::vector<Lane>, std::greater<>> free_;
  std::size_t count_ = 0;
};

std::string thread_name(const TraceOperation& op, std::size_t lane) {
  std::string name = fmt::format("rank {} channel {}", op.rank, op.channel);
  return lane == 0 ? name : fmt::format("{} ({})", name, lane + 1);
}

/// The operations by rank, channel and time; ties in the order given.
std::vector<const TraceOperation*> by_thread(const std::vector<TraceOperation>& trace) {
  std::vector<const TraceOperation*> order(trace.size());
  std::transform(trace.begin(), trace.end(), order.begin(), [](const auto& op) { return &op; });
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::tuple(a->rank, a->channel, picoseconds(a->start)) <
           std::tuple(b->rank, b->channel, picoseconds(b->start));
  });
  return order;
}

void append_point(std::vector<std::string>& events, const Point& point, std::size_t pid) {
  const std::string label = label_text(point);
  events.push_back(metadata(pid, 0, "process_name", label.empty() ? "replay" : label));
  std::size_t first_tid = 0;  // of the (rank, channel) at hand
  std::size_t named = 0;      // of its lanes
  Lanes lanes;
  const TraceOperation* previous = nullptr;
  for (const TraceOperation* op : by_thread(point.trace)) {
    if (previous != nullptr && (previous->rank != op->rank || previous->channel != op->channel)) {
      first_tid += named;
      named = 0;
      lanes = {};
    }
    const std::size_t lane = lanes.take(*op);
    if (lane == named) {
      ++named;
      events.push_back(metadata(pid, first_tid + lane, "thread_name", thread_name(*op, lane)));
    }
    events.push_back(slice(pid, first_tid + lane, *op));
    previous = op;
  }
}

std::string operation_name(const workload::Operation& op) {
  if (!op.is_transfer()) {
    return fmt::format("{} on {}", workload::to_text(op.kind), op.rank.value);
  }
  const std::string peer =
      op.has_group() ? "with " + workload::peer_text(op) : fmt::format("to {}", op.peer.value);
  return fmt::format("{} {} {}, chunk {}", workload::to_text(op.kind), op.rank.value, peer,
                     op.chunk);
}

}  // namespace

std::vector<TraceOperation> trace_operations(const workload::Dag& dag,
                                             const workload::ReplayDetails& replay) {
  std::vector<TraceOperation> trace;
  if (replay.timeline.empty()) {
    return trace;
  }
  if (replay.timeline.size() != dag.size()) {
    throw core::InternalError(fmt::format("a timeline of {} operations for a schedule of {}",
                                          replay.timeline.size(), dag.size()));
  }
  trace.reserve(dag.size());
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const workload::Operation& op = dag.operations[i];
    const workload::OperationTimes& times = replay.timeline[i];
    trace.push_back({.name = operation_name(op),
                     .rank = op.rank.value,
                     .channel = op.channel,
                     .kind = op.kind,
                     .start = times.start,
                     .data_start = times.data_start,
                     .end = times.end,
                     .on_chain = false});
  }
  for (const workload::OpId op : replay.chain) {
    trace.at(op.index()).on_chain = true;
  }
  return trace;
}

std::string to_trace(const ResultSet& result) {
  std::vector<std::string> events;
  for (std::size_t i = 0; i < result.points.size(); ++i) {
    if (!result.points[i].trace.empty()) {
      append_point(events, result.points[i], i);
    }
  }
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  for (std::size_t i = 0; i < events.size(); ++i) {
    text += (i == 0 ? "\n" : ",\n") + events[i];
  }
  return text + "\n]}\n";
}

}  // namespace plumbline::report

// SPDX-License-Identifier: Apache-2.0
#include "workload/together.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/diagnostic.hpp"
#include "core/units.hpp"

namespace plumbline::workload {

namespace {

const GeneratorEntry& generator_of(const Workload& work) {
  const GeneratorEntry* const found = find_generator(work.collective, work.algorithm);
  if (found == nullptr) {
    throw core::InternalError(fmt::format("no generator makes {} with algorithm '{}'",
                                          to_text(work.collective), work.algorithm));
  }
  return *found;
}

/// The same schedule, expanded, behind one delay per rank that starts something.
Schedule delayed(const Schedule& schedule, core::Seconds start) {
  const Dag dag = schedule.expand();
  ScheduleBuilder builder(schedule.ranks(), schedule.chunks());
  std::vector<std::optional<std::uint32_t>> delay_of(schedule.ranks().value);
  std::vector<std::uint32_t> number(dag.size());
  for (const std::vector<RankId>& members : schedule.groups()) {
    builder.group(members);
  }
  for (std::uint32_t i = 0; i < dag.size(); ++i) {
    const Operation& op = dag.operations[i];
    std::vector<Predecessor> before;
    for (const OpId predecessor : dag.before(OpId(i))) {
      before.push_back({.op = number[predecessor.index()]});
    }
    if (before.empty()) {
      std::optional<std::uint32_t>& delay = delay_of[op.rank.index()];
      if (!delay) {
        delay = builder.add({.kind = OpKind::delay, .rank = op.rank, .amount = start.si()}, {});
      }
      before.push_back({.op = *delay});
    }
    number[i] = builder.add(op, before);
  }
  return builder.finish();
}

bool same_but_for_routes(const Operation& a, const Operation& b) {
  return a.kind == b.kind && a.protocol == b.protocol && a.channel == b.channel &&
         a.rank == b.rank && a.peer == b.peer && a.chunk == b.chunk &&
         a.chunk_count == b.chunk_count && a.amount == b.amount;
}

bool same_but_for_routes(const Schedule& a, const Schedule& b) {
  if (a.ranks() != b.ranks() || a.chunks() != b.chunks() ||
      !std::ranges::equal(a.groups(), b.groups()) || !std::ranges::equal(a.blocks(), b.blocks()) ||
      a.operations().size() != b.operations().size()) {
    return false;
  }
  for (std::uint32_t i = 0; i < a.operations().size(); ++i) {
    if (!same_but_for_routes(a.operations()[i], b.operations()[i]) ||
        !std::ranges::equal(a.before(i), b.before(i))) {
      return false;
    }
  }
  return true;
}

}  // namespace

Schedule part_schedule(const Part& part, RouteSource& routes) {
  Schedule schedule = generator_of(part.work).generate(part.work, routes);
  return part.start > core::Seconds{} ? delayed(schedule, part.start) : std::move(schedule);
}

Schedule join_parts(const Workload& workload, RouteSource& routes) {
  std::vector<Schedule> schedules;
  std::uint32_t ranks = workload.ranks.value;
  std::uint32_t chunks = 0;
  for (const Part& part : workload.parts) {
    RouteSource own = routes.on(part.ranks);
    schedules.push_back(part_schedule(part, own));
    chunks += schedules.back().chunks();
    for (const RankId rank : part.ranks) {
      ranks = std::max(ranks, rank.value + 1);
    }
  }
  ScheduleBuilder builder(RankCount(ranks), chunks);
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    builder.append(schedules[i], workload.parts[i].ranks);
  }
  return builder.finish();
}

Verification verify_together(const Schedule& schedule, const Workload& workload) {
  Verification result{.proved = true, .at_ranks = workload.ranks, .failure = {}};
  RouteSource nowhere = RouteSource::without_routes();
  for (const Part& part : workload.parts) {
    // A start only adds to what an operation waits for: the proof is that of the part without it.
    const Schedule own = generator_of(part.work).generate(part.work, nowhere);
    const Verification proof = verify_generated(own, part.work);
    if (!proof.proved) {
      return {.proved = false,
              .at_ranks = workload.ranks,
              .failure = fmt::format("part {}: {}", part.name, proof.failure)};
    }
    if (proof.at_ranks != part.work.ranks) {
      result.at_ranks = std::min(result.at_ranks, proof.at_ranks);
    }
  }
  if (!same_but_for_routes(schedule, join_parts(workload, nowhere))) {
    return {.proved = false,
            .at_ranks = workload.ranks,
            .failure = "the schedule is not that of its parts, side by side"};
  }
  return result;
}

Verification verify_compute(const Schedule& schedule, const Workload& workload) {
  std::vector<std::uint32_t> times(workload.ranks.value);
  bool good = schedule.operation_count() == workload.ranks.value;
  for (const Operation& op : schedule.operations()) {
    good = good && op.kind == OpKind::compute && op.rank.value < workload.ranks.value &&
           op.duration() == workload.duration && ++times[op.rank.index()] == 1;
  }
  return {.proved = good,
          .at_ranks = workload.ranks,
          .failure = good ? "" : "not every rank computes once, for the time that is given"};
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// Requests and schedules as the tests of this folder write them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/msccl_programs.hpp"
#include "workload/generator.hpp"
#include "workload/verify.hpp"

namespace plumbline::workload {

inline Workload request(Collective collective, std::string algorithm, std::uint32_t ranks,
                        std::uint32_t channels = 1) {
  Workload workload;
  workload.collective = collective;
  workload.algorithm = std::move(algorithm);
  workload.size = core::Bytes::from_si(1e6);
  workload.ranks = RankCount(ranks);
  workload.channels = channels;
  workload.site.in_network = true;
  if (workload.algorithm == "msccl") {
    workload.program = test::msccl_program(test::msccl_all_pairs(collective, ranks));
  }
  return workload;
}

inline Workload pipeline_request(PipelineSchedule schedule, std::uint32_t ranks,
                                 std::uint32_t micro_batches, std::uint32_t virtual_stages = 1,
                                 double activation = 0.0) {
  Workload workload = request(Collective::pipeline, "pipeline", ranks);
  workload.size = {};
  workload.pipeline = Pipeline{.schedule = schedule,
                               .micro_batches = micro_batches,
                               .virtual_stages = virtual_stages,
                               .forward = {core::Seconds::from_si(1.0)},
                               .backward = {core::Seconds::from_si(2.0)},
                               .activation = core::Bytes::from_si(activation)};
  return workload;
}

/// Without routes.
inline Schedule generated(const Workload& workload) {
  RouteSource routes = RouteSource::without_routes();
  return find_generator(workload.collective, workload.algorithm)->generate(workload, routes);
}

/// Why a schedule is refused; empty when it is proved.
inline std::string refusal(const Schedule& schedule, const Workload& workload) {
  const Verification result = verify(schedule, workload);
  return result.proved == result.failure.empty() ? result.failure : "proved and failed at once";
}

/// An expanded schedule, to be changed and written again as one block.
struct Draft {
  struct Entry {
    Operation op;
    std::vector<std::uint32_t> before;
  };

  RankCount ranks;
  std::uint32_t chunks;
  bool additions_apart;
  std::vector<Entry> entries;

  explicit Draft(const Schedule& schedule)
      : ranks(schedule.ranks()),
        chunks(schedule.chunks()),
        additions_apart(schedule.additions_apart()) {
    const Dag dag = schedule.expand();
    for (std::uint32_t i = 0; i < dag.size(); ++i) {
      Entry entry{dag.operations[i], {}};
      for (const OpId predecessor : dag.before(OpId(i))) {
        entry.before.push_back(predecessor.value);
      }
      entries.push_back(std::move(entry));
    }
  }

  [[nodiscard]] Schedule write() const {
    ScheduleBuilder builder(ranks, chunks);
    if (additions_apart) {
      builder.keep_additions_apart();
    }
    for (const Entry& entry : entries) {
      std::vector<Predecessor> before;
      for (const std::uint32_t op : entry.before) {
        before.push_back({.op = op});
      }
      builder.add(entry.op, before);
    }
    return builder.finish();
  }
};

}  // namespace plumbline::workload

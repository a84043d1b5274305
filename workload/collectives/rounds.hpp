// SPDX-License-Identifier: Apache-2.0
// Algorithms in rounds: what a rank sends waits for all that it sent and received in the last round
// in which it took part.
#pragma once

#include <cstdint>
#include <vector>

#include "workload/generator.hpp"
#include "workload/schedule.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// Writes a schedule whose buffer (of all_gather and reduce_scatter: the total) is cut into equal
/// chunks.
class RoundWriter {
 public:
  RoundWriter(const Workload& workload, RouteSource& routes, std::uint32_t chunks);

  /// See Schedule::additions_apart().
  void keep_additions_apart() { builder_.keep_additions_apart(); }

  /// Appends a transfer of this round, of `count` chunks.
  void add(OpKind kind, RankId from, RankId to, std::uint32_t chunk, std::uint32_t count = 1);

  /// Ends the round.
  void next();

  [[nodiscard]] Schedule finish() { return builder_.finish(); }

 private:
  const Workload& workload_;
  RouteSource& routes_;
  std::uint32_t chunks_;
  ScheduleBuilder builder_;
  std::vector<std::vector<Predecessor>> before_;  ///< of each rank, in its last round
  std::vector<std::vector<Predecessor>> now_;
  std::vector<RankId> busy_;  ///< ranks of which now_ holds something
};

/// A rank of a ring and the first of the chunks that are its own.
struct RingMember {
  RankId rank{};
  std::uint32_t first_chunk = 0;
};

/// Appends n − 1 rounds of rings of one length n side by side, in which every member owns `count`
/// chunks. Copying, all end with what everyone had of its own; reducing, each with the sum of its
/// own.
void add_rings(RoundWriter& writer, OpKind kind, const std::vector<std::vector<RingMember>>& rings,
               std::uint32_t count);

}  // namespace plumbline::workload

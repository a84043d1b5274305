// SPDX-License-Identifier: Apache-2.0
// Messages of several chunks that are not next to each other, in rounds: one transfer per run of
// chunks, all of a message at once. They share the way, and take as long as one message would
// wherever no constant limits a single transfer.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "workload/generator.hpp"

namespace plumbline::workload {

/// Chunks [chunk, chunk + count), which have so many bytes together.
struct Run {
  std::uint32_t chunk = 0;
  std::uint32_t count = 1;
  core::Bytes bytes;
};

/// Appends a chunk, to the last run where it continues it.
void append_chunk(std::vector<Run>& runs, std::uint32_t chunk, core::Bytes bytes);

/// Writes the messages. A transfer waits for what brought its chunks to its rank, and, to keep the
/// rounds apart, for one transfer of each message that its rank sent in the last round in which it
/// did, and of each that it received: the one at its own place in that message.
class Bundles {
 public:
  Bundles(const Workload& workload, RouteSource& routes, std::uint32_t chunks)
      : workload_(workload),
        routes_(routes),
        builder_(workload.ranks, chunks),
        chunks_(chunks),
        before_(workload.ranks.value),
        now_(workload.ranks.value) {}

  /// A message of this round.
  void send(OpKind kind, RankId from, RankId to, std::span<const Run> runs);

  /// Ends the round.
  void next();

  [[nodiscard]] Schedule finish() { return builder_.finish(); }

 private:
  using Message = std::vector<std::uint32_t>;  ///< its operations

  struct Turn {
    std::vector<Message> sent;
    std::vector<Message> received;
  };

  [[nodiscard]] std::vector<Predecessor> awaited(RankId from, const Run& run, std::size_t place);

  /// What brought a chunk to a rank: a copy, or all additions since.
  [[nodiscard]] std::vector<std::uint32_t>& brought(RankId rank, std::uint32_t chunk) {
    return brought_[std::uint64_t{rank.value} * chunks_ + chunk];
  }

  const Workload& workload_;
  RouteSource& routes_;
  ScheduleBuilder builder_;
  std::uint32_t chunks_;
  std::vector<Turn> before_;  ///< by rank
  std::vector<Turn> now_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> brought_;
};

}  // namespace plumbline::workload

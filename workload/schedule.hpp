// SPDX-License-Identifier: Apache-2.0
// The schedule: what a workload does, as operations with explicit dependencies. The one thing both
// engines read. Held in compact form: a ring on 100,000 ranks is two blocks of 100,000 operations,
// never n² of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/id.hpp"
#include "core/quantity.hpp"
#include "topology/placement.hpp"
#include "topology/routing.hpp"

namespace plumbline::workload {

using topology::RankCount;
using topology::RankId;
using topology::RouteId;
using OpId = core::Id<struct OpTag>;

/// `copy` and `reduce` are transfers from `rank` to `peer`, the second adding to what the receiver
/// holds. `local_copy` and `local_reduce` do the same within `rank`, from its chunk to its chunk
/// number `peer`; like `delay` they take `amount` seconds. The last three are transfers between
/// `rank` and the group of ranks number `peer`, whose switches replicate or add: `multicast` gives
/// every rank of the group what `rank` holds; `switch_reduce` gives `rank` the sum of what the
/// group holds; `switch_all_reduce` gives that sum to every rank of the group.
enum class OpKind : std::uint8_t {
  copy,
  reduce,
  compute,
  delay,
  local_copy,
  local_reduce,
  multicast,
  switch_reduce,
  switch_all_reduce
};

enum class Protocol : std::uint8_t { none, ll, ll128, simple };

inline constexpr std::size_t protocol_count = 4;

[[nodiscard]] std::string_view to_text(OpKind kind);
[[nodiscard]] std::string_view to_text(Protocol protocol);
[[nodiscard]] std::optional<Protocol> protocol(std::string_view text);

/// One operation. Transfers: `amount` is payload bytes of chunks [chunk, chunk + chunk_count).
/// All others: `amount` is seconds; a compute's `peer` is the step it contributes (see
/// verify.hpp).
struct Operation {
  OpKind kind = OpKind::copy;
  Protocol protocol = Protocol::none;
  std::uint16_t channel = 0;
  RankId rank{};
  RankId peer{};
  RouteId route{};
  std::uint32_t chunk = 0;
  std::uint32_t chunk_count = 1;
  double amount = 0.0;

  [[nodiscard]] constexpr bool is_transfer() const {
    return kind < OpKind::compute || kind > OpKind::local_reduce;
  }

  /// Whether `peer` is the first of the chunks that it writes.
  [[nodiscard]] constexpr bool is_local() const {
    return kind == OpKind::local_copy || kind == OpKind::local_reduce;
  }

  /// Whether `peer` is the number of a group (Schedule::groups) and not a rank.
  [[nodiscard]] constexpr bool has_group() const { return kind >= OpKind::multicast; }

  /// Precondition: is_transfer().
  [[nodiscard]] constexpr core::Bytes payload() const { return core::Bytes::from_si(amount); }

  /// Precondition: !is_transfer().
  [[nodiscard]] constexpr core::Seconds duration() const { return core::Seconds::from_si(amount); }
};

/// Where a transfer goes, or the group it is carried out with: `rank 3`, `group 0`. Precondition:
/// is_transfer().
[[nodiscard]] std::string peer_text(const Operation& op);

static_assert(sizeof(Operation) == 32 && std::is_trivially_copyable_v<Operation>);

/// Which instance of an operation a predecessor means: of the same iteration; of the iteration
/// before (nothing in iteration 0); or, in iteration 0 only, of the last iteration of the block
/// before.
enum class When : std::uint8_t { same, carried, entry };

/// `op` counts from the first operation of its block (for `entry`: of the block before).
struct Predecessor {
  std::uint32_t op = 0;
  When when = When::same;
  friend bool operator==(const Predecessor&, const Predecessor&) = default;
};

/// `op_count` operations run `repeat` times. In iteration i an operation's chunk is
/// first_chunk + (chunk − first_chunk + i·chunk_stride) mod chunks: a schedule that joins several
/// (ScheduleBuilder::append) gives each its own window of chunks.
struct Block {
  std::uint32_t first_op = 0;
  std::uint32_t op_count = 0;
  std::uint32_t repeat = 1;
  std::uint32_t chunk_stride = 0;
  std::uint32_t first_chunk = 0;
  std::uint32_t chunks = 1;
  bool tree = false;  ///< its operations pass a buffer along trees: see ConstantSet::tree_ratio
  friend bool operator==(const Block&, const Block&) = default;
};

/// The expanded form: every operation once, predecessors in CSR, in a topological order.
struct Dag {
  std::vector<Operation> operations;
  std::vector<std::uint32_t> predecessor_offsets;  ///< operations.size() + 1
  std::vector<OpId> predecessors;
  std::vector<std::uint32_t> origin;  ///< index into Schedule::operations() of each

  [[nodiscard]] std::size_t size() const { return operations.size(); }

  [[nodiscard]] std::span<const OpId> before(OpId op) const {
    return std::span(predecessors)
        .subspan(predecessor_offsets[op.index()],
                 predecessor_offsets[op.index() + 1] - predecessor_offsets[op.index()]);
  }
};

/// Operations, dependencies and blocks; made by ScheduleBuilder.
class Schedule {
 public:
  [[nodiscard]] RankCount ranks() const { return ranks_; }

  [[nodiscard]] std::uint32_t chunks() const { return chunks_; }

  [[nodiscard]] std::span<const Block> blocks() const { return blocks_; }

  /// Additions land beside what a rank holds, and only operations that wait for them see them: two
  /// ranks may exchange a chunk and both add it. Otherwise they land in place.
  [[nodiscard]] bool additions_apart() const { return additions_apart_; }

  /// Groups of ranks that operations with has_group() name by number; each sorted.
  [[nodiscard]] std::span<const std::vector<RankId>> groups() const { return groups_; }

  [[nodiscard]] std::span<const Operation> operations() const { return operations_; }

  /// The first operation of each appended part; empty where nothing was appended.
  [[nodiscard]] std::span<const std::uint32_t> parts() const { return parts_; }

  [[nodiscard]] std::span<const Predecessor> before(std::uint32_t operation) const;

  /// By operation: whether it is of a tree's block.
  [[nodiscard]] std::vector<bool> along_trees() const;

  /// Operations after expansion.
  [[nodiscard]] std::uint64_t operation_count() const;

  /// Defines the meaning of the compact form.
  [[nodiscard]] Dag expand() const;

 private:
  friend class ScheduleBuilder;
  RankCount ranks_;
  std::uint32_t chunks_ = 1;
  bool additions_apart_ = false;
  std::vector<Block> blocks_;
  std::vector<std::vector<RankId>> groups_;
  std::vector<std::uint32_t> parts_;
  std::vector<Operation> operations_;
  std::vector<std::uint32_t> predecessor_offsets_{0};
  std::vector<Predecessor> predecessors_;
};

/// Writes a schedule operation by operation. Broken preconditions (a rank, chunk or predecessor
/// that does not exist, an empty block) are InternalErrors.
class ScheduleBuilder {
 public:
  ScheduleBuilder(RankCount ranks, std::uint32_t chunks);

  /// See Schedule::additions_apart(); a schedule with an appended part of this kind is of it.
  void keep_additions_apart() { schedule_.additions_apart_ = true; }

  /// Blocks begun from here on are those of a tree.
  void along_trees() { along_trees_ = true; }

  /// Starts a block; operations added from here on belong to it.
  void begin_block(std::uint32_t repeat = 1, std::uint32_t chunk_stride = 0);

  /// The number of this group of ranks (two at least, none twice); the same group always has the
  /// same number.
  std::uint32_t group(std::vector<RankId> ranks);

  /// Appends all of `part`, whose rank r becomes ranks[r] and whose chunks follow those appended so
  /// far. Its operations without predecessors wait for nothing of the schedule before. Not to be
  /// mixed with add(). Precondition: chunks() of this schedule is the sum of its parts'.
  void append(const Schedule& part, std::span<const RankId> ranks);

  /// Appends an operation to the current block (a block of one iteration is begun if there is none)
  /// and returns its index in the block. `same` predecessors must have been added before.
  std::uint32_t add(const Operation& operation, std::span<const Predecessor> before);

  [[nodiscard]] Schedule finish();

 private:
  void close_block() const;

  Schedule schedule_;
  std::uint32_t appended_chunks_ = 0;
  bool along_trees_ = false;
};

}  // namespace plumbline::workload

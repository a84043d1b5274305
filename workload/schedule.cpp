// SPDX-License-Identifier: Apache-2.0
#include "workload/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "core/diagnostic.hpp"

namespace plumbline::workload {

namespace {

constexpr std::array<std::string_view, 9> kind_names{
    "copy",      "reduce",        "compute",          "delay", "local_copy", "local_reduce",
    "multicast", "switch_reduce", "switch_all_reduce"};
constexpr std::array<std::string_view, protocol_count> protocol_names{"none", "ll", "ll128",
                                                                      "simple"};

/// Generators are our own code: what they get wrong is a bug, never the user's mistake.
void require(bool condition, std::string_view what) {
  if (!condition) {
    throw core::InternalError(fmt::format("schedule: {}", what));
  }
}

}  // namespace

std::string_view to_text(OpKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::string_view to_text(Protocol protocol) {
  return protocol_names[static_cast<std::size_t>(protocol)];
}

std::string peer_text(const Operation& op) {
  return fmt::format("{} {}", op.has_group() ? "group" : "rank", op.peer.value);
}

std::optional<Protocol> protocol(std::string_view text) {
  for (std::size_t i = 0; i < protocol_count; ++i) {
    if (protocol_names[i] == text) {
      return static_cast<Protocol>(i);
    }
  }
  return std::nullopt;
}

std::span<const Predecessor> Schedule::before(std::uint32_t operation) const {
  return std::span(predecessors_)
      .subspan(predecessor_offsets_[operation],
               predecessor_offsets_[operation + 1] - predecessor_offsets_[operation]);
}

std::vector<bool> Schedule::along_trees() const {
  std::vector<bool> along(operations_.size(), false);
  for (const Block& block : blocks_) {
    std::fill_n(along.begin() + block.first_op, block.op_count, block.tree);
  }
  return along;
}

std::uint64_t Schedule::operation_count() const {
  std::uint64_t count = 0;
  for (const Block& block : blocks_) {
    count += std::uint64_t{block.op_count} * block.repeat;
  }
  return count;
}

Dag Schedule::expand() const {
  const std::uint64_t count = operation_count();
  require(count < std::numeric_limits<std::uint32_t>::max(), "too many operations to expand");
  Dag dag;
  dag.operations.reserve(count);
  dag.origin.reserve(count);
  dag.predecessor_offsets.reserve(count + 1);
  dag.predecessor_offsets.push_back(0);

  std::uint32_t entry_base = 0;  // of the last iteration of the block before
  std::uint32_t base = 0;        // of this iteration
  for (const Block& block : blocks_) {
    for (std::uint32_t iteration = 0; iteration < block.repeat; ++iteration) {
      for (std::uint32_t i = block.first_op; i < block.first_op + block.op_count; ++i) {
        Operation op = operations_[i];
        op.chunk = block.first_chunk +
                   static_cast<std::uint32_t>((op.chunk - block.first_chunk +
                                               std::uint64_t{iteration} * block.chunk_stride) %
                                              block.chunks);
        dag.operations.push_back(op);
        dag.origin.push_back(i);
        for (const Predecessor& predecessor : before(i)) {
          if (predecessor.when == When::same) {
            dag.predecessors.emplace_back(base + predecessor.op);
          } else if (predecessor.when == When::carried && iteration > 0) {
            dag.predecessors.emplace_back(base - block.op_count + predecessor.op);
          } else if (predecessor.when == When::entry && iteration == 0) {
            dag.predecessors.emplace_back(entry_base + predecessor.op);
          }
        }
        dag.predecessor_offsets.push_back(static_cast<std::uint32_t>(dag.predecessors.size()));
      }
      entry_base = base;
      base += block.op_count;
    }
  }
  return dag;
}

ScheduleBuilder::ScheduleBuilder(RankCount ranks, std::uint32_t chunks) {
  require(ranks.value > 0 && chunks > 0, "no ranks or no chunks");
  schedule_.ranks_ = ranks;
  schedule_.chunks_ = chunks;
}

void ScheduleBuilder::begin_block(std::uint32_t repeat, std::uint32_t chunk_stride) {
  require(repeat > 0, "a block that never runs");
  close_block();
  schedule_.blocks_.push_back({.first_op = static_cast<std::uint32_t>(schedule_.operations_.size()),
                               .op_count = 0,
                               .repeat = repeat,
                               .chunk_stride = chunk_stride % schedule_.chunks_,
                               .first_chunk = 0,
                               .chunks = schedule_.chunks_,
                               .tree = along_trees_});
}

std::uint32_t ScheduleBuilder::group(std::vector<RankId> ranks) {
  std::ranges::sort(ranks);
  require(ranks.size() > 1 && std::ranges::adjacent_find(ranks) == ranks.end() &&
              ranks.back().value < schedule_.ranks_.value,
          "a group of ranks that can't be");
  auto& groups = schedule_.groups_;
  const auto known = std::ranges::find(groups, ranks);
  const auto number = static_cast<std::uint32_t>(known - groups.begin());
  if (known == groups.end()) {
    groups.push_back(std::move(ranks));
  }
  return number;
}

void ScheduleBuilder::append(const Schedule& part, std::span<const RankId> ranks) {
  require(ranks.size() == part.ranks().value, "a part on another number of ranks");
  require(appended_chunks_ + part.chunks() <= schedule_.chunks_, "a part with too many chunks");
  close_block();
  schedule_.additions_apart_ = schedule_.additions_apart_ || part.additions_apart_;
  std::vector<std::uint32_t> groups;
  for (const std::vector<RankId>& members : part.groups()) {
    std::vector<RankId> renamed;
    renamed.reserve(members.size());
    for (const RankId member : members) {
      renamed.push_back(ranks[member.index()]);
    }
    groups.push_back(group(std::move(renamed)));
  }
  schedule_.parts_.push_back(static_cast<std::uint32_t>(schedule_.operations_.size()));
  for (Block block : part.blocks()) {
    block.first_op += static_cast<std::uint32_t>(schedule_.operations_.size());
    block.first_chunk += appended_chunks_;
    schedule_.blocks_.push_back(block);
  }
  for (std::uint32_t i = 0; i < part.operations().size(); ++i) {
    Operation op = part.operations()[i];
    if (op.has_group()) {
      op.peer = RankId(groups[op.peer.index()]);
    } else if (op.is_transfer()) {
      op.peer = ranks[op.peer.index()];
    } else if (op.is_local()) {
      op.peer = RankId(op.peer.value + appended_chunks_);
    }
    op.rank = ranks[op.rank.index()];
    op.chunk += appended_chunks_;
    schedule_.operations_.push_back(op);
    const auto before = part.before(i);
    schedule_.predecessors_.insert(schedule_.predecessors_.end(), before.begin(), before.end());
    schedule_.predecessor_offsets_.push_back(
        static_cast<std::uint32_t>(schedule_.predecessors_.size()));
  }
  appended_chunks_ += part.chunks();
}

/// What can only be known once the whole block is: that it has operations, and that what they carry
/// over exists.
void ScheduleBuilder::close_block() const {
  if (schedule_.blocks_.empty()) {
    return;
  }
  const Block& block = schedule_.blocks_.back();
  require(block.op_count > 0, "a block without operations");
  for (std::uint32_t i = block.first_op; i < block.first_op + block.op_count; ++i) {
    for (const Predecessor& predecessor : schedule_.before(i)) {
      require(predecessor.when != When::carried || predecessor.op < block.op_count,
              "a carried predecessor outside its block");
    }
  }
}

std::uint32_t ScheduleBuilder::add(const Operation& operation,
                                   std::span<const Predecessor> before) {
  if (schedule_.blocks_.empty()) {
    begin_block();
  }
  Block& block = schedule_.blocks_.back();
  require(operation.rank.value < schedule_.ranks_.value, "a rank that does not exist");
  require(appended_chunks_ == 0, "an operation added beside appended parts");
  require(!operation.is_transfer() ||
              operation.peer.value <
                  (operation.has_group() ? schedule_.groups_.size() : schedule_.ranks_.value),
          "a peer that does not exist");
  require(!operation.is_transfer() || operation.has_group() || operation.peer != operation.rank,
          "a transfer from a rank to itself");
  require(
      operation.chunk < schedule_.chunks_ && operation.chunk_count > 0 &&
          operation.chunk_count <= schedule_.chunks_ &&
          (block.chunk_stride > 0 || operation.chunk_count <= schedule_.chunks_ - operation.chunk),
      "a chunk that does not exist");
  require(!operation.is_local() ||
              (block.chunk_stride == 0 && operation.peer.value < schedule_.chunks_ &&
               operation.chunk_count <= schedule_.chunks_ - operation.peer.value),
          "a local chunk that does not exist");
  require(std::isfinite(operation.amount) && operation.amount >= 0.0,
          "an amount that is negative or not a number");
  for (const Predecessor& predecessor : before) {
    require(predecessor.when != When::same || predecessor.op < block.op_count,
            "a predecessor added after its successor");
    require(predecessor.when != When::entry ||
                (schedule_.blocks_.size() > 1 &&
                 predecessor.op < schedule_.blocks_[schedule_.blocks_.size() - 2].op_count),
            "an entry predecessor outside the block before");
  }
  schedule_.operations_.push_back(operation);
  schedule_.predecessors_.insert(schedule_.predecessors_.end(), before.begin(), before.end());
  schedule_.predecessor_offsets_.push_back(
      static_cast<std::uint32_t>(schedule_.predecessors_.size()));
  return block.op_count++;
}

Schedule ScheduleBuilder::finish() {
  require(!schedule_.blocks_.empty(), "no operations");
  close_block();
  return std::move(schedule_);
}

}  // namespace plumbline::workload

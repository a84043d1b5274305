// SPDX-License-Identifier: Apache-2.0
// One training step through a pipeline: GPipe, 1F1B, interleaved 1F1B. All three run w forwards to
// warm up, then one forward and one backward in turn, then the backwards that are left:
//
//   GPipe        w = all
//   1F1B         w = p − s − 1                    on rank s of p
//   interleaved  w = 2(p − s − 1) + (v − 1)·p     (Megatron-LM; v virtual stages per rank)
//
// Interleaved ranks run p micro-batches through one of their stages before they turn to the next.
// Channel 0 computes, 1 carries activations, 2 carries gradients. A transfer does not occupy the
// rank's computing; transfers of one rank and direction are chained.
#include "workload/training/pipeline.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "core/diagnostic.hpp"
#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::training {

namespace {

constexpr std::array supported{Collective::pipeline};
constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);

std::string refuses(const Workload& workload) {
  const Pipeline& pipeline = *workload.pipeline;
  const std::uint64_t ranks = workload.ranks.value;
  const std::uint64_t v = pipeline.virtual_stages;
  if (pipeline.schedule == PipelineSchedule::interleaved) {
    if (v < 2) {
      return "an interleaved schedule needs at least 2 virtual stages (with 1 it is 1f1b)";
    }
    if (pipeline.micro_batches % ranks != 0) {
      return fmt::format(
          "an interleaved schedule needs a multiple of the {} ranks as micro-batches, not {}",
          ranks, pipeline.micro_batches);
    }
  } else if (v != 1) {
    return fmt::format("{} has 1 virtual stage per rank, not {}; interleaved has more",
                       to_text(pipeline.schedule), v);
  }
  return refuse_channels_or_size(workload, 4 * ranks * v * pipeline.micro_batches);
}

struct Slot {
  std::uint32_t step = 0;
  std::uint32_t micro_batch = 0;
};

/// The order in which one rank computes.
class RankOrder {
 public:
  RankOrder(const Workload& workload, RankId rank)
      : pipeline_(*workload.pipeline), ranks_(workload.ranks.value), rank_(rank.value) {}

  [[nodiscard]] std::vector<Slot> slots() const {
    const std::uint32_t total = pipeline_.micro_batches * pipeline_.virtual_stages;
    const std::uint32_t warm_up = std::min(total, warm_up_forwards(total));
    std::vector<Slot> result;
    result.reserve(2 * std::size_t{total});
    for (std::uint32_t i = 0; i < total + warm_up; ++i) {
      if (i < total) {
        result.push_back(forward(i));
      }
      if (i >= warm_up) {
        result.push_back(backward(i - warm_up));
      }
    }
    return result;
  }

 private:
  [[nodiscard]] std::uint32_t warm_up_forwards(std::uint32_t total) const {
    const std::uint32_t ranks_after = ranks_ - rank_ - 1;
    switch (pipeline_.schedule) {
      case PipelineSchedule::gpipe:
        return total;
      case PipelineSchedule::one_f_one_b:
        return ranks_after;
      case PipelineSchedule::interleaved:
        return 2 * ranks_after + (pipeline_.virtual_stages - 1) * ranks_;
    }
    throw core::InternalError("a pipeline schedule without a warm-up");
  }

  /// The i-th forward: p micro-batches on the first of the rank's stages, the same on its second,
  /// …, then the next p micro-batches.
  [[nodiscard]] Slot forward(std::uint32_t i) const {
    const std::uint32_t round = i / (ranks_ * pipeline_.virtual_stages);
    const std::uint32_t own_stage = i % (ranks_ * pipeline_.virtual_stages) / ranks_;
    return {.step = own_stage * ranks_ + rank_, .micro_batch = round * ranks_ + i % ranks_};
  }

  /// The same with the stages in reverse.
  [[nodiscard]] Slot backward(std::uint32_t i) const {
    const std::uint32_t stages = ranks_ * pipeline_.virtual_stages;
    Slot slot = forward(i);
    const std::uint32_t own_stage = pipeline_.virtual_stages - 1 - slot.step / ranks_;
    slot.step = 2 * stages - 1 - (own_stage * ranks_ + rank_);
    return slot;
  }

  const Pipeline& pipeline_;
  std::uint32_t ranks_;
  std::uint32_t rank_;
};

/// Adds each rank's operations in its order, as soon as what they wait for has been added.
class PipelineWriter {
 public:
  PipelineWriter(const Workload& workload, RouteSource& routes)
      : workload_(workload),
        steps_(workload),
        micro_batches_(workload.pipeline->micro_batches),
        builder_(workload.ranks, micro_batches_),
        ranks_(workload.ranks.value),
        arrival_(std::size_t{steps_.count()} * micro_batches_, none) {
    const std::uint32_t ranks = workload.ranks.value;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      ranks_[rank].order = RankOrder(workload, RankId(rank)).slots();
      if (workload.pipeline->activation > core::Bytes{}) {
        ranks_[rank].to_next = routes.between(RankId(rank), RankId((rank + 1) % ranks));
        ranks_[rank].to_previous = routes.between(RankId(rank), RankId((rank + ranks - 1) % ranks));
      }
    }
  }

  [[nodiscard]] Schedule write() {
    std::vector<RankId> to_try;
    for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
      to_try.emplace_back(rank);
    }
    std::size_t added = 0;
    while (!to_try.empty()) {
      const RankId rank = to_try.back();
      to_try.pop_back();
      RankState& state = ranks_[rank.index()];
      for (; state.next < state.order.size() && is_ready(state.order[state.next]); ++state.next) {
        const Slot slot = state.order[state.next];
        add(rank, slot);
        ++added;
        if (slot.step + 1 < steps_.count()) {
          to_try.push_back(steps_.rank(slot.step + 1));
        }
      }
    }
    if (added != arrival_.size()) {
      throw core::InternalError("the pipeline's orders wait for each other in a circle");
    }
    return builder_.finish();
  }

 private:
  struct RankState {
    std::vector<Slot> order;
    std::size_t next = 0;
    std::optional<std::uint32_t> last_compute;
    std::array<std::optional<std::uint32_t>, 2> last_transfer;  ///< forward, backward
    RouteId to_next;
    RouteId to_previous;
  };

  /// The operation that brings its input to a slot.
  [[nodiscard]] std::uint32_t& arrival(Slot slot) {
    return arrival_[std::size_t{slot.step} * micro_batches_ + slot.micro_batch];
  }

  [[nodiscard]] bool is_ready(Slot slot) { return slot.step == 0 || arrival(slot) != none; }

  void add(RankId rank, Slot slot) {
    RankState& state = ranks_[rank.index()];
    std::vector<Predecessor> before;
    if (state.last_compute) {
      before.push_back({.op = *state.last_compute});
    }
    if (slot.step > 0 && state.last_compute != arrival(slot)) {
      before.push_back({.op = arrival(slot)});
    }
    const std::uint32_t compute = builder_.add({.kind = OpKind::compute,
                                                .rank = rank,
                                                .peer = RankId(slot.step),
                                                .chunk = slot.micro_batch,
                                                .amount = steps_.duration(slot.step).si()},
                                               before);
    state.last_compute = compute;
    if (slot.step + 1 < steps_.count()) {
      arrival({.step = slot.step + 1, .micro_batch = slot.micro_batch}) =
          steps_.sends(slot.step) ? add_transfer(rank, slot, compute) : compute;
    }
  }

  std::uint32_t add_transfer(RankId rank, Slot slot, std::uint32_t compute) {
    RankState& state = ranks_[rank.index()];
    const bool is_forward = steps_.is_forward(slot.step);
    auto& last = state.last_transfer[is_forward ? 0 : 1];
    std::vector<Predecessor> before{{.op = compute}};
    if (last) {
      before.push_back({.op = *last});
    }
    last = builder_.add({.kind = OpKind::copy,
                         .protocol = workload_.protocol,
                         .channel = static_cast<std::uint16_t>(is_forward ? 1 : 2),
                         .rank = rank,
                         .peer = steps_.rank(slot.step + 1),
                         .route = is_forward ? state.to_next : state.to_previous,
                         .chunk = slot.micro_batch,
                         .amount = workload_.pipeline->activation.si()},
                        before);
    return *last;
  }

  const Workload& workload_;
  PipelineSteps steps_;
  std::uint32_t micro_batches_;
  ScheduleBuilder builder_;
  std::vector<RankState> ranks_;
  std::vector<std::uint32_t> arrival_;
};

Schedule generate(const Workload& workload, RouteSource& routes) {
  return PipelineWriter(workload, routes).write();
}

}  // namespace

extern const GeneratorEntry pipeline{
    .name = "pipeline",
    .collectives = supported,
    .summary = "One training step through pipeline stages: gpipe, 1f1b or interleaved",
    .citation =
        "Narayanan et al., Efficient large-scale language model training on GPU clusters "
        "using Megatron-LM, SC 2021, §2.2, doi:10.1145/3458817.3476209",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::training

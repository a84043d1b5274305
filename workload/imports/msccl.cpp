// SPDX-License-Identifier: Apache-2.0
#include "workload/imports/msccl.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "workload/imports/msccl_text.hpp"
#include "workload/verify.hpp"

namespace plumbline::workload::imports {

namespace {

/// Each step becomes operations that follow one another: what it does with its own buffers, then
/// what it sends. A message has chunk numbers of its own, on both sides.
class Lowering {
 public:
  Lowering(MscclText text, core::Diagnostics& diagnostics)
      : text_(std::move(text)), program_(text_.program), diagnostics_(diagnostics) {}

  std::optional<Program> run() {
    pair_up();
    if (!good_) {
      return std::nullopt;
    }
    for (std::uint32_t gpu = 0; gpu < text_.gpus.size(); ++gpu) {
      for (std::uint32_t block = 0; block < text_.gpus[gpu].size(); ++block) {
        for (std::uint32_t step = 0; step < text_.gpus[gpu][block].steps.size(); ++step) {
          add_step(gpu, block, step);
        }
      }
    }
    if (good_) {
      connect();
    }
    if (good_) {
      sort();
    }
    return good_ ? std::optional(std::move(program_)) : std::nullopt;
  }

 private:
  static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);

  struct Message {
    std::uint32_t chunk = 0;
    bool is_added = false;
    std::uint32_t transfer = none;  ///< its operation
  };

  /// What the steps of one block became.
  struct Lowered {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t received = none;  ///< message
    std::uint32_t sent = none;
  };

  using Link = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  ///< from, to, channel

  struct Ends {
    const MscclBlock* sender = nullptr;
    const MscclBlock* receiver = nullptr;
    std::vector<std::pair<const MscclStep*, Lowered*>> sends;
    std::vector<std::pair<const MscclStep*, Lowered*>> receives;
  };

  void error(const core::SourceSpan& where, std::string_view code, std::string message,
             std::string hint = {}) {
    diagnostics_.error(code, where, std::move(message), std::move(hint));
    good_ = false;
  }

  void pair_up();
  void pair(const Link& link, const Ends& ends);
  void one_block(const MscclBlock*& known, const MscclBlock& block, const char* what);
  void add_step(std::uint32_t gpu, std::uint32_t block, std::uint32_t step);
  void add_local(OpKind kind, std::uint32_t from, std::uint32_t to);
  void add(const MscclStep& step, Operation operation);
  void connect();
  void wait(std::uint32_t operation, std::uint32_t awaited);
  void sort();

  MscclText text_;
  Program program_;
  core::Diagnostics& diagnostics_;
  std::vector<std::vector<std::vector<Lowered>>> lowered_;  ///< by GPU, block, step
  std::vector<Message> messages_;
  std::vector<const MscclStep*> step_of_;  ///< by operation
  const MscclStep* step_ = nullptr;        ///< the one that is added
  RankId rank_;
  bool good_ = true;
};

void Lowering::one_block(const MscclBlock*& known, const MscclBlock& block, const char* what) {
  if (known != nullptr && known != &block) {
    error(block.where, "PL-W043",
          fmt::format("a second thread block that {} this peer on this channel", what),
          "give it a channel of its own");
  }
  known = &block;
}

void Lowering::pair_up() {
  std::map<Link, Ends> links;
  lowered_.resize(text_.gpus.size());
  for (std::uint32_t gpu = 0; gpu < text_.gpus.size(); ++gpu) {
    for (const MscclBlock& block : text_.gpus[gpu]) {
      std::vector<Lowered>& lowered =
          lowered_[gpu].emplace_back(std::vector<Lowered>(block.steps.size()));
      for (std::size_t i = 0; i < block.steps.size(); ++i) {
        const MscclStep& step = block.steps[i];
        if (step.type->sends) {
          Ends& ends = links[{gpu, *block.send, block.channel}];
          one_block(ends.sender, block, "sends to");
          ends.sends.emplace_back(&step, &lowered[i]);
        }
        if (step.type->receives) {
          Ends& ends = links[{*block.receive, gpu, block.channel}];
          one_block(ends.receiver, block, "receives from");
          ends.receives.emplace_back(&step, &lowered[i]);
        }
      }
    }
  }
  for (const auto& [link, ends] : links) {
    pair(link, ends);
  }
}

void Lowering::pair(const Link& link, const Ends& ends) {
  const std::size_t both = std::min(ends.sends.size(), ends.receives.size());
  const auto [from, to, channel] = link;
  if (ends.sends.size() != ends.receives.size()) {
    const MscclStep& alone =
        ends.sends.size() > both ? *ends.sends[both].first : *ends.receives[both].first;
    error(alone.where, "PL-W043",
          fmt::format("GPU {} sends {} times to GPU {} on channel {}, which receives {} times",
                      from, ends.sends.size(), to, channel, ends.receives.size()));
  }
  for (std::size_t i = 0; i < both; ++i) {
    const MscclStep& send = *ends.sends[i].first;
    const MscclStep& receive = *ends.receives[i].first;
    if (send.count != receive.count) {
      error(receive.where, "PL-W043",
            fmt::format("{} chunks are received, {} are sent on line {}", receive.count, send.count,
                        send.where.line));
    }
    if (program_.chunks + std::uint64_t{send.count} > verify_limit) {
      error(send.where, "PL-W040", "more chunks are sent than can be proved");
      return;
    }
    ends.sends[i].second->sent = static_cast<std::uint32_t>(messages_.size());
    ends.receives[i].second->received = static_cast<std::uint32_t>(messages_.size());
    messages_.push_back({.chunk = program_.chunks, .is_added = receive.type->has_source});
    program_.chunks += send.count;
  }
}

void Lowering::add(const MscclStep& step, Operation operation) {
  operation.rank = rank_;
  operation.chunk_count = step.count;
  program_.steps.push_back({operation, {}});
  step_of_.push_back(&step);
}

void Lowering::add_local(OpKind kind, std::uint32_t from, std::uint32_t to) {
  const std::uint32_t apart = from < to ? to - from : from - to;
  if (apart == 0 && kind == OpKind::local_copy) {
    return;  // in place it is there already
  }
  if (apart < step_->count) {
    error(step_->where, "PL-W042", "source and target overlap");
    return;
  }
  add(*step_, {.kind = kind, .peer = RankId(to), .chunk = from});
}

void Lowering::add_step(std::uint32_t gpu, std::uint32_t block, std::uint32_t index) {
  const MscclBlock& in = text_.gpus[gpu][block];
  const MscclStep& step = in.steps[index];
  const MscclStepType& type = *step.type;
  Lowered& lowered = lowered_[gpu][block][index];
  rank_ = RankId(gpu);
  step_ = &step;
  lowered.first = static_cast<std::uint32_t>(program_.steps.size());
  const std::uint32_t out = type.sends ? messages_[lowered.sent].chunk : 0;
  // Where the result comes to be: for what is only sent on, in the message.
  const std::uint32_t result = type.has_target ? step.target : out;
  if (type.has_source) {
    add_local(type.name == "re" ? OpKind::local_reduce : OpKind::local_copy, step.source, result);
  }
  if (type.receives) {
    add_local(type.has_source ? OpKind::local_reduce : OpKind::local_copy,
              messages_[lowered.received].chunk, result);
  }
  if (type.sends) {
    if (type.has_target) {
      add_local(OpKind::local_copy, result, out);
    }
    Message& message = messages_[lowered.sent];
    message.transfer = static_cast<std::uint32_t>(program_.steps.size());
    add(step, {.kind = message.is_added ? OpKind::reduce : OpKind::copy,
               .channel = static_cast<std::uint16_t>(in.channel),
               .peer = RankId(*in.send),
               .chunk = out,
               .amount = static_cast<double>(step.count)});
  }
  if (program_.steps.size() == lowered.first) {
    add(step, {.kind = OpKind::delay});
    program_.steps.back().operation.chunk_count = 1;
  }
  lowered.last = static_cast<std::uint32_t>(program_.steps.size() - 1);
}

void Lowering::wait(std::uint32_t operation, std::uint32_t awaited) {
  auto& before = program_.steps[operation].before;
  if (std::ranges::find(before, awaited) == before.end()) {
    before.push_back(awaited);
  }
}

void Lowering::connect() {
  for (std::uint32_t gpu = 0; gpu < lowered_.size(); ++gpu) {
    for (std::uint32_t block = 0; block < lowered_[gpu].size(); ++block) {
      const std::vector<Lowered>& steps = lowered_[gpu][block];
      for (std::uint32_t i = 0; i < steps.size(); ++i) {
        const MscclStep& step = text_.gpus[gpu][block].steps[i];
        for (std::uint32_t next = steps[i].first + 1; next <= steps[i].last; ++next) {
          wait(next, next - 1);
        }
        if (i > 0) {
          wait(steps[i].first, steps[i - 1].last);
        }
        if (steps[i].received != none) {
          wait(steps[i].first, messages_[steps[i].received].transfer);
        }
        if (!step.awaited_block) {
          continue;
        }
        if (*step.awaited_block >= lowered_[gpu].size() ||
            step.awaited_step >= lowered_[gpu][*step.awaited_block].size()) {
          error(step.where, "PL-W042",
                fmt::format("there is no step {} of thread block {} to wait for", step.awaited_step,
                            *step.awaited_block));
          continue;
        }
        wait(steps[i].first, lowered_[gpu][*step.awaited_block][step.awaited_step].last);
      }
    }
  }
}

/// Into a topological order: what can go first goes first.
void Lowering::sort() {
  const std::size_t size = program_.steps.size();
  std::vector<std::vector<std::uint32_t>> after(size);
  std::vector<std::size_t> waits_for(size);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < size; ++i) {
    waits_for[i] = program_.steps[i].before.size();
    for (const std::uint32_t before : program_.steps[i].before) {
      after[before].push_back(i);
    }
    if (waits_for[i] == 0) {
      order.push_back(i);
    }
  }
  std::vector<std::uint32_t> place(size, none);
  std::vector<Program::Step> sorted;
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = static_cast<std::uint32_t>(i);
    sorted.push_back(std::move(program_.steps[order[i]]));
    for (std::uint32_t& before : sorted.back().before) {
      before = place[before];
    }
    for (const std::uint32_t next : after[order[i]]) {
      if (--waits_for[next] == 0) {
        order.push_back(next);
      }
    }
  }
  if (order.size() < size) {
    const auto stuck = std::ranges::find(place, none) - place.begin();
    error(step_of_[static_cast<std::size_t>(stuck)]->where, "PL-W044",
          "this step waits for itself, by way of others: the program would hang");
  }
  program_.steps = std::move(sorted);
}

}  // namespace

std::optional<Program> import_msccl(const core::XmlElement& root, core::Diagnostics& diagnostics) {
  std::optional<MscclText> text = read_msccl(root, diagnostics);
  if (!text) {
    return std::nullopt;
  }
  std::optional<Program> program = Lowering(std::move(*text), diagnostics).run();
  if (program && program->steps.empty()) {
    diagnostics.error("PL-W040", root.where, "the program has no steps");
    return std::nullopt;
  }
  return program;
}

}  // namespace plumbline::workload::imports

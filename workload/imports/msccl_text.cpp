// SPDX-License-Identifier: Apache-2.0
#include "workload/imports/msccl_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace plumbline::workload::imports {

namespace {

using core::XmlElement;

constexpr std::int64_t most_ranks = 4096;
constexpr std::int64_t most_chunks = 65536;  // of a buffer
constexpr std::int64_t most_channels = 1024;
constexpr std::int64_t most_steps = 1 << 20;  // of a thread block

constexpr std::array step_types{
    MscclStepType{"s", false, true, false, true},    MscclStepType{"r", true, false, true, false},
    MscclStepType{"rcs", true, false, true, true},   MscclStepType{"rrs", true, true, false, true},
    MscclStepType{"rrc", true, true, true, false},   MscclStepType{"rrcs", true, true, true, true},
    MscclStepType{"cpy", false, true, true, false},  MscclStepType{"re", false, true, true, false},
    MscclStepType{"nop", false, false, false, false}};

struct CollectiveName {
  std::string_view name;
  Collective collective;
};

constexpr std::array collectives{CollectiveName{"allreduce", Collective::all_reduce},
                                 CollectiveName{"allgather", Collective::all_gather},
                                 CollectiveName{"reducescatter", Collective::reduce_scatter},
                                 CollectiveName{"reduce_scatter", Collective::reduce_scatter},
                                 CollectiveName{"alltoall", Collective::all_to_all},
                                 CollectiveName{"broadcast", Collective::broadcast}};

struct ProtocolName {
  std::string_view name;
  Protocol protocol;
};

constexpr std::array protocols{ProtocolName{"Simple", Protocol::simple},
                               ProtocolName{"LL", Protocol::ll},
                               ProtocolName{"LL128", Protocol::ll128}};

class Reader {
 public:
  explicit Reader(core::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::optional<MscclText> run(const XmlElement& root) {
    if (root.name != "algo") {
      error(root, "PL-W040", fmt::format("an MSCCL program is an <algo>, not a <{}>", root.name));
      return std::nullopt;
    }
    read_head(root);
    if (good_) {
      read_scratch(root);
    }
    if (good_) {
      for (const XmlElement& gpu : root.children) {
        read_gpu(gpu);
      }
    }
    return good_ ? std::optional(std::move(text_)) : std::nullopt;
  }

 private:
  void error(const XmlElement& at, std::string_view code, std::string message,
             std::string hint = {}) {
    diagnostics_.error(code, at.where, std::move(message), std::move(hint));
    good_ = false;
  }

  /// An attribute from `least` to `most`; `absent` where it is not there, an error where that is
  /// null.
  std::int64_t integer(const XmlElement& at, std::string_view name, std::int64_t least,
                       std::int64_t most, std::optional<std::int64_t> absent = {}) {
    const std::string* const text = at.find(name);
    if (text == nullptr && absent) {
      return *absent;
    }
    std::int64_t value = 0;
    const char* const end = text == nullptr ? nullptr : text->data() + text->size();
    const bool read =
        text != nullptr && !text->empty() &&
        std::from_chars(text->data(), end, value) == std::from_chars_result{end, std::errc{}};
    if (!read || value < least || value > most) {
      error(at, "PL-W040",
            text == nullptr ? fmt::format("<{}> has no {}", at.name, name)
                            : fmt::format("{} '{}' of <{}>", name, *text, at.name),
            fmt::format("a whole number from {} to {}", least, most));
      return least;
    }
    return value;
  }

  std::uint32_t count(const XmlElement& at, std::string_view name, std::int64_t least,
                      std::int64_t most, std::optional<std::int64_t> absent = {}) {
    return static_cast<std::uint32_t>(integer(at, name, least, most, absent));
  }

  /// −1: none.
  std::optional<std::uint32_t> number_or_none(const XmlElement& at, std::string_view name,
                                              std::int64_t most) {
    const std::int64_t value = integer(at, name, -1, most, -1);
    return value < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(value));
  }

  template <class Names>
  auto choice(const XmlElement& at, std::string_view name, const Names& names) {
    const std::string* const text = at.find(name);
    const auto found = std::ranges::find_if(
        names, [&](const auto& known) { return text != nullptr && known.name == *text; });
    if (found == names.end()) {
      std::string hint = "one of:";
      for (const auto& known : names) {
        hint += fmt::format(" {}", known.name);
      }
      error(at, "PL-W040",
            text == nullptr ? fmt::format("<{}> has no {}", at.name, name)
                            : fmt::format("{} '{}' of <{}>", name, *text, at.name),
            std::move(hint));
      return names.data();
    }
    return &*found;
  }

  void read_head(const XmlElement& root);
  void read_scratch(const XmlElement& root);
  void read_gpu(const XmlElement& at);
  void read_block(const XmlElement& at, const XmlElement& gpu, std::vector<MscclBlock>& blocks);
  void read_step(const XmlElement& at, const XmlElement& gpu, MscclBlock& block);
  std::uint32_t place(const XmlElement& at, const XmlElement& gpu, const char* buffer,
                      const char* offset, std::uint32_t chunks);

  core::Diagnostics& diagnostics_;
  MscclText text_;
  bool peers_known_ = true;  ///< of the block that is read
  bool good_ = true;
};

/// The larger of input and output has nchunksperloop chunks.
void Reader::read_head(const XmlElement& root) {
  Program& program = text_.program;
  program.collective = choice(root, "coll", collectives)->collective;
  program.protocol =
      root.find("proto") == nullptr ? Protocol::none : choice(root, "proto", protocols)->protocol;
  program.ranks = RankCount(count(root, "ngpus", 2, most_ranks));
  program.parts = count(root, "nchunksperloop", 1, most_chunks);
  program.in_place = count(root, "inplace", 0, 1, 0) == 1;
  const bool gathers = program.collective == Collective::all_gather;
  const bool scatters = program.collective == Collective::reduce_scatter;
  const std::uint32_t ranks = program.ranks.value;
  if ((gathers || scatters || program.collective == Collective::all_to_all) &&
      program.parts % ranks != 0 && good_) {
    error(root, "PL-W040",
          fmt::format("{} chunks can't be shared out to {} GPUs", program.parts, ranks),
          "nchunksperloop is a multiple of ngpus");
  }
  program.inputs = gathers ? program.parts / ranks : program.parts;
  program.outputs = scatters ? program.parts / ranks : program.parts;
}

/// One number of scratch chunks for all, so that the messages have numbers after them.
void Reader::read_scratch(const XmlElement& root) {
  Program& program = text_.program;
  std::uint32_t scratch = 0;
  for (const XmlElement& gpu : root.children) {
    if (gpu.name != "gpu") {
      error(gpu, "PL-W040", fmt::format("<{}> in <algo>", gpu.name), "<gpu> is expected");
      continue;
    }
    scratch = std::max(scratch, count(gpu, "s_chunks", 0, most_chunks, 0));
  }
  if (root.children.size() != program.ranks.value) {
    error(root, "PL-W040",
          fmt::format("{} <gpu> for ngpus {}", root.children.size(), program.ranks.value));
  }
  program.chunks = program.buffers() + scratch;
}

void Reader::read_gpu(const XmlElement& at) {
  const auto number = static_cast<std::uint32_t>(text_.gpus.size());
  if (count(at, "id", 0, most_ranks) != number) {
    error(at, "PL-W040", fmt::format("the id of <gpu> number {} is another", number),
          "ids count from 0, in order");
  }
  std::vector<MscclBlock>& blocks = text_.gpus.emplace_back();
  for (const XmlElement& block : at.children) {
    read_block(block, at, blocks);
  }
}

void Reader::read_block(const XmlElement& at, const XmlElement& gpu,
                        std::vector<MscclBlock>& blocks) {
  if (at.name != "tb") {
    error(at, "PL-W040", fmt::format("<{}> in <gpu>", at.name), "<tb> is expected");
    return;
  }
  if (count(at, "id", 0, most_chunks) != blocks.size()) {
    error(at, "PL-W040", fmt::format("the id of <tb> number {} is another", blocks.size()),
          "ids count from 0, in order");
  }
  const bool was_good = std::exchange(good_, true);
  const std::int64_t last = std::int64_t{text_.program.ranks.value} - 1;
  MscclBlock block{.send = number_or_none(at, "send", last),
                   .receive = number_or_none(at, "recv", last),
                   .channel = count(at, "chan", 0, most_channels - 1, 0),
                   .steps = {},
                   .where = at.where};
  const std::size_t self = text_.gpus.size() - 1;
  if (block.send == self || block.receive == self) {
    error(at, "PL-W043", fmt::format("GPU {} has itself for a peer", self));
  }
  peers_known_ = std::exchange(good_, good_ && was_good);
  for (const XmlElement& step : at.children) {
    read_step(step, gpu, block);
  }
  blocks.push_back(std::move(block));
}

void Reader::read_step(const XmlElement& at, const XmlElement& gpu, MscclBlock& block) {
  if (at.name != "step") {
    error(at, "PL-W040", fmt::format("<{}> in <tb>", at.name), "<step> is expected");
    return;
  }
  if (count(at, "s", 0, most_steps) != block.steps.size()) {
    error(at, "PL-W040", fmt::format("s of <step> number {} is another", block.steps.size()),
          "s counts from 0, in order");
  }
  MscclStep step;
  step.where = at.where;
  step.type = choice(at, "type", step_types);
  if (step.type->has_source || step.type->has_target) {
    step.count = count(at, "cnt", 1, most_chunks, 1);
  }
  if (step.type->has_source) {
    step.source = place(at, gpu, "srcbuf", "srcoff", step.count);
  }
  if (step.type->has_target) {
    step.target = place(at, gpu, "dstbuf", "dstoff", step.count);
  }
  if (peers_known_ &&
      ((step.type->receives && !block.receive) || (step.type->sends && !block.send))) {
    error(at, "PL-W043",
          fmt::format("a step '{}' in a thread block without that peer", step.type->name));
  }
  step.awaited_block = number_or_none(at, "depid", most_chunks);
  if (step.awaited_block) {
    step.awaited_step = count(at, "deps", 0, most_steps);
  }
  block.steps.push_back(step);
}

/// The schedule's chunk; an error where the buffer ends before `chunks` of them.
std::uint32_t Reader::place(const XmlElement& at, const XmlElement& gpu, const char* buffer,
                            const char* offset, std::uint32_t chunks) {
  const Program& program = text_.program;
  const RankId rank(text_.gpus.size() - 1);
  const std::string* const name = at.find(buffer);
  const std::uint32_t first = count(at, offset, 0, most_chunks);
  if (name == nullptr || (*name != "i" && *name != "o" && *name != "s")) {
    error(at, "PL-W042", fmt::format("no {} that there is", buffer), "i, o or s");
    return 0;
  }
  const std::uint32_t size = *name == "i"   ? program.inputs
                             : *name == "o" ? program.outputs
                                            : count(gpu, "s_chunks", 0, most_chunks, 0);
  if (first >= size || chunks > size - first) {
    error(at, "PL-W042",
          fmt::format("{} chunks from {} on, of {} in buffer {}", chunks, first, size, *name));
    return 0;
  }
  return *name == "i"   ? program.input_at(rank, first)
         : *name == "o" ? program.output_at(rank, first)
                        : program.buffers() + first;
}

}  // namespace

std::optional<MscclText> read_msccl(const XmlElement& root, core::Diagnostics& diagnostics) {
  return Reader(diagnostics).run(root);
}

}  // namespace plumbline::workload::imports

// SPDX-License-Identifier: Apache-2.0
// MSCCL programs in which every rank speaks with every other by a thread block of its own.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/xml.hpp"
#include "workload/imports/msccl.hpp"

namespace plumbline::test {

/// The steps of one thread block, numbered as they are added.
class MscclBlock {
 public:
  MscclBlock(std::uint32_t id, const std::string& attributes)
      : text_(fmt::format("  <tb id=\"{}\" {}>\n", id, attributes)) {}

  /// `source` and `target` are a buffer and an offset, as `i 2`; `waits_for` a block and a step.
  void step(const std::string& type, const std::string& source, const std::string& target,
            const std::string& waits_for = "-1 -1") {
    text_ += fmt::format(
        "   <step s=\"{}\" type=\"{}\" srcbuf=\"{}\" srcoff=\"{}\" dstbuf=\"{}\" dstoff=\"{}\" "
        "cnt=\"1\" depid=\"{}\" deps=\"{}\" hasdep=\"0\"/>\n",
        steps_++, type, source.substr(0, 1), source.substr(2), target.substr(0, 1),
        target.substr(2), waits_for.substr(0, waits_for.find(' ')),
        waits_for.substr(waits_for.find(' ') + 1));
  }

  [[nodiscard]] std::string text() const { return text_ + "  </tb>\n"; }

 private:
  std::string text_;
  std::uint32_t steps_ = 0;
};

/// Block p ≠ rank speaks with rank p; block `rank` works on the rank's own buffers. What is to be
/// added up arrives in the scratch chunk of its sender.
inline std::string msccl_gpu(workload::Collective collective, std::uint32_t rank,
                             std::uint32_t ranks, std::uint32_t root) {
  using workload::Collective;
  const auto at = [](const char* buffer, std::uint32_t offset) {
    return fmt::format("{} {}", buffer, offset);
  };
  const bool adds =
      collective == Collective::all_reduce || collective == Collective::reduce_scatter;
  std::string text = fmt::format(" <gpu id=\"{}\" i_chunks=\"0\" o_chunks=\"0\" s_chunks=\"{}\">\n",
                                 rank, adds ? ranks : 0);
  for (std::uint32_t peer = 0; peer < ranks; ++peer) {
    if (peer == rank) {
      MscclBlock own(rank, "send=\"-1\" recv=\"-1\" chan=\"0\"");
      for (std::uint32_t from = 0; adds && from < ranks; ++from) {
        if (from != rank) {
          own.step("re", at("s", from), at("i", rank), fmt::format("{} 1", from));
        }
      }
      if (collective == Collective::all_to_all) {
        own.step("cpy", at("i", rank), at("o", rank));
      } else if (!adds) {
        own.step("nop", "i 0", "o 0");
      }
      text += own.text();
      continue;
    }
    MscclBlock block(peer, fmt::format("send=\"{0}\" recv=\"{0}\" chan=\"0\"", peer));
    if (collective == Collective::all_reduce || collective == Collective::reduce_scatter) {
      block.step("s", at("i", peer), at("s", rank));
      block.step("r", at("i", rank), at("s", peer));
    }
    if (collective == Collective::all_reduce) {
      block.step("s", at("o", rank), at("o", rank), fmt::format("{} {}", rank, ranks - 2));
      block.step("r", at("o", peer), at("o", peer));
    } else if (collective == Collective::all_gather) {
      block.step("s", "i 0", at("o", rank));
      block.step("r", "i 0", at("o", peer));
    } else if (collective == Collective::all_to_all) {
      block.step("s", at("i", peer), at("o", rank));
      block.step("r", at("i", rank), at("o", peer));
    } else if (collective == Collective::broadcast && rank == root) {
      block.step("s", "i 0", "o 0");
    } else if (collective == Collective::broadcast && peer == root) {
      block.step("r", "i 0", "o 0");
    }
    text += block.text();
  }
  return text + " </gpu>\n";
}

inline std::string msccl_all_pairs(workload::Collective collective, std::uint32_t ranks,
                                   std::uint32_t root = 0) {
  using workload::Collective;
  const char* const name = collective == Collective::all_reduce       ? "allreduce"
                           : collective == Collective::all_gather     ? "allgather"
                           : collective == Collective::reduce_scatter ? "reducescatter"
                           : collective == Collective::all_to_all     ? "alltoall"
                                                                      : "broadcast";
  std::string text = fmt::format(
      "<algo name=\"all_pairs\" proto=\"LL\" nchannels=\"1\" nchunksperloop=\"{}\" ngpus=\"{}\" "
      "coll=\"{}\" inplace=\"{}\">\n",
      collective == Collective::broadcast ? 1 : ranks, ranks, name,
      collective == Collective::all_to_all ? 0 : 1);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    text += msccl_gpu(collective, rank, ranks, root);
  }
  return text + "</algo>\n";
}

/// What a text says; a test that gives a wrong one fails by the exception.
inline std::shared_ptr<const workload::Program> msccl_program(const std::string& text) {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(text, "program.xml", diagnostics);
  auto program = root ? workload::imports::import_msccl(*root, diagnostics) : std::nullopt;
  if (!program) {
    throw std::runtime_error(core::to_text(diagnostics.all().front()) + "\n" + text);
  }
  return std::make_shared<const workload::Program>(std::move(*program));
}

}  // namespace plumbline::test

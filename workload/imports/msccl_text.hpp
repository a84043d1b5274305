// SPDX-License-Identifier: Apache-2.0
// An MSCCL file as it is written, each value checked by itself (imports/msccl.hpp says the rest).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/xml.hpp"
#include "workload/program.hpp"

namespace plumbline::workload::imports {

/// What a type of step consists of, in this order: what it receives is added to its source or
/// taken by itself; that is written to its target; and sent on.
struct MscclStepType {
  std::string_view name;
  bool receives = false;
  bool has_source = false;
  bool has_target = false;
  bool sends = false;
};

struct MscclStep {
  const MscclStepType* type = nullptr;
  std::uint32_t source = 0;  ///< chunk of the schedule
  std::uint32_t target = 0;
  std::uint32_t count = 1;
  std::optional<std::uint32_t> awaited_block;
  std::uint32_t awaited_step = 0;
  core::SourceSpan where;
};

struct MscclBlock {
  std::optional<std::uint32_t> send;  ///< the peer
  std::optional<std::uint32_t> receive;
  std::uint32_t channel = 0;
  std::vector<MscclStep> steps;
  core::SourceSpan where;
};

struct MscclText {
  Program program;  ///< without steps; its chunks are those of buffers and scratch
  std::vector<std::vector<MscclBlock>> gpus;
};

/// Nullopt after an error.
[[nodiscard]] std::optional<MscclText> read_msccl(const core::XmlElement& root,
                                                  core::Diagnostics& diagnostics);

}  // namespace plumbline::workload::imports

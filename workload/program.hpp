// SPDX-License-Identifier: Apache-2.0
// A collective as somebody else's program carries it out, step by step: what an import makes of a
// file, before it is known how much is sent and by what routes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workload/workload.hpp"

namespace plumbline::workload {

/// Every rank has an input and an output of as many chunks as all others, each 1/`parts` of the
/// request's size. They are the first chunks of the schedule, as one buffer (`in_place`) or the
/// input before the output; the chunks after them are the program's own: scratch and messages.
struct Program {
  struct Step {
    Operation operation;  ///< no route; the amount of a transfer is in chunks
    std::vector<std::uint32_t> before;
  };

  Collective collective = Collective::all_reduce;
  Protocol protocol = Protocol::none;
  RankCount ranks;
  std::uint32_t parts = 1;
  bool in_place = false;
  std::uint32_t inputs = 0;   ///< chunks of a rank
  std::uint32_t outputs = 0;  ///< chunks of a rank
  std::uint32_t chunks = 0;   ///< of the schedule
  std::vector<Step> steps;    ///< in a topological order

  /// The chunks of input and output together.
  [[nodiscard]] std::uint32_t buffers() const;

  /// The schedule's chunk of the rank's input or output chunk `index`.
  [[nodiscard]] std::uint32_t input_at(RankId rank, std::uint32_t index) const;
  [[nodiscard]] std::uint32_t output_at(RankId rank, std::uint32_t index) const;

  /// Which chunk of the rank's input or output this is.
  [[nodiscard]] std::optional<std::uint32_t> input(RankId rank, std::uint32_t chunk) const;
  [[nodiscard]] std::optional<std::uint32_t> output(RankId rank, std::uint32_t chunk) const;

  // What the proof counts: every chunk of every rank's input is a contribution of its own.

  /// The rank's contribution to what chunk `index` of its input is part of.
  [[nodiscard]] std::uint32_t contribution(RankId rank, std::uint32_t index) const;

  struct Contributions {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  /// What chunk `index` of the rank's output must hold in the end.
  [[nodiscard]] Contributions wanted(RankId rank, std::uint32_t index) const;

  /// `chunk 2 of rank 3`.
  [[nodiscard]] std::string contribution_text(std::uint32_t contribution) const;

  /// `output chunk 2`.
  [[nodiscard]] std::string chunk_text(RankId rank, std::uint32_t chunk) const;

 private:
  [[nodiscard]] bool adds() const {
    return collective == Collective::all_reduce || collective == Collective::reduce_scatter;
  }
};

/// Why the program does not compute its collective, with rank and chunk; empty where it does.
[[nodiscard]] std::string refuse_program(const std::shared_ptr<const Program>& program,
                                         RankId root);

}  // namespace plumbline::workload

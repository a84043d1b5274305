// SPDX-License-Identifier: Apache-2.0
#include "workload/program.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "workload/generator.hpp"
#include "workload/verify.hpp"

namespace plumbline::workload {

std::uint32_t Program::buffers() const {
  return in_place ? std::max(inputs, outputs) : inputs + outputs;
}

std::uint32_t Program::input_at(RankId rank, std::uint32_t index) const {
  return in_place && inputs < outputs ? rank.value * inputs + index : index;
}

std::uint32_t Program::output_at(RankId rank, std::uint32_t index) const {
  return !in_place ? inputs + index : outputs < inputs ? rank.value * outputs + index : index;
}

std::optional<std::uint32_t> Program::input(RankId rank, std::uint32_t chunk) const {
  const std::uint32_t first = input_at(rank, 0);
  return chunk >= first && chunk - first < inputs ? std::optional(chunk - first) : std::nullopt;
}

std::optional<std::uint32_t> Program::output(RankId rank, std::uint32_t chunk) const {
  const std::uint32_t first = output_at(rank, 0);
  return chunk >= first && chunk - first < outputs ? std::optional(chunk - first) : std::nullopt;
}

/// Contributions to one sum follow one another, so that the whole sum is one run of numbers.
std::uint32_t Program::contribution(RankId rank, std::uint32_t index) const {
  return adds() ? index * ranks.value + rank.value : rank.value * inputs + index;
}

Program::Contributions Program::wanted(RankId rank, std::uint32_t index) const {
  if (adds()) {
    const std::uint32_t sum =
        collective == Collective::all_reduce ? index : rank.value * outputs + index;
    return {sum * ranks.value, (sum + 1) * ranks.value};
  }
  std::uint32_t one = index;  // all_gather: the inputs of all ranks, one after the other
  if (collective == Collective::all_to_all) {
    const std::uint32_t each = outputs / ranks.value;
    one = (index / each) * inputs + rank.value * each + index % each;
  }
  return {one, one + 1};
}

std::string Program::contribution_text(std::uint32_t contribution) const {
  const std::uint32_t chunk = adds() ? contribution / ranks.value : contribution % inputs;
  const std::uint32_t rank = adds() ? contribution % ranks.value : contribution / inputs;
  return collective == Collective::broadcast ? fmt::format("chunk {} of the root", chunk)
                                             : fmt::format("chunk {} of rank {}", chunk, rank);
}

std::string Program::chunk_text(RankId rank, std::uint32_t chunk) const {
  if (const auto index = output(rank, chunk)) {
    return fmt::format("output chunk {}", *index);
  }
  if (const auto index = input(rank, chunk)) {
    return fmt::format("input chunk {}", *index);
  }
  return fmt::format("scratch chunk or message {}", chunk - buffers());
}

std::string refuse_program(const std::shared_ptr<const Program>& program, RankId root) {
  Workload workload;
  workload.collective = program->collective;
  workload.algorithm = "msccl";
  workload.size = core::Bytes::from_si(program->parts);
  workload.ranks = program->ranks;
  workload.root = root;
  workload.program = program;
  RouteSource nowhere = RouteSource::without_routes();
  return verify(
             find_generator(workload.collective, workload.algorithm)->generate(workload, nowhere),
             workload)
      .failure;
}

}  // namespace plumbline::workload

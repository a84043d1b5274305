// SPDX-License-Identifier: Apache-2.0
#include "workload/goal.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "workload/program.hpp"
#include "workload/traffic.hpp"
#include "workload/training/pipeline.hpp"

namespace plumbline::workload {

Goal::Goal(const Workload& workload, std::uint32_t chunks, ContributionSets& sets)
    : workload_(workload),
      chunks_(chunks),
      sets_(sets),
      everyone_(sets.range(0, workload.ranks.value)),
      flows_(workload.flows) {}

std::string Goal::refuses(RankCount ranks) const {
  if (workload_.program != nullptr) {
    const Program& program = *workload_.program;
    return ranks == program.ranks && ranks == workload_.ranks && chunks_ == program.chunks &&
                   workload_.collective == program.collective
               ? ""
               : "the schedule is not of the request's program";
  }
  const std::uint64_t n = this->ranks();
  std::uint64_t multiple_of = 1;
  std::uint64_t exactly = 0;
  switch (workload_.collective) {
    case Collective::all_gather:
    case Collective::reduce_scatter:
      multiple_of = n;
      break;
    case Collective::all_to_all:
    case Collective::all_to_allv:
      exactly = n * n;
      break;
    case Collective::incast:
    case Collective::gather:
    case Collective::scatter:
    case Collective::outcast:
    case Collective::permutation:
      exactly = n;
      break;
    case Collective::ping_pong:
      exactly = 2;
      break;
    case Collective::flows:
      exactly = flows_.count();
      break;
    case Collective::stream:
      exactly = workload_.messages;
      break;
    case Collective::pipeline:
      exactly = workload_.pipeline->micro_batches;
      break;
    default:
      break;
  }
  if (workload_.collective != Collective::flows && ranks != workload_.ranks) {
    return fmt::format("the schedule has {} ranks, the workload {}", ranks.value, n);
  }
  if (chunks_ % multiple_of != 0 || (exactly != 0 && chunks_ != exactly)) {
    return fmt::format("{} of {} ranks can't be cut into {} chunks", to_text(workload_.collective),
                       n, chunks_);
  }
  return {};
}

RankId Goal::owner(std::uint32_t chunk) const {
  return RankId(chunk / (chunks_ / ranks()));
}

std::optional<RankId> Goal::first_holder(std::uint32_t chunk) const {
  switch (workload_.collective) {
    case Collective::all_gather:
      return owner(chunk);
    case Collective::all_to_all:
    case Collective::all_to_allv:
      return RankId(chunk / ranks());
    case Collective::broadcast:
    case Collective::scatter:
    case Collective::outcast:
      return workload_.root;
    case Collective::send_recv:
    case Collective::stream:
      return RankId(0);
    case Collective::ping_pong:
    case Collective::incast:
    case Collective::gather:
    case Collective::permutation:
      return RankId(chunk);
    case Collective::flows:
      return flows_.stops(chunk).front();
    case Collective::all_reduce:
    case Collective::reduce_scatter:
    case Collective::reduce:
    case Collective::barrier:
    case Collective::pipeline:
    case Collective::compute:
    case Collective::together:
      break;
  }
  return std::nullopt;
}

SetId Goal::initial(RankId rank, std::uint32_t chunk) const {
  if (workload_.program != nullptr) {
    const Program& program = *workload_.program;
    const std::optional<std::uint32_t> index = program.input(rank, chunk);
    if (!index || (workload_.collective == Collective::broadcast && rank != workload_.root)) {
      return 0;
    }
    const std::uint32_t own = program.contribution(
        program.collective == Collective::broadcast ? RankId(0) : rank, *index);
    return sets_.range(own, own + 1);
  }
  if (workload_.collective == Collective::pipeline) {
    return 0;
  }
  const std::optional<RankId> holder = first_holder(chunk);
  return !holder || *holder == rank ? sets_.range(rank.value, rank.value + 1) : 0;
}

std::optional<SetId> Goal::wanted(RankId rank, std::uint32_t chunk) const {
  if (workload_.program != nullptr) {
    const std::optional<std::uint32_t> index = workload_.program->output(rank, chunk);
    if (!index) {
      return std::nullopt;
    }
    const auto [begin, end] = workload_.program->wanted(rank, *index);
    return sets_.range(begin, end);
  }
  if (workload_.collective == Collective::pipeline) {
    return sets_.range(0, PipelineSteps(workload_).count());
  }
  const std::optional<RankId> holder = first_holder(chunk);
  return holder ? sets_.range(holder->value, holder->value + 1) : everyone_;
}

std::optional<RankId> Goal::wanted_at(std::uint32_t chunk) const {
  if (workload_.program != nullptr) {
    return std::nullopt;
  }
  switch (workload_.collective) {
    case Collective::reduce_scatter:
      return owner(chunk);
    case Collective::all_to_all:
      return RankId(chunk % ranks());
    case Collective::all_to_allv:  // nothing stays where it is
      return RankId(bytes(chunk) > core::Bytes{} ? chunk % ranks() : chunk / ranks());
    case Collective::scatter:
    case Collective::outcast:
      return RankId(chunk);
    case Collective::permutation:
      return workload_.targets[chunk];
    case Collective::reduce:
    case Collective::incast:
    case Collective::gather:
      return workload_.root;
    case Collective::send_recv:
    case Collective::stream:
      return RankId(1);
    case Collective::ping_pong:
      return RankId(1 - chunk);
    case Collective::flows:
      return flows_.stops(chunk).back();
    case Collective::pipeline:
      return PipelineSteps(workload_).rank(PipelineSteps(workload_).count() - 1);
    case Collective::all_reduce:
    case Collective::all_gather:
    case Collective::broadcast:
    case Collective::barrier:
    case Collective::compute:
    case Collective::together:
      break;
  }
  return std::nullopt;
}

core::Bytes Goal::bytes(std::uint32_t chunk) const {
  if (workload_.program != nullptr) {
    return workload_.size / double{1} / workload_.program->parts;
  }
  switch (workload_.collective) {
    case Collective::all_to_all:
    case Collective::all_to_allv:
      return pair_bytes(workload_, RankId(chunk / ranks()), RankId(chunk % ranks()));
    case Collective::incast:
    case Collective::outcast:
    case Collective::permutation:
    case Collective::ping_pong:
    case Collective::stream:
      return workload_.size;
    case Collective::flows:
      return flows_.bytes(chunk);
    case Collective::pipeline:
      return workload_.pipeline->activation;
    default:
      return workload_.size / chunks_;
  }
}

std::string Goal::chunk_text(RankId rank, std::uint32_t chunk) const {
  return workload_.program != nullptr ? workload_.program->chunk_text(rank, chunk)
                                      : fmt::format("chunk {}", chunk);
}

std::string Goal::text(SetId set) const {
  return workload_.program == nullptr ? sets_.text(set)
                                      : sets_.text(set, [this](std::uint32_t contribution) {
                                          return workload_.program->contribution_text(contribution);
                                        });
}

double Goal::moved_share(RankId from, RankId to) const {
  const bool exchange = workload_.collective == Collective::all_to_all ||
                        workload_.collective == Collective::all_to_allv;
  const auto& machine_of = workload_.site.machine_of;  // has no devices of flows
  if (!exchange || workload_.algorithm != "hierarchical" || machine_of.empty() ||
      machine_of[from.index()] == machine_of[to.index()]) {
    return 1.0;
  }
  return crossing_share(workload_, *std::ranges::max_element(machine_of) + 1);
}

}  // namespace plumbline::workload

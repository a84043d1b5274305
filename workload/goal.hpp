// SPDX-License-Identifier: Apache-2.0
// What a collective means: who holds what before and after, and how many bytes a chunk has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workload/contributions.hpp"
#include "workload/flow_pieces.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// Contributions are numbers of ranks; for a pipeline, steps of a micro-batch. Chunks are cut as in
/// the generators: all_gather and reduce_scatter give rank r the chunks [r·c, r·c + c);
/// all_to_all(v) numbers them src·n + dst; incast, gather and permutation have one chunk per
/// sender, scatter and outcast one per receiver, a stream one per message, flows one per piece; a
/// pipeline one per micro-batch.
class Goal {
 public:
  Goal(const Workload& workload, std::uint32_t chunks, ContributionSets& sets);

  /// Why a schedule of this shape can't be meant; empty when it can.
  [[nodiscard]] std::string refuses(RankCount ranks) const;

  [[nodiscard]] SetId initial(RankId rank, std::uint32_t chunk) const;

  /// What the rank must hold in the end; nullopt: anything.
  [[nodiscard]] std::optional<SetId> wanted(RankId rank, std::uint32_t chunk) const;

  /// Who must hold it in the end; nullopt: every rank of which wanted() asks for something.
  [[nodiscard]] std::optional<RankId> wanted_at(std::uint32_t chunk) const;

  [[nodiscard]] core::Bytes bytes(std::uint32_t chunk) const;

  /// Of flows: see FlowPieces::refuses.
  [[nodiscard]] std::string refuses_hops(const Dag& dag) const { return flows_.refuses(dag); }

  /// How messages name a chunk, and a set of contributions.
  [[nodiscard]] std::string chunk_text(RankId rank, std::uint32_t chunk) const;
  [[nodiscard]] std::string text(SetId set) const;

  /// Of a chunk's bytes, the share that has to go from one rank to another: below 1 where tokens
  /// for several experts of a machine cross to it once.
  [[nodiscard]] double moved_share(RankId from, RankId to) const;

 private:
  [[nodiscard]] std::uint32_t ranks() const { return workload_.ranks.value; }

  /// The rank that a collective's chunk belongs to.
  [[nodiscard]] RankId owner(std::uint32_t chunk) const;

  /// Who holds the chunk at first where only one rank does; nullopt: everyone or no one.
  [[nodiscard]] std::optional<RankId> first_holder(std::uint32_t chunk) const;

  const Workload& workload_;
  std::uint32_t chunks_;
  ContributionSets& sets_;
  SetId everyone_;

  FlowPieces flows_;
};

}  // namespace plumbline::workload

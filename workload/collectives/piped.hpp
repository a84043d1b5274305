// SPDX-License-Identifier: Apache-2.0
// Pieces that follow one another along hops: what chains, pipelined trees and what switches compute
// in pieces are made of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload {

/// All pieces of a stream go along it in order. A stream is an equal part of the buffer.
struct PipedHop {
  OpKind kind = OpKind::copy;
  RankId from{};
  RankId to{};
  std::uint32_t stream = 0;
  std::vector<std::uint32_t> fed_by{};  ///< hops, listed before, whose piece this one passes on
  std::vector<RankId> group{};          ///< instead of `to`: with whom switches carry it out
};

/// What the hops make together, which constants may depend on.
enum class Shape : std::uint8_t { chain, tree };

/// Piece i of a hop waits for piece i of the hops that feed it, and with one slot for piece i − 1
/// of itself. With k slots it waits instead until the receiver has passed on piece i − k (or, where
/// it passes nothing on, has received it); pieces that start together share their way and arrive
/// together. One block of one piece in the first case.
[[nodiscard]] Schedule pipe(const Workload& workload, RouteSource& routes,
                            std::span<const PipedHop> hops, std::uint32_t streams,
                            Shape shape = Shape::chain);

/// Why pipe() can't be called with so many hops and streams; empty when it can.
[[nodiscard]] std::string refuse_pipe(const Workload& workload, std::uint64_t hops,
                                      std::uint32_t streams);

}  // namespace plumbline::workload

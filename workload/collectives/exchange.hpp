// SPDX-License-Identifier: Apache-2.0
// What recursive doubling and halving share: rounds in which a rank exchanges with the rank whose
// number differs in one bit, on a power of two of ranks; and the fold that makes one of any number.
#pragma once

#include <cstdint>
#include <string>

#include "workload/collectives/rounds.hpp"

namespace plumbline::workload {

/// Writes rounds of exchanges. The first bit_floor(n) ranks are a hypercube; of the others, number
/// i beyond it folds onto rank i.
class Exchanges {
 public:
  Exchanges(const Workload& workload, RouteSource& routes, std::uint32_t chunks);

  /// See Schedule::additions_apart().
  void keep_additions_apart() { writer_.keep_additions_apart(); }

  /// The ranks beyond the hypercube add the whole buffer to their partners'.
  void fold_in();

  /// They get the whole result back.
  void fold_out();

  /// Halves distance and data: rank r sends the half of its chunks that its partner's number lies
  /// in, until it has the sum of chunk r. Precondition: as many chunks as ranks of the
  /// hypercube.
  void halving();

  /// Doubles distance and data: rank r sends all chunks it has, from chunk r to all. The same
  /// precondition.
  void doubling();

  /// Doubles distance: rank r adds the whole buffer to its partner's.
  void whole();

  [[nodiscard]] Schedule finish() { return writer_.finish(); }

 private:
  void add(OpKind kind, std::uint32_t from, std::uint32_t to, std::uint32_t chunk,
           std::uint32_t count) {
    writer_.add(kind, RankId(from), RankId(to), chunk, count);
  }

  std::uint32_t ranks_;
  std::uint32_t chunks_;
  std::uint32_t cube_;  ///< ranks of the hypercube
  RoundWriter writer_;
};

/// Why the algorithm does not run on these ranks; empty on powers of two.
[[nodiscard]] std::string refuse_uneven(const Workload& workload);

}  // namespace plumbline::workload

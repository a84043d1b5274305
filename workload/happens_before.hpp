// SPDX-License-Identifier: Apache-2.0
// Which operations dependencies order, for the race check of the symbolic proof.
#pragma once

#include <cstdint>
#include <vector>

#include "workload/schedule.hpp"

namespace plumbline::workload {

/// Answers exactly; only the time it takes depends on the schedule. Most questions are about an
/// operation and a direct predecessor, or about two operations on one line: a path along which a
/// chunk is handed on, found once for all. The others are searched for backwards.
class HappensBefore {
 public:
  explicit HappensBefore(const Dag& dag);

  /// Whether `second` starts after the end of `first` in every run. Precondition: first < second in
  /// the Dag's topological order.
  [[nodiscard]] bool operator()(OpId first, OpId second);

  [[nodiscard]] bool is_direct(OpId first, OpId second) const;

 private:
  [[nodiscard]] bool search(OpId first, OpId second);

  const Dag& dag_;
  std::vector<std::uint32_t> line_;  ///< of each operation
  std::vector<std::uint32_t> seen_;  ///< number of the search that met the operation last
  std::uint32_t searches_ = 0;
  std::vector<OpId> open_;
};

}  // namespace plumbline::workload

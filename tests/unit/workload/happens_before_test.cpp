// SPDX-License-Identifier: Apache-2.0
#include "workload/happens_before.hpp"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

namespace plumbline::workload {
namespace {

/// Operations whose chunks and predecessors are drawn at random.
Dag random_dag(std::uint32_t size) {
  Dag dag;
  dag.predecessor_offsets.push_back(0);
  for (std::uint32_t i = 0; i < size; ++i) {
    Operation op;
    op.chunk = *rc::gen::inRange<std::uint32_t>(0, 3);
    dag.operations.push_back(op);
    dag.origin.push_back(i);
    const int count = i == 0 ? 0 : *rc::gen::inRange(0, 3);
    for (int j = 0; j < count; ++j) {
      dag.predecessors.emplace_back(*rc::gen::inRange<std::uint32_t>(0, i));
    }
    dag.predecessor_offsets.push_back(static_cast<std::uint32_t>(dag.predecessors.size()));
  }
  return dag;
}

TEST_CASE("Order is reachability") {
  rc::prop("as the transitive closure has it", [] {
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 24);
    const Dag dag = random_dag(size);
    // reaches[i][j]: j is i or comes before it.
    std::vector<std::vector<bool>> reaches(size, std::vector<bool>(size, false));
    HappensBefore before(dag);
    for (std::uint32_t i = 0; i < size; ++i) {
      for (const OpId predecessor : dag.before(OpId(i))) {
        for (std::uint32_t j = 0; j < size; ++j) {
          reaches[i][j] = reaches[i][j] || reaches[predecessor.index()][j];
        }
      }
      for (std::uint32_t j = 0; j < i; ++j) {
        RC_ASSERT(before(OpId(j), OpId(i)) == reaches[i][j]);
      }
      reaches[i][i] = true;
    }
  });
}

}  // namespace
}  // namespace plumbline::workload

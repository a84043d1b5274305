// SPDX-License-Identifier: Apache-2.0
// By when every operation has ended, whatever max-min sharing does. The proof is in
// solvers/work_conserving.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analytic/contention.hpp"
#include "workload/problem.hpp"

namespace plumbline::analytic {

struct LatestEnds {
  std::vector<core::Seconds> end;  ///< per operation of the dag
  std::uint32_t rounds = 0;        ///< of windows, until nothing changed or the limit
  std::string given_up;            ///< see Contention::given_up()
};

/// At most `rounds` of windows; each round is a proof of its own.
[[nodiscard]] LatestEnds latest_ends(const workload::Problem& problem,
                                     const ContentionBudget& budget = {}, std::uint32_t rounds = 8);

}  // namespace plumbline::analytic

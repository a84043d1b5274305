// SPDX-License-Identifier: Apache-2.0
// What a schedule makes every link carry: the same for any engine, since routes are part of the
// problem.
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantity.hpp"
#include "workload/problem.hpp"

namespace plumbline::workload {

struct ResourceLoad {
  core::Bytes bytes;  ///< on the wire, each transfer's times its weight there
  std::uint64_t transfers = 0;
};

/// By resource of problem.costs(); counted on the compact schedule.
[[nodiscard]] std::vector<ResourceLoad> loads(const Problem& problem);

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// Random problems for properties of engines: any dag of transfers and computations over any routes.
#pragma once

#include <cstdint>
#include <optional>

#include "workload/problem.hpp"

namespace plumbline::test {

/// The generator, stated: `operations` (3–200) in 2 to 2·links strands; each operation follows the
/// last of its strand, and every fourth also one of the eight before it. One in eight is a
/// computation (1 us–1 ms), one transfer in four a reduction at the receiver. A route crosses 1–4
/// different links of `links` (2–16), in any order: it need not be a path; one in four crosses each
/// of them with a quarter, half, three quarters or all of its bytes. Capacities 1–100 GB/s,
/// sizes 1 kB–10 MB (log-uniform), latencies 0–10 us; one link in six is a rate cap instead of a
/// shared resource. Every third problem has a launch cost, every second a reduction throughput of
/// 5–50 GB/s, every fourth a channel rate of 2–50 GB/s. About half of the operations meet a rival.
struct RandomShape {
  std::uint64_t seed = 0;
  std::uint32_t operations = 50;
  std::uint32_t links = 6;

  // The same problem with one thing wrong.
  double capacity_factor = 1.0;
  double latency_factor = 1.0;
  std::optional<std::uint32_t> forgotten = {};  ///< this transfer moves nothing
};

/// Sizes drawn from the seed too.
[[nodiscard]] RandomShape random_shape(std::uint64_t seed);

[[nodiscard]] workload::Problem random_problem(const RandomShape& shape);

}  // namespace plumbline::test

// SPDX-License-Identifier: Apache-2.0
// A small result set written by hand, for the tests of every format.
#pragma once

#include "report/result.hpp"

namespace plumbline::report {

/// Two algorithms by three sizes on 8 ranks. Every point takes 10 us of latency and its size at
/// 100 GB/s; `tree` takes the latter twice, the second time as contention, which the solver
/// `hockney` does not know. `ring` is measured, 8 us slower than its replay, but 10 % below the
/// speed of light at 1 GiB. The last point (`tree`, 1 GiB) failed.
[[nodiscard]] ResultSet example();

}  // namespace plumbline::report

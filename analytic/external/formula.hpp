// SPDX-License-Identifier: Apache-2.0
// A solver that is a formula in YAML:
//
//   time: 2*(n-1)*(alpha + S/(n*B))
//   claim: exact
//   domain: {collective: [all_reduce], algorithm: [ring]}
//
// | symbol | meaning |
// |---|---|
// | n, k, g | ranks, machines, ranks on each machine |
// | S | bytes, as benchmarks count them |
// | B, B_v, B_x | bytes per second that a rank can send: anywhere, on NVLink, over the network |
// | alpha, alpha_v, alpha_x | seconds of latency of a transfer, of the same |
// | r | oversubscription of the network |
// | launch | seconds before anything else |
//
// Any other number of a question goes by its own name (analytic/question.hpp). Not applicable where
// one of its symbols has no one value.
#pragma once

#include <memory>

#include "analytic/contract.hpp"
#include "core/cursor.hpp"

namespace plumbline::analytic::external {

/// nullptr after diagnostics: no formula, wrong dimensions, a contract that contradicts itself.
[[nodiscard]] std::unique_ptr<Subject> read_formula(const core::Cursor& cursor,
                                                    const std::string& name);

}  // namespace plumbline::analytic::external

// SPDX-License-Identifier: Apache-2.0
// The lines that go to and come from a user's solver: JSON, one object a line. The reference is
// docs/external_solvers.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analytic/contract.hpp"
#include "analytic/question.hpp"

namespace plumbline::analytic::external {

/// The version of the protocol, and of the C ABI.
inline constexpr int protocol_version = 1;

/// `s`, `B/s`, `1/s`, `s*B^2`, `1`; nullopt for anything else.
[[nodiscard]] std::optional<Dimension> parse_dimension(std::string_view text);

/// The contract of a handshake line. ModelError in one sentence where it is none.
[[nodiscard]] Contract read_handshake(const std::string& line);

/// The contract as the handshake that states it.
[[nodiscard]] std::string handshake_line(const Contract& contract);

/// One problem in the units of the gauge. ModelError where the solver wants operations and there
/// are too many.
[[nodiscard]] std::string problem_line(std::uint64_t id, const workload::Problem& problem,
                                       const Contract& contract, const Gauge& gauge);

/// What a line answers, in SI; whatever is wrong with it is its `failure`.
[[nodiscard]] Answer read_answer(const std::string& line, std::uint64_t id, Quantity quantity,
                                 const Gauge& gauge);

}  // namespace plumbline::analytic::external

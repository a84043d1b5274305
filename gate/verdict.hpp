// SPDX-License-Identifier: Apache-2.0
// May it ship?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/box.hpp"
#include "gate/differential.hpp"
#include "gate/properties.hpp"

namespace plumbline::gate {

enum class Decision : std::uint8_t { ship, ship_with_domain, reject };

[[nodiscard]] std::string_view to_text(Decision decision);

// The rules.
inline constexpr double most_outside = 0.05;     ///< upper limit of points that break an estimate
inline constexpr double least_coverage = 0.9;    ///< of an estimate's domain
inline constexpr std::size_t least_points = 20;  ///< to say anything
/// Of the points: a solver that holds on less of what it declares is rejected, however true it is
/// there.
inline constexpr double least_share = 2.0 / 3.0;
/// That are drawn at least to confirm a part of a domain.
inline constexpr std::size_t least_fresh = 64;

struct Verdict {
  Decision decision = Decision::reject;
  std::string reason;  ///< one sentence
  std::string cause;   ///< the axis or property that it names; empty where it ships
  std::optional<Box> box;
};

/// Whether a claim stands where `bad` of `count` answers broke it: none may where it is a bound or
/// exact; of an estimate or a choice, not more than most_outside with 95 % confidence.
[[nodiscard]] bool stands(const analytic::Contract& contract, std::size_t bad, std::size_t count);

/// What is left to decide where a part of the domain would ship: a search among many boxes finds
/// one that is right by chance, so that the claim must stand on fresh points of it alone.
void confirm(Verdict& verdict, const analytic::Contract& contract,
             const std::vector<Judgement>& fresh);

/// Before any confirmation.
[[nodiscard]] Verdict decide(const analytic::Contract& contract, const Samples& samples,
                             const std::vector<Judgement>& judgements, const Score& score,
                             const std::vector<Property>& properties);

}  // namespace plumbline::gate

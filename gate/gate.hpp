// SPDX-License-Identifier: Apache-2.0
// Judges one solver: samples its domain, finds the truth, decides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gate/decisions.hpp"
#include "gate/measured.hpp"
#include "gate/search.hpp"
#include "gate/verdict.hpp"

namespace plumbline::gate {

struct GateOptions {
  SampleOptions sample;
  std::size_t search = 64;   ///< cases that are tried beyond the sample for a worse one
  std::size_t shrink = 200;  ///< and for a simpler one that breaks the claim; 0: none is shown
  std::vector<std::string> measured{};  ///< files of experiments with `measured:`
};

/// The simplest case found that breaks the claim.
struct Counterexample {
  Found found;
  std::string why;  ///< what the replay says of it
};

struct Report {
  analytic::Contract contract;
  std::uint64_t seed = 0;
  Samples samples;
  std::vector<Judgement> judgements;  ///< of each sample
  Score score;
  std::optional<Found> worst;  ///< that the search met, starting from the worst of the sample
  std::optional<Counterexample> counterexample;
  std::vector<Property> properties;
  std::vector<MeasuredScore> measured;
  std::optional<Decisions> decisions;
  Verdict verdict;
  core::Seconds wall;
};

/// InputError where the contract names a domain that there is not, or a measured file is none.
[[nodiscard]] Report validate(analytic::Subject& subject, const GateOptions& options,
                              const zoo::Catalogue& catalogue);

}  // namespace plumbline::gate

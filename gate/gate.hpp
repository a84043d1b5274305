// SPDX-License-Identifier: Apache-2.0
// Judges one solver: samples its domain, finds the truth, decides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gate/verdict.hpp"

namespace plumbline::gate {

struct GateOptions {
  SampleOptions sample;
};

struct Report {
  analytic::Contract contract;
  std::uint64_t seed = 0;
  Samples samples;
  std::vector<Judgement> judgements;  ///< of each sample
  Score score;
  std::vector<Property> properties;
  Verdict verdict;
  core::Seconds wall;
};

/// InputError where the contract names a domain that there is not.
[[nodiscard]] Report validate(analytic::Subject& subject, const GateOptions& options,
                              const zoo::Catalogue& catalogue);

}  // namespace plumbline::gate

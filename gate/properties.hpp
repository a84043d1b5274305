// SPDX-License-Identifier: Apache-2.0
// What must hold of a solver's answers whatever the truth is.
#pragma once

#include <string>
#include <vector>

#include "analytic/contract.hpp"
#include "gate/sample.hpp"

namespace plumbline::gate {

/// What it means that a property does not hold. `afterwards`: it decides where the claim held on
/// the sample; where it did not, that says more.
enum class Weight : std::uint8_t { decides, afterwards, told };

struct Property {
  std::string name;
  bool passed = true;
  std::size_t checked = 0;  ///< problems on which it was looked at
  std::string says;         ///< the worst example, in a sentence; empty where it passed
  Weight weight = Weight::decides;
};

/// Asked on some of the samples, spread evenly over them.
[[nodiscard]] std::vector<Property> properties(analytic::Subject& subject,
                                               const std::vector<Sample>& samples);

}  // namespace plumbline::gate

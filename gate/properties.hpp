// SPDX-License-Identifier: Apache-2.0
// What must hold of a solver's answers whatever the truth is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
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
  std::optional<std::size_t> worst;  ///< place of that example in the sample
};

/// Asked on some of the samples, spread evenly over them.
[[nodiscard]] std::vector<Property> properties(analytic::Subject& subject,
                                               const std::vector<Sample>& samples);

/// One rank alone costs no more than the launch. Asked last: a solver that counts on paths may
/// break over it, and a process that has ended answers nothing more.
[[nodiscard]] Property of_one_rank(analytic::Subject& subject, const std::vector<Sample>& samples);

/// How this property fails on one sample, in a sentence; empty where it holds. Precondition: the
/// name of one of these.
[[nodiscard]] std::string broken(analytic::Subject& subject, std::string_view property,
                                 const Sample& sample);

}  // namespace plumbline::gate

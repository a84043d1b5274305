// SPDX-License-Identifier: Apache-2.0
// Wrong solvers made of right ones by a list of rules; nobody chooses or tunes one of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/rederivations.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::test {

/// What a black box does to the answers of a right formula.
enum class Twist : std::uint8_t {
  none,
  hidden_constant,  ///< 5 us, whatever the unit of time
  noise,            ///< up to 6e-10, and never the same
  rank_order,       ///< 1e-6 more where the first rank's device has a higher number than the last's
  fabric_size,      ///< counts all GPUs that there are for those that take part
};

/// A mistake that is made wherever its pattern is found on the line of the text that `key` begins.
struct Rule {
  std::string_view name;
  std::string_view says;  ///< pattern and replacement for people
  std::string_view key;
  std::string_view pattern;               ///< ECMAScript
  std::string_view replacement;           ///< as std::regex_replace has it
  std::vector<std::string_view> reasons;  ///< one of them must be the cause of the verdict
  bool at_once = false;  ///< all places together: a slip in what is read, not in what is written
  Twist twist = Twist::none;
};

[[nodiscard]] std::span<const Rule> rules();

struct Mutant {
  const Rule* rule = nullptr;
  Solver original;
  Solver solver;

  /// Whether the rule left it right: at 512 points of its domain and in the corners it says what
  /// its original says; of a bound, that or something on the safe side of it; of an estimate,
  /// within what it promises at 95 % of them; of a choice, what costs at most 5 % by its original's
  /// formulas at 95 % of them. Rules that leave the formula alone never do.
  bool is_right = false;

  /// The causes of a verdict that say what is wrong. Where an exact claim is broken those of the
  /// rule; where a bound, an estimate or a choice is, any axis, for where it is loose a mistake
  /// does not show.
  [[nodiscard]] bool named_by(std::string_view cause) const;
};

/// Every rule at every place, each once.
[[nodiscard]] std::vector<Mutant> mutants(const zoo::Catalogue& catalogue);

/// nullptr where its text is refused when it is read.
[[nodiscard]] std::unique_ptr<analytic::Subject> opened(const Mutant& mutant);

}  // namespace plumbline::test

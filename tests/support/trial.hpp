// SPDX-License-Identifier: Apache-2.0
// One verdict of the gate, as the confusion matrix counts it.
#pragma once

#include <map>

#include "gate/truth.hpp"
#include "tests/support/mutants.hpp"

namespace plumbline::test {

struct Trial {
  bool ships = false;     ///< on its whole domain
  bool rejected = false;  ///< neither: it ships with a domain
  std::string cause;
  std::string reason;
};

/// How a gate is asked: by its seed, on so many points; truths are kept for the next solver.
struct Court {
  std::uint64_t seed = 0;
  std::size_t points = 256;
  const zoo::Catalogue& catalogue;
  std::map<std::string, gate::Truth, std::less<>> known{};
};

[[nodiscard]] Trial tried(analytic::Subject& subject, Court& court);

/// Where its text is refused when it is read, the cause is `dimension`.
[[nodiscard]] Trial tried(const Mutant& mutant, Court& court);

/// A published mistake and the causes that say what is wrong with it.
struct PublishedMistake {
  std::string_view name;
  std::unique_ptr<analytic::Subject> (*make)();
  std::vector<std::string_view> reasons;
};

[[nodiscard]] std::vector<PublishedMistake> published_mistakes();

}  // namespace plumbline::test

// SPDX-License-Identifier: Apache-2.0
// Right solvers as users write them: the formulas in rederivations/, a choice between two of them
// and a pipeline. Texts, so that they can be made wrong by a rule.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytic/contract.hpp"

namespace plumbline::test {

enum class Kind : std::uint8_t {
  formula,   ///< what `plumbline validate FILE.yaml` reads
  choice,    ///< the algorithm whose formula says least
  pipeline,  ///< a formula of n, m and t (mis_models.hpp)
};

struct Solver {
  std::string name;
  Kind kind = Kind::formula;
  std::vector<std::string> texts;  ///< of formulas, as in a file; several for a choice
};

/// In the order of their names.
[[nodiscard]] std::vector<Solver> rederivations();

/// nullptr where a text is refused when it is read.
[[nodiscard]] std::unique_ptr<analytic::Subject> opened(const Solver& solver);

}  // namespace plumbline::test

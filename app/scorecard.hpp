// SPDX-License-Identifier: Apache-2.0
// What the gate found, for people, for programs and for CI.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/gate.hpp"

namespace plumbline::app {

/// One screen.
[[nodiscard]] std::string scorecard_text(const gate::Report& report);

/// Schema `plumbline.scorecard/1`. The same seed gives the same bytes outside `run`.
[[nodiscard]] std::string scorecard_json(const gate::Report& report);

/// JSON Schema of scorecard_json().
[[nodiscard]] std::string_view scorecard_schema();

/// One test case for the verdict, one for each property and, where there is a baseline, one for it:
/// `worse` is what regressions() says.
[[nodiscard]] std::string scorecard_junit(const gate::Report& report,
                                          const std::optional<std::vector<std::string>>& worse);

/// In what a verdict differs from the one before, on the same seed.
[[nodiscard]] std::string scorecard_changes(const gate::Report& before, const gate::Report& now);

/// In what the report is worse than a scorecard written before, a sentence each. `name` is the
/// file; InputError where the text is no scorecard, or of another solver.
[[nodiscard]] std::vector<std::string> regressions(const gate::Report& report,
                                                   const std::string& baseline,
                                                   const std::string& name);

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
// Experiment files as a calibration reads them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "experiments/calibration_input.hpp"
#include "experiments/calibration_run.hpp"

namespace plumbline::experiments {

struct CalibrationFiles {
  std::vector<std::unique_ptr<Experiment>> experiments;
  std::vector<std::string> assumed;  ///< names of those that leave open how the library chose

  [[nodiscard]] std::vector<Experiment*> all() const;
};

/// With nccl_tuner asked beside, and all that the library has listed (`choose: fastest`) where the
/// workload is `auto` and the file says nothing. `more` overrides come last.
[[nodiscard]] CalibrationFiles read_files(const std::vector<std::string>& files,
                                          const std::vector<Override>& overrides,
                                          const zoo::Catalogue& catalogue,
                                          const std::vector<Override>& more = {});

/// InputError at the `measured:` of every set that its about.yaml keeps for checking.
void refuse_check_sets(const CalibrationInput& input);

}  // namespace plumbline::experiments

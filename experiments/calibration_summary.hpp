// SPDX-License-Identifier: Apache-2.0
// What a finished fit says, in the words and numbers of a report.
#pragma once

#include <vector>

#include "calibration/calibrate.hpp"
#include "calibration/conformal.hpp"
#include "calibration/cross_validation.hpp"
#include "calibration/uncertainty.hpp"
#include "experiments/calibration_next.hpp"
#include "experiments/calibration_run.hpp"

namespace plumbline::experiments {

/// All that is known when fitting is over. `validation` and `conformal` are null where there is one
/// curve alone.
struct Summary {
  const CalibrationInput& input;
  calibration::FitProblem problem;
  const calibration::Calibrated& calibrated;
  const std::vector<calibration::Parameter>& parameters;
  const calibration::Uncertainty& uncertainty;
  const calibration::CrossValidation* validation;
  const calibration::Conformal* conformal;
  const calibration::SimulatedResponse& response;
};

/// Constants, what is open, structure of residuals, margins and sources into `report`, whose curves
/// are there already.
void summarise(const Summary& summary, const CalibrationRequest& request,
               report::Calibration& report);

/// The weakest combination of parameters, or the parameter with the widest interval.
[[nodiscard]] Target weakest_target(const Summary& summary);

/// The constants with the record of their calibration.
[[nodiscard]] workload::ConstantSet constants_of(const Summary& summary,
                                                 const CalibrationRequest& request,
                                                 const report::Calibration& report);

}  // namespace plumbline::experiments

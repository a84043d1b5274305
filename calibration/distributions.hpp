// SPDX-License-Identifier: Apache-2.0
// Probabilities and quantiles of the normal and of Student's t distribution.
#pragma once

namespace plumbline::calibration {

[[nodiscard]] double normal_probability(double value);

/// `probability` in (0, 1).
[[nodiscard]] double normal_quantile(double probability);

/// `degrees` above zero, not necessarily whole.
[[nodiscard]] double student_probability(double value, double degrees);

/// `probability` in (0, 1); accurate to 1e-10 relative.
[[nodiscard]] double student_quantile(double probability, double degrees);

}  // namespace plumbline::calibration

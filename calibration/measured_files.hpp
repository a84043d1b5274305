// SPDX-License-Identifier: Apache-2.0
// A measured set as the two files of our own format.
#pragma once

#include <string>

#include "calibration/measured_set.hpp"

namespace plumbline::calibration {

/// data.csv, with time_error_s where any row has one. Times parse back to the same double.
/// Iterations, in-place times and printed bandwidths have no column.
[[nodiscard]] std::string data_csv(const MeasuredSet& set);

/// about.yaml. What a log does not say is for whoever keeps the set to fill in.
[[nodiscard]] std::string about_yaml(const MeasuredSet& set);

}  // namespace plumbline::calibration

// SPDX-License-Identifier: Apache-2.0
// A whole calibration: from experiment files with measurements to constants, what is known of them,
// and how they predict what no fit has seen.
#pragma once

#include <csignal>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "experiments/calibration_input.hpp"
#include "experiments/experiment.hpp"
#include "report/calibration.hpp"
#include "workload/engine.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::experiments {

struct CalibrationRequest {
  std::string name;                ///< of the constants
  std::string version;             ///< of the program
  std::vector<std::string> files;  ///< experiments to fit on
  std::vector<std::string> score;  ///< experiments that no fit sees
  std::vector<Override> overrides;
  std::uint32_t max_parameters = 15;
  std::uint64_t seed = 1;
  std::uint32_t replicates = 400;  ///< of the bootstrap
  bool simplify = true;            ///< drop what earns nothing
  bool suggest = true;             ///< say what to measure next
  std::function<void(const std::string&)> told{};
  std::function<void(const Progress&)> progress{};
  /// Where a signal handler says that the user wants to stop; null: nowhere.
  const volatile std::sig_atomic_t* stop = nullptr;
};

/// Thrown out of a calibration that was asked to stop: it has no partial result.
class Interrupted : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

/// Fits the constants of the files' workloads to their measured rows. Whatever `auto` leaves open,
/// and no `choose:` settles, is what explains the points better: the fastest schedule, or what the
/// library's own tables say. InputError
/// where a file is wrong, has nothing measured, or has a set that is kept for checking.
[[nodiscard]] report::Calibration run_calibration(const CalibrationRequest& request,
                                                  const zoo::Catalogue& catalogue,
                                                  const workload::Engine& engine);

}  // namespace plumbline::experiments

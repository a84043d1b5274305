// SPDX-License-Identifier: Apache-2.0
// Calibration against data whose constants are known: drawn at random around a prior, simulated,
// disturbed, and fitted again.
#pragma once

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calibration/calibrate.hpp"
#include "calibration/identifiability.hpp"
#include "calibration/random.hpp"
#include "calibration/simulated_response.hpp"
#include "calibration/uncertainty.hpp"
#include "experiments/calibration_input.hpp"
#include "experiments/sketch.hpp"
#include "workload/engine.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::experiments {

/// How often the interval of a parameter held the truth, of the draws in which the points tell the
/// parameter.
struct Coverage {
  std::string name;
  int counted = 0;
  int covered = 0;

  [[nodiscard]] double share() const { return counted == 0 ? 0.0 : 1.0 * covered / counted; }
};

/// all_reduce on 2, 4 and 8 GPUs of a DGX H100 at twelve sizes from 1 KiB to 256 MiB, whichever of
/// `algorithm`'s protocols is the fastest. Writes its files into `folder`.
inline CalibrationInput recovery_input(const zoo::Catalogue& catalogue,
                                       const std::string& algorithm,
                                       const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "set");
  std::ofstream(folder / "set/about.yaml")
      << "title: places of points\n"
         "system: {nodes: [1], gpus_per_node: 8, gpu: H100, intra_node: switches}\n"
         "software: none\nmethod: made up\nsource: {repository: none, commit: none, path: none}\n"
         "licence: Apache-2.0\nsize_convention: size_B is one rank's buffer in bytes\n";
  std::string rows =
      "collective,algorithm,protocol,nodes,ranks,size_B,time_s,time_low_s,time_high_s,repeats\n";
  std::string sizes;
  for (const int exponent : {10, 11, 13, 14, 16, 18, 19, 21, 22, 24, 26, 28}) {
    for (const int ranks : {2, 4, 8}) {
      rows += fmt::format("all_reduce,,,1,{},{},1e-5,,,1\n", ranks, 1 << exponent);
    }
    sizes += fmt::format("{}{} B", sizes.empty() ? "" : ", ", 1 << exponent);
  }
  std::ofstream(folder / "set/data.csv") << rows;
  std::ofstream(folder / "recovery.yaml") << fmt::format(
      "experiment: recovery\nsystem: dgx_h100\nconstants: nccl_protocols\nchoose: fastest\n"
      "measured: {{set: ./set}}\nworkload: {{collective: all_reduce, algorithm: {}, protocol: "
      "auto, "
      "ranks: [2, 4, 8], size: [{}]}}\n",
      algorithm, sizes);
  Experiment experiment(folder / "recovery.yaml", {}, catalogue);
  Experiment* one = &experiment;
  return calibration_input({&one, 1}, {});
}

/// Whether the sentence speaks of the parameter: `launch` isn't `protocols.ll.launch`.
inline bool speaks_of(const std::string& sentence, const std::string& name) {
  const auto part_of_name = [&](std::size_t at) {
    return at < sentence.size() && (std::isalnum(static_cast<unsigned char>(sentence[at])) != 0 ||
                                    sentence[at] == '.' || sentence[at] == '_');
  };
  for (std::size_t at = sentence.find(name); at != std::string::npos;
       at = sentence.find(name, at + 1)) {
    if ((at == 0 || !part_of_name(at - 1)) && !part_of_name(at + name.size())) {
      return true;
    }
  }
  return false;
}

/// The points of a calibration with the times of constants that are drawn around the prior.
///
/// A parameter counts in a draw if the points tell it: identifiability() at the true constants, of
/// times with the noise of the draw, names it in no weak combination. What it rests on (places of
/// points, true constants, size of the noise) is known before any time is disturbed.
class Recovery {
 public:
  /// `engine` must outlive it.
  Recovery(const workload::Engine& engine, const CalibrationInput& input, std::uint64_t seed)
      : random_(seed), response_(made(engine, input)) {
    for (const calibration::Parameter& parameter : response_->declared()) {
      coverage_.push_back({.name = parameter.name});
    }
    const std::size_t count = input.points.size();
    observed_.log_seconds.resize(count);
    observed_.relative_precision.assign(count, 0.0);
    observed_.weight.assign(count, 1.0);
    for (const MeasuredPoint& point : input.points) {
      observed_.group.push_back(static_cast<std::uint32_t>(point.curve));
    }
  }

  /// One draw: true constants, times with log-normal errors of `noise`, a fit and its intervals.
  void draw(double noise, const calibration::CalibrationOptions& options) {
    const std::vector<double> truth = drawn();
    response_->refine(truth);
    response_->evaluate(truth, observed_.log_seconds, nullptr);
    const std::vector<bool> told = tells(truth, noise);
    for (double& time : observed_.log_seconds) {
      time += noise * random_.normal();
    }
    const calibration::Calibrated found = calibrate(*response_, observed_, {}, options);
    const calibration::FitProblem problem = fit_problem(*response_, observed_, {});
    const calibration::Uncertainty result =
        uncertainty(problem, found.fit, calibration::Clusters::points);
    for (std::size_t j = 0; j < truth.size(); ++j) {
      const double value = std::exp(truth[j]);
      const calibration::ParameterInterval& interval = result.parameters[j];
      coverage_[j].counted += told[j] ? 1 : 0;
      coverage_[j].covered += told[j] && interval.low <= value && value <= interval.high ? 1 : 0;
    }
  }

  [[nodiscard]] const std::vector<Coverage>& coverage() const { return coverage_; }

  [[nodiscard]] Coverage pooled() const {
    Coverage all{.name = "pooled"};
    for (const Coverage& of : coverage_) {
      all.counted += of.counted;
      all.covered += of.covered;
    }
    return all;
  }

  [[nodiscard]] const calibration::SimulatedResponse& response() const { return *response_; }

 private:
  static const Sketch& sketch() {
    static const Sketch bounds;
    return bounds;
  }

  static std::unique_ptr<calibration::SimulatedResponse> made(const workload::Engine& engine,
                                                              const CalibrationInput& input) {
    std::vector<const workload::Problem*> problems;
    for (const calibration::Family& family : input.families) {
      problems.push_back(&family.problem);
    }
    return std::make_unique<calibration::SimulatedResponse>(
        engine, sketch(), input.families, input.asked,
        calibration::declare_parameters(problems, input.prior), input.prior);
  }

  /// Latencies within a factor of two of the prior; wire ratios, of which the prior is the least,
  /// from a tenth above it to twice it.
  std::vector<double> drawn() {
    std::vector<double> truth;
    for (const calibration::Parameter& parameter : response_->declared()) {
      using What = calibration::Place::What;
      const bool ratio = parameter.place.what == What::wire_ratio;
      const double low = ratio ? std::log(1.1) : -std::log(2.0);
      const double high = std::log(2.0);
      const double theta = parameter.start + low + (high - low) * random_.uniform();
      truth.push_back(std::clamp(theta, parameter.range.low, parameter.range.high));
    }
    return truth;
  }

  [[nodiscard]] std::vector<bool> tells(const std::vector<double>& truth, double noise) const {
    std::vector<std::string> names;
    for (const calibration::Parameter& parameter : response_->declared()) {
      names.push_back(parameter.name);
    }
    const calibration::FitProblem problem = fit_problem(*response_, observed_, {});
    const calibration::Identifiability result =
        identifiability(problem, fit_at(problem, {}, truth, noise), names);
    std::vector<bool> told;
    for (const std::string& name : names) {
      told.push_back(std::ranges::none_of(result.sentences, [&](const std::string& sentence) {
        return speaks_of(sentence, name);
      }));
    }
    return told;
  }

  calibration::Random random_;
  std::unique_ptr<calibration::SimulatedResponse> response_;
  calibration::Observations observed_;
  std::vector<Coverage> coverage_;
};

}  // namespace plumbline::experiments

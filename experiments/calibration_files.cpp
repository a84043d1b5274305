// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_files.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace plumbline::experiments {
namespace {

/// The text of a dotted key's scalar, empty where there is none.
std::string scalar_at(const core::Cursor& root, std::initializer_list<std::string_view> path) {
  std::optional<core::Cursor> at = root;
  for (const std::string_view key : path) {
    at = at && at->is_map() ? at->find(key) : std::nullopt;
  }
  return at && at->is_scalar() ? at->text() : std::string();
}

/// Whether the file leaves the choice open and names no model that chooses.
bool leaves_choice(const std::string& file, const std::vector<Override>& overrides) {
  core::Diagnostics ignored;  // the experiment itself reports them
  core::Document document = core::Document::load(file, ignored);
  for (const Override& item : overrides) {
    document.set(item.path, item.value, "--set", ignored);
  }
  if (ignored.has_errors()) {
    return false;
  }
  const core::Reading reading{&document, &ignored, nullptr, nullptr};
  const core::Cursor root(reading);
  const bool open = scalar_at(root, {"workload", "algorithm"}) == workload::automatic ||
                    scalar_at(root, {"workload", "protocol"}) == workload::automatic;
  return open && root.is_map() && !root.find("choose");
}

}  // namespace

std::vector<Experiment*> CalibrationFiles::all() const {
  std::vector<Experiment*> result;
  for (const auto& experiment : experiments) {
    result.push_back(experiment.get());
  }
  return result;
}

CalibrationFiles read_files(const std::vector<std::string>& files,
                            const std::vector<Override>& overrides, const zoo::Catalogue& catalogue,
                            const std::vector<Override>& more) {
  CalibrationFiles result;
  for (const std::string& file : files) {
    std::vector<Override> all{{"predict", "[nccl_tuner]"}};
    all.insert(all.end(), overrides.begin(), overrides.end());
    const bool open = leaves_choice(file, overrides);
    if (open) {
      all.push_back({"choose", std::string(fastest_choice)});
    }
    all.insert(all.end(), more.begin(), more.end());
    result.experiments.push_back(std::make_unique<Experiment>(file, all, catalogue));
    if (open) {
      result.assumed.push_back(result.experiments.back()->name());
    }
  }
  return result;
}

void refuse_check_sets(const CalibrationInput& input) {
  core::Diagnostics found;
  for (const MeasuredCurve& curve : input.curves) {
    if (curve.set->role == "check") {
      found.error("PL-M050", curve.at,
                  fmt::format("'{}' is kept for checking: it can't be fitted on", curve.set->name),
                  "predict it with --score");
    }
  }
  core::throw_if_errors(found);
}

}  // namespace plumbline::experiments

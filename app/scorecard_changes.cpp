// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "app/scorecard.hpp"
#include "core/text.hpp"

namespace plumbline::app {
namespace {

using gate::Report;

std::string share(double value) {
  return fmt::format("{:.3g} %", value * 100.0);
}

/// `name was -> is`, where these differ as they are written.
void compare(std::vector<std::string>& changed, std::string_view name, const std::string& was,
             const std::string& is) {
  if (was != is) {
    changed.push_back(fmt::format("{}: {} -> {}", name, was, is));
  }
}

std::vector<std::string> failed(const Report& report) {
  std::vector<std::string> names;
  for (const gate::Property& property : report.properties) {
    if (!property.passed && property.weight != gate::Weight::told) {
      names.push_back(property.name);
    }
  }
  return names;
}

std::string words(const std::vector<std::string>& names) {
  return names.empty() ? "none" : core::join(names, ", ");
}

std::string breaks(const Report& report) {
  return fmt::format("{} of {}", report.score.violations, report.score.known);
}

std::string simplest(const Report& report) {
  return report.counterexample ? to_text(report.counterexample->found.sample.at) : "none";
}

}  // namespace

std::string scorecard_changes(const Report& before, const Report& now) {
  std::vector<std::string> changed;
  compare(changed, "verdict", std::string(to_text(before.verdict.decision)),
          std::string(to_text(now.verdict.decision)));
  compare(changed, "claim", std::string(to_text(before.contract.claim)),
          std::string(to_text(now.contract.claim)));
  compare(changed, "reason", before.verdict.reason, now.verdict.reason);
  compare(changed, "points that break it", breaks(before), breaks(now));
  compare(changed, "mean error", share(before.score.mean), share(now.score.mean));
  compare(changed, "largest error", share(before.score.largest), share(now.score.largest));
  compare(changed, "coverage", share(before.samples.coverage()), share(now.samples.coverage()));
  compare(changed, "properties that fail", words(failed(before)), words(failed(now)));
  compare(changed, "simplest case that breaks it", simplest(before), simplest(now));
  return changed.empty() ? "\nNothing of the verdict changed\n"
                         : "\nChanged\n  " + core::join(changed, "\n  ") + "\n";
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
// The result set: what a run hands to the tables and files. Plain data, filled by experiments/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/provenance.hpp"
#include "core/quantity.hpp"
#include "workload/outcome.hpp"
#include "workload/workload.hpp"

namespace plumbline::report {

struct Prediction {
  std::string solver;
  std::optional<core::Seconds> estimate;
  workload::Terms terms;
  bool valid = true;
  std::vector<std::string> notes;        ///< of an invalid one: why
  std::string claim{};                   ///< lower, upper, exact or estimate; empty: not known
  double exact_to = 1e-9;                ///< of an exact claim, relative
  std::optional<std::string> refuted{};  ///< what the claim says and the replay does not
};

/// estimate of `of` minus that of `against`, over that of `against`; by term where both have terms.
/// `structure`: what is left when the paths differ, so that the terms and it sum to the gap.
struct Gap {
  std::string of;
  std::string against;
  double relative = 0.0;
  std::vector<std::pair<std::string, core::Seconds>> terms;
  std::string regime;       ///< against a measurement: small, middle, large
  std::string explanation;  ///< one sentence for people
};

struct Measurement {
  core::Seconds time;
  std::optional<core::Seconds> low;
  std::optional<core::Seconds> high;
  std::optional<std::string>
      below;  ///< it beats a speed-of-light bound: which, and the likely reason
};

/// One operation of a replay's timeline, as a trace shows it.
struct TraceOperation {
  std::string name;
  std::uint32_t rank = 0;
  std::uint16_t channel = 0;
  workload::OpKind kind = workload::OpKind::copy;
  core::Seconds start;       ///< predecessors done
  core::Seconds data_start;  ///< latency paid
  core::Seconds end;
  bool on_chain = false;  ///< of the last-finishing chain
};

/// How far a point got.
enum class PointStatus { done, failed, missing };

struct Point {
  std::vector<std::pair<std::string, std::string>>
      labels;  ///< axis path → value text, in axis order
  workload::Collective collective = workload::Collective::all_reduce;
  std::string algorithm;
  std::string protocol;
  std::uint32_t channels = 1;
  std::string chosen_by = "given";  ///< or the model that chose algorithm, protocol and channels
  std::uint32_t ranks = 0;
  std::uint32_t nodes = 0;
  core::Bytes size;
  double reported_share = 1.0;  ///< of a schedule's time, what a measurement reports
  std::string placement;
  std::string routing;  ///< `d_mod_k`, `ecmp {seed: 3}`
  std::string constants;
  bool has_nvswitch = false;  ///< of the fabric: in-network reduction is possible

  std::vector<workload::Bound> bounds;
  std::optional<core::Seconds> lower;           ///< best schedule lower bound
  std::optional<core::Seconds> upper;           ///< best schedule upper bound
  std::optional<core::Seconds> speed_of_light;  ///< best speed-of-light bound
  std::vector<Prediction> predictions;
  std::optional<workload::Outcome> replay;
  double margin = 0.0;  ///< of calibrated constants, a factor: see workload::Margins; 0: none
  std::optional<core::Seconds> likely_low;  ///< 90 % interval of a measurement, as reported
  std::optional<core::Seconds> likely_high;
  std::optional<Measurement> measured;
  std::optional<bool>
      inside_bounds;  ///< replay within [lower, upper] to 1e-9; absent without a replay
  std::vector<Gap> gaps;
  std::vector<TraceOperation> trace;  ///< of the replay, when its timeline was asked for
  std::string verified;               ///< `proved`, or at which smaller number of ranks
  PointStatus status = PointStatus::missing;
  std::vector<std::string> notes;
};

struct AxisInfo {
  std::string path;
  std::vector<std::string> values;
};

struct MeasuredInfo {
  std::string set;
  std::string title;
  std::string source;
  std::string licence;
  std::string algorithm;  ///< `library default` where the set does not say
};

struct Verdict {
  bool accepted = true;
  bool judged = false;  ///< false: half a run, of which nothing can be said
  std::vector<std::string> failures;
};

/// An input file, kept whole so that a result can be run again.
struct InputText {
  std::string name;
  std::string text;
};

struct ResultSet {
  std::string experiment;
  std::string question;
  std::string system;
  std::vector<AxisInfo> axes;
  std::vector<Point> points;
  std::optional<MeasuredInfo> measured;
  Verdict verdict;
  std::vector<core::Diagnostic> diagnostics;
  std::vector<InputText> inputs;
  core::Provenance provenance;
  bool interrupted = false;
  std::map<std::string, std::string> run;  ///< date, host, versions, wall time: all that may differ
};

}  // namespace plumbline::report

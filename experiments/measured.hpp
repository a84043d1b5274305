// SPDX-License-Identifier: Apache-2.0
// The measured column: which rows of a set a point is compared with.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "calibration/reader.hpp"
#include "core/cursor.hpp"
#include "report/result.hpp"
#include "workload/workload.hpp"

namespace plumbline::experiments {

/// What `measured:` says.
struct MeasuredRequest {
  std::shared_ptr<const calibration::MeasuredSet> set;
  std::map<std::string, std::string> where;
  core::SourceSpan at;
};

/// The keys of a `measured:` map that say how a log is read: reader, collective, nodes, ranks.
[[nodiscard]] std::optional<calibration::ReadRequest> read_request(const core::Cursor& measured);

/// What a point asks of a set. Flows and streams are rows of `copy`. A flow's row is found by the
/// name of its case and the size of one copy: which of a case's copies its ranks count is the set's
/// own matter.
[[nodiscard]] calibration::MeasuredQuery query_of(const MeasuredRequest& request,
                                                  const workload::Workload& workload,
                                                  std::uint32_t nodes);

/// The one row for the point; none or several is a warning, and the point has no measured column.
[[nodiscard]] std::optional<report::Measurement> measure(const MeasuredRequest& request,
                                                         const workload::Workload& workload,
                                                         std::uint32_t nodes,
                                                         core::Diagnostics& diagnostics);

/// What the report says about the set as a whole.
[[nodiscard]] report::MeasuredInfo describe(const MeasuredRequest& request);

/// Why no row of the set is of a point, where that is its nodes and ranks or its collective: `the
/// set has all_reduce on 2 nodes with 16 ranks alone`. Empty where it is the size or `where:`.
[[nodiscard]] std::string why_unmatched(const calibration::MeasuredSet& set,
                                        const calibration::MeasuredQuery& query);

}  // namespace plumbline::experiments

// SPDX-License-Identifier: Apache-2.0
// Gaps between what was predicted, replayed and measured, in one vocabulary.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "report/result.hpp"

namespace plumbline::report {

/// `small` below 64 KiB, `large` above 16 MiB, `middle` between: what dominates differs there.
[[nodiscard]] std::string_view regime_of(core::Bytes size);

/// The tightest bound of a scope and side, null where there is none; NaN is no bound.
[[nodiscard]] const workload::Bound* tightest(std::span<const workload::Bound> bounds,
                                              workload::Scope scope, workload::Side side);

/// A prediction against the replay: the relative gap, and the difference per term. Where the two
/// paths have the same terms, the differences sum to the gap; the rest is `structure`.
/// Precondition: both have an estimate.
[[nodiscard]] Gap prediction_gap(const Prediction& prediction, const workload::Outcome& replay);

/// `of` (a solver's name or "replay") with its time and terms against a measurement: signed, by
/// regime (small < 64 KiB, large > 16 MiB), with a sentence saying which term dominates the model
/// there.
[[nodiscard]] Gap measured_gap(const std::string& of, core::Seconds time,
                               const workload::Terms& terms, const Measurement& measured,
                               core::Bytes size);

/// Fills lower, upper, speed_of_light, inside_bounds, measured->below and gaps from the rest of the
/// point.
void complete(Point& point);

}  // namespace plumbline::report

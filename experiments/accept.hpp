// SPDX-License-Identifier: Apache-2.0
// `accept:`: what must hold for the experiment's answer to stand. It makes an experiment a
// regression test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cursor.hpp"
#include "core/schema.hpp"
#include "report/result.hpp"

namespace plumbline::experiments {

/// Points whose axis values are these: `{placement.strided.stride: 16}`.
using Where = std::map<std::string, std::string>;

/// Limits on the gaps of one pair of columns, over the points that have both.
struct GapLimit {
  std::string of;       ///< a solver's name, or `replay`
  std::string against;  ///< `replay` or `measured`
  std::optional<core::Fraction> median, p95, max;
  core::SourceSpan at;
};

/// A time that theory gives: `{replay: 166 ms, within: 1 %, where: {…}}`.
struct Expectation {
  std::string of;  ///< `replay` or a solver's name
  core::Seconds time;
  core::Fraction within;
  Where where;
  core::SourceSpan at;
};

/// Replay time of the points at `of` over that of the points at `over`, other axes equal.
struct RatioLimit {
  Where of, over;
  std::optional<double> at_least, at_most;
  core::SourceSpan at;
};

struct Acceptance {
  bool bounds = false;  ///< every replay within its bounds
  std::vector<GapLimit> gaps;
  std::vector<Expectation> expect;
  std::vector<RatioLimit> ratios;
  core::SourceSpan at;  ///< of the map; line 0 where the experiment has none
};

/// Binds an `accept:` map.
[[nodiscard]] std::optional<Acceptance> read_accept(const core::Cursor& cursor);

[[nodiscard]] const core::SchemaInfo& accept_schema();

/// Judges a finished result set. A condition that no point was tested on is a failure: it proves
/// nothing. So is, asked for or not, a point that failed or whose replay violates its bounds.
[[nodiscard]] report::Verdict judge(const Acceptance& accept, const report::ResultSet& result);

}  // namespace plumbline::experiments

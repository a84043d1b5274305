// SPDX-License-Identifier: Apache-2.0
// Units as platform files of SimGrid spell them, which are not those of our own files: KBps is 1000
// bytes per second, m a minute.
#pragma once

#include <optional>
#include <string_view>

namespace plumbline::topology::imports {

/// Bytes per second in a unit such as Bps, kBps, KBps, MiBps, Gbps; nullopt where it is none.
[[nodiscard]] std::optional<double> simgrid_rate_unit(std::string_view unit);

/// Seconds in a unit from ps to w.
[[nodiscard]] std::optional<double> simgrid_time_unit(std::string_view unit);

/// A number followed by a unit, or a bare 0; nullopt where it is none, or negative.
[[nodiscard]] std::optional<double> simgrid_figure(
    std::string_view text, std::optional<double> (*unit_of)(std::string_view));

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// Fabrics as platform files of SimGrid, to check a replay with SimGrid alone.
#pragma once

#include <cstddef>
#include <string>

#include "topology/fabric.hpp"

namespace plumbline::topology {

/// More endpoints than this make too many routes for a file.
inline constexpr std::size_t simgrid_endpoint_limit = 256;

/// Platform XML 4.1: endpoints are hosts, and every pair of them has its route. A transfer alone
/// takes L + S/B, as in our replay. The file configures SimGrid 3.32 (its raw model, no TCP
/// effects). Two differences remain where transfers meet: SimGrid shares a link in proportion to
/// 1/latency, and a date is merged with others within 1e-12 s.
/// ModelError above simgrid_endpoint_limit endpoints.
[[nodiscard]] std::string to_simgrid(const Fabric& fabric);

}  // namespace plumbline::topology

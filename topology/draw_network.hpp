// SPDX-License-Identifier: Apache-2.0
// Which switches of a network a picture shows.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "topology/draw_layout.hpp"
#include "topology/draw_machines.hpp"

namespace plumbline::topology::drawing {

/// The switches of each row in order. Of a long row those that the machines drawn plug into, or the
/// first two and the last; of the pods or groups only those with a machine drawn. `all`: every one.
[[nodiscard]] std::map<Row, std::vector<Slot>> choose_switches(
    const Fabric& fabric, const std::set<std::uint32_t>& machines, bool all);

}  // namespace plumbline::topology::drawing

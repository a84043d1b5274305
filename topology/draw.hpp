// SPDX-License-Identifier: Apache-2.0
// Pictures of a fabric.
#pragma once

#include <string>

#include "topology/fabric.hpp"

namespace plumbline::topology {

/// Devices that a picture of everything may have before it is of no use to anybody.
inline constexpr std::size_t most_drawn = 4000;

/// A self-contained SVG: rows from the cores down to the GPUs, machines as boxes, a torus as a
/// grid. Machines, branches and switches that look alike are drawn a few times and counted in the
/// gap where the others would stand, unless `all` are wanted.
[[nodiscard]] std::string to_svg(const Fabric& fabric, const std::string& title, bool all = false);

/// Graphviz text of the same picture: one node per device drawn or gap, one edge per cable (both
/// directions), capacities as labels.
[[nodiscard]] std::string to_dot(const Fabric& fabric, const std::string& title, bool all = false);

}  // namespace plumbline::topology

// SPDX-License-Identifier: Apache-2.0
// Pictures of a fabric.
#pragma once

#include <string>

#include "topology/fabric.hpp"

namespace plumbline::topology {

/// Graphviz text: one node per device, one edge per cable (both directions), capacities as labels.
[[nodiscard]] std::string to_dot(const Fabric& fabric, const std::string& title);

/// A self-contained SVG in layers (spines, leaves, NICs, CPUs, PCIe switches, GPUs, NVSwitches),
/// machines as boxes. Machines that look alike are drawn a few times and counted: the caption says
/// so.
[[nodiscard]] std::string to_svg(const Fabric& fabric, const std::string& title);

}  // namespace plumbline::topology

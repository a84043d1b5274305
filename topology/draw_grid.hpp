// SPDX-License-Identifier: Apache-2.0
// Machines without a row for anything: a torus as a grid, the first dimension across, the second
// down, planes of the others side by side; GPUs joined pair by pair on a circle.
#pragma once

#include <optional>

#include "topology/draw_layout.hpp"

namespace plumbline::topology::drawing {

/// Nullopt where the fabric is not one machine of routers with coordinates for names (`router1.0`)
/// and an endpoint on each.
[[nodiscard]] std::optional<Layout> lay_out_grid(const Fabric& fabric, bool all);

/// Nullopt where the fabric is not one machine of 3 to 16 endpoints that are joined to each other.
[[nodiscard]] std::optional<Layout> lay_out_circle(const Fabric& fabric);

}  // namespace plumbline::topology::drawing

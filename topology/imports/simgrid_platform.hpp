// SPDX-License-Identifier: Apache-2.0
// Platform files of SimGrid as fabrics.
//
// A link of SimGrid is a resource that any number of routes name in any order; it joins nothing. So
// it becomes one edge between two junctions of its own, whatever the direction it is used in, and
// where a route names one link after another, an edge without latency that nobody shares joins
// them. The fabric fixes the route of every pair of hosts: it is SimGrid's, link by link.
#pragma once

#include <optional>

#include "core/diagnostic.hpp"
#include "core/xml.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology::imports {

/// Nullopt after errors. Pairs without a route are a warning; what is not used is a note.
[[nodiscard]] std::optional<Fabric> import_simgrid_platform(const core::XmlElement& root,
                                                            core::Diagnostics& diagnostics);

}  // namespace plumbline::topology::imports

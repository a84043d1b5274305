// SPDX-License-Identifier: Apache-2.0
// What tests of builders ask of a fabric.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "topology/cuts.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology::test {

inline long count(const Fabric& fabric, DeviceKind kind) {
  return std::count_if(fabric.devices().begin(), fabric.devices().end(),
                       [kind](const Device& device) { return device.kind == kind; });
}

/// Capacity of all links from one device to another, in bytes per second.
inline double capacity(const Fabric& fabric, const std::string& from, const std::string& to) {
  double sum = 0.0;
  for (const LinkId link : fabric.out_links(*fabric.find(from))) {
    sum += fabric.link(link).to == fabric.find(to) ? fabric.link(link).capacity.si() : 0.0;
  }
  return sum;
}

/// What the first half of the endpoints can send to the second, in bytes per second.
inline double halves(const Fabric& fabric) {
  const auto all = fabric.endpoints();
  return max_flow(fabric, all.first(all.size() / 2), all.subspan(all.size() / 2)).si();
}

}  // namespace plumbline::topology::test

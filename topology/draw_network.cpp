// SPDX-License-Identifier: Apache-2.0
// A pod or group is what hangs together without cores and global links.
#include "topology/draw_network.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace plumbline::topology::drawing {
namespace {

constexpr std::size_t most_switches = 16;  // up to which all of a row are drawn
constexpr std::size_t most_of_block = 8;   // up to which all of a pod's or group's row are drawn
constexpr std::size_t many_touched = 4;    // enough to stand for their row

class Chooser {
 public:
  Chooser(const Fabric& fabric, const std::set<std::uint32_t>& machines)
      : fabric_(fabric), parent_(fabric.devices().size()), touched_(fabric.devices().size()) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    for (const Link& link : fabric.links()) {
      if (in_block(link.from) && in_block(link.to) && !link.global) {
        parent_[block_of(link.from)] = block_of(link.to);
      }
    }
    for (const Link& link : fabric.links()) {
      const Device& from = fabric.device(link.from);
      if (from.in_node && machines.contains(from.node) && !fabric.device(link.to).in_node) {
        touched_[link.to.index()] = true;
        drawn_blocks_.insert(block_of(link.to));
      }
    }
    show_global_links();
  }

  [[nodiscard]] std::vector<Slot> row(const std::vector<DeviceId>& devices) {
    std::map<std::size_t, std::vector<DeviceId>> blocks;
    const bool is_core = fabric_.device(devices.front()).kind == DeviceKind::core;
    for (const DeviceId device : devices) {
      blocks[is_core ? 0 : block_of(device)].push_back(device);
    }
    std::set<DeviceId> shown;
    for (const auto& [block, members] : blocks) {
      if (is_core || drawn_blocks_.contains(block)) {
        shown.merge(shown_of(members, blocks.size()));
      }
    }
    std::vector<Slot> slots;
    std::set<std::size_t> whole;  // blocks in the gap that are not drawn at all
    for (const DeviceId device : devices) {
      if (shown.contains(device)) {
        slots.push_back({.device = device});
        whole.clear();
        continue;
      }
      if (slots.empty() || slots.back().device) {
        slots.emplace_back();
      }
      ++slots.back().hidden;
      if (!is_core && !drawn_blocks_.contains(block_of(device))) {
        whole.insert(block_of(device));
        slots.back().groups = whole.size();
      }
    }
    return slots;
  }

 private:
  /// One for each two groups drawn.
  void show_global_links() {
    std::set<std::pair<std::size_t, std::size_t>> joined;
    for (const Link& link : fabric_.links()) {
      const std::pair ends{block_of(link.from), block_of(link.to)};
      if (link.global && ends.first < ends.second && drawn_blocks_.contains(ends.first) &&
          drawn_blocks_.contains(ends.second) && joined.insert(ends).second) {
        touched_[link.from.index()] = true;
        touched_[link.to.index()] = true;
      }
    }
  }

  [[nodiscard]] bool in_block(DeviceId device) const {
    return !fabric_.device(device).in_node && fabric_.device(device).kind != DeviceKind::core;
  }

  std::size_t block_of(DeviceId device) {
    std::size_t at = device.index();
    while (parent_[at] != at) {
      at = parent_[at] = parent_[parent_[at]];
    }
    return at;
  }

  [[nodiscard]] std::set<DeviceId> shown_of(const std::vector<DeviceId>& members,
                                            std::size_t blocks) const {
    if (members.size() <= most_of_block && blocks * members.size() <= 3 * most_of_block) {
      return {members.begin(), members.end()};
    }
    std::vector<DeviceId> touched;
    std::copy_if(members.begin(), members.end(), std::back_inserter(touched),
                 [&](DeviceId device) { return touched_[device.index()]; });
    if (touched.size() > most_switches) {
      touched.erase(touched.begin() + most_switches / 2, touched.end() - most_switches / 2);
    }
    std::set<DeviceId> shown(touched.begin(), touched.end());
    if (touched.size() < many_touched) {
      shown.insert({members.front(), members.back()});
    }
    if (touched.empty() && members.size() > 1) {
      shown.insert(members[1]);
    }
    return shown;
  }

  const Fabric& fabric_;
  std::vector<std::size_t> parent_;
  std::vector<bool> touched_;
  std::set<std::size_t> drawn_blocks_;
};

}  // namespace

std::map<Row, std::vector<Slot>> choose_switches(const Fabric& fabric,
                                                 const std::set<std::uint32_t>& machines,
                                                 bool all) {
  std::map<Row, std::vector<DeviceId>> rows;
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    if (!fabric.devices()[i].in_node) {
      rows[row_of(fabric.devices()[i].kind)].push_back(DeviceId(i));
    }
  }
  Chooser chooser(fabric, machines);
  std::map<Row, std::vector<Slot>> result;
  for (const auto& [row, devices] : rows) {
    const bool whole = all || devices.size() <= most_switches;
    result[row] = whole ? slots_of(devices, devices.size()) : chooser.row(devices);
  }
  return result;
}

}  // namespace plumbline::topology::drawing

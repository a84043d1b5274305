// SPDX-License-Identifier: Apache-2.0
#include "topology/draw_grid.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numbers>
#include <set>

#include "topology/draw_text.hpp"

namespace plumbline::topology::drawing {
namespace {

constexpr double captions = 230.0;
constexpr double top_of_grid = 90.0;
constexpr double between_cells = 30.0;
constexpr std::size_t most_on_circle = 16;
constexpr double cell_height = 92.0;
constexpr double box_height = 24.0;
constexpr double plane_gap = 36.0;
constexpr std::size_t most_in_line = 8;
constexpr std::size_t most_planes = 4;

using Place = std::vector<std::size_t>;

/// {1, 0, 2} of `router1.0.2`.
std::optional<Place> place_of(std::string_view name) {
  constexpr std::string_view word = "router";
  if (!name.starts_with(word)) {
    return std::nullopt;
  }
  Place place;
  for (const char* at = name.data() + word.size(); at < name.data() + name.size(); ++at) {
    std::size_t number = 0;
    const auto [next, error] = std::from_chars(at, name.data() + name.size(), number);
    if (error != std::errc() || (next != name.data() + name.size() && *next != '.')) {
      return std::nullopt;
    }
    place.push_back(number);
    at = next;
  }
  return place.empty() ? std::nullopt : std::optional(place);
}

struct Chip {
  Place place;
  DeviceId router;
  DeviceId endpoint;
};

/// Every chip, or none where a device is not part of one.
std::vector<Chip> chips_of(const Fabric& fabric) {
  std::vector<Chip> chips;
  for (const DeviceId endpoint : fabric.endpoints()) {
    const auto out = fabric.out_links(endpoint);
    const DeviceId router = out.size() == 1 ? fabric.link(out[0]).to : endpoint;
    const std::optional<Place> place = place_of(fabric.device(router).name);
    const bool same_rank = place && (chips.empty() || chips[0].place.size() == place->size());
    if (!same_rank || fabric.device(router).kind != DeviceKind::router ||
        !fabric.device(router).in_node) {
      return {};
    }
    chips.push_back({*place, router, endpoint});
  }
  return chips.size() * 2 == fabric.devices().size() ? chips : std::vector<Chip>{};
}

/// Where the numbers of one axis stand: 0, 1, a gap and the last of a long one.
std::map<std::size_t, double> axis(const std::set<std::size_t>& numbers, std::size_t most,
                                   double step) {
  std::map<std::size_t, double> result;
  double at = 0.0;
  std::size_t index = 0;
  for (const std::size_t number : numbers) {
    const bool shown = numbers.size() <= most || index < most / 2 || index + 1 == numbers.size();
    at += numbers.size() > most && index + 1 == numbers.size() ? between_cells : 0.0;
    if (shown) {
      result[number] = at;
      at += step;
    }
    ++index;
  }
  return result;
}

class Grid {
 public:
  Grid(const Fabric& fabric, std::vector<Chip> chips, bool all)
      : fabric_(fabric), chips_(std::move(chips)), all_(all) {}

  Layout compose() {
    std::set<std::size_t> across;
    std::set<std::size_t> down;
    std::set<std::size_t> planes;
    for (const Chip& chip : chips_) {
      across.insert(chip.place[0]);
      down.insert(chip.place.size() > 1 ? chip.place[1] : 0);
      planes.insert(plane_of(chip));
    }
    const std::size_t limit = all_ ? chips_.size() : 0;
    cell_width_ = between_cells + width_of(label(fabric_.device(chips_.back().router)));
    x_ = axis(across, std::max(limit, most_in_line), cell_width_);
    y_ = axis(down, std::max(limit, most_in_line), cell_height);
    const double plane_width = x_.rbegin()->second + cell_width_ + plane_gap;
    z_ = axis(planes, std::max(limit, most_planes), plane_width);
    layout_.left = captions;
    layout_.longest_straight = std::max(cell_width_, cell_height) + 1.0;
    layout_.width = captions + z_.rbegin()->second + plane_width;
    std::size_t hidden = 0;
    for (const Chip& chip : chips_) {
      hidden += place(chip) ? 0U : 1U;
    }
    const double bottom = top_of_grid + y_.rbegin()->second + cell_height;
    if (hidden > 0) {
      layout_.gaps.push_back({.x = captions + 120.0,
                              .y = bottom + 8.0,
                              .devices = 2 * hidden,
                              .lines = {fmt::format("{} more chips", hidden)}});
    }
    name_planes();
    layout_.height = bottom + (hidden > 0 ? 40.0 : 0.0);
    set_rows();
    return std::move(layout_);
  }

 private:
  /// Number of the plane in the dimensions from the third on.
  static std::size_t plane_of(const Chip& chip) {
    std::size_t plane = 0;
    for (std::size_t d = chip.place.size(); d-- > 2;) {
      plane = plane * 4096 + chip.place[d];
    }
    return plane;
  }

  bool place(const Chip& chip) {
    const auto x = x_.find(chip.place[0]);
    const auto y = y_.find(chip.place.size() > 1 ? chip.place[1] : 0);
    const auto z = z_.find(plane_of(chip));
    if (x == x_.end() || y == y_.end() || z == z_.end()) {
      return false;
    }
    const double left = captions + z->second + x->second + 10.0;
    const double top = top_of_grid + y->second;
    const double room = cell_width_ - between_cells;
    const double width = width_of(label(fabric_.device(chip.endpoint)));
    add(chip.router, left, top, room);
    add(chip.endpoint, left + room - width, top + box_height + 10.0, width);
    return true;
  }

  void add(DeviceId device, double left, double top, double width) {
    layout_.box_of.emplace(device, layout_.boxes.size());
    layout_.boxes.push_back({.device = device,
                             .row = row_of(fabric_.device(device).kind),
                             .cell = true,
                             .left = left,
                             .top = top,
                             .width = width,
                             .height = box_height,
                             .lines = label(fabric_.device(device))});
  }

  void name_planes() {
    for (const auto& [plane, x] : z_) {
      if (chips_[0].place.size() > 2) {
        std::string text = "plane";
        std::size_t rest = plane;
        for (std::size_t d = 2; d < chips_[0].place.size(); ++d) {
          text += fmt::format("{}{}", d == 2 ? " " : ".", rest % 4096);
          rest /= 4096;
        }
        layout_.notes.push_back({captions + x + x_.rbegin()->second / 2.0 + cell_width_ / 2.0 - 6.0,
                                 top_of_grid - 22.0, std::move(text), true});
      }
    }
  }

  /// Captions of links stand beside the first lines of the grid.
  void set_rows() {
    for (const Row row : {Row::router, Row::endpoint}) {
      const auto index = static_cast<std::size_t>(row);
      layout_.top[index] = top_of_grid + (row == Row::router ? 0.0 : cell_height);
      layout_.depth[index] = box_height;
    }
  }

  const Fabric& fabric_;
  std::vector<Chip> chips_;
  bool all_;
  Layout layout_;
  double cell_width_ = 0.0;
  std::map<std::size_t, double> x_, y_, z_;
};

}  // namespace

std::optional<Layout> lay_out_grid(const Fabric& fabric, bool all) {
  std::vector<Chip> chips = chips_of(fabric);
  return chips.empty() ? std::nullopt
                       : std::optional(Grid(fabric, std::move(chips), all).compose());
}

std::optional<Layout> lay_out_circle(const Fabric& fabric) {
  const auto endpoints = fabric.endpoints();
  if (endpoints.size() < 3 || endpoints.size() > most_on_circle || fabric.nodes() != 1 ||
      endpoints.size() != fabric.devices().size()) {
    return std::nullopt;
  }
  const auto count = static_cast<double>(endpoints.size());
  const double radius = 70.0 + 12.0 * count;
  Layout layout;
  layout.width = captions + 2.0 * radius + 120.0;
  layout.height = top_of_grid + 2.0 * radius + 30.0;
  layout.left = captions;
  const auto row = static_cast<std::size_t>(Row::endpoint);
  layout.top[row] = top_of_grid + radius - box_height / 2.0;
  layout.depth[row] = box_height;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const double turn = 2.0 * std::numbers::pi * (static_cast<double>(i) + 0.5) / count;
    Box box{.device = endpoints[i], .cell = true, .lines = label(fabric.device(endpoints[i]))};
    box.width = width_of(box.lines);
    box.height = 14.0 * static_cast<double>(box.lines.size()) + 10.0;
    box.left = captions + 50.0 + radius + radius * std::sin(turn) - box.width / 2.0;
    box.top = top_of_grid + radius - radius * std::cos(turn) - box.height / 2.0;
    layout.box_of.emplace(box.device, layout.boxes.size());
    layout.boxes.push_back(std::move(box));
  }
  return layout;
}

}  // namespace plumbline::topology::drawing

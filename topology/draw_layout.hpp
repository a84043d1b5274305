// SPDX-License-Identifier: Apache-2.0
// Where everything stands in a picture of a fabric; draw_svg.cpp puts it on paper. Lengths are
// pixels, y grows downwards.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "topology/fabric.hpp"

namespace plumbline::topology::drawing {

/// Rows from top to bottom. CPUs stand beside the PCIe switches that hang from them.
enum class Row : std::uint8_t { core, spine, leaf, router, nic, hub, endpoint, nvswitch };

inline constexpr std::size_t row_count = 8;

[[nodiscard]] Row row_of(DeviceKind kind);

/// Whether a row is of switches of the network.
[[nodiscard]] constexpr bool is_network(Row row) {
  return row < Row::nic;
}

struct Box {
  DeviceId device;
  Row row = Row::endpoint;
  bool cell = false;  ///< of a grid or circle: its links run straight
  double left = 0.0;
  double top = 0.0;
  double width = 0.0;
  double height = 0.0;
  std::vector<std::string> lines;

  [[nodiscard]] double middle() const { return left + width / 2.0; }

  [[nodiscard]] double bottom() const { return top + height; }
};

/// Around a machine or a socket.
struct Frame {
  double left = 0.0;
  double top = 0.0;
  double width = 0.0;
  double height = 0.0;
  bool machine = false;
};

/// Stands for devices that are not drawn.
struct Gap {
  double x = 0.0;  ///< its middle
  double y = 0.0;
  std::size_t devices = 0;
  std::vector<std::string> lines;
};

struct Note {
  double x = 0.0;
  double y = 0.0;
  std::string text;
  bool strong = false;
};

struct Layout {
  double width = 0.0;
  double height = 0.0;
  double left = 0.0;  ///< where the devices begin; left of it stand what the links are
  std::array<double, row_count> top{};
  std::array<double, row_count> depth{};  ///< of a row; 0 where the picture has no such row
  double longest_straight = 1e9;          ///< between cells; a longer link is a stub at each end
  std::vector<Box> boxes;
  std::vector<Frame> frames;
  std::vector<Note> notes;
  std::vector<Gap> gaps;
  std::map<DeviceId, std::size_t> box_of;
  std::uint32_t machines_hidden = 0;
  bool hidden_alike = true;  ///< all of them look like one that is drawn
  std::uint32_t switches_hidden = 0;
};

/// Of what looks alike some are drawn and the others counted in gaps, unless `all` are wanted.
[[nodiscard]] Layout lay_out(const Fabric& fabric, bool all = false);

}  // namespace plumbline::topology::drawing

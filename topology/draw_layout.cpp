// SPDX-License-Identifier: Apache-2.0
#include "topology/draw_layout.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "topology/draw_grid.hpp"
#include "topology/draw_machines.hpp"
#include "topology/draw_network.hpp"
#include "topology/draw_text.hpp"

namespace plumbline::topology::drawing {
namespace {

constexpr double line_height = 14.0;
constexpr double gap = 8.0;            // between boxes
constexpr double socket_label = 68.0;  // room for `socket 0` above a CPU
constexpr double margin = 14.0;        // inside a machine's frame
constexpr double between_rows = 74.0;
constexpr double network_gap = 110.0;
constexpr double least_caption = 230.0;
constexpr double bold_letter = 8.2;         // mean width in the captions at the left
constexpr std::size_t figure_letters = 15;  // `18× ` before and `: 63.02 GB/s` after a class's name
constexpr double header = 62.0;
constexpr double frame_header = 40.0;  // above the uppermost row of a machine
constexpr double frame_footer = 34.0;  // below the lowest, with the machine's name
constexpr double gap_width = 92.0;
constexpr double bracket_room = 36.0;
constexpr double arc_room = 96.0;  // above a row whose switches are joined to each other

/// Room at the left for the links' names and figures.
double caption_width(const Fabric& fabric) {
  std::size_t longest = 0;
  for (const std::string& name : fabric.link_classes()) {
    longest = std::max(longest, letters(name) + figure_letters);
  }
  return std::max(least_caption, 24.0 + bold_letter * static_cast<double>(longest));
}

/// Switches within a machine stand below its endpoints, of whichever kind they are.
Row row_in_machine(DeviceKind kind) {
  return is_network(row_of(kind)) ? Row::nvswitch : row_of(kind);
}

class Composer {
 public:
  Composer(const Fabric& fabric, bool all) : fabric_(fabric), all_(all) {}

  Layout compose();

 private:
  [[nodiscard]] Box box_for(DeviceId device) const;
  [[nodiscard]] bool joins_itself(Row row) const;
  void choose_rows(const std::vector<Item>& items);
  void place(Box box, double left, Row row);
  double place_list(const std::vector<Slot>& slots, double left, double width, Row row);
  void place_gap(double middle, Row row, std::size_t devices, std::vector<std::string> lines);
  [[nodiscard]] double slot_width(const Slot& slot) const;
  [[nodiscard]] double list_width(const std::vector<Slot>& slots) const;
  [[nodiscard]] double branch_width(const Branch& branch) const;
  void place_branch(const Branch& branch, double left, double width);
  double place_socket(const Socket& socket, std::size_t number, double left);
  double place_machine(std::uint32_t node, double left);
  double place_hidden(const Item& item, double left);
  [[nodiscard]] std::uint32_t undrawn_machines(DeviceId leaf) const;
  void move_right(double distance);
  void place_network(double width);

  double& top(Row row) { return layout_.top[static_cast<std::size_t>(row)]; }

  /// Room for the brackets between hubs where no row of NICs leaves it.
  double above_hubs() {
    return depth(Row::nic) <= 0.0 && depth(Row::hub) > 0.0 ? bracket_room : 0.0;
  }

  double& depth(Row row) { return layout_.depth[static_cast<std::size_t>(row)]; }

  const Fabric& fabric_;
  bool all_;
  Layout layout_;
  std::vector<std::vector<DeviceId>> members_;
  std::set<std::uint32_t> drawn_;
  std::map<Row, std::vector<Slot>> network_;
  double bottom_ = 0.0;  ///< of the lowest row
};

/// As wide as its words; a leaf says how many machines that are not drawn plug into it.
Box Composer::box_for(DeviceId device) const {
  Box box{.device = device, .lines = label(fabric_.device(device))};
  if (!fabric_.device(device).in_node) {
    if (const std::uint32_t machines = undrawn_machines(device); machines > 0) {
      box.lines.push_back(fmt::format("+ {} {}", machines, machines == 1 ? "node" : "nodes"));
    }
  }
  box.width = width_of(box.lines);
  return box;
}

/// Whether a link joins two devices of the row.
bool Composer::joins_itself(Row row) const {
  const auto links = fabric_.links();
  return std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return row == row_of(fabric_.device(link.from).kind) &&
           row == row_of(fabric_.device(link.to).kind);
  });
}

/// Which rows there are, and at which height.
void Composer::choose_rows(const std::vector<Item>& items) {
  const auto widen = [&](DeviceId device, Row row) {
    const auto lines = static_cast<double>(box_for(device).lines.size());
    depth(row) = std::max(depth(row), lines * line_height + 12.0);
  };
  for (const auto& [row, slots] : network_) {
    for (const Slot& slot : slots) {
      if (slot.device) {
        widen(*slot.device, row);
      }
    }
  }
  for (const Item& item : items) {
    for (const DeviceId device : item.hidden == 0 ? members_[item.node] : std::vector<DeviceId>{}) {
      widen(device, row_in_machine(fabric_.device(device).kind));
    }
  }
  double y = header + (network_.empty() ? frame_header : 0.0) + above_hubs();
  for (std::size_t row = 0; row < row_count; ++row) {
    if (layout_.depth[row] > 0.0) {
      const bool network = is_network(static_cast<Row>(row));
      y += network && joins_itself(static_cast<Row>(row)) ? arc_room : 0.0;
      layout_.top[row] = y;
      bottom_ = y + layout_.depth[row];
      y += layout_.depth[row] + (network ? network_gap : between_rows);
    } else {
      layout_.top[row] = y;
    }
  }
  const bool arcs = joins_itself(depth(Row::nvswitch) > 0.0 ? Row::nvswitch : Row::endpoint);
  layout_.height = bottom_ + frame_footer + (arcs ? 44.0 : 0.0);
}

void Composer::place(Box box, double left, Row row) {
  box.left = left;
  box.top = top(row);
  box.height = depth(row);
  box.row = row;
  layout_.box_of.emplace(box.device, layout_.boxes.size());
  layout_.boxes.push_back(std::move(box));
}

void Composer::place_gap(double middle, Row row, std::size_t devices,
                         std::vector<std::string> lines) {
  layout_.gaps.push_back({.x = middle,
                          .y = top(row) + depth(row) / 2.0,
                          .devices = devices,
                          .lines = std::move(lines)});
}

double Composer::slot_width(const Slot& slot) const {
  return slot.device ? box_for(*slot.device).width : gap_width;
}

double Composer::list_width(const std::vector<Slot>& slots) const {
  double width = 0.0;
  for (const Slot& slot : slots) {
    width += slot_width(slot) + gap;
  }
  return width;
}

/// Spread evenly over `width` from `left` on.
double Composer::place_list(const std::vector<Slot>& slots, double left, double width, Row row) {
  const double slack =
      (width - list_width(slots)) / static_cast<double>(std::max<std::size_t>(1, slots.size()));
  for (const Slot& slot : slots) {
    const double step = slot_width(slot) + gap + slack;
    if (slot.device) {
      place(box_for(*slot.device), left + (gap + slack) / 2.0, row);
    } else {
      std::vector<std::string> lines{fmt::format("{} more", slot.hidden)};
      if (slot.groups > 0) {
        const bool pods = network_.contains(Row::core);
        lines.push_back(fmt::format("of {} {}{}", slot.groups, pods ? "pod" : "group",
                                    slot.groups > 1 ? "s" : ""));
      }
      place_gap(left + step / 2.0, row, slot.hidden, std::move(lines));
    }
    left += step;
  }
  return left;
}

double Composer::branch_width(const Branch& branch) const {
  if (branch.alike > 0) {
    return gap_width;
  }
  const double hub = branch.hub ? box_for(*branch.hub).width + gap : 0.0;
  const bool named_socket =
      branch.hub && fabric_.device(*branch.hub).kind == DeviceKind::cpu && branch.nics.empty();
  return std::max({hub, list_width(branch.nics), list_width(branch.endpoints),
                   named_socket ? socket_label : 0.0});
}

void Composer::place_branch(const Branch& branch, double left, double width) {
  if (branch.alike > 0) {
    place_gap(left + width / 2.0, Row::endpoint, branch.hidden,
              {fmt::format("{} alike", branch.alike), fmt::format("{} devices", branch.hidden)});
    return;
  }
  place_list(branch.nics, left, width, Row::nic);
  place_list(branch.endpoints, left, width, Row::endpoint);
  if (branch.hub) {
    place_list({{.device = branch.hub}}, left, width, Row::hub);
  }
}

double Composer::place_socket(const Socket& socket, std::size_t number, double left) {
  const double start = left;
  if (socket.alike > 0) {
    place_gap(left + gap_width / 2.0, Row::endpoint, socket.hidden,
              {fmt::format("{} sockets", socket.alike), fmt::format("{} devices", socket.hidden)});
    return left + gap_width;
  }
  left += socket.cpu ? gap : 0.0;
  for (const Branch& branch : socket.branches) {
    const double width = branch_width(branch);
    place_branch(branch, left, width);
    if (branch.hub == socket.cpu && socket.cpu && branch.nics.empty() && depth(Row::nic) > 0.0) {
      layout_.notes.push_back({left + width / 2.0, top(Row::nic) + depth(Row::nic) / 2.0 + 4.0,
                               fmt::format("socket {}", number), false});
    }
    left += width;
  }
  if (!socket.cpu) {
    return left;
  }
  left += gap;
  const Row first = depth(Row::nic) > 0.0 ? Row::nic : Row::hub;
  const Row last = depth(Row::endpoint) > 0.0 ? Row::endpoint : Row::hub;
  const double above = top(first) - 10.0 - (first == Row::hub ? 16.0 : 0.0) - above_hubs();
  layout_.frames.push_back(
      {start, above, left - start, top(last) + depth(last) + 10.0 - above, false});
  return left + 2.0 * gap;
}

double Composer::place_machine(std::uint32_t node, double left) {
  const std::vector<DeviceId>& members = members_[node];
  if (members.size() == 1) {
    const std::vector<Slot> lone{{.device = members[0]}};
    return place_list(lone, left, list_width(lone),
                      row_in_machine(fabric_.device(members[0]).kind));
  }
  const Machine machine = sort_machine(fabric_, members, all_);
  const double start = left;
  left += margin;
  std::size_t number = 0;
  for (const Socket& socket : machine.sockets) {
    left = place_socket(socket, number, left);
    number += std::max<std::size_t>(1, socket.alike);
  }
  left = std::max(left, list_width(machine.nvswitches) + start + margin);
  const auto switches = static_cast<double>(machine.nvswitches.size());
  if (switches == 1.0) {
    Box box = box_for(*machine.nvswitches[0].device);
    box.width = left - start - margin - gap;
    place(std::move(box), start + margin, Row::nvswitch);
  } else {
    place_list(machine.nvswitches, start + margin, left - start - margin - gap, Row::nvswitch);
  }
  left += margin - gap;
  const double above = top(Row::nic) - 24.0 - (depth(Row::nic) > 0.0 ? 0.0 : 16.0) - above_hubs();
  const double below = layout_.height;
  layout_.frames.push_back({start, above, left - start, below - above, true});
  layout_.notes.push_back({(start + left) / 2.0, below - 9.0, fmt::format("node {}", node), true});
  return left + 2.0 * margin;
}

double Composer::place_hidden(const Item& item, double left) {
  const double width = 130.0;
  std::size_t devices = 0;
  for (std::uint32_t node = item.node; node < item.node + item.hidden; ++node) {
    devices += members_[node].size();
  }
  const std::uint32_t last = item.node + item.hidden - 1;
  place_gap(left + width / 2.0, Row::endpoint, devices,
            {fmt::format("{} more", item.hidden),
             item.hidden == 1 ? fmt::format("node {}", item.node)
                              : fmt::format("node {} … {}", item.node, last)});
  return left + width;
}

std::uint32_t Composer::undrawn_machines(DeviceId leaf) const {
  std::set<std::uint32_t> machines;
  for (const LinkId link : fabric_.in_links(leaf)) {
    const Device& device = fabric_.device(fabric_.link(link).from);
    if (device.in_node && !drawn_.contains(device.node)) {
      machines.insert(device.node);
    }
  }
  return static_cast<std::uint32_t>(machines.size());
}

/// Everything placed so far: machines narrower than their network stand in its middle.
void Composer::move_right(double distance) {
  for (Box& box : layout_.boxes) {
    box.left += distance;
  }
  for (Frame& frame : layout_.frames) {
    frame.left += distance;
  }
  for (Note& note : layout_.notes) {
    note.x += distance;
  }
  for (Gap& gap_of : layout_.gaps) {
    gap_of.x += distance;
  }
}

void Composer::place_network(double width) {
  for (const auto& [row, slots] : network_) {
    place_list(slots, layout_.left, width, row);
    for (const Slot& slot : slots) {
      layout_.switches_hidden += static_cast<std::uint32_t>(slot.hidden);
    }
  }
}

Layout Composer::compose() {
  members_ = members_of_nodes(fabric_);
  const std::vector<Item> items = choose_machines(fabric_, members_, all_);
  for (const Item& item : items) {
    layout_.machines_hidden += item.hidden;
    layout_.hidden_alike = layout_.hidden_alike && item.alike;
    if (item.hidden == 0) {
      drawn_.insert(item.node);
    }
  }
  network_ = choose_switches(fabric_, drawn_, all_);
  choose_rows(items);
  layout_.left = caption_width(fabric_);
  double x = layout_.left;
  double needed = network_.empty() ? 0.0 : 520.0;
  for (const auto& [row, slots] : network_) {
    needed = std::max(needed, list_width(slots));
  }
  for (const Item& item : items) {
    x = item.hidden > 0 ? place_hidden(item, x) : place_machine(item.node, x);
  }
  const double width = std::max(x - layout_.left, needed);
  move_right((width - (x - layout_.left)) / 2.0);
  place_network(width);
  layout_.width = layout_.left + width + 2.0 * margin;
  return std::move(layout_);
}

}  // namespace

Row row_of(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::core:
      return Row::core;
    case DeviceKind::spine:
      return Row::spine;
    case DeviceKind::leaf:
      return Row::leaf;
    case DeviceKind::router:
      return Row::router;
    case DeviceKind::nic:
      return Row::nic;
    case DeviceKind::cpu:
    case DeviceKind::pcie_switch:
      return Row::hub;
    case DeviceKind::gpu:
    case DeviceKind::host:
    case DeviceKind::memory:
    case DeviceKind::nvme:
      return Row::endpoint;
    case DeviceKind::nvswitch:
      return Row::nvswitch;
  }
  return Row::endpoint;
}

Layout lay_out(const Fabric& fabric, bool all) {
  if (std::optional<Layout> grid = lay_out_grid(fabric, all)) {
    return std::move(*grid);
  }
  std::optional<Layout> circle = lay_out_circle(fabric);
  return circle ? std::move(*circle) : Composer(fabric, all).compose();
}

}  // namespace plumbline::topology::drawing

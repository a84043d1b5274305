// SPDX-License-Identifier: Apache-2.0
#include "topology/draw_layout.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "topology/draw_machines.hpp"

namespace plumbline::topology::drawing {
namespace {

constexpr double letter = 7.2;  // mean width of a 12-pixel letter
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
constexpr std::size_t longest_line = 14;
constexpr std::size_t most_switches = 16;  // up to which all of a row are drawn
constexpr std::size_t some_switches = 8;   // drawn of more

/// Letters, not bytes.
std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// Room at the left for the links' names and figures.
double caption_width(const Fabric& fabric) {
  std::size_t longest = 0;
  for (const std::string& name : fabric.link_classes()) {
    longest = std::max(longest, letters(name) + figure_letters);
  }
  return std::max(least_caption, 24.0 + bold_letter * static_cast<double>(longest));
}

std::string shortened(const std::string& text) {
  if (letters(text) <= longest_line) {
    return text;
  }
  std::string result;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && letters(result) + 1 == longest_line) {
      break;
    }
    result += c;
  }
  return result + "…";
}

/// Name without its machine, broken at the last underscore: `pcie` over `switch0`.
std::vector<std::string> label(const Device& device) {
  const std::string name = device.name.substr(device.name.find('/') + 1);
  if (device.planes > 1) {
    return {shortened(name),
            fmt::format("{} switches, every message striped over all", device.planes)};
  }
  const std::size_t split = name.rfind('_');
  if (split == std::string::npos || split == 0 || split + 1 == name.size()) {
    return {shortened(name)};
  }
  return {shortened(name.substr(0, split)), shortened(name.substr(split + 1))};
}

class Composer {
 public:
  explicit Composer(const Fabric& fabric) : fabric_(fabric) {}

  Layout compose();

 private:
  [[nodiscard]] Box box_for(DeviceId device) const;
  [[nodiscard]] bool has_arcs() const;
  void choose_rows(const std::vector<Item>& items);
  void place(Box box, double left, Row row);
  double place_list(const std::vector<DeviceId>& devices, double left, double width, Row row);
  [[nodiscard]] double list_width(const std::vector<DeviceId>& devices) const;
  [[nodiscard]] double branch_width(const Branch& branch) const;
  double place_socket(const Socket& socket, std::size_t number, double left);
  double place_machine(std::uint32_t node, double left);
  double place_gap(const Item& item, double left);
  void place_switches(Row row, double width);
  [[nodiscard]] std::uint32_t undrawn_machines(DeviceId leaf) const;

  double& top(Row row) { return layout_.top[static_cast<std::size_t>(row)]; }

  double& depth(Row row) { return layout_.depth[static_cast<std::size_t>(row)]; }

  const Fabric& fabric_;
  Layout layout_;
  std::vector<std::vector<DeviceId>> members_;
  std::set<std::uint32_t> drawn_;
  double bottom_ = 0.0;  ///< of the lowest row
};

/// As wide as its words; a leaf says how many machines that are not drawn plug into it.
Box Composer::box_for(DeviceId device) const {
  Box box{.device = device, .lines = label(fabric_.device(device))};
  if (fabric_.device(device).kind == DeviceKind::leaf) {
    if (const std::uint32_t machines = undrawn_machines(device); machines > 0) {
      box.lines.push_back(fmt::format("+ {} {}", machines, machines == 1 ? "node" : "nodes"));
    }
  }
  std::size_t longest = 0;
  for (const std::string& line : box.lines) {
    longest = std::max(longest, letters(line));
  }
  box.width = std::max(40.0, static_cast<double>(longest) * letter + 10.0);
  return box;
}

/// Whether a link joins two devices of the lowest row, below which it will hang.
bool Composer::has_arcs() const {
  const auto links = fabric_.links();
  return std::any_of(links.begin(), links.end(), [&](const Link& link) {
    const Row row = row_of(fabric_.device(link.from).kind);
    const auto index = static_cast<std::size_t>(row);
    return row == row_of(fabric_.device(link.to).kind) &&
           layout_.top[index] + layout_.depth[index] == bottom_;
  });
}

/// Which rows there are, and at which height.
void Composer::choose_rows(const std::vector<Item>& items) {
  const auto widen = [&](DeviceId device) {
    const auto lines = static_cast<double>(box_for(device).lines.size());
    double& height = depth(row_of(fabric_.device(device).kind));
    height = std::max(height, lines * line_height + 12.0);
  };
  for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
    if (!fabric_.devices()[i].in_node) {
      widen(DeviceId(i));
    }
  }
  for (const Item& item : items) {
    if (item.hidden == 0) {
      std::for_each(members_[item.node].begin(), members_[item.node].end(), widen);
    }
  }
  const bool network = depth(Row::spine) > 0.0 || depth(Row::leaf) > 0.0;
  double y = header + (network ? 0.0 : frame_header);
  for (std::size_t row = 0; row < row_count; ++row) {
    layout_.top[row] = y;
    if (layout_.depth[row] > 0.0) {
      bottom_ = y + layout_.depth[row];
      y += layout_.depth[row] + (row < 2 ? network_gap : between_rows);
    }
  }
  layout_.height = bottom_ + frame_footer + (has_arcs() ? 44.0 : 0.0);
}

void Composer::place(Box box, double left, Row row) {
  box.left = left;
  box.top = top(row);
  box.height = depth(row);
  layout_.box_of.emplace(box.device, layout_.boxes.size());
  layout_.boxes.push_back(std::move(box));
}

double Composer::list_width(const std::vector<DeviceId>& devices) const {
  double width = 0.0;
  for (const DeviceId device : devices) {
    width += box_for(device).width + gap;
  }
  return width;
}

/// Spread evenly over `width` from `left` on.
double Composer::place_list(const std::vector<DeviceId>& devices, double left, double width,
                            Row row) {
  const double slack =
      (width - list_width(devices)) / static_cast<double>(std::max<std::size_t>(1, devices.size()));
  for (const DeviceId device : devices) {
    Box box = box_for(device);
    const double step = box.width + gap + slack;
    place(std::move(box), left + (gap + slack) / 2.0, row);
    left += step;
  }
  return left;
}

double Composer::branch_width(const Branch& branch) const {
  const double hub = branch.hub ? box_for(*branch.hub).width + gap : 0.0;
  const bool named_socket =
      branch.hub && fabric_.device(*branch.hub).kind == DeviceKind::cpu && branch.nics.empty();
  return std::max({hub, list_width(branch.nics), list_width(branch.endpoints),
                   named_socket ? socket_label : 0.0});
}

double Composer::place_socket(const Socket& socket, std::size_t number, double left) {
  const double start = left;
  left += socket.cpu ? gap : 0.0;
  for (const Branch& branch : socket.branches) {
    const double width = branch_width(branch);
    place_list(branch.nics, left, width, Row::nic);
    place_list(branch.endpoints, left, width, Row::endpoint);
    if (branch.hub) {
      place_list({*branch.hub}, left, width, Row::hub);
    }
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
  const double above = top(first) - 10.0 - (first == Row::hub ? 16.0 : 0.0);
  layout_.frames.push_back(
      {start, above, left - start, top(last) + depth(last) + 10.0 - above, false});
  return left + 2.0 * gap;
}

double Composer::place_machine(std::uint32_t node, double left) {
  const std::vector<DeviceId>& members = members_[node];
  if (members.size() == 1) {
    return place_list(members, left, list_width(members), row_of(fabric_.device(members[0]).kind));
  }
  const Machine machine = sort_machine(fabric_, members);
  const double start = left;
  left += margin;
  for (std::size_t i = 0; i < machine.sockets.size(); ++i) {
    left = place_socket(machine.sockets[i], i, left);
  }
  const double least = list_width(machine.nvswitches) + start + margin;
  left = std::max(left, least);
  const auto switches = static_cast<double>(machine.nvswitches.size());
  const double share = (left - start - margin) / std::max(1.0, switches);
  for (std::size_t i = 0; i < machine.nvswitches.size(); ++i) {
    Box box = box_for(machine.nvswitches[i]);
    box.width = share - gap;
    place(std::move(box), start + margin + static_cast<double>(i) * share, Row::nvswitch);
  }
  left += margin - gap;
  const double above = top(Row::nic) - 24.0 - (depth(Row::nic) > 0.0 ? 0.0 : 16.0);
  const double below = layout_.height;
  layout_.frames.push_back({start, above, left - start, below - above, true});
  layout_.notes.push_back({(start + left) / 2.0, below - 9.0, fmt::format("node {}", node), true});
  return left + 2.0 * margin;
}

double Composer::place_gap(const Item& item, double left) {
  const double width = 130.0;
  const double y = top(Row::endpoint) + depth(Row::endpoint) / 2.0;
  const std::uint32_t last = item.node + item.hidden - 1;
  layout_.notes.push_back({left + width / 2.0, y - 8.0, "…", true});
  layout_.notes.push_back(
      {left + width / 2.0, y + 10.0, fmt::format("{} more", item.hidden), false});
  layout_.notes.push_back({left + width / 2.0, y + 26.0,
                           item.hidden == 1 ? fmt::format("node {}", item.node)
                                            : fmt::format("node {} … {}", item.node, last),
                           false});
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

/// Leaves or spines, evenly over the picture; of too many, the first and those that the machines
/// drawn plug into.
void Composer::place_switches(Row row, double width) {
  std::vector<DeviceId> all;
  for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
    if (!fabric_.devices()[i].in_node && row_of(fabric_.devices()[i].kind) == row) {
      all.push_back(DeviceId(i));
    }
  }
  std::vector<DeviceId> shown = all;
  if (all.size() > most_switches) {
    const auto touches = [&](DeviceId device) {
      const auto in = fabric_.in_links(device);
      return std::any_of(in.begin(), in.end(), [&](LinkId link) {
        const Device& from = fabric_.device(fabric_.link(link).from);
        return from.in_node && drawn_.contains(from.node);
      });
    };
    std::stable_partition(shown.begin(), shown.end(), touches);
    shown.resize(some_switches);
    std::sort(shown.begin(), shown.end());
    layout_.switches_hidden += static_cast<std::uint32_t>(all.size() - shown.size());
  }
  place_list(shown, layout_.left, width, row);
}

Layout Composer::compose() {
  members_ = members_of_nodes(fabric_);
  const std::vector<Item> items = choose_machines(fabric_, members_);
  for (const Item& item : items) {
    layout_.machines_hidden += item.hidden;
    layout_.hidden_alike = layout_.hidden_alike && item.alike;
    if (item.hidden == 0) {
      drawn_.insert(item.node);
    }
  }
  choose_rows(items);
  layout_.left = caption_width(fabric_);
  double x = layout_.left;
  for (const Item& item : items) {
    x = item.hidden > 0 ? place_gap(item, x) : place_machine(item.node, x);
  }
  const double width = std::max(x - layout_.left, 520.0);
  place_switches(Row::spine, width);
  place_switches(Row::leaf, width);
  for (const Box& box : layout_.boxes) {
    x = std::max(x, box.left + box.width + margin);
  }
  layout_.width = std::max(x, layout_.left + width) + margin;
  return std::move(layout_);
}

}  // namespace

Row row_of(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::spine:
    case DeviceKind::core:
      return Row::spine;
    case DeviceKind::leaf:
    case DeviceKind::router:
      return Row::leaf;
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

Layout lay_out(const Fabric& fabric) {
  return Composer(fabric).compose();
}

}  // namespace plumbline::topology::drawing

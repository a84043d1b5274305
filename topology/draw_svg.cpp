// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <vector>

#include "core/units.hpp"
#include "core/xml.hpp"
#include "topology/draw.hpp"
#include "topology/draw_layout.hpp"
#include "topology/draw_paint.hpp"
#include "topology/draw_text.hpp"

namespace plumbline::topology {
namespace {

using drawing::Box;
using drawing::color_of;
using drawing::Layout;
using drawing::Paint;
using drawing::paint_of;
using drawing::Row;

constexpr double legend_line = 18.0;
constexpr double stub = 9.0;
constexpr std::size_t captions_per_gap = 3;
constexpr std::size_t most_link_types = 12;

std::string text_at(double x, double y, std::string_view style, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, style,
                     core::xml_escaped(text));
}

/// Links that look alike: between the same kinds of device, of one class, with one capacity.
struct LinkType {
  DeviceKind upper = DeviceKind::gpu;
  DeviceKind lower = DeviceKind::gpu;
  LinkKind kind = LinkKind::nvlink;
  std::string link_class;
  std::uint32_t count = 1;
  core::Bandwidth capacity;
  core::Seconds latency;
  bool one_way = false;
  bool global = false;

  [[nodiscard]] auto key() const {
    return std::tuple(drawing::row_of(upper), drawing::row_of(lower), upper, lower, kind,
                      std::string_view(link_class), count, capacity, latency, one_way, global);
  }

  bool operator<(const LinkType& other) const { return key() < other.key(); }

  [[nodiscard]] std::string figures() const {
    return fmt::format("{}{}: {}", count > 1 ? fmt::format("{}× ", count) : "", link_class,
                       core::display(capacity));
  }

  [[nodiscard]] std::string ends() const {
    return fmt::format("{} {} {}{}", paint_of(upper).name, one_way ? "→" : "–",
                       paint_of(lower).name, global ? ", global" : "");
  }
};

LinkType type_of(const Fabric& fabric, const Link& link) {
  const DeviceKind from = fabric.device(link.from).kind;
  const DeviceKind to = fabric.device(link.to).kind;
  const bool turn =
      link.reverse && std::pair(drawing::row_of(to), to) < std::pair(drawing::row_of(from), from);
  return {turn ? to : from, turn ? from : to, link.kind,    fabric.link_classes()[link.link_class],
          link.count,       link.capacity,    link.latency, !link.reverse,
          link.global};
}

/// The picture as it is written down.
class Pen {
 public:
  Pen(const Fabric& fabric, const Layout& layout) : fabric_(fabric), layout_(layout) {}

  std::string draw(const std::string& title);

 private:
  void collect_links();
  void draw_links();
  void draw_boxes();
  void draw_captions();
  void draw_legend();
  void draw_gaps();
  [[nodiscard]] std::string straight(const Box& from, const Box& to) const;
  [[nodiscard]] std::string bracket(const Box& from, const Box& to) const;
  [[nodiscard]] std::string curve(const Box& from, const Box& to) const;
  [[nodiscard]] double caption_height(const LinkType& type) const;
  [[nodiscard]] std::string subtitle() const;

  const Fabric& fabric_;
  const Layout& layout_;
  std::vector<LinkId> links_;  ///< one of each cable between two boxes
  std::map<LinkType, std::size_t> types_;
  core::Bandwidth widest_;
  double legend_height_ = 0.0;
  std::string svg_;
};

void Pen::collect_links() {
  for (std::size_t i = 0; i < fabric_.links().size(); ++i) {
    const Link& link = fabric_.links()[i];
    const bool second = link.reverse && *link.reverse < LinkId(i);
    if (!second && layout_.box_of.contains(link.from) && layout_.box_of.contains(link.to)) {
      links_.push_back(LinkId(i));
      ++types_[type_of(fabric_, link)];
      widest_ = std::max(widest_, link.capacity);
    }
  }
}

/// Path above the row of hubs, from a switch to its CPU: the farther, the higher, so that the
/// uplinks of several switches never meet.
std::string Pen::bracket(const Box& from, const Box& to) const {
  const Box& left = from.left < to.left ? from : to;
  const Box& right = from.left < to.left ? to : from;
  const auto between =
      std::count_if(layout_.boxes.begin(), layout_.boxes.end(), [&](const Box& box) {
        return box.top == left.top && box.left > left.left && box.left < right.left;
      });
  const auto rank = static_cast<double>(between);
  const bool cpu_right = fabric_.device(right.device).kind == DeviceKind::cpu;
  const double at_cpu = std::min(6.0 + 7.0 * rank, (cpu_right ? right : left).width - 6.0);
  const double left_x = cpu_right ? left.middle() + 12.0 : left.left + left.width - at_cpu;
  const double right_x = cpu_right ? right.left + at_cpu : right.middle() - 12.0;
  return fmt::format("M{:.1f} {:.1f}V{:.1f}H{:.1f}V{:.1f}", &from == &left ? left_x : right_x,
                     left.top, left.top - std::min(12.0 + 8.0 * rank, 60.0),
                     &from == &left ? right_x : left_x, left.top);
}

/// Path between two boxes. Boxes of one row are joined by a bracket above (a CPU and a switch),
/// straight (neighbours), or by an arc below.
std::string Pen::curve(const Box& from, const Box& to) const {
  if (from.cell) {
    return straight(from, to);
  }
  const Row upper = from.row;
  const Row lower = to.row;
  const auto inside = [](const Box& box, double x) {
    return std::clamp(x, box.left + 4.0, box.left + box.width - 4.0);
  };
  if (upper != lower) {
    const bool down = upper < lower;
    // A wide box takes a link where the other end stands.
    const double from_x = from.width > 2.0 * to.width ? inside(from, to.middle()) : from.middle();
    const double to_x = to.width > 2.0 * from.width ? inside(to, from.middle()) : to.middle();
    return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", from_x, down ? from.bottom() : from.top,
                       to_x, down ? to.top : to.bottom());
  }
  const Box& left = from.left < to.left ? from : to;
  const Box& right = from.left < to.left ? to : from;
  const bool both_cpus = fabric_.device(from.device).kind == DeviceKind::cpu &&
                         fabric_.device(to.device).kind == DeviceKind::cpu;
  const double between = right.left - left.left - left.width;
  if (between < 80.0 && (both_cpus || upper != Row::hub)) {
    const double y = left.top + left.height / 2.0;
    const double edges[] = {left.left + left.width, right.left};
    return fmt::format("M{:.1f} {:.1f}H{:.1f}", edges[&from == &left ? 0 : 1], y,
                       edges[&from == &left ? 1 : 0]);
  }
  if (upper == Row::hub && !both_cpus) {
    return bracket(from, to);
  }
  if (drawing::is_network(upper)) {
    const double rise = std::min(30.0 + 0.25 * between, 150.0);  // a curve reaches half of it
    return fmt::format("M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}", from.middle(), from.top,
                       (from.middle() + to.middle()) / 2.0, from.top - rise, to.middle(), to.top);
  }
  const double sag = std::min(16.0 + 0.1 * between, 50.0);
  return fmt::format("M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}", from.middle(), from.bottom(),
                     (from.middle() + to.middle()) / 2.0, from.bottom() + 2.0 * sag, to.middle(),
                     to.bottom());
}

/// Path between two boxes of a grid; a link that wraps, or leads to another plane, is a stub at
/// each end.
std::string Pen::straight(const Box& from, const Box& to) const {
  const double x[] = {from.middle(), to.middle()};
  const double y[] = {from.top + from.height / 2.0, to.top + to.height / 2.0};
  const double length = std::hypot(x[1] - x[0], y[1] - y[0]);
  if (length <= layout_.longest_straight) {
    return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", x[0], y[0], x[1], y[1]);
  }
  // Away from the other end, as a line round the torus leaves.
  const bool across = std::abs(x[1] - x[0]) > std::abs(y[1] - y[0]);
  const double reach = across ? from.width / 2.0 + stub : from.height / 2.0 + stub;
  std::string path;
  for (const std::size_t end : {0U, 1U}) {
    const double away = (across ? x[end] < x[1 - end] : y[end] < y[1 - end]) ? -reach : reach;
    path += fmt::format("M{:.1f} {:.1f}l{:.1f} {:.1f}", x[end], y[end], across ? away : 0.0,
                        across ? 0.0 : away);
  }
  return path;
}

void Pen::draw_gaps() {
  for (const drawing::Gap& gap : layout_.gaps) {
    double y = gap.y - 7.0 * static_cast<double>(gap.lines.size()) + 4.0;
    svg_ += text_at(gap.x, y, "text-anchor=\"middle\" font-weight=\"bold\"", "⋯");
    for (const std::string& line : gap.lines) {
      y += 14.0;
      svg_ += text_at(gap.x, y, "text-anchor=\"middle\"", line);
    }
  }
}

void Pen::draw_links() {
  // Where hundreds cross, each is faint enough to see the others.
  const double opacity =
      std::clamp(0.75 * std::sqrt(100.0 / static_cast<double>(links_.size() + 1)), 0.2, 0.75);
  for (const LinkId id : links_) {
    const Link& link = fabric_.link(id);
    const double share = link.capacity / widest_;
    svg_ += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.1f}\" "
        "stroke-opacity=\"{:.2f}\"{}><title>{}: {} per direction</title></path>\n",
        curve(layout_.boxes[layout_.box_of.at(link.from)],
              layout_.boxes[layout_.box_of.at(link.to)]),
        color_of(link.kind), 1.0 + 4.0 * std::sqrt(share), opacity,
        link.reverse ? "" : " marker-end=\"url(#arrow)\"", core::xml_escaped(fabric_.link_name(id)),
        core::display(link.capacity));
  }
}

void Pen::draw_boxes() {
  for (const Box& box : layout_.boxes) {
    const Device& device = fabric_.device(box.device);
    const Paint paint = paint_of(device.kind);
    svg_ += fmt::format(
        "<g><title>{}</title><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
        "rx=\"3\" fill=\"{}\" stroke=\"{}\"/>\n",
        core::xml_escaped(fmt::format("{} ({})", device.name, paint.name)), box.left, box.top,
        box.width, box.height, paint.fill, paint.stroke);
    const auto lines = static_cast<double>(box.lines.size());
    double y = box.top + box.height / 2.0 - (lines - 1.0) * 7.0 + 4.0;
    for (const std::string& line : box.lines) {
      svg_ += text_at(box.middle(), y, "text-anchor=\"middle\"", line);
      y += 14.0;
    }
    svg_ += "</g>\n";
  }
}

/// Height of the words about a type of link: in the gap below its upper row, or beside its row.
double Pen::caption_height(const LinkType& type) const {
  const auto upper =
      static_cast<std::size_t>(std::min(drawing::row_of(type.upper), drawing::row_of(type.lower)));
  const auto lower =
      static_cast<std::size_t>(std::max(drawing::row_of(type.upper), drawing::row_of(type.lower)));
  if (upper == lower) {
    return layout_.top[upper] + layout_.depth[upper] / 2.0;
  }
  std::size_t next = upper + 1;
  while (next < lower && layout_.depth[next] <= 0.0) {
    ++next;
  }
  return (layout_.top[upper] + layout_.depth[upper] + layout_.top[next]) / 2.0;
}

void Pen::draw_captions() {
  std::map<double, std::vector<const LinkType*>> by_height;
  for (const auto& [type, count] : types_) {
    by_height[caption_height(type)].push_back(&type);
  }
  double free_from = 0.0;
  for (const auto& [height, types] : by_height) {
    const std::size_t shown = std::min(types.size(), captions_per_gap);
    double y = std::max(free_from, height - (static_cast<double>(shown) * 28.0) / 2.0 + 10.0);
    for (std::size_t i = 0; i < shown; ++i) {
      const LinkType& type = *types[i];
      svg_ += text_at(14.0, y, "class=\"small\"", type.ends());
      svg_ += text_at(14.0, y + 13.0,
                      fmt::format("font-weight=\"bold\" fill=\"{}\"", color_of(type.kind)),
                      type.figures());
      y += 28.0;
    }
    if (shown < types.size()) {
      svg_ += text_at(14.0, y, "class=\"small\"",
                      fmt::format("and {} more, see below", types.size() - shown));
      y += 16.0;
    }
    free_from = y;
  }
}

void Pen::draw_legend() {
  double y = layout_.height + 32.0;
  double x = 14.0;
  std::vector<DeviceKind> kinds;
  for (const Box& box : layout_.boxes) {
    const DeviceKind kind = fabric_.device(box.device).kind;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
      kinds.push_back(kind);
    }
  }
  std::sort(kinds.begin(), kinds.end());
  for (const DeviceKind kind : kinds) {
    const Paint paint = paint_of(kind);
    svg_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"16\" height=\"12\" rx=\"2\" fill=\"{}\" "
        "stroke=\"{}\"/>\n",
        x, y - 10.0, paint.fill, paint.stroke);
    svg_ += text_at(x + 21.0, y, "", std::string(paint.name));
    x += 36.0 + 7.0 * static_cast<double>(paint.name.size());
  }
  std::size_t shown = 0;
  for (const auto& [type, count] : types_) {
    y += legend_line;
    if (++shown > most_link_types) {
      svg_ += text_at(50.0, y, "", fmt::format("and {} more", types_.size() - most_link_types));
      break;
    }
    svg_ +=
        fmt::format("<path d=\"M14 {0:.1f}H42\" stroke=\"{1}\" stroke-width=\"{2:.1f}\"/>\n",
                    y - 4.0, color_of(type.kind), 1.0 + 4.0 * std::sqrt(type.capacity / widest_));
    svg_ += text_at(50.0, y, "",
                    fmt::format("{}: {} per direction, {} a hop", type.ends(), type.figures(),
                                core::display(type.latency)));
  }
  legend_height_ = y + 18.0;
}

std::string Pen::subtitle() const {
  const auto endpoints = fabric_.endpoints();
  const std::string_view kind =
      endpoints.empty() ? "endpoint" : paint_of(fabric_.device(endpoints.front()).kind).name;
  std::string text =
      fmt::format("{} {}{} in {} {}", endpoints.size(), kind, endpoints.size() == 1 ? "" : "s",
                  fabric_.nodes(), fabric_.nodes() == 1 ? "machine" : "machines");
  if (layout_.machines_hidden > 0) {
    text += fmt::format("; {} {}not drawn", layout_.machines_hidden,
                        layout_.hidden_alike ? "alike " : "");
  }
  if (layout_.switches_hidden > 0) {
    text += fmt::format("; {} switches of the network are not drawn", layout_.switches_hidden);
  }
  return text + ". Wider lines carry more.";
}

std::string Pen::draw(const std::string& title) {
  collect_links();
  for (const drawing::Frame& frame : layout_.frames) {
    svg_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"6\" "
        "fill=\"{}\" stroke=\"{}\"{}/>\n",
        frame.left, frame.top, frame.width, frame.height, "none",
        frame.machine ? "#555555" : "#a8487e", frame.machine ? "" : " stroke-dasharray=\"4 3\"");
  }
  draw_links();
  draw_boxes();
  draw_gaps();
  draw_captions();
  for (const drawing::Note& note : layout_.notes) {
    svg_ += text_at(
        note.x, note.y,
        note.strong ? "text-anchor=\"middle\" font-weight=\"bold\"" : "text-anchor=\"middle\"",
        note.text);
  }
  draw_legend();
  const double width = std::max(layout_.width, 760.0);
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
             "width=\"{0:.0f}\" height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
             "<style>.small{{font-size:11px;fill:#444}}</style>\n"
             "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
             "markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
             "<path d=\"M0 0L8 4L0 8z\" fill=\"#333\"/></marker></defs>\n"
             "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
             width, legend_height_) +
         text_at(14.0, 24.0, "font-size=\"16\" font-weight=\"bold\"", title) +
         text_at(14.0, 44.0, "fill=\"#444\"", subtitle()) + svg_ + "</svg>\n";
}

}  // namespace

std::string to_svg(const Fabric& fabric, const std::string& title, bool all) {
  return Pen(fabric, drawing::lay_out(fabric, all)).draw(title);
}

}  // namespace plumbline::topology

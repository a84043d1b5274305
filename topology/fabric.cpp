// SPDX-License-Identifier: Apache-2.0
#include "topology/fabric.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "core/diagnostic.hpp"

namespace plumbline::topology {
namespace {

constexpr std::array<std::pair<DeviceKind, std::string_view>, 12> device_kinds{{
    {DeviceKind::gpu, "gpu"},
    {DeviceKind::host, "host"},
    {DeviceKind::cpu, "cpu"},
    {DeviceKind::nvswitch, "nvswitch"},
    {DeviceKind::pcie_switch, "pcie_switch"},
    {DeviceKind::nic, "nic"},
    {DeviceKind::leaf, "leaf"},
    {DeviceKind::spine, "spine"},
    {DeviceKind::core, "core"},
    {DeviceKind::router, "router"},
    {DeviceKind::memory, "memory"},
    {DeviceKind::nvme, "nvme"},
}};

/// Groups link ids by one end (compressed sparse rows), in order of creation within a device.
void group_links(const std::vector<Link>& links, std::size_t devices, DeviceId Link::*end,
                 std::vector<std::uint32_t>& offsets, std::vector<LinkId>& grouped) {
  offsets.assign(devices + 1, 0);
  for (const Link& link : links) {
    ++offsets[(link.*end).index() + 1];
  }
  for (std::size_t i = 0; i < devices; ++i) {
    offsets[i + 1] += offsets[i];
  }
  grouped.resize(links.size());
  std::vector<std::uint32_t> next(offsets.begin(), offsets.end() - 1);
  for (std::size_t i = 0; i < links.size(); ++i) {
    grouped[next[(links[i].*end).index()]++] = LinkId(i);
  }
}

std::span<const LinkId> row(const std::vector<LinkId>& grouped,
                            const std::vector<std::uint32_t>& offsets, DeviceId device) {
  return std::span(grouped).subspan(offsets[device.index()],
                                    offsets[device.index() + 1] - offsets[device.index()]);
}

}  // namespace

std::string_view to_text(DeviceKind kind) {
  const auto* found = std::find_if(device_kinds.begin(), device_kinds.end(),
                                   [kind](const auto& entry) { return entry.first == kind; });
  return found->second;
}

std::optional<DeviceKind> device_kind(std::string_view text) {
  const auto* found = std::find_if(device_kinds.begin(), device_kinds.end(),
                                   [text](const auto& entry) { return entry.second == text; });
  return found == device_kinds.end() ? std::nullopt : std::optional(found->first);
}

std::vector<std::string> device_kind_names() {
  std::vector<std::string> names;
  for (const auto& [kind, name] : device_kinds) {
    names.emplace_back(name);
  }
  return names;
}

std::optional<DeviceId> Fabric::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::span<const LinkId> Fabric::out_links(DeviceId device) const {
  return row(out_, out_offsets_, device);
}

std::span<const LinkId> Fabric::in_links(DeviceId device) const {
  return row(in_, in_offsets_, device);
}

std::span<const LinkId> Fabric::fixed_route(DeviceId from, DeviceId to) const {
  const auto found = fixed_routes_.find({from, to});
  return found == fixed_routes_.end() ? std::span<const LinkId>() : found->second;
}

std::string Fabric::link_name(LinkId id) const {
  const Link& named = link(id);
  std::string name = device(named.from).name + "→" + device(named.to).name;
  std::size_t twins = 0;
  std::size_t position = 0;
  // The shorter list, both are in order of creation: naming every link of a leaf with 100,000
  // hosts is then no square.
  const std::span<const LinkId> out = out_links(named.from);
  const std::span<const LinkId> in = in_links(named.to);
  for (const LinkId other : out.size() <= in.size() ? out : in) {
    if (link(other).from == named.from && link(other).to == named.to) {
      ++twins;
      position = other == id ? twins : position;
    }
  }
  return twins > 1 ? fmt::format("{} #{}", name, position) : name;
}

DeviceId FabricBuilder::add(Device device) {
  const DeviceId id(fabric_.devices_.size());
  if (!fabric_.by_name_.emplace(device.name, id).second) {
    throw core::InternalError("two devices are called '" + device.name + "'");
  }
  fabric_.devices_.push_back(std::move(device));
  return id;
}

LinkId FabricBuilder::connect(DeviceId a, DeviceId b, const LinkClass& link, std::uint32_t count) {
  const LinkId there = add_link(a, b, link, count);
  const LinkId back = add_link(b, a, link, count);
  fabric_.links_[there.index()].reverse = back;
  fabric_.links_[back.index()].reverse = there;
  return there;
}

void FabricBuilder::make_global(LinkId link) {
  Link& marked = fabric_.links_[link.index()];
  marked.global = true;
  if (marked.reverse) {
    fabric_.links_[marked.reverse->index()].global = true;
  }
}

LinkId FabricBuilder::add_link(DeviceId from, DeviceId to, const LinkClass& link,
                               std::uint32_t count) {
  fabric_.links_.push_back({.from = from,
                            .to = to,
                            .capacity = link.bandwidth_per_direction * static_cast<double>(count),
                            .latency = link.latency,
                            .kind = link.kind,
                            .sharing = link.sharing,
                            .link_class = intern_class(link.name),
                            .count = count,
                            .global = false,
                            .reverse = std::nullopt});
  return LinkId(fabric_.links_.size() - 1);
}

void FabricBuilder::fix_route(DeviceId from, DeviceId to, std::vector<LinkId> links) {
  fabric_.fixed_routes_[{from, to}] = std::move(links);
}

std::vector<DeviceId> FabricBuilder::embed(const Fabric& part, const std::string& prefix,
                                           std::uint32_t node) {
  std::vector<DeviceId> placed;
  for (Device device : part.devices()) {
    device.name = prefix + device.name;
    device.node = node;
    placed.push_back(add(std::move(device)));
  }
  std::vector<std::uint32_t> classes;
  for (const std::string& name : part.link_classes()) {
    classes.push_back(intern_class(name));
  }
  const std::size_t first = fabric_.links_.size();
  for (Link link : part.links()) {
    link.from = placed[link.from.index()];
    link.to = placed[link.to.index()];
    link.link_class = classes[link.link_class];
    if (link.reverse) {
      link.reverse = LinkId(first + link.reverse->index());
    }
    fabric_.links_.push_back(link);
  }
  return placed;
}

std::optional<DeviceId> FabricBuilder::find(std::string_view name) const {
  return fabric_.find(name);
}

Fabric FabricBuilder::finish() {
  const std::size_t devices = fabric_.devices_.size();
  const auto collect = [&](DeviceKind kind) {
    for (std::size_t i = 0; i < devices; ++i) {
      if (fabric_.devices_[i].kind == kind) {
        fabric_.endpoints_.push_back(DeviceId(i));
      }
    }
  };
  collect(DeviceKind::gpu);
  if (fabric_.endpoints_.empty()) {
    collect(DeviceKind::host);
  }
  for (const Device& device : fabric_.devices_) {
    if (device.in_node) {
      fabric_.nodes_ = std::max(fabric_.nodes_, device.node + 1);
    }
  }
  group_links(fabric_.links_, devices, &Link::from, fabric_.out_offsets_, fabric_.out_);
  group_links(fabric_.links_, devices, &Link::to, fabric_.in_offsets_, fabric_.in_);
  return std::exchange(fabric_, Fabric{});
}

std::uint32_t FabricBuilder::intern_class(const std::string& name) {
  auto& classes = fabric_.link_classes_;
  const auto found = std::find(classes.begin(), classes.end(), name);
  if (found != classes.end()) {
    return static_cast<std::uint32_t>(found - classes.begin());
  }
  classes.push_back(name);
  return static_cast<std::uint32_t>(classes.size() - 1);
}

}  // namespace plumbline::topology

// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nccl_paths.hpp"

#include <algorithm>
#include <array>

namespace plumbline::topology::imports {
namespace {

PathType link_type(DeviceKind from, DeviceKind to, LinkKind kind) {
  switch (kind) {
    case LinkKind::nvlink:
      return PathType::nvl;
    case LinkKind::pcie:
      if (from == DeviceKind::cpu || to == DeviceKind::cpu) {
        return PathType::phb;
      }
      return from == DeviceKind::pcie_switch && to == DeviceKind::pcie_switch ? PathType::pxb
                                                                              : PathType::pix;
    case LinkKind::cpu:
      return from == to ? PathType::sys : PathType::c2c;
    case LinkKind::network:
      break;
  }
  return PathType::net;
}

}  // namespace

std::string_view to_text(PathType type) {
  static constexpr std::array<std::string_view, 12> names{"LOC", "NVL", "NVB", "C2C", "PIX", "PXB",
                                                          "P2C", "PXN", "PHB", "SYS", "NET", "DIS"};
  return names.at(static_cast<std::size_t>(type));
}

NcclPaths::NcclPaths(const Fabric& fabric) : fabric_(&fabric) {
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    if (fabric.devices()[i].kind == DeviceKind::nic) {
      nics_.emplace_back(i);
    }
  }
}

NcclPath NcclPaths::between(DeviceId from, DeviceId to) {
  const bool starts_at_nic = fabric_->device(from).kind == DeviceKind::nic;
  const bool ends_at_nic = fabric_->device(to).kind == DeviceKind::nic;
  if (starts_at_nic == ends_at_nic) {
    return plain(from)[to.index()];
  }
  return starts_at_nic ? to_nic(to, from) : to_nic(from, to);
}

const NcclPaths::Row& NcclPaths::plain(DeviceId base) {
  const auto known = rows_.find(base);
  return known != rows_.end() ? known->second : rows_.emplace(base, search(base)).first->second;
}

/// Breadth first, a hop at a time: a device keeps the widest path among those with fewest hops.
NcclPaths::Row NcclPaths::search(DeviceId base) const {
  Row row(fabric_->devices().size());
  row[base.index()] = {PathType::loc, core::Bandwidth::infinity(), 0};
  const bool from_gpu = is_endpoint(fabric_->device(base).kind);
  std::vector<DeviceId> reached{base};
  while (!reached.empty()) {
    std::vector<DeviceId> next;
    for (const DeviceId at : reached) {
      const NcclPath& path = row[at.index()];
      const DeviceKind kind = fabric_->device(at).kind;
      for (const LinkId id : fabric_->out_links(at)) {
        const Link& link = fabric_->link(id);
        const DeviceKind to = fabric_->device(link.to).kind;
        const bool relay = from_gpu && path.hops == 1 && is_endpoint(to) &&
                           link.kind == LinkKind::nvlink && path.type == PathType::nvl;
        if (at != base && is_endpoint(kind) && !relay) {
          continue;
        }
        const PathType type = at != base && relay && is_endpoint(kind)
                                  ? PathType::nvb
                                  : link_type(kind, to, link.kind);
        const NcclPath longer{std::max(path.type, type), std::min(path.bandwidth, link.capacity),
                              path.hops + 1};
        NcclPath& best = row[link.to.index()];
        const bool first = best.type == PathType::dis;
        if (!first && (best.hops < longer.hops || best.bandwidth > longer.bandwidth ||
                       (best.bandwidth == longer.bandwidth && best.type <= longer.type))) {
          continue;
        }
        best = longer;
        if (first) {
          next.push_back(link.to);
        }
      }
    }
    reached = std::move(next);
  }
  return row;
}

/// No adapter is wider, or as wide and nearer.
bool NcclPaths::is_local(DeviceId gpu, DeviceId nic) {
  const NcclPath path = plain(nic)[gpu.index()];
  return path.type != PathType::dis && std::ranges::none_of(nics_, [&](DeviceId other) {
           const NcclPath rival = plain(other)[gpu.index()];
           return rival.bandwidth > path.bandwidth ||
                  (rival.bandwidth == path.bandwidth && rival.type < path.type);
         });
}

NcclPath NcclPaths::without_relay(DeviceId gpu, DeviceId nic) {
  NcclPath path = plain(nic)[gpu.index()];
  if (path.type <= PathType::p2c || !is_local(gpu, nic)) {
    return path;
  }
  for (const LinkId id : fabric_->out_links(gpu)) {
    const Link& link = fabric_->link(id);
    if (link.kind == LinkKind::cpu && plain(nic)[link.to.index()].type == PathType::phb) {
      path.type = PathType::p2c;
    }
  }
  return path;
}

NcclPath NcclPaths::to_nic(DeviceId gpu, DeviceId nic) {
  const NcclPath direct = without_relay(gpu, nic);
  const auto endpoints = fabric_->endpoints();
  const auto relay =
      std::ranges::find_if(endpoints, [&](DeviceId other) { return is_local(other, nic); });
  if (relay == endpoints.end() || *relay == gpu ||
      plain(*relay)[gpu.index()].type != PathType::nvl) {
    return direct;
  }
  const NcclPath last = without_relay(*relay, nic);
  const bool better = last.bandwidth > direct.bandwidth || direct.type > PathType::pxn;
  if (last.type > PathType::p2c || !better) {
    return direct;
  }
  const NcclPath first = plain(*relay)[gpu.index()];
  return {PathType::pxn, std::min(first.bandwidth, last.bandwidth), first.hops + last.hops};
}

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// Routes: which links a transfer crosses. Computed once per pair and shared by every engine, so
// that a gap between engines never comes from two opinions about the path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/id.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology {

using RouteId = core::Id<struct RouteTag>;

/// A link's part in a route. A route that splits ideally over k links names each with both shares
/// 1/k; a tree that replicates names all its links with `bytes` 1, and with `latency` 1 only those
/// on the way to its deepest leaf.
struct Share {
  double bytes = 1.0;    ///< bytes that cross the link, per byte of the transfer
  double latency = 1.0;  ///< how often the link's latency is waited for
  friend bool operator==(const Share&, const Share&) = default;
};

/// One route: `links` in order, `shares` parallel to it, or empty where every share is 1 and 1.
struct Route {
  std::vector<LinkId> links;
  std::vector<Share> shares;
};

/// Distinct routes (a link named k times is crossed k times).
class RouteTable {
 public:
  /// The id of this route; the same route always has the same id.
  RouteId intern(std::span<const LinkId> links, std::span<const Share> shares = {});

  [[nodiscard]] std::span<const LinkId> links(RouteId route) const;

  /// Parallel to links().
  [[nodiscard]] std::span<const Share> shares(RouteId route) const;

  [[nodiscard]] std::size_t size() const { return offsets_.size() - 1; }

 private:
  std::vector<LinkId> links_;
  std::vector<Share> shares_;
  std::vector<std::uint32_t> offsets_{0};
  std::unordered_multimap<std::uint64_t, RouteId> by_hash_;
};

/// Shortest routes. A hop's cost is ordered by kind — NVLink before PCIe before a socket crossing
/// before leaving the machine, as GPU libraries choose their transport — and hops of one kind count
/// equally. A hop between two fabric switches counts least: traffic leaves by the NIC nearest its
/// source, enters by the NIC nearest its destination, and the network carries it in between.
/// Endpoints are never passed through, nor is a machine other than the two ends'.
///
/// Among equal next hops the destination's number picks (d-mod-k), which spreads destinations over
/// parallel links. Inside a machine that is the destination's index in its machine, so that GPU j
/// of one machine meets NIC j mod k; on a fabric switch the machine's number is added, since the
/// destinations of one rail all have the same index.
class Router {
 public:
  explicit Router(const Fabric& fabric);
  ~Router();
  Router(Router&&) noexcept;

  /// Links from one device to another; empty when they are the same, nullopt where there is no
  /// path.
  [[nodiscard]] std::optional<std::vector<LinkId>> route(DeviceId from, DeviceId to);

 private:
  struct Impl;  // holds the Boost.Graph view and the distance tables already computed
  std::unique_ptr<Impl> impl_;
};

}  // namespace plumbline::topology

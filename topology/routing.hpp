// SPDX-License-Identifier: Apache-2.0
// Routes: which links a transfer crosses. Computed once per pair and shared by every engine, so
// that a gap between engines never comes from two opinions about the path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/cursor.hpp"
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

/// How a choice between equally short ways is made.
enum class RoutingKind : std::uint8_t {
  shortest,  ///< the first of them
  d_mod_k,   ///< by the destination's number
  ecmp,      ///< by a seeded hash of source, destination and flow
  adaptive,  ///< all of them in equal parts: what adaptive routing tends to at best
  valiant    ///< as d_mod_k, by way of a router picked by hash
};

[[nodiscard]] std::string_view to_text(RoutingKind kind);
[[nodiscard]] std::span<const std::string> routing_names();
[[nodiscard]] std::optional<RoutingKind> routing_kind(std::string_view text);

/// Which GPUs of a machine copy to each other over PCIe; others go through host memory.
enum class PeerToPeer : std::uint8_t {
  anywhere,
  switches,  ///< those whose way crosses PCIe switches alone and no CPU
  never,
  nccl  ///< NCCL's default: `switches` here; who knows the ranks and the CPU decides, see decided()
};

struct Routing {
  RoutingKind kind = RoutingKind::d_mod_k;
  std::uint64_t seed = 0;                          ///< of ecmp and valiant
  bool pxn = false;                                ///< see Router
  PeerToPeer peer_to_peer = PeerToPeer::anywhere;  ///< see Router

  /// `d_mod_k`, `ecmp {seed: 3}`, `d_mod_k {pxn: true}`
  [[nodiscard]] std::string description() const;
  friend bool operator==(const Routing&, const Routing&) = default;
};

/// `nccl` decided as ncclTopoCheckP2p does (NCCL, src/graph/paths.cc): `anywhere` where AMD's CPUs
/// join no more than two of its GPUs, else `switches`. Other routings as they are.
[[nodiscard]] Routing decided(Routing routing, std::string_view cpu, std::size_t gpus_of_a_machine);

/// `ecmp`, or `{policy: ecmp, seed: 3, pxn: true, peer_to_peer: switches}`; absent: the default.
[[nodiscard]] std::optional<Routing> read_routing(const std::optional<core::Cursor>& cursor);

/// One link of a route and why it was taken.
struct ExplainedHop {
  LinkId link;
  Share share;
  std::size_t alternatives = 1;  ///< links equally good at this device, this one included
  std::string why;               ///< `2 equal links, d_mod_k: destination 13 mod 2 = 1`
};

struct RouteExplanation {
  std::vector<ExplainedHop> hops;
  std::string kind;  ///< `NVLink`, `NVLink through a GPU`, `PCIe`, `over the network`, …
  std::optional<LinkId> bottleneck;  ///< of the least capacity per share
};

/// Shortest routes, unless the fabric fixes its own (see Fabric::has_fixed_routes), whatever the
/// routing. A hop's cost is ordered by kind — NVLink before network hops before global
/// links (see Link) before PCIe before a socket crossing before leaving the machine, as GPU
/// libraries choose their transport — and hops of one kind count equally. So traffic leaves by the
/// NIC nearest its source, enters by the NIC nearest its destination, and the network carries it in
/// between. A route stays in the source's machine, then in the network, then in the destination's
/// machine; no other machine forwards, and no endpoint but these GPUs:
///
/// - Where two GPUs have no NVLink path, one GPU of their machine that both have one to forwards
///   between them (NCCL's NVB), before any way over PCIe.
/// - With `pxn`, traffic to another rail (NIC of another number in its machine) goes over NVLink to
///   the GPU next to the source's NIC of that number and leaves there (PXN, NCCL 2.12). Where rails
///   are not joined this is the only way to another rail.
/// - Where `peer_to_peer` does not allow a way over PCIe between two GPUs of a machine, it goes on
///   to the memory nearest the receiver and from there: one transfer that crosses the memory's link
///   twice, as in NCCL's SHM transport, whose receiver owns the buffer (src/transport/shm.cc).
///   NCCL's default is `switches` (PATH_PXB, ncclTopoCheckP2p in src/graph/paths.cc), and
///   `anywhere` for one or two GPUs on AMD's CPUs.
///
/// Among equal next hops the routing picks. For d_mod_k the destination's number does, which
/// spreads destinations over parallel links: inside a machine the destination's index in its
/// machine, so that GPU j of one machine meets NIC j mod k; on a fabric switch the machine's number
/// is added, since the destinations of one rail all have the same index. A `router` inside a
/// machine takes the first, whatever the routing: links are in the order of dimensions there, so
/// that a torus of chips is crossed in dimension order (Dally and Seitz 1987,
/// doi:10.1109/TC.1987.1676939). ecmp hashes on fabric
/// switches and between NICs, adaptive splits between fabric switches; elsewhere both are d_mod_k.
/// valiant (Kim et al., ISCA 2008, doi:10.1109/ISCA.2008.19, section 4) sends what crosses from one
/// fabric switch to another by way of a `router` picked by hash, of a group that is neither end's
/// (groups are what is left when global links are cut), or where there is none, a router that is
/// neither end's.
class Router {
 public:
  explicit Router(const Fabric& fabric, Routing routing = {});
  ~Router();
  Router(Router&&) noexcept;

  /// From one device to another; empty when they are the same, nullopt where there is no path.
  [[nodiscard]] std::optional<Route> route(DeviceId from, DeviceId to, std::uint32_t flow = 0);

  /// Appends to what `route` holds (shares only where it splits); false where there is no path.
  [[nodiscard]] bool append(DeviceId from, DeviceId to, Route& route, std::uint32_t flow = 0);

  [[nodiscard]] std::optional<RouteExplanation> explain(DeviceId from, DeviceId to,
                                                        std::uint32_t flow = 0);

  [[nodiscard]] const Routing& routing() const;

 private:
  struct Impl;
  class Walk;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plumbline::topology

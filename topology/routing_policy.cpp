// SPDX-License-Identifier: Apache-2.0
// How an experiment says which routing it wants.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/read.hpp"
#include "core/schema.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

const std::array<std::string, 5> names{"shortest", "d_mod_k", "ecmp", "adaptive", "valiant"};

const std::array<std::string, 4> peer_names{"anywhere", "switches", "never", "nccl"};

std::vector<std::string> choices() {
  return {names.begin(), names.end()};
}

struct RoutingKeys {
  std::string policy = std::string(to_text(Routing{}.kind));
  std::uint64_t seed = 0;
  bool pxn = false;
  std::string peer_to_peer = peer_names.front();

  static const core::Schema<RoutingKeys>& schema() {
    static const auto keys =
        core::Schema<RoutingKeys>("how a way is chosen among equally short ones")
            .choice("policy", &RoutingKeys::policy, "the choice itself", choices(), "d_mod_k")
            .optional("seed", &RoutingKeys::seed, "of ecmp and valiant", "0")
            .optional("pxn", &RoutingKeys::pxn,
                      "reach another rail over NVLink and the adapter of that rail", "false")
            .choice(
                "peer_to_peer", &RoutingKeys::peer_to_peer,
                "which GPUs of a machine copy to each other over PCIe, the others going "
                "through host memory: switches, where no CPU is on the way; nccl, that too, but "
                "anywhere for one or two GPUs on AMD's CPUs",
                {peer_names.begin(), peer_names.end()}, peer_names.front());
    return keys;
  }
};

}  // namespace

std::string_view to_text(RoutingKind kind) {
  return names.at(static_cast<std::size_t>(kind));
}

std::span<const std::string> routing_names() {
  return names;
}

std::optional<RoutingKind> routing_kind(std::string_view text) {
  const auto* const found = std::ranges::find(names, text);
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<RoutingKind>(found - names.begin()));
}

std::string Routing::description() const {
  const bool seeded = kind == RoutingKind::ecmp || kind == RoutingKind::valiant;
  std::string options = seeded ? fmt::format("seed: {}", seed) : "";
  if (pxn) {
    options += options.empty() ? "pxn: true" : ", pxn: true";
  }
  if (peer_to_peer != PeerToPeer::anywhere) {
    options += fmt::format("{}peer_to_peer: {}", options.empty() ? "" : ", ",
                           peer_names.at(static_cast<std::size_t>(peer_to_peer)));
  }
  return options.empty() ? std::string(to_text(kind))
                         : fmt::format("{} {{{}}}", to_text(kind), options);
}

Routing decided(Routing routing, std::string_view cpu, std::size_t gpus_of_a_machine) {
  if (routing.peer_to_peer == PeerToPeer::nccl) {
    routing.peer_to_peer =
        cpu == "amd" && gpus_of_a_machine <= 2 ? PeerToPeer::anywhere : PeerToPeer::switches;
  }
  return routing;
}

std::optional<Routing> read_routing(const std::optional<core::Cursor>& cursor) {
  if (!cursor) {
    return Routing{};
  }
  if (!cursor->is_map()) {
    const std::optional<std::string> name = core::read_choice(*cursor, choices(), "routing");
    return name ? std::optional(Routing{.kind = *routing_kind(*name)}) : std::nullopt;
  }
  const std::optional<RoutingKeys> keys = RoutingKeys::schema().bind(*cursor);
  if (!keys) {
    return std::nullopt;
  }
  const auto peers = std::ranges::find(peer_names, keys->peer_to_peer) - peer_names.begin();
  return Routing{.kind = *routing_kind(keys->policy),
                 .seed = keys->seed,
                 .pxn = keys->pxn,
                 .peer_to_peer = static_cast<PeerToPeer>(peers)};
}

}  // namespace plumbline::topology

// SPDX-License-Identifier: Apache-2.0
#include "workload/costs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>

namespace plumbline::workload {

namespace {

/// Who sends how much at once.
struct Message {
  RankId rank;
  std::uint16_t channel = 0;
  double payload = 0.0;
  friend bool operator==(const Message&, const Message&) = default;
};

/// What decides a path. `reducer` counts only where reductions are limited, `message` only where
/// messages keep their sender busy, so that other sets have fewer paths.
struct PathKey {
  RouteId route;
  Protocol protocol = Protocol::none;
  bool in_switch = false;  ///< the switches on the route add or replicate
  bool tree = false;       ///< of a tree, where that makes a difference
  std::optional<topology::DeviceId> reducer;
  std::optional<Message> message;
  friend bool operator==(const PathKey&, const PathKey&) = default;
};

struct PathKeyHash {
  std::size_t operator()(const PathKey& key) const {
    const std::uint64_t reducer = key.reducer ? key.reducer->value + std::uint64_t{1} : 0;
    std::uint64_t mixed =
        (key.route.value * protocol_count + static_cast<std::uint64_t>(key.protocol)) ^
        (reducer * 0x9e3779b97f4a7c15) ^ (key.tree ? 0xc2b2ae3d27d4eb4f : 0);
    if (key.message) {
      mixed ^= (std::uint64_t{key.message->rank.value} << 16U | key.message->channel) *
               0xff51afd7ed558ccd;
      mixed ^= std::hash<double>{}(key.message->payload);
    }
    return std::hash<std::uint64_t>{}(mixed);
  }
};

/// A path while its links are being gathered.
struct Draft {
  Path path;
  std::string cap_name;
  std::vector<Use> uses;

  void limit(core::Bandwidth rate, const std::string& name) {
    if (rate < path.cap) {
      path.cap = rate;
      cap_name = name;
    }
  }

  void use(ResourceId resource, double weight = 1.0) {
    const auto known = std::find_if(uses.begin(), uses.end(),
                                    [&](const Use& use) { return use.resource == resource; });
    if (known == uses.end()) {
      uses.push_back({resource, weight});
    } else {
      known->weight += weight;
    }
  }
};

class Derivation {
 public:
  Derivation(const topology::Fabric& fabric, const topology::RouteTable& routes,
             const ConstantSet& constants)
      : fabric_(fabric), routes_(routes), constants_(constants), of_link_(fabric.links().size()) {
    for (const std::string& name : fabric.link_classes()) {
      const auto found = constants.links.find(name);
      of_class_.push_back(found == constants.links.end() ? LinkConstants{} : found->second);
    }
  }

  [[nodiscard]] Draft draft(const PathKey& key) {
    Draft result{.path = {.route = key.route, .cap = core::Bandwidth::infinity()},
                 .cap_name = "nothing",
                 .uses = {}};
    if (constants_.channel_rate) {
      result.limit(*constants_.channel_rate, "the rate of one channel");
    }
    const std::span<const topology::Share> shares = routes_.shares(key.route);
    const std::span<const topology::LinkId> links = routes_.links(key.route);
    for (std::size_t i = 0; i < links.size(); ++i) {
      cross(links[i], shares[i], result);
    }
    if (key.in_switch && result.path.path_class == PathClass::nvlink) {
      result.path.path_class = PathClass::nvls;
    }
    result.path.link_rate = rate(result);
    if (key.reducer) {
      result.use(reduction(*key.reducer));
    }
    result.path.rate = rate(result);
    StepConstants step = step_of(key, result.path.path_class);
    if (key.tree && result.path.path_class == PathClass::net) {
      step.wire_ratio *= constants_.tree_ratio;
    }
    result.path.latency += step.step_latency;
    result.path.wire_ratio = step.wire_ratio;
    if (key.message) {
      occupy(*key.message, step, result);
    }
    return result;
  }

  /// Whether transfers of this path keep their sender busy.
  [[nodiscard]] bool occupies(const PathKey& key, PathClass path) const {
    const StepConstants& step = step_of(key, path);
    return step.occupancy > 0.0 && step.step_latency > core::Seconds{};
  }

  [[nodiscard]] std::vector<Resource>& resources() { return resources_; }

 private:
  [[nodiscard]] const StepConstants& step_of(const PathKey& key, PathClass path) const {
    return constants_.steps[static_cast<std::size_t>(key.protocol)][static_cast<std::size_t>(path)];
  }

  /// A connection works at one message at a time: for `busy` and then for as long as the bytes take
  /// alone. As a resource of its own: x·(1/rate + busy/bytes) ≤ 1, so that alone it takes both, one
  /// after the other, and overlapping messages share it.
  void occupy(const Message& message, const StepConstants& step, Draft& draft) {
    const core::Bytes bytes = core::Bytes::from_si(message.payload) * step.wire_ratio;
    if (!(bytes > core::Bytes{})) {
      return;
    }
    Path& path = draft.path;
    path.busy = step.step_latency * step.occupancy;
    path.latency = path.latency - path.busy;
    path.rate = bytes / (bytes / path.rate + path.busy);
    draft.use(ResourceId(resources_.size()));
    resources_.push_back(
        {.name = fmt::format("rank {}, channel {}", message.rank.value, message.channel),
         .capacity = path.rate});
  }

  void cross(topology::LinkId id, topology::Share share, Draft& draft) {
    const topology::Link& link = fabric_.link(id);
    draft.path.latency += (link.latency + of_class_[link.link_class].extra_latency) * share.latency;
    draft.path.path_class = std::max(draft.path.path_class, class_of(link.kind));
    if (link.sharing == topology::Sharing::unshared) {
      draft.limit(capacity(link) / share.bytes, fabric_.link_name(id) + " (per transfer)");
    } else {
      draft.use(resource(id), share.bytes);
    }
  }

  [[nodiscard]] static PathClass class_of(topology::LinkKind kind) {
    switch (kind) {
      case topology::LinkKind::nvlink:
        return PathClass::nvlink;
      case topology::LinkKind::pcie:
      case topology::LinkKind::cpu:
        return PathClass::pcie;
      case topology::LinkKind::network:
        break;
    }
    return PathClass::net;
  }

  [[nodiscard]] core::Bandwidth capacity(const topology::Link& link) const {
    return link.capacity * of_class_[link.link_class].efficiency;
  }

  /// Both directions of a half-duplex cable are one resource.
  ResourceId resource(topology::LinkId id) {
    if (!of_link_[id.index()]) {
      const topology::Link& link = fabric_.link(id);
      const bool one_cable = link.sharing == topology::Sharing::half_duplex && link.reverse;
      const ResourceId made(resources_.size());
      resources_.push_back({.name = one_cable ? fmt::format("{}↔{}", fabric_.device(link.from).name,
                                                            fabric_.device(link.to).name)
                                              : fabric_.link_name(id),
                            .capacity = capacity(link)});
      of_link_[id.index()] = made;
      if (one_cable) {
        of_link_[link.reverse->index()] = made;
      }
    }
    return *of_link_[id.index()];
  }

  ResourceId reduction(topology::DeviceId device) {
    const auto [found, is_new] = of_reducer_.try_emplace(device, resources_.size());
    if (is_new) {
      resources_.push_back({.name = fabric_.device(device).name + " reduction",
                            .capacity = *constants_.reduction_bandwidth,
                            .reduction = true});
    }
    return found->second;
  }

  /// The uncontended rate: the path's own cap or the tightest of what it crosses.
  [[nodiscard]] core::Bandwidth rate(const Draft& draft) const {
    core::Bandwidth result = draft.path.cap;
    for (const Use& use : draft.uses) {
      result = std::min(result, resources_[use.resource.index()].capacity / use.weight);
    }
    return result;
  }

  const topology::Fabric& fabric_;
  const topology::RouteTable& routes_;
  const ConstantSet& constants_;
  std::vector<LinkConstants> of_class_;
  std::vector<std::optional<ResourceId>> of_link_;
  std::unordered_map<topology::DeviceId, ResourceId> of_reducer_;
  std::vector<Resource> resources_;
};

/// The paths of a schedule's transfers, each once.
class Paths {
 public:
  explicit Paths(Derivation& derivation) : derivation_(derivation) {}

  /// The number of the key's path among drafts().
  std::size_t find(PathKey key, const Operation& op) {
    const auto plain = classes_.find(key);
    const PathClass path_class =
        plain != classes_.end() ? plain->second : derivation_.draft(key).path.path_class;
    classes_.try_emplace(key, path_class);
    if (derivation_.occupies(key, path_class)) {
      key.message = Message{.rank = op.rank, .channel = op.channel, .payload = op.amount};
    }
    const auto [found, is_new] = known_.try_emplace(key, drafts_.size());
    if (is_new) {
      drafts_.push_back(derivation_.draft(key));
    }
    return found->second;
  }

  [[nodiscard]] std::vector<Draft>& drafts() { return drafts_; }

 private:
  Derivation& derivation_;
  std::unordered_map<PathKey, PathClass, PathKeyHash> classes_;
  std::unordered_map<PathKey, std::size_t, PathKeyHash> known_;
  std::vector<Draft> drafts_;
};

/// Of the dearest protocol in use; once more where any transfer leaves its machine.
core::Seconds launch_of(const Schedule& schedule, std::span<const Draft> drafts,
                        const ConstantSet& constants) {
  core::Seconds dearest;
  for (const Operation& op : schedule.operations()) {
    dearest = std::max(dearest, constants.protocol_launch[static_cast<std::size_t>(op.protocol)]);
  }
  const bool networked = std::ranges::any_of(
      drafts, [](const Draft& draft) { return draft.path.path_class == PathClass::net; });
  return constants.launch + dearest + (networked ? constants.network_launch : core::Seconds{});
}

}  // namespace

core::Seconds Costs::uncontended(const Operation& op, std::uint32_t origin) const {
  if (!op.is_transfer()) {
    return op.duration();
  }
  const PathId id = path_of(origin);
  return path(id).latency + wire_bytes(op, id) / path(id).rate;
}

std::string Costs::bottleneck(PathId id) const {
  std::string name = cap_names_[id.index()];
  core::Bandwidth least = path(id).cap;
  for (const Use& use : uses(id)) {
    const Resource& resource = resources_[use.resource.index()];
    if (resource.capacity / use.weight < least) {
      least = resource.capacity / use.weight;
      name = resource.name;
    }
  }
  return name;
}

Costs derive_costs(const topology::Fabric& fabric, const topology::RouteTable& routes,
                   const Schedule& schedule, std::span<const topology::DeviceId> device_of,
                   const ConstantSet& constants) {
  Costs costs;
  costs.path_of_.reserve(schedule.operations().size());
  Derivation derivation(fabric, routes, constants);
  Paths paths(derivation);
  const std::vector<bool> tree = schedule.along_trees();
  for (const Operation& op : schedule.operations()) {
    if (!op.is_transfer()) {
      costs.path_of_.emplace_back();
      continue;
    }
    PathKey key{.route = op.route,
                .protocol = op.protocol,
                .in_switch = op.has_group(),
                .tree = constants.tree_ratio != 1.0 && tree[costs.path_of_.size()],
                .reducer = std::nullopt,
                .message = std::nullopt};
    if (op.kind == OpKind::reduce && constants.reduction_bandwidth) {
      key.reducer = device_of[op.peer.index()];
    }
    costs.path_of_.emplace_back(paths.find(key, op));
  }
  costs.launch_ = launch_of(schedule, paths.drafts(), constants);
  for (Draft& draft : paths.drafts()) {
    costs.paths_.push_back(draft.path);
    costs.cap_names_.push_back(std::move(draft.cap_name));
    costs.uses_.insert(costs.uses_.end(), draft.uses.begin(), draft.uses.end());
    costs.use_offsets_.push_back(static_cast<std::uint32_t>(costs.uses_.size()));
  }
  costs.resources_ = std::move(derivation.resources());
  return costs;
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
#include "analytic/mesh_rings.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace plumbline::analytic::nccl {
namespace {

using topology::DeviceId;
using topology::DeviceKind;
using topology::Fabric;
using topology::LinkKind;
using topology::RankId;

/// NVLinks from GPU to GPU, and channels on them: row by row.
struct Mesh {
  std::size_t gpus = 0;
  std::vector<double> links;
  std::vector<double> channels;

  /// Of a link once one more channel is on it.
  [[nodiscard]] double load(std::uint32_t from, std::uint32_t to) const {
    const std::size_t i = from * gpus + to;
    return (channels[i] + 1.0) / links[i];
  }
};

std::optional<Mesh> mesh_of(const Fabric& fabric, std::span<const DeviceId> gpus) {
  std::map<DeviceId, std::size_t> number;
  for (const DeviceId gpu : gpus) {
    number.emplace(gpu, number.size());
  }
  const std::size_t pairs = gpus.size() * gpus.size();
  Mesh mesh{gpus.size(), std::vector<double>(pairs), std::vector<double>(pairs)};
  for (const auto& [gpu, from] : number) {
    for (const topology::LinkId id : fabric.out_links(gpu)) {
      const topology::Link& link = fabric.link(id);
      if (link.kind != LinkKind::nvlink) {
        continue;
      }
      if (fabric.device(link.to).kind == DeviceKind::nvswitch) {
        return std::nullopt;
      }
      if (const auto to = number.find(link.to); to != number.end()) {
        mesh.links[from * mesh.gpus + to->second] += link.count;
      }
    }
  }
  return mesh;
}

/// Looks for one channel's cycle.
class CycleSearch {
 public:
  explicit CycleSearch(const Mesh& mesh) : mesh_(mesh), visited_(mesh.gpus) {}

  /// Empty where there is none.
  [[nodiscard]] std::vector<std::uint32_t> run() {
    path_ = {0};
    visited_[0] = true;
    extend({});
    return best_;
  }

 private:
  struct Cost {
    double worst = 0.0;
    double sum = 0.0;

    friend auto operator<=>(const Cost&, const Cost&) = default;
  };

  [[nodiscard]] Cost with(Cost cost, std::uint32_t from, std::uint32_t to) const {
    const double load = mesh_.load(from, to);
    return {std::max(cost.worst, load), cost.sum + load};
  }

  void extend(Cost cost) {
    constexpr std::uint32_t most_steps = 200'000;
    if (++steps_ > most_steps || (!best_.empty() && cost >= best_cost_)) {
      return;
    }
    const std::uint32_t last = path_.back();
    if (path_.size() == mesh_.gpus) {
      const Cost whole = with(cost, last, 0);
      if (is_joined(last, 0) && (best_.empty() || whole < best_cost_)) {
        best_ = path_;
        best_cost_ = whole;
      }
      return;
    }
    for (std::uint32_t next = 1; next < mesh_.gpus; ++next) {
      if (!visited_[next] && is_joined(last, next)) {
        visited_[next] = true;
        path_.push_back(next);
        extend(with(cost, last, next));
        path_.pop_back();
        visited_[next] = false;
      }
    }
  }

  [[nodiscard]] bool is_joined(std::uint32_t from, std::uint32_t to) const {
    return mesh_.links[from * mesh_.gpus + to] > 0.0;
  }

  const Mesh& mesh_;
  std::vector<bool> visited_;
  std::vector<std::uint32_t> path_;
  std::vector<std::uint32_t> best_;
  Cost best_cost_;
  std::uint32_t steps_ = 0;
};

}  // namespace

ChannelOrders mesh_rings(const Fabric& fabric, std::span<const DeviceId> gpus,
                         std::uint32_t channels) {
  std::optional<Mesh> mesh = mesh_of(fabric, gpus);
  if (!mesh) {
    return {};
  }
  ChannelOrders orders;
  for (std::uint32_t channel = 0; channel < channels; ++channel) {
    const std::vector<std::uint32_t> cycle = CycleSearch(*mesh).run();
    if (cycle.empty()) {
      return {};
    }
    std::vector<RankId>& order = orders.emplace_back();
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      order.emplace_back(cycle[i]);
      mesh->channels[cycle[i] * mesh->gpus + cycle[(i + 1) % cycle.size()]] += 1.0;
    }
  }
  return orders;
}

}  // namespace plumbline::analytic::nccl

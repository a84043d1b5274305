// SPDX-License-Identifier: Apache-2.0
#include "analytic/question.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "core/diagnostic.hpp"
#include "topology/fabric.hpp"

namespace plumbline::analytic {
namespace {

using topology::LinkId;
using workload::Operation;
using workload::Path;
using workload::PathClass;
using workload::Problem;

/// One value, several, or none yet; NaN counts as several. Sums of latencies differ in their last
/// digits, so that values are the same to 1e-12.
class Same {
 public:
  void add(double value) {
    const double scale = std::max(std::abs(value), std::abs(first_.value_or(value)));
    several_ =
        several_ || std::isnan(value) || (first_ && std::abs(value - *first_) > 1e-12 * scale);
    first_ = first_ ? first_ : value;
  }

  [[nodiscard]] std::optional<double> value() const { return several_ ? std::nullopt : first_; }

 private:
  std::optional<double> first_;
  bool several_ = false;
};

/// What the transfers of one class of paths have in common.
struct ClassNumbers {
  Same latency, wire_ratio, transfer_rate, bandwidth;
};

/// What the ranks of a problem can send, worked out from the routes that it uses.
class Injection {
 public:
  explicit Injection(const Problem& problem) : problem_(problem) {
    for (const std::string& name : problem.fabric().link_classes()) {
      const auto& links = problem.constants().links;
      const auto found = links.find(name);
      efficiency_.push_back(found == links.end() ? 1.0 : found->second.efficiency);
    }
    gather();
    for (const auto& [sender, doors] : doors_) {
      add_rank(sender, doors);
    }
  }

  [[nodiscard]] const std::array<ClassNumbers, workload::path_class_count>& classes() const {
    return classes_;
  }

  [[nodiscard]] const ClassNumbers& all() const { return all_; }

 private:
  using Sender = std::pair<PathClass, std::uint32_t>;  ///< a rank's transfers of a class

  /// The links by which a sender's transfers leave it, and the best rate through each.
  using Doors = std::map<LinkId, double>;

  void gather() {
    const std::span<const Operation> operations = problem_.schedule().operations();
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
      const Operation& op = operations[i];
      if (!op.is_transfer()) {
        continue;
      }
      const Path& path = problem_.costs().path(problem_.costs().path_of(i));
      for (ClassNumbers* numbers : {&of(path.path_class), &all_}) {
        numbers->latency.add(path.latency.si());
        numbers->wire_ratio.add(path.wire_ratio);
        numbers->transfer_rate.add(path.rate.si() / path.wire_ratio);
      }
      const std::optional<LinkId> door = door_of(op);
      if (!door) {
        continue;
      }
      const Sender sender{path.path_class, op.rank.value};
      double& best = doors_[sender][*door];
      best = std::max(best, sending(path));
      users_[*door].insert(op.rank.value);
      if (path.rate < path.link_rate) {
        slowed_.insert(sender);
      }
    }
  }

  [[nodiscard]] double sending(const Path& path) const {
    const std::optional<core::Bandwidth>& channel = problem_.constants().channel_rate;
    const bool capped = channel && path.link_rate >= *channel;
    return path.link_rate.si() * (capped ? problem_.workload().channels : 1) / path.wire_ratio;
  }

  /// Where it leaves its machine; the first link of what stays inside.
  [[nodiscard]] std::optional<LinkId> door_of(const Operation& op) const {
    const std::span<const LinkId> links = problem_.routes().links(op.route);
    const topology::Fabric& fabric = problem_.fabric();
    const auto door = std::ranges::find_if(links, [&](LinkId id) {
      const topology::Link& link = fabric.link(id);
      return fabric.device(link.from).in_node && !fabric.device(link.to).in_node;
    });
    return door != links.end() ? std::optional(*door)
           : links.empty()     ? std::nullopt
                               : std::optional(links.front());
  }

  void add_rank(const Sender& sender, const Doors& doors) {
    const double nothing = std::nan("");
    const double wire_ratio = of(sender.first).wire_ratio.value().value_or(nothing);
    double sum = slowed_.contains(sender) ? nothing : 0.0;
    for (const auto& [id, best] : doors) {
      const topology::Link& link = problem_.fabric().link(id);
      const double capacity = link.capacity.si() * efficiency_[link.link_class] / wire_ratio;
      const double share = capacity / static_cast<double>(users_[id].size());
      sum += std::isnan(share) ? nothing : std::min(share, best);
    }
    for (ClassNumbers* numbers : {&of(sender.first), &all_}) {
      numbers->bandwidth.add(sum);
    }
  }

  [[nodiscard]] ClassNumbers& of(PathClass path_class) {
    return classes_[static_cast<std::size_t>(path_class)];
  }

  const Problem& problem_;
  std::vector<double> efficiency_;
  std::array<ClassNumbers, workload::path_class_count> classes_;
  ClassNumbers all_;
  std::map<Sender, Doors> doors_;
  std::set<Sender> slowed_;  ///< by more than links: reductions, messages that keep it busy
  std::map<LinkId, std::set<std::uint32_t>> users_;
};

/// Capacity into a switch from machines over its capacity to other switches; at least 1.
std::optional<double> oversubscription(const topology::Fabric& fabric) {
  std::map<topology::DeviceId, std::pair<double, double>> of_switch;  // down, up
  for (const topology::Link& link : fabric.links()) {
    const topology::Device& to = fabric.device(link.to);
    const topology::Device& from = fabric.device(link.from);
    if (!to.in_node && from.in_node) {
      of_switch[link.to].first += link.capacity.si();
    } else if (!to.in_node && !from.in_node) {
      of_switch[link.from].second += link.capacity.si();
    }
  }
  Same same;
  for (const auto& [id, sums] : of_switch) {
    const auto& [down, up] = sums;
    if (down > 0.0) {
      same.add(fabric.device(id).kind == topology::DeviceKind::leaf
                   ? (up > 0.0 ? std::max(1.0, down / up) : 1.0)
                   : std::nan(""));
    }
  }
  return same.value();
}

/// Rounds of operations that wait for one another: iterations times the longest chain inside one.
std::optional<double> steps(const workload::Schedule& schedule) {
  if (!schedule.parts().empty()) {
    return std::nullopt;  // they don't wait for one another
  }
  double total = 0.0;
  std::vector<std::uint32_t> depth;
  for (const workload::Block& block : schedule.blocks()) {
    depth.assign(block.op_count, 1);
    std::uint32_t deepest = 0;
    for (std::uint32_t i = 0; i < block.op_count; ++i) {
      for (const workload::Predecessor& before : schedule.before(block.first_op + i)) {
        if (before.when == workload::When::same) {
          depth[i] = std::max(depth[i], depth[before.op] + 1);
        }
      }
      deepest = std::max(deepest, depth[i]);
    }
    total += static_cast<double>(block.repeat) * deepest;
  }
  return total;
}

/// Adapters of every machine in use; ports where machines have no adapters of their own.
std::optional<double> nics_per_node(const topology::Fabric& fabric,
                                    const topology::Placement& placement) {
  std::map<std::uint32_t, std::pair<double, double>> of_node;  // adapters, ports
  for (const topology::DeviceId device : placement.device_of) {
    of_node[fabric.device(device).node];
  }
  for (const topology::Device& device : fabric.devices()) {
    if (device.kind == topology::DeviceKind::nic && of_node.contains(device.node)) {
      of_node[device.node].first += device.planes;
    }
  }
  for (const topology::Link& link : fabric.links()) {
    const topology::Device& from = fabric.device(link.from);
    if (from.in_node && !fabric.device(link.to).in_node && of_node.contains(from.node)) {
      of_node[from.node].second += link.count;
    }
  }
  Same same;
  for (const auto& [node, counts] : of_node) {
    same.add(counts.first > 0.0 ? counts.first : counts.second);
  }
  return same.value().value_or(0.0) > 0.0 ? same.value() : std::nullopt;
}

void add_class(Question& question, const std::string& name, const ClassNumbers& numbers) {
  question.numbers[name + ".bandwidth"].value = numbers.bandwidth.value();
  question.numbers[name + ".latency"].value = numbers.latency.value();
  question.numbers[name + ".transfer_rate"].value = numbers.transfer_rate.value();
  question.numbers[name + ".wire_ratio"].value = numbers.wire_ratio.value();
}

void add_fabric(Question& question, const Problem& problem) {
  const Injection injection(problem);
  add_class(question, "fabric", injection.all());
  for (std::size_t i = 0; i < workload::path_class_count; ++i) {
    add_class(question, fmt::format("fabric.{}", to_text(static_cast<PathClass>(i))),
              injection.classes()[i]);
  }
  question.numbers["fabric.oversubscription"].value = oversubscription(problem.fabric());
  question.numbers["fabric.nics_per_node"].value =
      nics_per_node(problem.fabric(), problem.placement());
}

void add_placement(Question& question, const Problem& problem) {
  std::map<std::uint32_t, std::uint32_t> order;
  std::map<std::uint32_t, double> ranks_of;
  for (const topology::DeviceId device : problem.placement().device_of) {
    const std::uint32_t node = problem.fabric().device(device).node;
    order.try_emplace(node, order.size());
    question.node_of.push_back(order[node]);
    ranks_of[node] += 1.0;
  }
  Same same;
  for (const auto& [node, ranks] : ranks_of) {
    same.add(ranks);
  }
  question.numbers["placement.nodes"].value = static_cast<double>(ranks_of.size());
  question.numbers["placement.gpus_per_node"].value = same.value();
}

void add_workload(Question& question, const Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const auto set = [&](const char* name, std::optional<double> value) {
    question.numbers[std::string("workload.") + name].value = value;
  };
  set("ranks", problem.schedule().ranks().value);
  set("size", workload.size > core::Bytes{} ? std::optional(workload.size.si()) : std::nullopt);
  set("channels", workload.channels);
  set("chunk", workload.chunk ? std::optional(workload.chunk->si()) : std::nullopt);
  set("slots", workload.slots);
  set("root", workload.root.value);
  set("steps", steps(problem.schedule()));
  set("operations", static_cast<double>(problem.schedule().operation_count()));
  question.words = {{"collective", std::string(to_text(workload.collective))},
                    {"algorithm", workload.algorithm},
                    {"protocol", std::string(to_text(workload.protocol))},
                    {"routing", std::string(to_text(problem.routing().kind))},
                    {"placement", problem.placement().description}};
}

void add_constants(Question& question, const Problem& problem) {
  const auto rate_of = [](const std::optional<core::Bandwidth>& value) {
    return value ? std::optional(value->si()) : std::nullopt;
  };
  question.numbers["constants.launch"].value = problem.costs().launch().si();
  question.numbers["constants.channel_rate"].value = rate_of(problem.constants().channel_rate);
  question.numbers["constants.reduction_bandwidth"].value =
      rate_of(problem.constants().reduction_bandwidth);
}

}  // namespace

const Number& Question::number(std::string_view name) const {
  const NumberInfo* info = find_number(name);
  if (info == nullptr) {
    throw core::InternalError(fmt::format("no question has a number '{}'", name));
  }
  return numbers.at(std::string(info->name));
}

Question question_of(const Problem& problem) {
  Question question;
  for (const NumberInfo& info : number_infos()) {
    question.numbers[std::string(info.name)].dimension = info.dimension;
  }
  add_workload(question, problem);
  add_placement(question, problem);
  add_fabric(question, problem);
  add_constants(question, problem);
  return question;
}

}  // namespace plumbline::analytic

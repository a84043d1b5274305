// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mis_models.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gate/transforms.hpp"

namespace plumbline::test {
namespace {

using analytic::Answer;
using analytic::Claim;
using analytic::Contract;
using analytic::Gauge;
using analytic::Quantity;
using workload::Problem;

constexpr double endless = std::numeric_limits<double>::infinity();

class FormulaSubject final : public analytic::Subject {
 public:
  FormulaSubject(Contract contract, Formula says)
      : contract_(std::move(contract)), says_(std::move(says)) {}

  [[nodiscard]] const Contract& contract() const override { return contract_; }

  /// The formula is given the numbers of the gauge, as a program on the other end of a pipe is.
  [[nodiscard]] Answer ask(const Problem& problem, const Gauge& gauge) override {
    Answer answer = says_(symbols_of(gate::in_units(problem, gauge)));
    if (answer.estimate) {
      *answer.estimate /= gauge.time;
    }
    return answer;
  }

 private:
  Contract contract_;
  Formula says_;
};

/// Ports of GPUs and adapters; what lies behind them is the network's affair.
double port_rate(const Problem& problem, topology::LinkKind kind) {
  double rate = endless;
  for (const topology::Link& link : problem.fabric().links()) {
    const auto from = problem.fabric().device(link.from).kind;
    const bool port = is_endpoint(from) || from == topology::DeviceKind::nic;
    if (port && link.kind == kind) {
      rate = std::min(rate, link.capacity.si());
    }
  }
  return rate;
}

/// Bandwidth that enters the first leaf from its machines over that which leaves it.
double oversubscription_of(const topology::Fabric& fabric) {
  double in = 0.0;
  double out = 0.0;
  for (const topology::Link& link : fabric.links()) {
    if (fabric.device(link.to).name == "leaf0") {
      const bool from_above = fabric.device(link.from).kind == topology::DeviceKind::spine;
      (from_above ? out : in) += link.capacity.si();
    }
  }
  return out > 0.0 ? in / out : 1.0;
}

Answer seconds(double time) {
  Answer answer;
  answer.estimate = time;
  return answer;
}

Contract contract(const char* name, Claim claim, const char* collective, const char* algorithm) {
  Contract result;
  result.name = name;
  result.claim = claim;
  result.citation = "a restatement for tests";
  result.domain["collective"] = {0, 0, {collective}};
  result.domain["algorithm"] = {0, 0, {algorithm}};
  return result;
}

double ring(const Symbols& s, double bandwidth) {
  return 2 * (s.n - 1) * (s.alpha + s.S / (s.n * bandwidth));
}

}  // namespace

Symbols symbols_of(const Problem& problem) {
  Symbols s;
  const workload::Workload& asked = problem.workload();
  s.n = asked.ranks.value;
  s.S = asked.size.si();
  const auto& machines = asked.site.machine_of;
  s.k = machines.empty() ? 1 : 1 + *std::ranges::max_element(machines);
  s.g = s.n / s.k;
  s.B_v = port_rate(problem, topology::LinkKind::nvlink);
  s.B_x = port_rate(problem, topology::LinkKind::network);
  s.r = oversubscription_of(problem.fabric());
  s.B = endless;
  s.alike = true;
  const auto paths = problem.costs().paths();
  for (const workload::Path& path : paths) {
    const double latency = path.latency.si();
    const bool net = path.path_class == workload::PathClass::net;
    (net ? s.alpha_x : s.alpha_v) = std::max(net ? s.alpha_x : s.alpha_v, latency);
    s.alpha = std::max(s.alpha, latency);
    s.B = std::min(s.B, net ? s.B_x : s.B_v);
    s.alike = s.alike && path.latency == paths.front().latency && path.rate == paths.front().rate;
  }
  s.alike = s.alike && (paths.empty() || paths.front().rate.si() == s.B);
  if (asked.pipeline) {
    s.m = asked.pipeline->micro_batches;
    s.t = (asked.pipeline->forward.front() + asked.pipeline->backward.front()).si();
  }
  return s;
}

std::unique_ptr<analytic::Subject> formula(Contract contract, Formula says) {
  return std::make_unique<FormulaSubject>(std::move(contract), std::move(says));
}

std::unique_ptr<analytic::Subject> ring_exact() {
  return formula(contract("ring_exact", Claim::exact, "all_reduce", "ring"), [](const Symbols& s) {
    Answer answer = seconds(ring(s, s.B));
    const bool own_port = s.k == 1 || s.g == 1;
    answer.not_applicable = s.alike && own_port ? "" : "ports are shared or unlike";
    return answer;
  });
}

std::unique_ptr<analytic::Subject> bandwidth_times_2_5() {
  Contract claims = contract("bandwidth_times_2_5", Claim::estimate, "all_reduce", "ring");
  claims.within_p95 = 0.2;
  claims.domain["nodes"] = {1, 1, {}};
  return formula(claims, [](const Symbols& s) { return seconds(s.S / (2.5 * s.B)); });
}

std::unique_ptr<analytic::Subject> bidirectional() {
  Contract claims = contract("bidirectional", Claim::estimate, "all_reduce", "ring");
  claims.within_p95 = 0.1;
  claims.domain["nodes"] = {1, 1, {}};
  claims.domain["size"] = {1e6, 1e9, {}};
  return formula(claims, [](const Symbols& s) { return seconds(ring(s, 2 * s.B)); });
}

std::unique_ptr<analytic::Subject> single_nic_blind() {
  Contract claims = contract("single_nic_blind", Claim::estimate, "all_reduce", "hierarchical");
  claims.within_p95 = 0.1;
  claims.domain["nodes"] = {2, 8, {}};
  claims.domain["gpus_per_node"] = {2, 8, {}};
  claims.domain["size"] = {1e6, 1e9, {}};
  claims.domain["oversubscription"] = {1, 1, {}};
  claims.domain["placement"] = {0, 0, {"packed"}};
  return formula(claims, [](const Symbols& s) {
    return seconds(2 * (s.g - 1) * (s.alpha_v + s.S / (s.g * s.B_v)) +
                   2 * (s.k - 1) * (s.alpha_x + s.S / (s.g * s.k * s.B_x)));
  });
}

std::unique_ptr<analytic::Subject> oversubscribed_everywhere() {
  Contract claims = contract("oversubscribed_everywhere", Claim::estimate, "all_reduce", "ring");
  claims.within_p95 = 0.1;
  claims.domain["nodes"] = {4, 32, {}};
  claims.domain["gpus_per_node"] = {1, 1, {}};
  claims.domain["oversubscription"] = {1, 4, {}};
  claims.domain["size"] = {1e6, 1e9, {}};
  return formula(claims, [](const Symbols& s) { return seconds(ring(s, s.B / s.r)); });
}

std::unique_ptr<analytic::Subject> bubble_times_total() {
  Contract claims = contract("bubble_times_total", Claim::estimate, "pipeline", "pipeline");
  claims.within_p95 = 0.05;
  return formula(claims, [](const Symbols& s) {
    const double bubble = (s.n - 1) / (s.m + s.n - 1);
    return seconds(s.m * s.t * (1 + bubble));
  });
}

std::unique_ptr<analytic::Subject> unpipelined_tree_crossover() {
  Contract claims = contract("unpipelined_tree_crossover", Claim::estimate, "all_reduce", "ring");
  claims.quantity = Quantity::choice;
  claims.domain["algorithm"].words.emplace_back("double_binary_tree");
  claims.domain["nodes"] = {1, 1, {}};
  claims.domain["gpus_per_node"] = {4, 64, {}};
  claims.domain["pieces"] = {2, 2, {}};
  return formula(claims, [](const Symbols& s) {
    Answer answer;
    const double tree = 2 * std::ceil(std::log2(s.n)) * (s.alpha + s.S / s.B);
    answer.choice = tree < ring(s, s.B) ? "double_binary_tree" : "ring";
    return answer;
  });
}

std::unique_ptr<analytic::Subject> hidden_constant() {
  Contract claims = contract("hidden_constant", Claim::estimate, "all_reduce", "ring");
  claims.within_p95 = 0.1;
  claims.domain["nodes"] = {1, 1, {}};
  claims.domain["size"] = {1e8, 1e9, {}};
  return formula(claims, [](const Symbols& s) { return seconds(ring(s, s.B) + 5e-6); });
}

}  // namespace plumbline::test

// SPDX-License-Identifier: Apache-2.0
#include "analytic/nccl_tuner.hpp"

#include <algorithm>
#include <bit>

namespace plumbline::analytic::nccl {
namespace {

using core::Bandwidth;
using core::Seconds;
using workload::Collective;
using workload::NcclGraph;
using workload::Protocol;

constexpr std::array protocols{Protocol::ll, Protocol::ll128, Protocol::simple};
constexpr std::uint32_t hopper_capability = 90;
constexpr std::uint32_t blackwell_capability = 100;

bool gathers(Collective collective) {
  return collective == Collective::all_gather || collective == Collective::reduce_scatter;
}

/// One collective of one communicator; n ranks on N machines.
class Pricing {
 public:
  Pricing(const Tables& tables, const Communicator& of, Collective collective)
      : tables_(tables),
        of_(of),
        collective_(collective),
        n_(of.ranks),
        machines_(of.machines),
        per_machine_(n_ / machines_),
        caps_(tables.generations.at(of.gpu->caps)),
        column_(std::min<std::size_t>(of.machines, 3) - 1) {}

  [[nodiscard]] std::optional<Candidate> price(Algorithm algorithm, Protocol protocol,
                                               core::Bytes size) const {
    const NcclGraph* graph = graph_of(algorithm);
    if (graph == nullptr || !available(algorithm, protocol, *graph)) {
      return std::nullopt;
    }
    const Bandwidth bandwidth =
        corrected(algorithm, protocol, size, algorithm_bandwidth(algorithm, protocol, *graph));
    if (!(bandwidth > Bandwidth{})) {
      return std::nullopt;
    }
    return Candidate{algorithm, protocol, graph->channels,
                     latency(algorithm, protocol) * plateau(algorithm, protocol, *graph, size),
                     size / bandwidth};
  }

 private:
  [[nodiscard]] const NcclGraph* graph_of(Algorithm algorithm) const;
  [[nodiscard]] bool available(Algorithm algorithm, Protocol protocol,
                               const NcclGraph& graph) const;
  [[nodiscard]] bool fits_collective(Algorithm algorithm) const;
  [[nodiscard]] bool ll128_is_safe() const;
  [[nodiscard]] Bandwidth bus(Algorithm algorithm, Protocol protocol, const NcclGraph& graph) const;
  [[nodiscard]] Bandwidth ring_bus(Protocol protocol, const NcclGraph& graph, Bandwidth all) const;
  [[nodiscard]] Bandwidth tree_bus(Protocol protocol, const NcclGraph& graph, Bandwidth all) const;
  [[nodiscard]] Bandwidth nvls_bus(Algorithm algorithm, const NcclGraph& graph) const;
  [[nodiscard]] Bandwidth collnet_direct_bus(const NcclGraph& graph, Bandwidth all) const;
  [[nodiscard]] Bandwidth algorithm_bandwidth(Algorithm algorithm, Protocol protocol,
                                              const NcclGraph& graph) const;
  [[nodiscard]] Bandwidth corrected(Algorithm algorithm, Protocol protocol, core::Bytes size,
                                    Bandwidth bandwidth) const;
  [[nodiscard]] double plateau(Algorithm algorithm, Protocol protocol, const NcclGraph& graph,
                               core::Bytes size) const;
  [[nodiscard]] Seconds latency(Algorithm algorithm, Protocol protocol) const;
  [[nodiscard]] Seconds ring_latency(Protocol protocol) const;
  [[nodiscard]] Seconds inside(Algorithm algorithm, Protocol protocol) const;
  [[nodiscard]] Seconds between(Algorithm algorithm, Protocol protocol) const;

  /// Sends of one rank in a ring; what a ring's bandwidth is divided by.
  [[nodiscard]] double steps() const {
    return collective_ == Collective::all_reduce ? 2.0 * (n_ - 1.0)
           : gathers(collective_)                ? n_ - 1.0
                                                 : n_;
  }

  [[nodiscard]] double levels() const { return std::bit_width(of_.machines) - 1; }

  [[nodiscard]] Bandwidth ll_cap() const {
    return of_.machines == 1 ? caps_.ll[0]
                             : tables_.generations.at(of_.cpu->several_machines).ll[column_];
  }

  const Tables& tables_;
  const Communicator& of_;
  Collective collective_;
  double n_, machines_, per_machine_;
  const Caps& caps_;
  std::size_t column_;  ///< of a list by machines
};

const NcclGraph* Pricing::graph_of(Algorithm algorithm) const {
  const auto pointer = [](const std::optional<NcclGraph>& graph) {
    return graph ? &*graph : nullptr;
  };
  switch (algorithm) {
    case Algorithm::ring:
      return pointer(of_.ring);
    case Algorithm::tree:
    case Algorithm::pat:
      return pointer(of_.tree);
    case Algorithm::nvls:
    case Algorithm::nvls_tree:
      return pointer(of_.nvls);
    case Algorithm::collnet_direct:
    case Algorithm::collnet_chain:
      return pointer(of_.collnet);
  }
  return nullptr;
}

bool Pricing::fits_collective(Algorithm algorithm) const {
  switch (collective_) {
    case Collective::all_reduce:
      return algorithm != Algorithm::pat;
    case Collective::all_gather:
    case Collective::reduce_scatter:
      return algorithm == Algorithm::ring || algorithm == Algorithm::nvls ||
             algorithm == Algorithm::collnet_direct || algorithm == Algorithm::pat;
    default:
      return algorithm == Algorithm::ring;
  }
}

/// Where the order of a 128-byte store may break, the protocol would corrupt data.
bool Pricing::ll128_is_safe() const {
  const bool through_nvlink = of_.gpu->compute_capability >= hopper_capability;
  return of_.nvlink && (of_.machines == 1 || of_.near_network || through_nvlink);
}

bool Pricing::available(Algorithm algorithm, Protocol protocol, const NcclGraph& graph) const {
  const auto times = tables_.times.find(algorithm);
  if (!fits_collective(algorithm) || times == tables_.times.end() ||
      !times->second.base.of(protocol) || (protocol == Protocol::ll128 && !ll128_is_safe())) {
    return false;
  }
  switch (algorithm) {
    case Algorithm::nvls:
      return graph.channels >= 2 && (of_.machines == 1 || of_.collnet);
    case Algorithm::nvls_tree:
      return graph.channels >= 2 && of_.machines > 1;
    case Algorithm::pat:
      return of_.machines > 1 && of_.machines == of_.ranks;
    case Algorithm::collnet_direct:
    case Algorithm::collnet_chain:
      return of_.machines > 1;
    default:
      return true;
  }
}

Bandwidth Pricing::ring_bus(Protocol protocol, const NcclGraph& graph, Bandwidth all) const {
  switch (protocol) {
    case Protocol::ll:
      return std::min(ll_cap(), all * tables_.factors.ring_ll);
    case Protocol::ll128:
      return std::min(all * tables_.factors.ring_ll128, caps_.ring_ll128[column_] * graph.channels);
    default:
      return all;
  }
}

Bandwidth Pricing::tree_bus(Protocol protocol, const NcclGraph& graph, Bandwidth all) const {
  const Factors& factors = tables_.factors;
  Bandwidth bandwidth = std::min(all * factors.tree, caps_.tree[column_] * graph.channels);
  if (protocol == Protocol::ll) {
    bandwidth = std::min(bandwidth * factors.tree_ll, ll_cap());
  } else if (protocol == Protocol::ll128) {
    const double share = of_.machines == 1 ? factors.tree_ll128_one_machine : factors.tree_ll128;
    bandwidth = std::min(bandwidth * share, caps_.tree_ll128[column_] * graph.channels);
  }
  return of_.plain_tree ? bandwidth * factors.plain_tree : bandwidth;
}

/// A channel's head takes twice what the others do, so that one channel of all is lost to it; an
/// all-reduce moves both ways at once.
Bandwidth Pricing::nvls_bus(Algorithm algorithm, const NcclGraph& graph) const {
  const double heads = (graph.channels - 1.0) / graph.channels;
  const double ways =
      collective_ == Collective::all_reduce ? 2.0 : (per_machine_ - 1.0) / per_machine_;
  const bool tree = algorithm == Algorithm::nvls_tree;
  Bandwidth channel = std::min(graph.intra * (caps_.nvls_efficiency * heads * ways),
                               graph.inter * (tree && of_.machines <= 2 ? 2.0 : 1.0));
  if (tree) {
    channel = std::min(channel, caps_.nvls_tree[column_]);
  }
  return channel * graph.channels;
}

/// GPUs without an adapter of their own share the others'.
Bandwidth Pricing::collnet_direct_bus(const NcclGraph& graph, Bandwidth all) const {
  if (gathers(collective_)) {
    return graph.channels >= per_machine_
               ? std::min(graph.intra, graph.inter * tables_.factors.collnet_net) * per_machine_
               : Bandwidth{};
  }
  const double gpus_per_adapter = per_machine_ / graph.channels;
  all = all / (gpus_per_adapter - (gpus_per_adapter - 1.0) / 2.0);
  return of_.gpu->compute_capability >= hopper_capability ? all * tables_.factors.collnet_direct
                                                          : all;
}

/// What all channels carry together.
Bandwidth Pricing::bus(Algorithm algorithm, Protocol protocol, const NcclGraph& graph) const {
  const bool collnet =
      algorithm == Algorithm::collnet_direct || algorithm == Algorithm::collnet_chain;
  const Bandwidth all = (of_.machines <= 2 || collnet ? graph.intra : graph.inter) * graph.channels;
  switch (algorithm) {
    case Algorithm::ring:
      return ring_bus(protocol, graph, all);
    case Algorithm::tree:
      return tree_bus(protocol, graph, all);
    case Algorithm::nvls:
    case Algorithm::nvls_tree:
      return nvls_bus(algorithm, graph);
    case Algorithm::pat:
      return all * tables_.factors.pat;
    case Algorithm::collnet_direct:
      return collnet_direct_bus(graph, all);
    case Algorithm::collnet_chain:
      return all;
  }
  return {};
}

/// Size over the time without latency.
Bandwidth Pricing::algorithm_bandwidth(Algorithm algorithm, Protocol protocol,
                                       const NcclGraph& graph) const {
  const Bandwidth all = bus(algorithm, protocol, graph);
  if (algorithm != Algorithm::ring && gathers(collective_)) {
    return all;
  }
  const bool both_ways = algorithm == Algorithm::ring || algorithm == Algorithm::nvls ||
                         algorithm == Algorithm::nvls_tree;
  return all * (both_ways ? n_ / steps() : 0.5);
}

Bandwidth Pricing::corrected(Algorithm algorithm, Protocol protocol, core::Bytes size,
                             Bandwidth bandwidth) const {
  const bool switch_tree =
      algorithm == Algorithm::nvls_tree && of_.gpu->compute_capability >= blackwell_capability;
  return algorithm == Algorithm::tree || switch_tree
             ? bandwidth * tables_.tree_correction.at(protocol, size)
             : bandwidth;
}

/// A ring all-reduce over machines is slower than its latency at any size worth sending.
double Pricing::plateau(Algorithm algorithm, Protocol protocol, const NcclGraph& graph,
                        core::Bytes size) const {
  const bool has = algorithm == Algorithm::ring && protocol == Protocol::simple &&
                   of_.machines > 1 && collective_ == Collective::all_reduce &&
                   size / (graph.channels * n_) >= tables_.latencies.plateau_from;
  return has ? caps_.ring_plateau : 1.0;
}

/// A step inside a machine.
Seconds Pricing::inside(Algorithm algorithm, Protocol protocol) const {
  const AlgorithmTimes& times = tables_.times.at(algorithm);
  return (of_.nvlink ? times.nvlink : times.pcie).of(protocol).value_or(Seconds{});
}

/// A step between machines. Simple pays the network's own latency again for the flush.
Seconds Pricing::between(Algorithm algorithm, Protocol protocol) const {
  const Algorithm row = of_.machines == of_.ranks ? Algorithm::tree : algorithm;
  return tables_.times.at(row).net.of(protocol).value_or(Seconds{}) +
         of_.net_latency * (protocol == Protocol::simple ? 2.0 : 1.0);
}

Seconds Pricing::ring_latency(Protocol protocol) const {
  if (collective_ != Collective::all_reduce && !gathers(collective_)) {
    const bool tree = !of_.same_channels && protocol == Protocol::simple;
    const AlgorithmTimes& times = tables_.times.at(tree ? Algorithm::tree : Algorithm::ring);
    const Seconds step =
        of_.machines > 1
            ? times.net.of(protocol).value_or(Seconds{})
            : (of_.nvlink ? times.nvlink : times.pcie).of(protocol).value_or(Seconds{});
    return step * (of_.same_channels ? 1.0 : n_);
  }
  const double ways = collective_ == Collective::all_reduce ? 2.0 : 1.0;
  const double crossings = of_.machines == 1 ? 0.0 : ways * (machines_ - 1.0);
  Seconds inner = inside(Algorithm::ring, protocol);
  if (of_.machines > 1) {
    const double times = protocol == Protocol::simple ? tables_.latencies.simple_overhead : 1.0;
    inner = std::max(inner, of_.cpu->net_overhead * times);
  }
  return inner * (steps() - crossings) + between(Algorithm::ring, protocol) * crossings;
}

Seconds Pricing::latency(Algorithm algorithm, Protocol protocol) const {
  const Seconds base = tables_.times.at(algorithm).base.of(protocol).value_or(Seconds{});
  const Seconds inner = inside(algorithm, protocol);
  const Seconds outer = of_.machines > 1 ? between(algorithm, protocol) : Seconds{};
  const double others = per_machine_ - 1.0;
  switch (algorithm) {
    case Algorithm::ring:
      return base + ring_latency(protocol);
    case Algorithm::tree:
      return base + (inner * others + outer * levels()) * 2.0;
    case Algorithm::collnet_direct:
      return base +
             (inner * std::min(1.0, others) + tables_.latencies.collnet_rank * others) * 2.0 +
             outer;
    case Algorithm::collnet_chain:
      return base + inner * (2.0 * others) + outer;
    case Algorithm::nvls:
      return inner + outer;
    case Algorithm::nvls_tree:
      return base + inner + outer * (2.0 * levels());
    case Algorithm::pat:
      return base + outer * (levels() / tables_.latencies.pat_steps) +
             tables_.latencies.pat_rank * n_;
  }
  return {};
}

}  // namespace

bool prices(Collective collective) {
  return collective == Collective::all_reduce || gathers(collective) ||
         collective == Collective::broadcast || collective == Collective::reduce;
}

std::vector<Candidate> candidates(const Tables& tables, const Communicator& communicator,
                                  Collective collective, core::Bytes size) {
  const Pricing pricing(tables, communicator, collective);
  std::vector<Candidate> result;
  for (const Algorithm algorithm : algorithms) {
    for (const Protocol protocol : protocols) {
      if (const auto candidate = pricing.price(algorithm, protocol, size)) {
        result.push_back(*candidate);
      }
    }
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Candidate& a, const Candidate& b) { return a.time() < b.time(); });
  return result;
}

}  // namespace plumbline::analytic::nccl

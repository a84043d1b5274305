// SPDX-License-Identifier: Apache-2.0
// Lower bound at the speed of light: what ranks must send and receive, over their ports.
//
//   T ≥ α + max( X_r/E_r, Y_r/I_r, Z/ΣE, Z/ΣI ),  T ≥ max( (X_r+Y_r)/P_r, 2Z/ΣP )
//
// | collective | X_r sent at least | Y_r received at least | Z sent in total |
// |---|---|---|---|
// | all_reduce | S | S | 2(n−1)S |
// | all_gather | S/n | (n−1)S/n | (n−1)S |
// | reduce_scatter | (n−1)S/n | S/n | (n−1)S |
// | all_to_all | (n−1)S/n | (n−1)S/n | – |
// | all_to_allv | Σ_j of r's for j | Σ_j of j's for r | – |
// | broadcast | root: S | others: S | (n−1)S |
// | reduce | others: S | root: S | (n−1)S |
// | gather, scatter | others: S/n; root: (n−1)S/n | root: (n−1)S/n; others: S/n | – |
// | incast, outcast | sources: S; root: (n−1)S | root: (n−1)S; others: S | – |
// | permutation | who sends: S | who receives: S | – |
// | send_recv | rank 0: S | rank 1: S | – |
// | barrier | – | – | – |
//
// | symbol | meaning |
// |---|---|
// | n, S | ranks; size as nccl-tests counts it (workload.hpp) |
// | E_r, I_r | nominal capacity of the links of r's device that lead to, come from, another rank |
// | P_r | E_r + I_r, half-duplex cables counted once |
// | α | smallest nominal latency of any path between two ranks |
//
// Citation: Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002, §3; Chan et al. 2007,
// doi:10.1002/cpe.1206, §2 (bounds of all collectives); Harary and Schwenk 1974 (gossip).
//
// PROOF. Per rank (any algorithm, coded or not): a rank's inputs can be anything, so what the other
// ranks' outputs reveal of them (fix all other inputs) must have left it, and what its own output
// reveals of others must have come in. all_reduce: S of the sum each way. all_gather: S/n out,
// (n−1)S/n in; reduce_scatter mirrored. The rest likewise.
// Z for all_reduce: follow one byte position. A message of it conveys a partial sum; let v be the
// first rank to hold the whole sum. Each of the other n−1 ranks sent at least one message before
// that, and each, not done yet, must receive at least one after: 2(n−1) messages. The other
// Z: n−1 deliveries (or contributions) per position; where none is given it is ΣX_r, which the
// largest X_r/E_r covers. With experts all_to_all(v) counts a token's t copies t times, so that
// X_r and Y_r are divided by t. Bytes sent by ranks ≤ ΣE·(T−α),
// since nothing sent in the last α arrives; received likewise, nothing arriving before α. (X+Y)/P
// can't count α twice. ping_pong: both ways in turn, 2α + S/min(E_0, I_1) + S/min(E_1, I_0). flows:
// per device and start h: h + α + bytes started from h on / port. pipeline: rank s works
// m(F_s+Bk_s), begins after a first chunk has passed ranks i < s and ends before the last gradient
// has:
//   T ≥ m(F_s+Bk_s) + Σ_{i<s} (F_i+Bk_i)/v + Σ_{i<s} (α + A/min(E_i,I_{i+1}) + α +
//   A/min(E_{i+1},I_i)).
//
// In the network: where a switch that adds and replicates can be reached by a rank and reaches one,
// partial sums and copies need not pass through ranks, and the Z terms are left out: all_reduce
// α + S/B instead of α + 2(n−1)/n·S/B. X_r and Y_r only speak of what one rank knows and others
// must learn, or the other way round, and hold whatever lies between: what a rank sends or takes of
// it crosses its port once at least, in any code, and α is that of a way from rank to rank, which a
// switch on it does not shorten.
//
// Assumptions: nominal figures; no software cost; besides such switches only the ranks' devices
// combine or replicate data (no helpers): only the Z terms rest on it. Ranks that all reach each
// other over NVLink, through one GPU of their machine at most, use NVLink alone, as the routes do
// and as GPU libraries do; otherwise every link that leads to another rank counts, also by way of
// one forwarding GPU, which with PXN may forward to an adapter. What a rank's GPU forwards for
// others only adds to what crosses its links.
//
// Known to be loose: anything inside the fabric (oversubscription) is not seen.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <numeric>

#include "analytic/function_engine.hpp"
#include "analytic/ports.hpp"
#include "analytic/solver.hpp"
#include "core/units.hpp"
#include "workload/flow_pieces.hpp"
#include "workload/traffic.hpp"

namespace plumbline::analytic::solvers {
namespace {

using core::Bandwidth;
using core::Bytes;
using core::Seconds;
using topology::DeviceId;
using workload::Collective;
using workload::Validity;
using workload::Workload;

/// A lower bound being built: the largest value and what set it.
struct Largest {
  Seconds value;
  std::string binding = "nothing is moved";

  template <class Describe>
  void take(Seconds candidate, Describe describe) {
    if (candidate > value) {
      value = candidate;
      binding = describe();
    }
  }
};

/// Bytes that one rank must send and receive, and all ranks together must send.
struct Demand {
  Bytes out;
  Bytes in;
};

/// all_to_all(v): a token counts once, however many experts it is for.
Demand exchanged(const Workload& workload, std::uint32_t rank) {
  Demand demand;
  for (std::uint32_t other = 0; other < workload.ranks.value; ++other) {
    if (other != rank) {
      demand.out += workload::pair_bytes(workload, topology::RankId(rank), topology::RankId(other));
      demand.in += workload::pair_bytes(workload, topology::RankId(other), topology::RankId(rank));
    }
  }
  const double copies = workload.experts ? workload.experts->per_token : 1.0;
  return {demand.out / copies, demand.in / copies};
}

Demand demand_of(const Workload& workload, std::uint32_t rank) {
  const Bytes size = workload.size;
  const Bytes part = size / workload.ranks.value;
  const bool root = rank == workload.root.value;
  switch (workload.collective) {
    case Collective::all_reduce:
      return {size, size};
    case Collective::all_gather:
      return {part, size - part};
    case Collective::reduce_scatter:
      return {size - part, part};
    case Collective::all_to_all:
    case Collective::all_to_allv:
      return exchanged(workload, rank);
    case Collective::gather:
      return root ? Demand{{}, size - part} : Demand{part, {}};
    case Collective::scatter:
      return root ? Demand{size - part, {}} : Demand{{}, part};
    case Collective::outcast:
      return root ? Demand{size * (workload.ranks.value - 1.0), {}} : Demand{{}, size};
    case Collective::permutation:
      return workload.targets[rank].value == rank ? Demand{} : Demand{size, size};
    case Collective::broadcast:
      return root ? Demand{size, {}} : Demand{{}, size};
    case Collective::reduce:
      return root ? Demand{{}, size} : Demand{size, {}};
    case Collective::incast:
      return root ? Demand{{}, size * (workload.ranks.value - 1.0)} : Demand{size, {}};
    case Collective::send_recv:
      return {rank == 0 ? size : Bytes{}, rank == 1 ? size : Bytes{}};
    case Collective::stream: {
      const Bytes all = size * double(workload.messages);
      return {rank == 0 ? all : Bytes{}, rank == 1 ? all : Bytes{}};
    }
    case Collective::barrier:
    case Collective::ping_pong:
    case Collective::flows:
    case Collective::pipeline:
    case Collective::compute:
    case Collective::together:
      break;
  }
  return {};
}

/// Z; nothing where what each rank must send says as much.
Bytes total_of(const Workload& workload) {
  const double others = workload.ranks.value - 1.0;
  switch (workload.collective) {
    case Collective::all_reduce:
      return workload.size * 2.0 * others;
    case Collective::all_gather:
    case Collective::reduce_scatter:
    case Collective::broadcast:
    case Collective::reduce:
      return workload.size * others;
    default:
      return {};
  }
}

Seconds over(Bytes bytes, Bandwidth rate) {
  return bytes > Bytes{} ? bytes / rate : Seconds{};
}

void bound_collective(const workload::Problem& problem, const Ports& ports, Largest& largest) {
  const auto name = [&](std::string_view what, std::uint32_t rank, Bandwidth rate) {
    const DeviceId device = problem.placement().device_of[rank];
    return fmt::format("{} of rank {} ({}), {}", what, rank, problem.fabric().device(device).name,
                       core::display(rate));
  };
  Port all;
  for (std::uint32_t r = 0; r < ports.of.size(); ++r) {
    const Port& port = ports.of[r];
    const Demand demand = demand_of(problem.workload(), r);
    largest.take(over(demand.out, port.out) + ports.latency,
                 [&] { return name("egress", r, port.out); });
    largest.take(over(demand.in, port.in) + ports.latency,
                 [&] { return name("ingress", r, port.in); });
    largest.take(over(demand.out + demand.in, port.both),
                 [&] { return name("half-duplex port", r, port.both); });
    all.out += port.out;
    all.in += port.in;
    all.both += port.both;
  }
  if (ports.in_network) {
    return;
  }
  const Bytes total = total_of(problem.workload());
  largest.take(over(total, all.out) + ports.latency,
               [&] { return "egress of all ranks together, " + core::display(all.out); });
  largest.take(over(total, all.in) + ports.latency,
               [&] { return "ingress of all ranks together, " + core::display(all.in); });
  largest.take(over(2.0 * total, all.both),
               [&] { return "half-duplex ports of all ranks, " + core::display(all.both); });
}

Seconds one_way(const Ports& ports, std::size_t from, std::size_t to, Bytes bytes) {
  return ports.latency + over(bytes, std::min(ports.of[from].out, ports.of[to].in));
}

void bound_ping_pong(const workload::Problem& problem, const Ports& ports, Largest& largest) {
  const Bytes size = problem.workload().size;
  largest.take(one_way(ports, 0, 1, size) + one_way(ports, 1, 0, size),
               [] { return "the message there and back"; });
}

void bound_pipeline(const workload::Problem& problem, const Ports& ports, Largest& largest) {
  const workload::Pipeline& pipeline = *problem.workload().pipeline;
  const auto time = [](const std::vector<Seconds>& times, std::size_t rank) {
    return times.size() == 1 ? times[0] : times.at(rank);
  };
  Seconds fill{};
  for (std::size_t s = 0; s < ports.of.size(); ++s) {
    const Seconds work = time(pipeline.forward, s) + time(pipeline.backward, s);
    largest.take(pipeline.micro_batches * work + fill,
                 [&] { return fmt::format("work of rank {} and the way to it and back", s); });
    fill += work / pipeline.virtual_stages;
    if (pipeline.activation > Bytes{} && s + 1 < ports.of.size()) {
      fill += one_way(ports, s, s + 1, pipeline.activation) +
              one_way(ports, s + 1, s, pipeline.activation);
    }
  }
}

/// Bytes that leave or enter one device, each from its start on.
void bound_device(std::vector<std::pair<Seconds, Bytes>> moves, Bandwidth port, Seconds latency,
                  const std::string& what, Largest& largest) {
  std::ranges::sort(moves, std::greater{}, &std::pair<Seconds, Bytes>::first);
  Bytes sum{};
  for (const auto& [start, bytes] : moves) {
    sum += bytes;
    largest.take(start + latency + over(sum, port),
                 [&] { return fmt::format("{}, {}", what, core::display(port)); });
  }
}

/// A staged flow's bytes leave and enter every device on its way.
void bound_flows(const workload::Problem& problem, Largest& largest) {
  std::vector<DeviceId> devices = workload::flow_devices(problem.workload().flows);
  std::ranges::sort(devices);
  const Ports found = ports(problem.fabric(), devices, problem.routing().pxn);
  std::vector<std::vector<std::pair<Seconds, Bytes>>> out(devices.size());
  std::vector<std::vector<std::pair<Seconds, Bytes>>> in(devices.size());
  const auto index = [&](DeviceId id) {
    return static_cast<std::size_t>(std::ranges::lower_bound(devices, id) - devices.begin());
  };
  for (const workload::Flow& flow : problem.workload().flows) {
    const std::vector<DeviceId> stops = workload::stops_of(flow);
    for (std::size_t i = 0; i + 1 < stops.size(); ++i) {
      out[index(stops[i])].emplace_back(flow.start, flow.size);
      in[index(stops[i + 1])].emplace_back(flow.start, flow.size);
    }
  }
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const std::string& name = problem.fabric().device(devices[i]).name;
    bound_device(out[i], found.of[i].out, found.latency, "egress of " + name, largest);
    bound_device(in[i], found.of[i].in, found.latency, "ingress of " + name, largest);
  }
}

Validity accepts(const workload::Problem& problem) {
  const Workload& workload = problem.workload();
  if (workload.collective == Collective::flows) {
    return workload.flows.empty() ? Validity::no("there are no flows") : Validity::yes();
  }
  if (workload.collective == Collective::compute || workload.collective == Collective::together) {
    return Validity::no("no one collective says what each rank must move");
  }
  if (workload.ranks.value < 2) {
    return Validity::no("one rank moves nothing");
  }
  if (workload.ranks != problem.placement().ranks()) {
    return Validity::no("ranks without a device");
  }
  return Validity::yes();
}

workload::Outcome run(const workload::Problem& problem) {
  Largest largest;
  if (problem.workload().collective == Collective::flows) {
    bound_flows(problem, largest);
  } else {
    const Ports found =
        ports(problem.fabric(), problem.placement().device_of, problem.routing().pxn);
    switch (problem.workload().collective) {
      case Collective::ping_pong:
        bound_ping_pong(problem, found, largest);
        break;
      case Collective::pipeline:
        bound_pipeline(problem, found, largest);
        break;
      default:
        bound_collective(problem, found, largest);
    }
  }
  if (!std::isfinite(largest.value.si())) {
    throw core::ModelError("endpoint: not every rank is connected to another");
  }
  workload::Outcome outcome;
  outcome.binding = largest.binding;
  outcome.bounds.push_back({.name = "endpoint",
                            .scope = workload::Scope::speed_of_light,
                            .side = workload::Side::lower,
                            .value = largest.value,
                            .binding = largest.binding});
  return outcome;
}

}  // namespace

extern const SolverEntry endpoint{
    .name = "endpoint",
    .summary = "What ranks must send and receive over the nominal capacity of their ports",
    .citation =
        "Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002; Chan et al. 2007, "
        "doi:10.1002/cpe.1206",
    .validity = "at least two ranks",
    .formula =
        "all_reduce alpha + 2(n-1)/n S/B, or alpha + S/B where switches add; all_gather, "
        "reduce_scatter, all_to_all alpha + "
        "(n-1)/n S/B; broadcast, reduce alpha + S/B",
    .claim = Claim::lower,
    .bound = true,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("endpoint", accepts, run); }};

}  // namespace plumbline::analytic::solvers

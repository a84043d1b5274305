// SPDX-License-Identifier: Apache-2.0
// Two levels: within machines of g ranks each, and between them on g rails; rail i joins the i-th
// ranks of all k machines.
//
// | collective | first | then | last |
// |---|---|---|---|
// | all_reduce | reduce_scatter in the machine | ring all_reduce of S/g on each rail | all_gather |
// | reduce_scatter | the same | ring reduce_scatter on each rail | |
// | all_gather | ring all_gather on each rail | all_gather in the machine | |
// | all_to_all(v) | pairwise on each rail, all for a machine | pairwise in the machine | |
//
// Where an all_to_all carries tokens to experts (Experts), a token for several experts of one
// machine crosses to it once and is copied there (DeepEP and its like): the first phase carries
// crossing_share() of the bytes.
//
// The rings in a machine pass on the parts of the k ranks of a rail together. `inner: direct` has
// everyone in a machine send all that it has for the others at once instead, whatever the
// collective.
#include <array>
#include <fmt/format.h>

#include "workload/collectives/bundles.hpp"
#include "workload/collectives/common.hpp"
#include "workload/collectives/machines.hpp"
#include "workload/generator.hpp"
#include "workload/traffic.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter, Collective::all_to_all,
                               Collective::all_to_allv};

bool is_exchange(Collective collective) {
  return collective == Collective::all_to_all || collective == Collective::all_to_allv;
}

std::string refuses(const Workload& workload) {
  if (std::string why = refuse_machines(workload); !why.empty()) {
    return why;
  }
  const auto machines = ranks_of_machines(workload);
  const std::uint64_t members = machines.front().size();
  if (workload.experts && workload.experts->count % machines.size() != 0) {
    return fmt::format("{} experts can't be spread evenly over {} machines",
                       workload.experts->count, machines.size());
  }
  const std::uint64_t ranks = workload.ranks.value;
  const std::string why = refuse_options(workload, {Option::inner});
  return why.empty() ? refuse_size(is_exchange(workload.collective) ? ranks * ranks
                                                                    : 2 * ranks * (ranks + members))
                     : why;
}

/// Ranks in a ring, and the parts that go round: as many as ranks.
struct Ring {
  std::vector<RankId> members;
  std::vector<std::vector<Run>> parts;
};

class Levels {
 public:
  Levels(const Workload& workload, RouteSource& routes)
      : workload_(workload),
        machines_(ranks_of_machines(workload)),
        per_machine_(static_cast<std::uint32_t>(machines_.front().size())),
        bundles_(workload, routes, chunks()) {}

  Schedule write() {
    switch (workload_.collective) {
      case Collective::all_gather:
        turn(OpKind::copy, rails(), 0);
        turn_inside(OpKind::copy);
        break;
      case Collective::reduce_scatter:
        turn_inside(OpKind::reduce);
        turn(OpKind::reduce, rails(), machines() - 1);
        break;
      case Collective::all_to_all:
      case Collective::all_to_allv:
        exchange();
        break;
      default:
        turn_inside(OpKind::reduce);
        turn(OpKind::reduce, rails(), machines() - 1);
        turn(OpKind::copy, rails(), 0);
        turn_inside(OpKind::copy);
    }
    return bundles_.finish();
  }

 private:
  [[nodiscard]] std::uint32_t machines() const {
    return static_cast<std::uint32_t>(machines_.size());
  }

  [[nodiscard]] std::uint32_t chunks() const {
    const std::uint32_t ranks = workload_.ranks.value;
    return is_exchange(workload_.collective) ? ranks * ranks : ranks;
  }

  /// The chunk that ends with (or comes from) the i-th rank of a machine. An all_reduce may cut as
  /// it likes, and keeps the chunks of a rail together.
  [[nodiscard]] std::uint32_t chunk(std::uint32_t machine, std::uint32_t i) const {
    return workload_.collective == Collective::all_reduce ? i * machines() + machine
                                                          : machines_[machine][i].value;
  }

  [[nodiscard]] core::Bytes bytes() const { return workload_.size / workload_.ranks.value; }

  [[nodiscard]] std::vector<Ring> rails() const {
    std::vector<Ring> rings(per_machine_);
    for (std::uint32_t i = 0; i < per_machine_; ++i) {
      for (std::uint32_t m = 0; m < machines(); ++m) {
        rings[i].members.push_back(machines_[m][i]);
        rings[i].parts.push_back({{.chunk = chunk(m, i), .count = 1, .bytes = bytes()}});
      }
    }
    return rings;
  }

  [[nodiscard]] std::vector<Ring> inside() const {
    std::vector<std::vector<Run>> parts(per_machine_);
    for (std::uint32_t i = 0; i < per_machine_; ++i) {
      for (std::uint32_t m = 0; m < machines(); ++m) {
        append_chunk(parts[i], chunk(m, i), bytes());
      }
    }
    std::vector<Ring> rings;
    for (const std::vector<RankId>& members : machines_) {
      rings.push_back({members, parts});
    }
    return rings;
  }

  /// In the first step the r-th member of each ring sends part r + `first`, later what it got last.
  void turn(OpKind kind, const std::vector<Ring>& rings, std::uint32_t first) {
    const auto length = static_cast<std::uint32_t>(rings.front().members.size());
    for (std::uint32_t step = 0; step + 1 < length; ++step) {
      for (const Ring& ring : rings) {
        for (std::uint32_t r = 0; r < length; ++r) {
          bundles_.send(kind, ring.members[r], ring.members[(r + 1) % length],
                        ring.parts[(r + first + length - step) % length]);
        }
      }
      bundles_.next();
    }
  }

  /// Inside machines: around the ring, or everything at once, the r-th member being the one that
  /// part r comes from or is added up at.
  void turn_inside(OpKind kind) {
    const std::vector<Ring> rings = inside();
    if (!workload_.direct_inside) {
      turn(kind, rings, kind == OpKind::reduce ? per_machine_ - 1 : 0);
      return;
    }
    for (const Ring& ring : rings) {
      for (std::uint32_t from = 0; from < per_machine_; ++from) {
        for (std::uint32_t step = 1; step < per_machine_; ++step) {
          const std::uint32_t to = (from + step) % per_machine_;
          bundles_.send(kind, ring.members[from], ring.members[to],
                        ring.parts[kind == OpKind::reduce ? to : from]);
        }
      }
    }
    bundles_.next();
  }

  /// What a rank has for another, of which that share is sent; nothing is left out.
  void append_block(std::vector<Run>& runs, RankId from, RankId to, double share) const {
    if (const core::Bytes bytes = pair_bytes(workload_, from, to); bytes > core::Bytes{}) {
      append_chunk(runs, from.value * workload_.ranks.value + to.value, bytes * share);
    }
  }

  /// Between machines a rank sends to the rank of its rail there all that it has for that machine;
  /// what lies on the rail is then handed out inside.
  void exchange() {
    const double crossing = crossing_share(workload_, machines());
    for (std::uint32_t step = 1; step < machines(); ++step) {
      for (std::uint32_t m = 0; m < machines(); ++m) {
        const std::vector<RankId>& there = machines_[(m + step) % machines()];
        for (std::uint32_t i = 0; i < per_machine_; ++i) {
          std::vector<Run> runs;
          for (const RankId to : there) {
            append_block(runs, machines_[m][i], to, crossing);
          }
          bundles_.send(OpKind::copy, machines_[m][i], there[i], runs);
        }
      }
      bundles_.next();
    }
    for (std::uint32_t step = 1; step < per_machine_; ++step) {
      for (const std::vector<RankId>& machine : machines_) {
        for (std::uint32_t i = 0; i < per_machine_; ++i) {
          const RankId to = machine[(i + step) % per_machine_];
          std::vector<Run> runs;
          for (const std::vector<RankId>& origin : machines_) {
            append_block(runs, origin[i], to, 1.0);
          }
          bundles_.send(OpKind::copy, machine[i], to, runs);
        }
      }
      if (!workload_.direct_inside) {
        bundles_.next();
      }
    }
  }

  const Workload& workload_;
  std::vector<std::vector<RankId>> machines_;
  std::uint32_t per_machine_;
  Bundles bundles_;
};

Schedule generate(const Workload& workload, RouteSource& routes) {
  return Levels(workload, routes).write();
}

}  // namespace

extern const GeneratorEntry hierarchical{
    .name = "hierarchical",
    .collectives = supported,
    .summary =
        "Within machines and between them on rails: only 1/g of the data leaves by each rank",
    .citation =
        "Cho et al., BlueConnect: Decomposing all-reduce for deep learning on heterogeneous "
        "network hierarchy, MLSys 2019",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

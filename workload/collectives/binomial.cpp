// SPDX-License-Identifier: Apache-2.0
// Binomial broadcast, reduce, all_reduce and barrier (reduce, then broadcast), whole buffer, or a
// signal, unpipelined, for any number of ranks. Ranks count from the root, cyclically: number v
// holds the subtree [v, v + 2^k), k the number of its trailing zero bits.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::broadcast, Collective::reduce, Collective::all_reduce,
                               Collective::barrier};

std::string refuses(const Workload& workload) {
  const bool one_way =
      workload.collective == Collective::broadcast || workload.collective == Collective::reduce;
  const std::uint64_t phases = one_way ? 1 : 2;
  return refuse_channels_or_size(workload, phases * (workload.ranks.value - 1));
}

class Binomial {
 public:
  Binomial(const Workload& workload, RouteSource& routes)
      : workload_(workload), routes_(routes), builder_(workload.ranks, 1), turns_(workload.ranks) {}

  /// Round k joins the subtrees of 2^k ranks two by two.
  void reduce() {
    for (std::uint32_t distance = 1; distance < ranks(); distance *= 2) {
      for (std::uint32_t v = distance; v < ranks(); v += 2 * distance) {
        add(OpKind::reduce, v, v - distance);
      }
    }
  }

  /// The same tree from the root, largest subtree first.
  void broadcast() {
    std::uint32_t distance = 1;
    while (distance < ranks()) {
      distance *= 2;
    }
    for (distance /= 2; distance > 0; distance /= 2) {
      for (std::uint32_t v = distance; v < ranks(); v += 2 * distance) {
        add(OpKind::copy, v - distance, v);
      }
    }
  }

  [[nodiscard]] Schedule finish() { return builder_.finish(); }

 private:
  [[nodiscard]] std::uint32_t ranks() const { return workload_.ranks.value; }

  void add(OpKind kind, std::uint32_t from, std::uint32_t to) {
    const RankId sender((from + workload_.root.value) % ranks());
    const RankId receiver((to + workload_.root.value) % ranks());
    turns_.add(builder_, {.kind = kind,
                          .protocol = workload_.protocol,
                          .rank = sender,
                          .peer = receiver,
                          .route = routes_.between(sender, receiver),
                          .amount = workload_.size.si()});
  }

  const Workload& workload_;
  RouteSource& routes_;
  ScheduleBuilder builder_;
  Turns turns_;
};

Schedule generate(const Workload& workload, RouteSource& routes) {
  Binomial tree(workload, routes);
  if (workload.collective != Collective::broadcast) {
    tree.reduce();
  }
  if (workload.collective != Collective::reduce) {
    tree.broadcast();
  }
  return tree.finish();
}

}  // namespace

extern const GeneratorEntry binomial{
    .name = "binomial",
    .collectives = supported,
    .summary = "A binomial tree, whole buffer per hop: ⌈log2 n⌉ rounds each way",
    .citation =
        "Thakur, Rabenseifner and Gropp, Optimization of collective communication "
        "operations in MPICH, IJHPCA 19(1), 2005, §5, doi:10.1177/1094342005051521",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

// SPDX-License-Identifier: Apache-2.0
// Ring all_reduce, all_gather, reduce_scatter: every rank sends to the next one and receives from
// the one before, n − 1 steps per phase. Broadcast and reduce go along the ring as chains.
//
// With c channels the buffer is cut into c rings, each over the ranks in an order of its own
// (ring_orders.hpp). What is too large for `chunk` goes around in l loops, one after the other. The
// part of rank r on channel k in loop i is chunk (r·c + k)·l + i, so that rank r owns the
// contiguous chunks [r·c·l, (r + 1)·c·l).
//
// A step starts when the rank's own send and receive of the step before have ended; so does a loop.
// With k slots a step starts when the rank has received what it passes on, and when the next rank
// has ended its step k steps ago: up to k pieces are under way, and loops overlap.
//
// Rings by rank with one slot are held in compact form: one block per phase and loop, whose chunks
// move back by one ring position per iteration.
#include <array>
#include <vector>

#include "workload/collectives/chain.hpp"
#include "workload/collectives/common.hpp"
#include "workload/collectives/ring_orders.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter, Collective::broadcast,
                               Collective::reduce};

bool is_chain(const Workload& workload) {
  return workload.collective == Collective::broadcast || workload.collective == Collective::reduce;
}

bool is_compact(const Workload& workload) {
  return workload.ring_order == RingOrder::by_rank && workload.slots == 1;
}

std::uint32_t phases(const Workload& workload) {
  return workload.collective == Collective::all_reduce ? 2 : 1;
}

std::uint64_t loops(const Workload& workload) {
  return pieces_of(workload.size / (double{1} * workload.channels * workload.ranks.value),
                   workload.chunk);
}

std::string refuses(const Workload& workload) {
  if (std::string why =
          refuse_options(workload, {Option::channels, Option::chunk, Option::slots, Option::rings});
      !why.empty()) {
    return why;
  }
  if (std::string why = refuse_rings(workload); !why.empty()) {
    return why;
  }
  if (is_chain(workload)) {
    return refuse_chains(workload);
  }
  if (std::string why = refuse_size(loops(workload)); !why.empty()) {
    return why;
  }
  const std::uint64_t steps = is_compact(workload) ? 1 : workload.ranks.value - 1;
  return refuse_size(steps * phases(workload) * loops(workload) * workload.channels *
                     workload.ranks.value);
}

class RingWriter {
 public:
  RingWriter(const Workload& workload, RouteSource& routes)
      : workload_(workload),
        ranks_(workload.ranks.value),
        channels_(workload.channels),
        loops_(static_cast<std::uint32_t>(loops(workload))),
        orders_(ring_orders(workload)),
        builder_(workload.ranks, channels_ * ranks_ * loops_) {
    for (std::uint32_t channel = 0; channel < channels_; ++channel) {
      for (std::uint32_t i = 0; i < ranks_; ++i) {
        to_next_.push_back(routes.between(at(channel, i), at(channel, i + 1), channel));
      }
    }
  }

  Schedule compact() {
    for (std::uint32_t loop = 0; loop < loops_; ++loop) {
      for (std::uint32_t phase = 0; phase < phases(workload_); ++phase) {
        builder_.begin_block(ranks_ - 1, channels_ * loops_ * (ranks_ - 1));
        add_row(loop, phase, 0, [&](std::uint32_t send, std::uint32_t receive, std::uint32_t) {
          std::vector<Predecessor> before{{.op = send, .when = When::carried},
                                          {.op = receive, .when = When::carried}};
          if (loop + phase > 0) {
            before.push_back({.op = send, .when = When::entry});
            before.push_back({.op = receive, .when = When::entry});
          }
          return before;
        });
      }
    }
    return builder_.finish();
  }

  Schedule plain() {
    const std::uint32_t row = channels_ * ranks_;
    const std::uint32_t slots = workload_.slots;
    std::uint32_t rows = 0;  // so far
    for (std::uint32_t loop = 0; loop < loops_; ++loop) {
      for (std::uint32_t step = 0; step < phases(workload_) * (ranks_ - 1); ++step, ++rows) {
        const auto waits = [&](std::uint32_t send, std::uint32_t receive, std::uint32_t next) {
          std::vector<Predecessor> before;
          const bool in_turn = slots == 1 && rows > 0;
          if (in_turn) {
            before.push_back({.op = (rows - 1) * row + send});
          }
          if (in_turn || step > 0) {
            before.push_back({.op = (rows - 1) * row + receive});
          }
          if (slots > 1 && rows >= slots) {
            before.push_back({.op = (rows - slots) * row + next});
          }
          return before;
        };
        add_row(loop, step / (ranks_ - 1), step % (ranks_ - 1), waits);
      }
    }
    return builder_.finish();
  }

 private:
  [[nodiscard]] RankId at(std::uint32_t channel, std::uint32_t position) const {
    return orders_[channel][position % ranks_];
  }

  /// One step of a phase, an operation per channel and position. `waits` says what an operation
  /// waits for, from the places in a row of the rank's own, of the rank before and of the next.
  template <class Waits>
  void add_row(std::uint32_t loop, std::uint32_t phase, std::uint32_t step, const Waits& waits) {
    const bool adds = phase == 0 && workload_.collective != Collective::all_gather;
    const std::uint32_t back = step + (adds ? 1 : 0);  // starting there, a rank ends with its own
    for (std::uint32_t channel = 0; channel < channels_; ++channel) {
      for (std::uint32_t i = 0; i < ranks_; ++i) {
        const RankId owner = at(channel, i + ranks_ - back);
        const std::uint32_t first = channel * ranks_;
        builder_.add({.kind = adds ? OpKind::reduce : OpKind::copy,
                      .protocol = workload_.protocol,
                      .channel = static_cast<std::uint16_t>(channel),
                      .rank = at(channel, i),
                      .peer = at(channel, i + 1),
                      .route = to_next_[first + i],
                      .chunk = (owner.value * channels_ + channel) * loops_ + loop,
                      .amount = (workload_.size / (double{1} * channels_ * ranks_ * loops_)).si()},
                     waits(first + i, first + (i + ranks_ - 1) % ranks_, first + (i + 1) % ranks_));
      }
    }
  }

  const Workload& workload_;
  std::uint32_t ranks_;
  std::uint32_t channels_;
  std::uint32_t loops_;
  std::vector<std::vector<RankId>> orders_;
  ScheduleBuilder builder_;
  std::vector<RouteId> to_next_;  ///< by channel and position
};

Schedule generate(const Workload& workload, RouteSource& routes) {
  if (is_chain(workload)) {
    return chains(workload, routes, ring_orders(workload));
  }
  RingWriter writer(workload, routes);
  return is_compact(workload) ? writer.compact() : writer.plain();
}

}  // namespace

extern const GeneratorEntry ring{
    .name = "ring",
    .collectives = supported,
    .summary = "Every rank sends to the next one, n−1 steps per phase; bandwidth-optimal",
    .citation =
        "Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of "
        "workstations, JPDC 69(2), 2009, doi:10.1016/j.jpdc.2008.09.002",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

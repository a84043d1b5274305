// SPDX-License-Identifier: Apache-2.0
// Ring all_reduce, all_gather, reduce_scatter: every rank sends to the next one and receives from
// the one before, n − 1 steps per phase. Held in compact form: one block per phase, whose chunks
// move back by one ring position per iteration.
//
// With c channels the buffer is cut into c rings over the same order; ring position j of channel k
// is chunk c·j + k, so that rank j owns the contiguous chunks [c·j, c·j + c).
#include <array>
#include <vector>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter};

std::string refuses(const Workload& workload) {
  const std::uint64_t phases = workload.collective == Collective::all_reduce ? 2 : 1;
  return refuse_size(phases * workload.channels * workload.ranks.value);
}

class RingWriter {
 public:
  RingWriter(const Workload& workload, RouteSource& routes)
      : workload_(workload),
        ranks_(workload.ranks.value),
        channels_(workload.channels),
        builder_(workload.ranks, channels_ * ranks_) {
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
      to_next_.push_back(routes.between(RankId(rank), RankId(next(rank))));
    }
  }

  /// n − 1 steps; in the first one rank r sends ring position r + `first`. A step starts when the
  /// rank's own send and receive of the step before have ended, in this phase or the one before.
  void add_phase(OpKind kind, std::uint32_t first) {
    const bool has_phase_before = phases_++ > 0;
    builder_.begin_block(ranks_ - 1, channels_ * (ranks_ - 1));
    for (std::uint32_t channel = 0; channel < channels_; ++channel) {
      for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
        const std::uint32_t send = channel * ranks_ + rank;
        const std::uint32_t receive = channel * ranks_ + (rank + ranks_ - 1) % ranks_;
        std::vector<Predecessor> before{{.op = send, .when = When::carried},
                                        {.op = receive, .when = When::carried}};
        if (has_phase_before) {
          before.push_back({.op = send, .when = When::entry});
          before.push_back({.op = receive, .when = When::entry});
        }
        builder_.add(operation(kind, channel, rank, (rank + first) % ranks_), before);
      }
    }
  }

  [[nodiscard]] Schedule finish() { return builder_.finish(); }

 private:
  [[nodiscard]] std::uint32_t next(std::uint32_t rank) const { return (rank + 1) % ranks_; }

  [[nodiscard]] Operation operation(OpKind kind, std::uint32_t channel, std::uint32_t rank,
                                    std::uint32_t position) const {
    return {.kind = kind,
            .protocol = workload_.protocol,
            .channel = static_cast<std::uint16_t>(channel),
            .rank = RankId(rank),
            .peer = RankId(next(rank)),
            .route = to_next_[rank],
            .chunk = channels_ * position + channel,
            .chunk_count = 1,
            .amount = (workload_.size / (double{1} * channels_ * ranks_)).si()};
  }

  const Workload& workload_;
  std::uint32_t ranks_;
  std::uint32_t channels_;
  ScheduleBuilder builder_;
  std::vector<RouteId> to_next_;
  int phases_ = 0;
};

Schedule generate(const Workload& workload, RouteSource& routes) {
  RingWriter writer(workload, routes);
  if (workload.collective != Collective::all_gather) {
    // Starting at position r − 1, rank r ends with its own position r complete.
    writer.add_phase(OpKind::reduce, workload.ranks.value - 1);
  }
  if (workload.collective != Collective::reduce_scatter) {
    writer.add_phase(OpKind::copy, 0);
  }
  return writer.finish();
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

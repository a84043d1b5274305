// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/rounds.hpp"

#include <utility>

namespace plumbline::workload {

RoundWriter::RoundWriter(const Workload& workload, RouteSource& routes, std::uint32_t chunks)
    : workload_(workload),
      routes_(routes),
      chunks_(chunks),
      builder_(workload.ranks, chunks),
      before_(workload.ranks.value),
      now_(workload.ranks.value) {}

void RoundWriter::add(OpKind kind, RankId from, RankId to, std::uint32_t chunk,
                      std::uint32_t count) {
  const Operation transfer{.kind = kind,
                           .protocol = workload_.protocol,
                           .rank = from,
                           .peer = to,
                           .route = routes_.between(from, to),
                           .chunk = chunk,
                           .chunk_count = count,
                           .amount = (workload_.size * (double{1} * count / chunks_)).si()};
  const Predecessor index{.op = builder_.add(transfer, before_[from.index()])};
  for (const RankId rank : {from, to}) {
    if (now_[rank.index()].empty()) {
      busy_.push_back(rank);
    }
    now_[rank.index()].push_back(index);
  }
}

void RoundWriter::next() {
  for (const RankId rank : busy_) {
    before_[rank.index()] = std::exchange(now_[rank.index()], {});
  }
  busy_.clear();
}

void add_rings(RoundWriter& writer, OpKind kind, const std::vector<std::vector<RingMember>>& rings,
               std::uint32_t count) {
  const std::size_t length = rings.front().size();
  // Reducing starts one place farther back, so as to end with one's own.
  const std::size_t first = kind == OpKind::reduce ? 1 : 0;
  for (std::size_t step = 0; step + 1 < length; ++step) {
    for (const std::vector<RingMember>& ring : rings) {
      for (std::size_t i = 0; i < length; ++i) {
        const RingMember& owner = ring[(i + 2 * length - step - first) % length];
        writer.add(kind, ring[i].rank, ring[(i + 1) % length].rank, owner.first_chunk, count);
      }
    }
    writer.next();
  }
}

}  // namespace plumbline::workload

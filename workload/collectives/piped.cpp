// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/piped.hpp"

#include <algorithm>

namespace plumbline::workload {

namespace {

class Pipe {
 public:
  Pipe(const Workload& workload, RouteSource& routes, std::span<const PipedHop> hops,
       std::uint32_t streams, Shape shape)
      : hops_(hops),
        slots_(workload.slots),
        pieces_(static_cast<std::uint32_t>(pieces_of(workload.size / streams, workload.chunk))),
        builder_(workload.ranks, streams * pieces_),
        feeds_(hops.size()) {
    if (shape == Shape::tree) {
      builder_.along_trees();
    }
    for (std::uint32_t h = 0; h < hops.size(); ++h) {
      const PipedHop& hop = hops[h];
      operations_.push_back({.kind = hop.kind,
                             .protocol = workload.protocol,
                             .channel = static_cast<std::uint16_t>(hop.stream),
                             .rank = hop.from,
                             .peer = hop.group.empty() ? hop.to : group_of(hop),
                             .route = route_of(hop, routes),
                             .chunk = hop.stream * pieces_,
                             .amount = (workload.size / (double{1} * streams * pieces_)).si()});
      for (const std::uint32_t before : hop.fed_by) {
        feeds_[before].push_back(h);
      }
    }
  }

  Schedule one_slot() {
    builder_.begin_block(pieces_, 1);
    for (std::uint32_t h = 0; h < hops_.size(); ++h) {
      std::vector<Predecessor> before{{.op = h, .when = When::carried}};
      for (const std::uint32_t feeder : hops_[h].fed_by) {
        before.push_back({.op = feeder});
      }
      builder_.add(operations_[h], before);
    }
    return builder_.finish();
  }

  Schedule several_slots() {
    for (std::uint32_t piece = 0; piece < pieces_; ++piece) {
      for (std::uint32_t h = 0; h < hops_.size(); ++h) {
        std::vector<Predecessor> before;
        for (const std::uint32_t feeder : hops_[h].fed_by) {
          before.push_back({.op = index(feeder, piece)});
        }
        if (piece >= slots_) {
          add_credits(before, h, piece - slots_);
        }
        Operation op = operations_[h];
        op.chunk += piece;
        builder_.add(op, before);
      }
    }
    return builder_.finish();
  }

 private:
  [[nodiscard]] RankId group_of(const PipedHop& hop) { return RankId(builder_.group(hop.group)); }

  [[nodiscard]] static RouteId route_of(const PipedHop& hop, RouteSource& routes) {
    switch (hop.kind) {
      case OpKind::multicast:
        return routes.multicast(hop.from, hop.group);
      case OpKind::switch_reduce:
        return routes.switch_reduce(hop.from, hop.group);
      case OpKind::switch_all_reduce:
        return routes.switch_all_reduce(hop.group);
      default:
        return routes.between(hop.from, hop.to, hop.stream);
    }
  }

  [[nodiscard]] std::uint32_t index(std::uint32_t hop, std::uint32_t piece) const {
    return piece * static_cast<std::uint32_t>(hops_.size()) + hop;
  }

  void add_credits(std::vector<Predecessor>& before, std::uint32_t hop, std::uint32_t piece) const {
    for (const std::uint32_t next : feeds_[hop]) {
      before.push_back({.op = index(next, piece)});
    }
    if (feeds_[hop].empty()) {
      before.push_back({.op = index(hop, piece)});
    }
  }

  std::span<const PipedHop> hops_;
  std::uint32_t slots_;
  std::uint32_t pieces_;
  ScheduleBuilder builder_;
  std::vector<std::vector<std::uint32_t>> feeds_;
  std::vector<Operation> operations_;
};

}  // namespace

Schedule pipe(const Workload& workload, RouteSource& routes, std::span<const PipedHop> hops,
              std::uint32_t streams, Shape shape) {
  Pipe pipe(workload, routes, hops, streams, shape);
  return workload.slots == 1 ? pipe.one_slot() : pipe.several_slots();
}

std::string refuse_pipe(const Workload& workload, std::uint64_t hops, std::uint32_t streams) {
  const std::uint64_t pieces = pieces_of(workload.size / streams, workload.chunk);
  if (std::string why = refuse_size(pieces); !why.empty()) {
    return why;
  }
  return refuse_size(workload.slots == 1 ? std::max(hops, streams * pieces) : hops * pieces);
}

}  // namespace plumbline::workload

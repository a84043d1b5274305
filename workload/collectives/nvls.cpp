// SPDX-License-Identifier: Apache-2.0
// Collectives that the switch computes. Rank r looks after the r-th part of the buffer: it asks the
// switch for the sum of everyone's part r, and has the switch give it to everyone. An all_gather is
// the second half of that, a reduce_scatter the first; broadcast and reduce do it with the whole
// buffer at the root. Parts are cut into pieces; a rank's next sum waits for its last one, so that
// summing one piece goes beside handing out the piece before.
#include <array>
#include <optional>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter, Collective::broadcast,
                               Collective::reduce};

bool has_root(Collective collective) {
  return collective == Collective::broadcast || collective == Collective::reduce;
}

bool adds(Collective collective) {
  return collective != Collective::all_gather && collective != Collective::broadcast;
}

bool replicates(Collective collective) {
  return collective != Collective::reduce_scatter && collective != Collective::reduce;
}

std::uint64_t parts(const Workload& workload) {
  return has_root(workload.collective) ? 1 : workload.ranks.value;
}

std::uint64_t pieces(const Workload& workload) {
  return pieces_of(workload.size / static_cast<double>(parts(workload)), workload.chunk);
}

std::string refuses(const Workload& workload) {
  if (!workload.site.in_network) {
    return "no switch that adds and replicates joins all ranks";
  }
  if (std::string why = refuse_options(workload, {Option::chunk}); !why.empty()) {
    return why;
  }
  if (std::string why = refuse_size(pieces(workload)); !why.empty()) {
    return why;
  }
  return refuse_size(2 * parts(workload) * pieces(workload));
}

class NvlsWriter {
 public:
  NvlsWriter(const Workload& workload, RouteSource& routes)
      : workload_(workload),
        parts_(static_cast<std::uint32_t>(parts(workload))),
        pieces_(static_cast<std::uint32_t>(pieces(workload))),
        builder_(workload.ranks, parts_ * pieces_) {
    std::vector<RankId> all;
    for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
      all.emplace_back(rank);
    }
    for (std::uint32_t part = 0; part < parts_; ++part) {
      sum_routes_.push_back(routes.switch_reduce(owner(part), all));
      gift_routes_.push_back(routes.multicast(owner(part), all));
    }
    group_ = builder_.group(std::move(all));
  }

  Schedule write() {
    std::vector<std::optional<std::uint32_t>> sum(parts_);
    std::vector<std::optional<std::uint32_t>> gift(parts_);
    for (std::uint32_t piece = 0; piece < pieces_; ++piece) {
      for (std::uint32_t part = 0; part < parts_; ++part) {
        if (adds(workload_.collective)) {
          sum[part] = add(OpKind::switch_reduce, part, piece, sum[part], {});
        }
      }
      for (std::uint32_t part = 0; part < parts_; ++part) {
        if (replicates(workload_.collective)) {
          gift[part] = add(OpKind::multicast, part, piece, gift[part], sum[part]);
        }
      }
    }
    return builder_.finish();
  }

 private:
  [[nodiscard]] RankId owner(std::uint32_t part) const {
    return has_root(workload_.collective) ? workload_.root : RankId(part);
  }

  std::uint32_t add(OpKind kind, std::uint32_t part, std::uint32_t piece,
                    std::optional<std::uint32_t> last, std::optional<std::uint32_t> source) {
    std::vector<Predecessor> before;
    for (const auto& awaited : {last, source}) {
      if (awaited) {
        before.push_back({.op = *awaited});
      }
    }
    const auto& routes = kind == OpKind::multicast ? gift_routes_ : sum_routes_;
    return builder_.add({.kind = kind,
                         .protocol = workload_.protocol,
                         .rank = owner(part),
                         .peer = RankId(group_),
                         .route = routes[part],
                         .chunk = part * pieces_ + piece,
                         .amount = (workload_.size / (double{1} * parts_ * pieces_)).si()},
                        before);
  }

  const Workload& workload_;
  std::uint32_t parts_;
  std::uint32_t pieces_;
  ScheduleBuilder builder_;
  std::uint32_t group_ = 0;
  std::vector<RouteId> sum_routes_;
  std::vector<RouteId> gift_routes_;
};

Schedule generate(const Workload& workload, RouteSource& routes) {
  return NvlsWriter(workload, routes).write();
}

}  // namespace

extern const GeneratorEntry nvls{
    .name = "nvls",
    .collectives = supported,
    .summary = "The switch sums and replicates: every rank looks after 1/n of the buffer",
    .citation =
        "Klenk et al., An in-network architecture for accelerating shared-memory multiprocessor "
        "collectives, ISCA 2020, doi:10.1109/ISCA45697.2020.00085",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

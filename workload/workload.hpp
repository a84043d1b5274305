// SPDX-License-Identifier: Apache-2.0
// What is asked for, before it is compiled to a schedule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/quantity.hpp"
#include "core/schema.hpp"
#include "workload/schedule.hpp"

namespace plumbline::workload {

/// From `flows` on they have no single size.
enum class Collective : std::uint8_t {
  all_reduce,
  all_gather,
  reduce_scatter,
  all_to_all,
  broadcast,
  reduce,
  send_recv,
  ping_pong,
  incast,
  all_to_allv,
  gather,
  scatter,
  outcast,
  permutation,
  barrier,
  stream,
  flows,
  pipeline,
  compute,
  together
};

[[nodiscard]] std::string_view to_text(Collective collective);
[[nodiscard]] std::optional<Collective> collective(std::string_view text);

/// busbw / algbw as nccl-tests defines it (PERFORMANCE.md of NVIDIA/nccl-tests): all_reduce
/// 2(n−1)/n; all_gather, reduce_scatter, all_to_all(v), gather, scatter (n−1)/n; else 1.
[[nodiscard]] double bus_factor(Collective collective, RankCount ranks);

/// One transfer between any two devices of the fabric. `via`: devices that all bytes are moved to
/// first, one after the other, as in a copy staged through host memory. Its equal pieces leave one
/// after the other, and each goes on from where it is once it has arrived there and the one before
/// it is where it goes next.
struct Flow {
  topology::DeviceId from;
  topology::DeviceId to;
  core::Bytes size;
  core::Seconds start;
  std::vector<topology::DeviceId> via{};
  std::uint32_t pieces = 1;
};

enum class PipelineSchedule : std::uint8_t { gpipe, one_f_one_b, interleaved };

[[nodiscard]] std::string_view to_text(PipelineSchedule schedule);

/// One training step through a pipeline: rank s holds stages s, s + p, s + 2p, … (`virtual_stages`
/// of them). `forward` and `backward` are one micro-batch's time on one rank's whole share, per
/// rank (or one value for all); with v virtual stages each chunk takes 1/v of it. `activation`
/// bytes go to the next stage and as many come back as gradient; zero: no transfer.
struct Pipeline {
  PipelineSchedule schedule = PipelineSchedule::one_f_one_b;
  std::uint32_t micro_batches = 1;
  std::uint32_t virtual_stages = 1;
  std::vector<core::Seconds> forward;
  std::vector<core::Seconds> backward;
  core::Bytes activation;
};

/// How the channels of a ring pass the ranks; collectives/ring_orders.hpp says it exactly.
enum class RingOrder : std::uint8_t { by_rank, both_directions, rotated, given };

/// Experts that the bytes of an all_to_all(v) are meant for, spread evenly over the ranks: each
/// token goes to `per_token` different ones, and counts as often in the size.
struct Experts {
  std::uint32_t count = 1;
  std::uint32_t per_token = 1;
};

/// What an algorithm may know of the place it runs on.
struct Site {
  std::vector<topology::DeviceId> device_of;  ///< by rank; empty: unknown
  /// Machine of each rank, numbered from 0 by first appearance; empty: all in one machine.
  std::vector<std::uint32_t> machine_of{};
  /// Of each rank, the number of its GPU among those of its machine; empty: unknown.
  std::vector<std::uint32_t> gpu_of{};
  bool in_network = false;          ///< switches that add and replicate join all ranks
  bool in_network_inside = false;   ///< they join the ranks of every machine
  bool in_network_leaders = false;  ///< they join the first ranks of all machines
};

/// What the fabric is to these ranks.
[[nodiscard]] Site site_of(const topology::Fabric& fabric, const topology::Placement& placement);

/// The name of an algorithm that is still to be chosen.
inline constexpr std::string_view automatic = "auto";

struct Part;
struct Program;

/// The request. Sizes follow nccl-tests: all_reduce, broadcast, reduce, send_recv: one rank's
/// buffer; all_gather, reduce_scatter, gather, scatter: total; all_to_all: what one rank sends in
/// total (all_to_allv: on average); incast, outcast, permutation: what goes from one rank to
/// another; barrier: one signal; ping_pong: one message (its schedule sends it there and one as
/// large back; see reported_share); stream: one message of `messages`.
///
/// `together`: all its parts, at once; devices of flows on which no rank is placed get numbers
/// after the ranks. In the schedule of `flows` the devices are numbered as they first appear, and
/// these numbers are its ranks: flows may join devices on which no rank is placed.
struct Workload {
  Collective collective = Collective::all_reduce;
  std::string algorithm;  ///< registry name; `flows` and `pipeline` for those
  Protocol protocol = Protocol::none;
  bool choose_protocol = false;  ///< `protocol: auto`, and none is chosen yet
  core::Bytes size;
  RankCount ranks;
  std::uint32_t channels = 1;
  std::optional<core::Bytes> chunk{};  ///< largest piece that a pipelining algorithm sends at once
  std::uint32_t slots = 1;             ///< pieces under way on one channel between two ranks
  RingOrder ring_order = RingOrder::by_rank;
  std::vector<std::vector<RankId>> rings{};  ///< RingOrder::given: of channel c that of c mod size
  std::vector<std::uint32_t> grid{};         ///< rows and columns of ranks, numbered row by row
  bool direct_inside = false;  ///< of hierarchical: in a machine all at once, not in steps
  Site site{};
  RankId root;  ///< broadcast, reduce, incast; the sender of send_recv and ping_pong is rank 0
  std::uint32_t messages = 1;  ///< of stream
  std::vector<Flow> flows;
  std::string case_name{};  ///< of flows: which of several named lists this is; empty: there is one
  std::optional<Pipeline> pipeline;
  std::vector<core::Bytes> traffic{};  ///< of all_to_allv: rank i's for rank j at [i·ranks + j]
  std::optional<Experts> experts{};
  std::vector<RankId> targets{};             ///< of permutation: where each rank sends
  core::Seconds duration{};                  ///< of compute: what every rank computes for
  std::vector<Part> parts;                   ///< of together
  std::shared_ptr<const Program> program{};  ///< of msccl
};

/// One of several workloads that run at once; a collective on a process group is one per group.
struct Part {
  std::string name;
  std::vector<RankId> ranks;  ///< rank of the part → rank of the whole
  core::Seconds start;        ///< when its first operations may start
  Workload work;
};

/// Whether its algorithm or protocol is still to be chosen; there is no schedule of it until then.
[[nodiscard]] inline bool is_open(const Workload& workload) {
  return workload.algorithm == automatic || workload.choose_protocol;
}

/// Share of the schedule's duration that a measurement reports: 0.5 of a ping_pong, whose schedule
/// is one round trip while benchmarks print one way; one message's share of a stream; else 1.
[[nodiscard]] double reported_share(const Workload& workload);

/// The keys of `workload:` as documentation and JSON Schema need them.
[[nodiscard]] const core::SchemaInfo& workload_schema();

/// Ranks asked for, read before the placement is known; nullopt: as many as the fabric has
/// endpoints.
[[nodiscard]] std::optional<RankCount> read_ranks(const core::Cursor& workload);

/// Binds a `workload:` map; mistakes, impossible combinations included, go to the cursor's
/// diagnostics. `site` is where its ranks are placed, `base` the folder that relative paths count
/// from.
[[nodiscard]] std::optional<Workload> read_workload(const core::Cursor& cursor,
                                                    const topology::Fabric& fabric, RankCount ranks,
                                                    Site site = {},
                                                    const std::filesystem::path& base = {});

}  // namespace plumbline::workload

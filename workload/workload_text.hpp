// SPDX-License-Identifier: Apache-2.0
// The maps of a `workload:` as they are written, before it is known what they mean together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/schema.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {

/// What `collective:` may say.
[[nodiscard]] std::vector<std::string> collective_names();

[[nodiscard]] std::vector<std::string> protocol_names();

/// What `rings:` may say where it is no list.
[[nodiscard]] std::vector<std::string> ring_order_names();

/// Names of the generators of a collective; of all collectives where none is given.
[[nodiscard]] std::vector<std::string> algorithm_names(std::optional<Collective> collective);

/// The same, and `auto`.
[[nodiscard]] std::vector<std::string> with_automatic(std::vector<std::string> names);

struct FlowText {
  std::string from;
  std::string to;
  core::Bytes size;
  core::Seconds start;
  std::optional<core::Bytes> chunk;

  static const core::Schema<FlowText>& schema();
};

struct PipelineText {
  std::string schedule;
  std::uint32_t micro_batches = 1;
  std::uint32_t virtual_stages = 1;
  std::optional<core::Seconds> forward;
  std::optional<std::vector<core::Seconds>> forward_per_rank;
  std::optional<core::Seconds> backward;
  std::optional<std::vector<core::Seconds>> backward_per_rank;
  core::Bytes activation;

  static const core::Schema<PipelineText>& schema();
};

struct SkewText {
  double zipf = 0.0;
  std::uint64_t seed = 0;

  static const core::Schema<SkewText>& schema();
};

struct ExpertsText {
  std::uint32_t count = 1;
  std::uint32_t per_token = 1;

  static const core::Schema<ExpertsText>& schema();
};

struct PermutationText {
  std::string pattern;
  std::optional<std::uint32_t> by;
  std::optional<std::uint64_t> seed;

  static const core::Schema<PermutationText>& schema();
};

/// Binds the keys that say who sends how much to whom: sizes or skew, experts, permutation.
/// Mistakes go to the cursor; false where there are some. `workload` has its collective, ranks and
/// size.
[[nodiscard]] bool read_exchange(const core::Cursor& cursor, Workload& workload);

/// Reads the list of transfers at `flows`, or of several named ones that which the sweep is at;
/// false after a mistake.
[[nodiscard]] bool read_flows(const core::Cursor& at, const topology::Fabric& fabric,
                              Workload& workload);

/// Reads and proves the file of a program, a relative path counted from `base`; false after a
/// mistake. `workload` has its algorithm, collective, ranks and root.
[[nodiscard]] bool read_program(const core::Cursor& cursor, const std::filesystem::path& base,
                                Workload& workload);

/// Binds `rings`, a relative path counted from `base`; false after a mistake. `workload` has its
/// algorithm, site and channels; where `channels` is not there, it gets as many as orders are
/// given.
[[nodiscard]] bool read_rings(const core::Cursor& cursor, const std::filesystem::path& base,
                              Workload& workload);

/// One item of `together`.
struct PartText {
  std::optional<std::string> name;
  std::optional<std::string> group;
  std::optional<std::vector<std::uint32_t>> members;
  core::Seconds start;

  static const core::Schema<PartText>& schema();
};

/// The keys beside `together`.
struct TogetherText {
  static const core::Schema<TogetherText>& schema();
};

/// Binds a `workload:` map that has the key `together`.
[[nodiscard]] std::optional<Workload> read_together(const core::Cursor& cursor,
                                                    const topology::Fabric& fabric, RankCount ranks,
                                                    const Site& site,
                                                    const std::filesystem::path& base);

/// The keys that are simply values; the others choose what the values mean.
struct WorkloadText {
  std::optional<core::Bytes> size;
  std::optional<std::uint32_t> channels;
  std::optional<core::Bytes> chunk;
  std::optional<std::uint32_t> slots;
  std::optional<std::uint32_t> messages;
  std::optional<std::vector<std::uint32_t>> grid;
  std::string inner;
  std::optional<std::uint32_t> root;
  std::optional<core::Seconds> compute;
  std::optional<std::string> file;

  static const core::Schema<WorkloadText>& schema();
};

}  // namespace plumbline::workload

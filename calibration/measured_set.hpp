// SPDX-License-Identifier: Apache-2.0
// Measured sets: what the readers make of a folder with data.csv and about.yaml, or of a log.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/quantity.hpp"

namespace plumbline::calibration {

/// One point. An empty algorithm or protocol: the library chose. Sizes: all_reduce, broadcast,
/// reduce, send_recv: bytes of one rank's buffer; all_gather, reduce_scatter, gather, scatter: all
/// ranks together; all_to_all: what one rank sends in total; ping_pong: one message, the time one
/// way; copy: one flow.
struct MeasuredRow {
  std::string collective;
  std::string algorithm;
  std::string protocol;
  std::uint32_t nodes = 0;
  std::uint32_t ranks = 0;
  core::Bytes size;
  core::Seconds time;
  std::optional<core::Seconds> time_low;
  std::optional<core::Seconds> time_high;
  std::uint32_t repeats = 1;
  /// What rounding to the printed digits hides: half a unit of the last one. Zero: not known.
  core::Seconds time_error;
  std::optional<core::Seconds> in_place{};  ///< nccl-tests' second time; `time` is out of place
  std::optional<core::Bandwidth> algbw{};   ///< as printed
  std::optional<core::Bandwidth> busbw{};   ///< as printed
  std::vector<core::Seconds> iterations{};  ///< of each run, where the file lists them
  int line = 0;                             ///< in the file it was read from
};

/// What became of the lines of a log; every line is in exactly one of them.
struct LineTally {
  std::size_t read = 0;
  std::size_t comments = 0;
  std::size_t reported = 0;  ///< by a diagnostic
};

struct MeasuredSet {
  std::string name;  ///< the folder's, or the file's without its ending
  std::string title;
  std::string software;
  std::string source;
  std::string licence;
  std::string role;  ///< `check` for sets that must not be fitted on; empty otherwise
  std::vector<std::string> notes;
  std::string method;
  std::string reader;  ///< that read it
  std::string data_file;
  LineTally lines;
  std::vector<MeasuredRow> rows;
};

/// What a point of an experiment asks of a set; nodes and ranks only where they are given. `where`
/// restricts columns: algorithm, protocol, nodes, ranks.
struct MeasuredQuery {
  std::string collective;
  std::optional<std::uint32_t> nodes{};
  std::optional<std::uint32_t> ranks{};
  core::Bytes size;
  std::map<std::string, std::string> where;
};

/// The rows that match collective, nodes, ranks and size (exactly) and `where`.
[[nodiscard]] std::vector<const MeasuredRow*> match(const MeasuredSet& set,
                                                    const MeasuredQuery& query);

/// Every collective a workload can name, and `copy`: flows between devices, measured alone or
/// together.
[[nodiscard]] const std::vector<std::string>& collective_names();

}  // namespace plumbline::calibration

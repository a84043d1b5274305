// SPDX-License-Identifier: Apache-2.0
// Measured sets: a folder with data.csv and about.yaml.
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

/// One row of data.csv. An empty algorithm or protocol: the library chose.
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
  int line = 0;  ///< in data.csv
};

struct MeasuredSet {
  std::string name;  ///< the folder's name
  std::string title;
  std::string software;
  std::string source;
  std::string licence;
  std::string role;  ///< `check` for sets that must not be fitted on; empty otherwise
  std::vector<std::string> notes;
  std::string data_file;
  std::vector<MeasuredRow> rows;
};

/// Reads a folder; every mistake of either file is a diagnostic at its place.
[[nodiscard]] std::optional<MeasuredSet> load_measured_set(const std::filesystem::path& folder,
                                                           core::Diagnostics& diagnostics);

/// What a point of an experiment asks of a set. `where` restricts columns: algorithm, protocol,
/// nodes, ranks.
struct MeasuredQuery {
  std::string collective;
  std::uint32_t nodes = 0;
  std::uint32_t ranks = 0;
  core::Bytes size;
  std::map<std::string, std::string> where;
};

/// The rows that match collective, nodes, ranks and size (exactly) and `where`.
[[nodiscard]] std::vector<const MeasuredRow*> match(const MeasuredSet& set,
                                                    const MeasuredQuery& query);

}  // namespace plumbline::calibration

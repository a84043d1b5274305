// SPDX-License-Identifier: Apache-2.0
// A result set as text and files. Everything but HDF5 is returned as text; writing is the caller's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/result.hpp"

namespace plumbline::report {

struct TableStyle {
  bool color = false;
  bool gaps = true;   ///< the paragraph that explains the gaps
  bool links = true;  ///< the hottest links
};

/// For people: a row per point in nccl-tests' words, then bounds, gaps and links explained.
[[nodiscard]] std::string to_table(const ResultSet& result, const TableStyle& style);

/// One JSON document, schema `plumbline.result/1`; SI units, stable key order, NaN as null.
[[nodiscard]] std::string to_json(const ResultSet& result);

/// Its JSON Schema (draft 2020-12).
[[nodiscard]] std::string result_schema();

/// Long form, one row per (point, engine); RFC 4180.
[[nodiscard]] std::string to_csv(const ResultSet& result);

/// Chrome trace events of the replays whose points hold a trace; opens in Perfetto.
[[nodiscard]] std::string to_trace(const ResultSet& result);

/// A replay's timeline with the operations' names. Empty where no timeline was asked for;
/// InternalError where it is not of this Dag.
[[nodiscard]] std::vector<TraceOperation> trace_operations(const workload::Dag& dag,
                                                           const workload::ReplayDetails& replay);

/// N-dimensional dataset with dimension scales; opens in h5py and xarray. IoError when it can't be
/// written.
void write_hdf5(const ResultSet& result, const std::filesystem::path& file);

}  // namespace plumbline::report

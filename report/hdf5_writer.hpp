// SPDX-License-Identifier: Apache-2.0
// A dataset of named dimensions, as netCDF and xarray understand HDF5: variables with dimension
// scales, units and long names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "report/hdf5_handle.hpp"

namespace plumbline::report {

/// What a variable is, for people and for units-aware readers.
struct About {
  std::string_view units;  ///< `s`, `B/s`, `1`; empty for text
  std::string_view long_name;
};

/// A file in memory: it reaches the disk whole, by one write whose errors are ours to report.
/// Errors of every member: IoError.
class Hdf5Writer {
 public:
  Hdf5Writer();

  /// Adds a dimension with its coordinate; returns nothing to hold: dimensions go by name.
  void dimension(const std::string& name, const std::vector<double>& values, About about);
  void dimension(const std::string& name, const std::vector<std::string>& values, About about);

  /// Row-major over the dimensions named (none: a scalar).
  void variable(const std::string& name, const std::vector<std::string>& dimensions,
                const std::vector<double>& values, About about);
  void variable(const std::string& name, const std::vector<std::string>& dimensions,
                const std::vector<std::string>& values, About about);

  /// A flag per element; `meanings` are the names of 0, 1, 2, …, separated by spaces.
  void flags(const std::string& name, const std::vector<std::string>& dimensions,
             const std::vector<std::uint8_t>& values, std::string_view meanings,
             std::string_view long_name);

  void attribute(const std::string& name, const std::string& value);
  void attribute(const std::string& name, bool value);

  /// Texts of a sub-group, outside of the grid.
  void group(const std::string& name);
  void list(const std::string& path, const std::vector<std::string>& values);
  void list(const std::string& path, const std::vector<std::int64_t>& values);
  void text(const std::string& path, const std::string& value);

  /// Nothing is left behind where writing fails.
  void save(const std::filesystem::path& file) const;

 private:
  struct Dimension {
    std::string name;
    hsize_t size = 0;
  };

  [[nodiscard]] const Dimension& find(const std::string& name) const;
  [[nodiscard]] Space space(const std::vector<std::string>& dimensions) const;
  [[nodiscard]] Dataset create(const std::string& path, const Type& type, const Space& space);
  void attach(const Dataset& dataset, const std::vector<std::string>& dimensions);
  void describe(const Dataset& dataset, About about);
  void make_scale(const Dataset& dataset, const std::string& name, hsize_t size);

  QuietErrors quiet_;
  File file_;
  std::vector<Dimension> dimensions_;
};

}  // namespace plumbline::report

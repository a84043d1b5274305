// SPDX-License-Identifier: Apache-2.0
// A matrix of copies between devices: one number per ordered pair.
#pragma once

#include <string>

#include "calibration/log.hpp"

namespace plumbline::calibration {

/// What the cells of one matrix are.
struct PrintedMatrix {
  std::string algorithm;  ///< of every cell, before its pair
  core::Bytes size;       ///< of one copy
  double unit = 0.0;      ///< of a cell: bytes a second, or seconds; zero: not a matrix of ours
  bool is_time = false;
  double copies = 1.0;      ///< that the program counts into a cell's bandwidth
  double diagonal = 1.0;    ///< more of them in cells of one device with itself
  std::uint32_t ranks = 1;  ///< flows at once
};

/// Cells added up beside the sum that a program prints of them, each rounded.
class CellSum {
 public:
  void add(std::string_view cell);

  /// Empty where `printed` is the sum, else what is wrong with it.
  [[nodiscard]] std::string differs(std::string_view printed) const;

 private:
  Printed sum_;
};

/// One cell as a copy row; "N/A" is none. False after a warning where it is no number above zero.
bool add_cell(Log& log, const PrintedMatrix& matrix, int line, const Token& cell,
              std::string_view row, std::string_view column);

}  // namespace plumbline::calibration

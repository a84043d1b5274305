// SPDX-License-Identifier: Apache-2.0
#include "calibration/matrix.hpp"

#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace plumbline::calibration {

void CellSum::add(std::string_view cell) {
  if (const std::optional<Printed> value = parse_printed(cell)) {
    sum_.value += value->value;
    sum_.half_unit += value->half_unit;
  }
}

std::string CellSum::differs(std::string_view printed) const {
  const std::optional<Printed> sum = parse_printed(printed);
  constexpr double dust = 1e-9;
  const bool same = sum && std::abs(sum->value - sum_.value) <=
                               sum->half_unit + sum_.half_unit + dust * sum_.value;
  return same ? std::string()
              : fmt::format("the cells add up to {:.6g}, and the sum is printed as '{}'",
                            sum_.value, printed);
}

bool add_cell(Log& log, const PrintedMatrix& matrix, int line, const Token& cell,
              std::string_view row, std::string_view column) {
  if (cell.text == "N/A") {
    return true;
  }
  Printed value;
  if (!read_time(log, line, cell, 1.0, value)) {
    return false;
  }
  MeasuredRow found;
  found.collective = "copy";
  found.algorithm = fmt::format("{}/{}-{}", matrix.algorithm, row, column);
  found.nodes = 1;
  found.ranks = matrix.ranks;
  found.size = matrix.size;
  found.line = line;
  if (matrix.is_time) {
    found.time = core::Seconds::from_si(value.value * matrix.unit);
  } else {
    const double copies = matrix.copies * (row == column ? matrix.diagonal : 1.0);
    found.algbw = core::Bandwidth::from_si(value.value * matrix.unit / copies);
    found.time = found.size / *found.algbw;
  }
  found.time_error = found.time * (value.half_unit / value.value);
  log.add({std::move(found), {}});
  return true;
}

}  // namespace plumbline::calibration

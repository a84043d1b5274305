// SPDX-License-Identifier: Apache-2.0
// One run of a program of nccl-tests, however it was written down, and what its rows say about each
// other: size, time and algbw must agree, and busbw/algbw is a function of collective and ranks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/log.hpp"

namespace plumbline::calibration {

struct NcclRow {
  MeasuredRow row;  ///< collective, nodes and ranks are filled in at the end of the run
  Printed time;     ///< seconds
  std::optional<Printed> algbw;  ///< bytes a second
  std::optional<Printed> busbw;
  std::optional<std::uint64_t> count;  ///< of elements, where it is printed
  std::string type;
  std::string operation;    ///< "none" or empty: the collective does not reduce
  std::optional<int> root;  ///< below 0: the collective has none; absent: not printed
  int column = 1;
};

struct NcclRun {
  std::string program;  ///< all_reduce_perf; empty where the log does not name it
  std::uint32_t ranks = 0;
  std::uint32_t nodes = 0;
  int line = 1;  ///< where its table begins
  std::vector<NcclRow> rows;
};

/// all_reduce_perf → all_reduce; empty for a program whose collective has no name here.
[[nodiscard]] std::string collective_of_program(std::string_view program);

/// The name of a program of nccl-tests in a command line or a comment; empty where there is none.
[[nodiscard]] std::string program_in(std::string_view text);

/// False after a warning where size / time is not what the row prints as algbw; the warning says
/// what the numbers look like: another unit, or a bandwidth where the time belongs.
[[nodiscard]] bool check_algbw(Log& log, const NcclRow& row);

/// False after a warning where `text` is no number of wrong elements (or N/A: not checked), or not
/// zero. `column` is where it stands; the row is to be left out.
[[nodiscard]] bool check_wrong(Log& log, int line, int column, const std::string& text);

/// Settles collective, ranks and nodes from what the run says, the hints, or busbw/algbw; takes the
/// rows that agree with them into the log, and reports the others.
void finish_run(Log& log, const ReadHints& hints, NcclRun run);

}  // namespace plumbline::calibration

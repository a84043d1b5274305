// SPDX-License-Identifier: Apache-2.0
#include "calibration/nccl_run.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "core/text.hpp"
#include "core/units.hpp"
#include "workload/workload.hpp"

namespace plumbline::calibration {
namespace {

struct Program {
  std::string_view name;
  std::string_view collective;
};

constexpr std::array programs{Program{"all_reduce_perf", "all_reduce"},
                              Program{"all_gather_perf", "all_gather"},
                              Program{"reduce_scatter_perf", "reduce_scatter"},
                              Program{"broadcast_perf", "broadcast"},
                              Program{"reduce_perf", "reduce"},
                              Program{"alltoall_perf", "all_to_all"},
                              Program{"sendrecv_perf", "send_recv"},
                              Program{"gather_perf", "gather"},
                              Program{"scatter_perf", "scatter"},
                              Program{"alltoallv_perf", ""},
                              Program{"hypercube_perf", ""}};

constexpr std::uint32_t most_ranks = 16384;  // that are tried

/// A closed interval of numbers.
struct Range {
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();

  [[nodiscard]] bool contains(double value) const {
    constexpr double dust = 1e-9;
    return value >= low * (1 - dust) && value <= high * (1 + dust);
  }

  [[nodiscard]] Range both(Range other) const {
    return {std::max(low, other.low), std::min(high, other.high)};
  }
};

Range range_of(Printed number) {
  return {std::max(0.0, number.value - number.half_unit), number.value + number.half_unit};
}

Range ratio(Range a, Range b) {
  return {a.low / b.high, b.low > 0 ? a.high / b.low : std::numeric_limits<double>::infinity()};
}

/// busbw / algbw as a row prints them; everything where it does not.
Range factor_of(const NcclRow& row) {
  return row.algbw && row.busbw ? ratio(range_of(*row.busbw), range_of(*row.algbw)) : Range{};
}

double factor(std::string_view collective, std::uint32_t ranks) {
  return workload::bus_factor(*workload::collective(collective), workload::RankCount(ranks));
}

Range common_factor(const std::vector<NcclRow>& rows) {
  Range result;
  for (const NcclRow& row : rows) {
    const Range narrower = result.both(factor_of(row));
    result = narrower.low <= narrower.high ? narrower : result;  // one garbled row is no reason
  }
  return result;
}

/// What size, time and algbw of a row would say if they did not contradict each other.
std::string looks_like(const NcclRow& row, Range computed, Range printed) {
  constexpr double microseconds = 1e-6;
  constexpr double milliseconds = 1e-3;
  constexpr double gigabytes = 1e9;
  for (const auto& [name, rate] : {std::pair{"busbw", row.busbw}, std::pair{"algbw", row.algbw}}) {
    for (const double unit : {microseconds, milliseconds}) {
      if (rate && range_of(row.time * (1 / unit)).contains(rate->value / gigabytes)) {
        return fmt::format(
            "the time is the number printed as {}: does its column hold bandwidth? "
            "Put the times there",
            name);
      }
    }
  }
  const Range apart = ratio(computed, printed);
  return unit_suspicion(apart.low, apart.high);
}

/// Bytes of an element; zero of a type that is not known.
std::uint64_t bytes_of(std::string_view type) {
  using namespace std::string_view_literals;
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 14> types{
      {{"int8"sv, 1},
       {"uint8"sv, 1},
       {"char"sv, 1},
       {"f8e4m3"sv, 1},
       {"f8e5m2"sv, 1},
       {"fp8_e4m3"sv, 1},
       {"fp8_e5m2"sv, 1},
       {"half"sv, 2},
       {"bfloat16"sv, 2},
       {"int32"sv, 4},
       {"uint32"sv, 4},
       {"float"sv, 4},
       {"int64"sv, 8},
       {"uint64"sv, 8}}};
  const auto* found = std::find_if(types.begin(), types.end(),
                                   [&](const auto& item) { return item.first == type; });
  return found != types.end() ? found->second : type == "double" ? 8 : 0;
}

/// `count` is of one rank's part where a collective has parts, of the whole buffer elsewhere.
bool count_agrees(const NcclRow& row, std::uint32_t ranks) {
  if (!row.count || bytes_of(row.type) == 0) {
    return true;
  }
  const double bytes = static_cast<double>(*row.count) * static_cast<double>(bytes_of(row.type));
  return row.row.size.si() == bytes || row.row.size.si() == bytes * ranks;
}

/// The numbers of ranks whose factor lies in `wanted`: first and last; zeros where there is none.
std::pair<std::uint32_t, std::uint32_t> ranks_with(std::string_view collective, Range wanted) {
  std::pair<std::uint32_t, std::uint32_t> result{0, 0};
  for (std::uint32_t n = 2; n <= most_ranks; ++n) {
    if (wanted.contains(factor(collective, n))) {
      result = {result.first == 0 ? n : result.first, n};
    }
  }
  return result;
}

/// Whether operation and root, where they are printed, are those of the collective.
bool fits(const NcclRow& row, std::string_view collective) {
  const bool reduces =
      collective == "all_reduce" || collective == "reduce_scatter" || collective == "reduce";
  const bool rooted = collective == "broadcast" || collective == "reduce" ||
                      collective == "gather" || collective == "scatter";
  return (row.operation.empty() || (row.operation != "none") == reduces) &&
         (!row.root || (*row.root >= 0) == rooted);
}

std::string collective_by_factor(Log& log, const NcclRun& run) {
  const Range seen = common_factor(run.rows);
  std::vector<std::string> candidates;
  for (const Program& program : programs) {
    if (program.collective.empty() || !fits(run.rows.front(), program.collective)) {
      continue;
    }
    if (run.ranks > 1 ? seen.contains(factor(program.collective, run.ranks))
                      : ranks_with(program.collective, seen).first != 0) {
      candidates.emplace_back(program.collective);
    }
  }
  if (candidates.size() == 1) {
    log.warning(run.line, "PL-M035",
                fmt::format("the collective is not named; busbw / algbw is that of {}",
                            candidates.front()));
    return candidates.front();
  }
  log.error(run.line, "PL-M035",
            candidates.empty() ? "the log does not name its collective"
                               : fmt::format("the log does not name its collective: {} all fit",
                                             core::join(candidates, ", ")),
            "--collective NAME, or 'measured: {set: …, collective: NAME}'");
  return {};
}

std::string settle_collective(Log& log, const ReadHints& hints, const NcclRun& run) {
  if (run.program.empty()) {
    return hints.collective.empty() ? collective_by_factor(log, run) : hints.collective;
  }
  std::string named = collective_of_program(run.program);
  if (named.empty()) {
    log.error(run.line, "PL-M035",
              fmt::format("what {} measures is no collective of ours", run.program));
  } else if (!hints.collective.empty() && hints.collective != named) {
    log.error(run.line, "PL-M035",
              fmt::format("the log is of {}, and you say {}", named, hints.collective));
    return {};
  }
  return named;
}

/// Where neither log nor caller knows: the one number of ranks that busbw allows.
void ranks_by_factor(Log& log, const std::string& collective, NcclRun& run) {
  const auto [first, last] = ranks_with(collective, common_factor(run.rows));
  if (first != 0 && first == last) {
    log.warning(
        run.line, "PL-M034",
        fmt::format("the log has no '# Rank' lines; busbw / algbw is that of {} ranks", first));
    run.ranks = first;
  }
}

std::string who_would_agree(const std::string& collective, const std::vector<NcclRow>& rows) {
  const auto [first, last] = ranks_with(collective, common_factor(rows));
  if (first == 0) {
    return "no number of ranks agrees: another collective?";
  }
  return first == last ? fmt::format("{} ranks would agree", first)
                       : fmt::format("{} to {} ranks would agree", first, last);
}

/// Rows whose size is not that of the elements that they count.
void check_counts(Log& log, NcclRun& run) {
  std::erase_if(run.rows, [&](const NcclRow& row) {
    if (count_agrees(row, run.ranks)) {
      return false;
    }
    log.report(row.row.line, row.column, "PL-M033",
               fmt::format("{:.0f} B are not {} elements of type {}, nor those times {} ranks",
                           row.row.size.si(), *row.count, row.type, run.ranks),
               "a digit of size or count is damaged; the row is left out");
    log.withdraw(1);
    return true;
  });
}

/// Rows whose busbw is not that of the ranks: all of them, and the number is wrong; else they are.
bool check_busbw(Log& log, const std::string& collective, NcclRun& run) {
  const double wanted = factor(collective, run.ranks);
  const auto wrong =
      std::stable_partition(run.rows.begin(), run.rows.end(),
                            [&](const NcclRow& row) { return factor_of(row).contains(wanted); });
  const std::vector<NcclRow> others(wrong, run.rows.end());
  if (others.size() == run.rows.size()) {
    log.error(others.front().row.line, "PL-M036",
              fmt::format("busbw is not algbw x {:.6g}, as it is for {} of {} ranks", wanted,
                          collective, run.ranks),
              who_would_agree(collective, others));
    return false;
  }
  for (const NcclRow& row : others) {
    log.report(row.row.line, row.column, "PL-M033",
               fmt::format("busbw is not algbw x {:.6g}", wanted),
               "the row is damaged, and left out");
  }
  log.withdraw(others.size());
  run.rows.erase(wrong, run.rows.end());
  return true;
}

}  // namespace

std::string collective_of_program(std::string_view program) {
  const auto* found = std::find_if(programs.begin(), programs.end(),
                                   [&](const Program& known) { return known.name == program; });
  return found == programs.end() ? std::string() : std::string(found->collective);
}

std::string program_in(std::string_view text) {
  std::string_view longest;  // reduce_perf is a part of all_reduce_perf
  for (const Program& program : programs) {
    if (text.find(program.name) != std::string_view::npos && program.name.size() > longest.size()) {
      longest = program.name;
    }
  }
  return std::string(longest);
}

bool check_algbw(Log& log, const NcclRow& row) {
  if (!row.algbw) {
    return true;
  }
  const double size = row.row.size.si();
  const Range computed = ratio({size, size}, range_of(row.time));
  const Range printed = range_of(*row.algbw);
  const Range both = computed.both(printed);
  if (both.low <= both.high * (1 + 1e-9)) {
    return true;
  }
  log.report(row.row.line, row.column, "PL-M033",
             fmt::format("size / time is {}, and algbw {}",
                         core::display(row.row.size / core::Seconds::from_si(row.time.value)),
                         core::display(core::Bandwidth::from_si(row.algbw->value))),
             looks_like(row, computed, printed));
  return false;
}

bool check_wrong(Log& log, int line, int column, const std::string& text) {
  const std::optional<double> wrong = core::parse_number(text);
  if (text == "N/A" || (wrong && *wrong == 0)) {
    return true;
  }
  if (wrong && *wrong > 0) {
    log.report(line, column, "PL-M041", fmt::format("{:g} wrong elements in the result", *wrong),
               "the collective did not work here; this row is left out");
  } else {
    log.report(line, column, "PL-M032", fmt::format("'{}' is no number of wrong elements", text),
               "this row is left out");
  }
  return false;
}

void finish_run(Log& log, const ReadHints& hints, NcclRun run) {
  if (run.rows.empty()) {
    return;
  }
  const std::size_t rows = run.rows.size();
  run.ranks = run.ranks == 0 ? hints.ranks : run.ranks;
  const std::string collective = settle_collective(log, hints, run);
  if (run.ranks == 0 && !collective.empty()) {
    ranks_by_factor(log, collective, run);
  }
  if (collective.empty() || !need_ranks_and_nodes(log, run.line, hints, run.ranks, run.nodes) ||
      !check_busbw(log, collective, run)) {
    log.withdraw(rows);
    return;
  }
  check_counts(log, run);
  for (NcclRow& found : run.rows) {
    MeasuredRow& row = found.row;
    row.collective = collective;
    row.ranks = run.ranks;
    row.nodes = run.nodes;
    row.time = core::Seconds::from_si(found.time.value);
    row.time_error = core::Seconds::from_si(found.time.half_unit);
    const auto rate = [](const std::optional<Printed>& number) {
      return number ? std::optional(core::Bandwidth::from_si(number->value)) : std::nullopt;
    };
    row.algbw = rate(found.algbw);
    row.busbw = rate(found.busbw);
    log.add({std::move(row),
             fmt::format("{} {} {}", found.type, found.operation, found.root.value_or(-1))});
  }
}

}  // namespace plumbline::calibration

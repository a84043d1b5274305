// SPDX-License-Identifier: Apache-2.0
// What nccl-tests writes with -J FILE, per-iteration times included. JSON is read as the YAML that
// it is, so that every value knows its line and column. Without MPI the file lists one device a
// process, whatever number of GPUs it drives: ranks are devices x threads x GPUs a thread.
#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "calibration/nccl_run.hpp"
#include "core/cursor.hpp"
#include "core/text.hpp"

namespace plumbline::calibration::readers {
namespace {

using core::Cursor;

constexpr double microsecond = 1e-6;
constexpr double gigabyte = 1e9;  // a second

Token token_of(const Cursor& at) {
  return {at.text(), at.span().column};
}

std::optional<Cursor> find(const std::optional<Cursor>& map, std::string_view key) {
  return map && map->is_map() ? map->find(key) : std::nullopt;
}

std::uint64_t count_at(const std::optional<Cursor>& map, std::string_view key) {
  const std::optional<Cursor> at = find(map, key);
  return at && at->is_scalar() ? core::parse_count(at->text()).value_or(0) : 0;
}

/// False after a warning where there is a value that is no bandwidth.
bool read_rate(Log& log, const Cursor& side, std::string_view key, std::optional<Printed>& rate) {
  const std::optional<Cursor> at = find(side, key);
  if (!at) {
    return true;
  }
  const auto value = at->is_scalar() ? parse_printed(at->text()) : std::nullopt;
  if (!value || value->value < 0) {
    log.report(at->span().line, at->span().column, "PL-M032",
               fmt::format("{} is no bandwidth", key), "this row is left out");
    return false;
  }
  rate = *value * gigabyte;
  return true;
}

std::string text_at(const Cursor& map, std::string_view key) {
  const std::optional<Cursor> at = map.find(key);
  return at && at->is_scalar() ? at->text() : std::string();
}

/// Times of single iterations; low and high are those of the point.
bool read_iterations(Log& log, const Cursor& result, MeasuredRow& row) {
  const auto times = find(find(result, "out_of_place_per_iter"), "times_us");
  if (!times || !times->is_sequence()) {
    return true;
  }
  for (const Cursor& item : times->items()) {
    Printed time;
    const Token token = item.is_scalar() ? token_of(item) : Token{"", item.span().column};
    if (!read_time(log, item.span().line, token, microsecond, time)) {
      return false;
    }
    row.iterations.push_back(core::Seconds::from_si(time.value));
  }
  if (!row.iterations.empty()) {
    const auto [low, high] = std::minmax_element(row.iterations.begin(), row.iterations.end());
    row.time_low = *low;
    row.time_high = *high;
  }
  return true;
}

bool is_right(Log& log, const std::optional<Cursor>& side) {
  const std::optional<Cursor> at = find(side, "nwrong");
  return !at || !at->is_scalar() || at->text() == "null" ||  // null: not checked
         check_wrong(log, at->span().line, at->span().column, at->text());
}

/// The second time, where there is one.
bool read_in_place(Log& log, const Cursor& result, MeasuredRow& row) {
  const auto side = find(result, "in_place");
  const auto at = find(side, "time");
  if (!at || !at->is_scalar() || at->text() == "null") {
    return true;
  }
  Printed time;
  if (!is_right(log, side) || !read_time(log, at->span().line, token_of(*at), microsecond, time)) {
    return false;
  }
  row.in_place = core::Seconds::from_si(time.value);
  return true;
}

/// One result; false after a warning.
bool read_result(Log& log, const Cursor& result, NcclRun& run) {
  const int line = result.span().line;
  const auto size = find(result, "size");
  const auto side = find(result, "out_of_place");
  const auto time = find(side, "time");
  if (!size || !time || !size->is_scalar() || !time->is_scalar()) {
    log.report(line, result.span().column, "PL-M031",
               "this result has no size, or no time out of place", "it is left out");
    return false;
  }
  NcclRow found;
  found.column = result.span().column;
  found.row.line = line;
  if (!read_size(log, size->span().line, token_of(*size), found.row.size) ||
      !read_time(log, time->span().line, token_of(*time), microsecond, found.time) ||
      !is_right(log, side) || !read_rate(log, *side, "alg_bw", found.algbw) ||
      !read_rate(log, *side, "bus_bw", found.busbw) || !read_in_place(log, result, found.row) ||
      !read_iterations(log, result, found.row)) {
    return false;
  }
  found.count = core::parse_count(text_at(result, "count"));
  found.type = text_at(result, "type");
  found.operation = text_at(result, "redop");
  if (const std::string root = text_at(result, "root"); !root.empty()) {
    found.root = root.find('-') == std::string::npos ? 0 : -1;
  }
  if (!check_algbw(log, found)) {
    return false;
  }
  run.rows.push_back(std::move(found));
  return true;
}

NcclRun begin_run(const Cursor& root) {
  NcclRun run;
  if (const auto arguments = find(root, "args"); arguments && arguments->is_sequence()) {
    for (const Cursor& argument : arguments->items()) {
      run.program = run.program.empty() ? program_in(argument.text()) : run.program;
    }
  }
  const auto config = find(root, "config");
  const auto devices = find(config, "devices");
  std::set<std::string> hosts;
  std::uint64_t processes = 0;
  if (devices && devices->is_sequence()) {
    for (const Cursor& device : devices->items()) {
      ++processes;
      hosts.insert(device.is_map() ? text_at(device, "hostname") : std::string());
    }
  }
  const std::uint64_t ranks = processes * count_at(config, "nthreads") * count_at(config, "ngpus");
  run.ranks = ranks <= 1U << 20U ? static_cast<std::uint32_t>(ranks) : 0;
  run.nodes = static_cast<std::uint32_t>(hosts.size());
  return run;
}

int sureness(const Source& source) {
  return source.text.starts_with('{') && begins_with(source, "\"nccl_version\"") ? 100 : 0;
}

void read(const Source& source, const ReadHints& hints, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "nccl-tests";
  set.method = "out-of-place times; low and high are those of single iterations where listed";
  const core::Document document =
      core::Document::parse(source.text, source.path.string(), diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const Cursor root(reading);
  Log log(source, set, diagnostics);
  const auto results = find(root, "results");
  if (!results || !results->is_sequence()) {
    log.error(1, "PL-M009", "there are no results in this file");
    return;
  }
  NcclRun run = begin_run(root);
  run.line = results->span().line;
  for (const Cursor& result : results->items()) {
    ++(read_result(log, result, run) ? set.lines.read : set.lines.reported);
  }
  if (!find(root, "end_time")) {
    log.warning(1, "PL-M039", "the file ends without 'end_time'",
                "the run was cut off or still goes on; what is there is read");
  }
  finish_run(log, hints, std::move(run));
  log.finish();
}

}  // namespace

extern const ReaderEntry nccl_tests_json{
    .name = "nccl_tests_json",
    .summary = "What nccl-tests writes with -J, iteration times included",
    .citation = "NVIDIA/nccl-tests, src/util.cu",
    .sureness = sureness,
    .read = read};

}  // namespace plumbline::calibration::readers

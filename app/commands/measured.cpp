// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "calibration/measured_files.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::app {
namespace {

using calibration::MeasuredRow;
using calibration::MeasuredSet;

/// Half of what the repeats or, without them, the printed digits leave open, in percent.
double noise(const MeasuredRow& row) {
  const core::Seconds low = row.time_low.value_or(row.time - row.time_error);
  const core::Seconds high = row.time_high.value_or(row.time + row.time_error);
  return 50.0 * ((high - low) / row.time);
}

std::string rate(const std::optional<core::Bandwidth>& printed) {
  return printed ? fmt::format("{:.4g}", printed->si() / 1e9) : std::string("-");
}

std::string table(const MeasuredSet& set) {
  std::string text =
      fmt::format("{}: {} rows, read by {}\n", set.data_file, set.rows.size(), set.reader);
  text += fmt::format("  {:<14} {:<24} {:>5} {:>5} {:>10} {:>11} {:>8} {:>8} {:>8} {:>7}\n",
                      "collective", "algorithm", "nodes", "ranks", "size", "time", "noise", "algbw",
                      "busbw", "repeats");
  text += fmt::format("  {:<14} {:<24} {:>5} {:>5} {:>10} {:>11} {:>8} {:>8} {:>8} {:>7}\n", "", "",
                      "", "", "", "us", "%", "GB/s", "GB/s", "");
  for (const MeasuredRow& row : set.rows) {
    const std::string algorithm = row.algorithm.empty() ? "-" : row.algorithm;
    text +=
        fmt::format("  {:<14} {:<24} {:>5} {:>5} {:>10} {:>11.6g} {:>8.2g} {:>8} {:>8} {:>7}\n",
                    row.collective, algorithm, row.nodes, row.ranks, core::display(row.size),
                    row.time.si() * 1e6, noise(row), rate(row.algbw), rate(row.busbw), row.repeats);
  }
  return text;
}

nlohmann::ordered_json as_json(const MeasuredSet& set) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const MeasuredRow& row : set.rows) {
    nlohmann::ordered_json item{
        {"collective", row.collective}, {"algorithm", row.algorithm},
        {"protocol", row.protocol},     {"nodes", row.nodes},
        {"ranks", row.ranks},           {"size_B", row.size.si()},
        {"time_s", row.time.si()},      {"time_error_s", row.time_error.si()},
        {"repeats", row.repeats},       {"line", row.line}};
    const auto add = [&](const char* key, const auto& value) {
      if (value) {
        item[key] = value->si();
      }
    };
    add("time_low_s", row.time_low);
    add("time_high_s", row.time_high);
    add("in_place_s", row.in_place);
    add("algbw_Bps", row.algbw);
    add("busbw_Bps", row.busbw);
    for (const core::Seconds time : row.iterations) {
      item["iterations_s"].push_back(time.si());
    }
    rows.push_back(std::move(item));
  }
  return {{"file", set.data_file}, {"reader", set.reader}, {"rows", std::move(rows)}};
}

void write(const MeasuredSet& set, const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) {
    throw core::IoError(fmt::format("{}: {}", folder.string(), failure.message()));
  }
  write_file(folder / "data.csv", calibration::data_csv(set));
  write_file(folder / "about.yaml", calibration::about_yaml(set));
}

}  // namespace

ExitCode measured(const MeasuredArguments& arguments, const GlobalOptions& global,
                  Console& console) {
  if (arguments.output && arguments.files.size() > 1) {
    throw core::InputError({{"PL-G001",
                             core::Severity::error,
                             {"--output", 1, 1},
                             "one folder holds one measured set",
                             "give one file"}});
  }
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  bool good = true;
  for (const std::string& file : arguments.files) {
    core::Diagnostics found;
    const auto set = calibration::read_measurements(file, arguments.request, found);
    console.diagnostics(found.sorted());
    good = good && set && !found.has_errors();
    if (set && global.json) {
      all.push_back(as_json(*set));
    } else if (set) {
      console.result(table(*set));
    }
    if (set && arguments.output && !found.has_errors()) {
      write(*set, *arguments.output);
      console.note(fmt::format("wrote {}", *arguments.output));
    }
  }
  if (global.json) {
    console.result(all.dump(2) + "\n");
  }
  return good ? ExitCode::done : ExitCode::bad_input;
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/signals.hpp"
#include "experiments/calibration_run.hpp"
#include "experiments/certified.hpp"
#include "report/calibration.hpp"

namespace plumbline::app {
namespace {

namespace fs = std::filesystem;

/// Whole or not at all, whatever happens in between.
void write_whole(const fs::path& file, const std::string& text) {
  const fs::path part = file.string() + ".part";
  write_file(part, text);
  std::error_code failure;
  fs::rename(part, file, failure);
  if (failure) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw core::IoError(fmt::format("can't write '{}': {}", file.string(), failure.message()));
  }
}

/// `aic_h100_all_reduce, all_reduce, 1 node, 8 ranks` →
/// `aic_h100_all_reduce-all_reduce-1_node-8_ranks`
std::string file_name(const std::string& label) {
  std::string name;
  for (const char c : label) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    name += plain ? c : c == ' ' ? '_' : '-';
  }
  for (std::size_t at = name.find("-_"); at != std::string::npos; at = name.find("-_")) {
    name.erase(at + 1, 1);
  }
  return name + ".svg";
}

void write_plots(const report::Calibration& result, const fs::path& folder, Console& console) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) {
    throw core::IoError(fmt::format("can't create '{}': {}", folder.string(), failure.message()));
  }
  for (const report::CalibratedCurve& curve : result.curves) {
    write_whole(folder / file_name(curve.label), report::to_svg(curve));
  }
  console.note(fmt::format("{} pictures in {}/", result.curves.size(), folder.string()));
}

experiments::CalibrationRequest request_of(const CalibrateArguments& arguments, Console& console) {
  return {.name = arguments.output ? fs::path(*arguments.output).stem().string() : "fitted",
          .version = PLUMBLINE_VERSION,
          .files = arguments.files,
          .score = arguments.score,
          .overrides = arguments.overrides,
          .max_parameters = arguments.max_parameters,
          .seed = arguments.seed,
          .replicates = arguments.replicates,
          .simplify = arguments.simplify,
          .suggest = arguments.suggest,
          .told =
              [&console](const std::string& what) {
                console.end_progress();
                console.note(what);
              },
          .progress = [&console](const experiments::Progress& now) { console.progress(now); },
          .stop = &interrupted_by()};
}

}  // namespace

ExitCode calibrate(const CalibrateArguments& arguments, const GlobalOptions& global,
                   Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  const experiments::Certified engine;
  report::Calibration result;
  try {
    result = experiments::run_calibration(request_of(arguments, console), catalogue, engine);
  } catch (const std::exception&) {
    // A signal ends replays under way too, which then fail in their own words.
    if (const int signal = interrupted_by(); signal != 0) {
      console.end_progress();
      console.note("interrupted: a fit has no partial result, and nothing was written");
      return static_cast<ExitCode>(128 + signal);
    }
    throw;
  }
  console.end_progress();
  if (arguments.output) {
    write_whole(*arguments.output, report::to_constants_file(result));
    console.note(fmt::format("constants in {}", *arguments.output));
  }
  if (arguments.plots) {
    write_plots(result, *arguments.plots, console);
  }
  console.result(global.json ? report::to_json(result)
                             : report::to_table(result, {.color = console.color()}));
  return ExitCode::done;
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include "app/commands.hpp"
#include "app/signals.hpp"
#include "experiments/runner.hpp"
#include "report/writers.hpp"
#ifdef PLUMBLINE_WITH_DES
#include "des/replay.hpp"
#endif

namespace plumbline::app {
namespace {

using Clock = std::chrono::steady_clock;

/// All that may differ between two runs of the same inputs.
void stamp(report::ResultSet& result, const RunArguments& arguments, Clock::time_point started) {
  struct utsname host {};

  uname(&host);
  const double wall = std::chrono::duration<double>(Clock::now() - started).count();
  result.run["date"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  result.run["host"] = host.nodename;
  result.run["command_line"] = arguments.command_line;
  result.run["plumbline"] = PLUMBLINE_VERSION;
#ifdef PLUMBLINE_WITH_DES
  result.run["simgrid"] = des::simgrid_version();
#endif
  result.run["wall_s"] = fmt::format("{:.3f}", wall);
}

void write_files(const report::ResultSet& result, const RunArguments& arguments, Console& console) {
  const std::filesystem::path folder = *arguments.output;
  make_folder(folder);
  write_file(folder / "result.json", report::to_json(result));
  write_file(folder / "result.csv", report::to_csv(result));
  write_file(folder / "table.txt", report::to_table(result, {}));
  if (arguments.timeline) {
    write_file(folder / "trace.json", report::to_trace(result));
  }
#ifdef PLUMBLINE_WITH_HDF5
  report::write_hdf5(result, folder / "result.h5");
#endif
  console.note(fmt::format("written to {}/", folder.string()));
}

void print(const report::ResultSet& result, const RunArguments& arguments,
           const GlobalOptions& global, const Console& console) {
  if (global.json) {
    console.result(report::to_json(result));
  } else if (arguments.csv) {
    console.result(report::to_csv(result));
  } else {
    console.result(report::to_table(result, {.color = console.color()}));
  }
}

ExitCode verdict(const report::ResultSet& result) {
  if (const int signal = interrupted_by(); result.interrupted && signal != 0) {
    return static_cast<ExitCode>(128 + signal);
  }
  bool answered = true;
  bool accepted = result.verdict.accepted;
  for (const report::Point& point : result.points) {
    answered = answered && point.status == report::PointStatus::done;
    accepted = accepted && point.inside_bounds.value_or(true) &&
               std::none_of(point.predictions.begin(), point.predictions.end(),
                            [](const report::Prediction& p) { return p.refuted.has_value(); });
  }
  if (!answered) {
    return ExitCode::model_failed;
  }
  return accepted ? ExitCode::done : ExitCode::answer_is_no;
}

}  // namespace

ExitCode run(const RunArguments& arguments, const GlobalOptions& global, Console& console) {
  const Clock::time_point started = Clock::now();
  const zoo::Catalogue catalogue = open_catalogue();
  experiments::Experiment experiment(arguments.file, arguments.overrides, catalogue);
  experiments::RunOptions options;
  options.predict = arguments.predict;
  options.replay = arguments.replay;
  options.timeline = arguments.timeline;
  options.jobs = arguments.jobs;
  options.progress = [&](const experiments::Progress& now) { console.progress(now); };
  options.stop = &interrupted_by();
  report::ResultSet result = experiments::run(experiment, options);
  console.end_progress();
  stamp(result, arguments, started);
  console.diagnostics(result.diagnostics);
  if (result.interrupted) {
    console.note("interrupted: the finished points are kept, the others are marked missing");
  }
  // Files first: if stdout is gone, what was computed is on disk, and the other way round.
  std::optional<std::string> unwritten;
  try {
    if (arguments.output) {
      write_files(result, arguments, console);
    }
  } catch (const core::IoError& error) {
    unwritten = error.what();
  }
  print(result, arguments, global, console);
  if (unwritten) {
    throw core::IoError(*unwritten);
  }
  return verdict(result);
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <random>

#include "analytic/external/open.hpp"
#include "analytic/external/process.hpp"
#include "analytic/solver.hpp"
#include "app/commands.hpp"
#include "app/scorecard.hpp"
#include "app/signals.hpp"
#include "app/watch.hpp"
#include "core/text.hpp"
#include "core/text_file.hpp"
#include "des/replay.hpp"
#include "gate/engine_subject.hpp"
#include "gate/gate.hpp"
#include "workload/calibration_record.hpp"

namespace plumbline::app {
namespace {

constexpr std::size_t default_points = 256;
constexpr std::size_t thorough_points = 2048;

// How long a solver may keep us waiting in all: more than a slow replay takes.
constexpr core::Seconds minute = core::Seconds::from_si(60.0);
constexpr core::Seconds a_point = core::Seconds::from_si(1.0);

std::size_t points_of(const ValidateArguments& arguments) {
  return arguments.points.value_or(arguments.thorough ? thorough_points : default_points);
}

gate::GateOptions options_of(const ValidateArguments& arguments, Console& console) {
  gate::GateOptions options;
  options.sample.points = points_of(arguments);
  options.sample.seed = arguments.seed.value_or(std::random_device{}());
  options.sample.truth.jobs = arguments.jobs;
  options.sample.truth.progress = [&console](const experiments::Progress& now) {
    console.progress(now);
  };
  options.measured = arguments.measured;
  options.sample.truth.stop = &interrupted_by();
  return options;
}

std::optional<std::string> read_baseline(const ValidateArguments& arguments) {
  if (!arguments.baseline) {
    return std::nullopt;
  }
  core::Diagnostics diagnostics;
  std::optional<std::string> text = core::read_text_file(*arguments.baseline, diagnostics);
  core::throw_if_errors(diagnostics);
  return text;
}

bool is_built_in(const ValidateArguments& arguments) {
  return arguments.solver.size() == 1 && analytic::find_solver(arguments.solver.front()) != nullptr;
}

analytic::external::Limits limits_of(const ValidateArguments& arguments) {
  analytic::external::Limits limits;
  limits.network = arguments.network;
  limits.waiting = minute + static_cast<double>(points_of(arguments)) * a_point;
  for (const std::string& path : arguments.reads) {
    limits.reads.push_back(std::filesystem::absolute(path).string());
  }
  return limits;
}

/// A built-in solver's name, a file that holds one, or a command with its arguments.
std::unique_ptr<analytic::Subject> subject_of(const ValidateArguments& arguments) {
  const std::vector<std::string>& words = arguments.solver;
  if (words.size() > 1) {
    return analytic::external::start_command(words, std::filesystem::current_path().string(),
                                             limits_of(arguments));
  }
  // A word that is no file is a slip in a name.
  if (is_built_in(arguments) || !std::filesystem::exists(words.front())) {
    return gate::built_in(words.front());
  }
  core::Diagnostics diagnostics;
  auto subject = analytic::external::open_solver(words.front(), diagnostics, limits_of(arguments));
  core::throw_if_errors(diagnostics);
  return subject;
}

std::string list(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  for (const std::string& word : words) {
    quoted.push_back(workload::yaml_text(word));
  }
  return fmt::format("[{}]", core::join(quoted, ", "));
}

/// What `predict:` calls it; empty for a bound, which is always there.
std::string predicted(const ValidateArguments& arguments) {
  const std::string& first = arguments.solver.front();
  if (is_built_in(arguments)) {
    return analytic::find_solver(first)->bound ? "" : first;
  }
  const std::string may = fmt::format(
      "{}{}",
      arguments.reads.empty() ? "" : fmt::format(", reads: {}", list(limits_of(arguments).reads)),
      arguments.network ? ", network: true" : "");
  return arguments.solver.size() == 1
             ? fmt::format("{{external: {{file: {}{}}}}}",
                           workload::yaml_text(std::filesystem::absolute(first).string()), may)
             : fmt::format("{{external: {{command: {}{}}}}}", list(arguments.solver), may);
}

/// The counterexample with the solver beside the replay, ready to run.
std::string experiment_of(const gate::Report& report, const ValidateArguments& arguments) {
  const gate::Counterexample& found = *report.counterexample;
  const std::string solver = predicted(arguments);
  return to_yaml(found.found.sample.at, "counterexample",
                 fmt::format("Why does {} fail here? {}", report.contract.name, found.why)) +
         (solver.empty() ? "" : fmt::format("predict: [{}]\n", solver));
}

using Worse = std::optional<std::vector<std::string>>;

/// `worse`: than the baseline, where there is one.
void write_files(const gate::Report& report, const Worse& worse, const ValidateArguments& arguments,
                 const Console& console) {
  if (arguments.output) {
    const std::filesystem::path folder = *arguments.output;
    make_folder(folder);
    write_file(folder / "scorecard.json", scorecard_json(report));
    if (report.counterexample) {
      write_file(folder / "counterexample.yaml", experiment_of(report, arguments));
    }
    console.note(fmt::format("written to {}/", folder.string()));
  }
  if (arguments.junit) {
    write_file(*arguments.junit, scorecard_junit(report, worse));
  }
}

/// What every judgement of one run of the command has in common.
struct Bench {
  const ValidateArguments& arguments;
  const GlobalOptions& global;
  Console& console;
  zoo::Catalogue catalogue;
  gate::GateOptions options;
  std::optional<std::string> baseline;
};

/// Judges what the solver's file holds now; nullopt where a signal came first.
std::optional<gate::Report> judge(const Bench& bench) {
  const std::unique_ptr<analytic::Subject> subject = subject_of(bench.arguments);
  gate::Report report = gate::validate(*subject, bench.options, bench.catalogue);
  bench.console.end_progress();
  if (interrupted_by() != 0) {
    return std::nullopt;
  }
  return report;
}

/// Writes and prints it; whether it may ship.
ExitCode tell(const gate::Report& report, const Bench& bench) {
  const Worse worse = bench.baseline
                          ? Worse(regressions(report, *bench.baseline, *bench.arguments.baseline))
                          : std::nullopt;
  write_files(report, worse, bench.arguments, bench.console);
  bench.console.result(bench.global.json ? scorecard_json(report) : scorecard_text(report));
  if (report.counterexample && !bench.arguments.output) {
    bench.console.note("-o DIR writes the simplest case that breaks it as an experiment");
  }
  for (const std::string& sentence : worse.value_or(std::vector<std::string>{})) {
    bench.console.note("worse than the baseline: " + sentence);
  }
  const bool well = report.verdict.decision != gate::Decision::reject && (!worse || worse->empty());
  return well ? ExitCode::done : ExitCode::answer_is_no;
}

/// The files among the words of the command.
std::vector<std::filesystem::path> files_of(const ValidateArguments& arguments) {
  std::vector<std::filesystem::path> files;
  if (!is_built_in(arguments)) {
    for (const std::string& word : arguments.solver) {
      if (std::filesystem::is_regular_file(word)) {
        files.push_back(std::filesystem::absolute(word));
      }
    }
  }
  if (files.empty()) {
    throw core::InputError(
        {{"PL-D003",
          core::Severity::error,
          {"--watch", 1, 1},
          fmt::format("'{}' names no file that could change", core::join(arguments.solver, " ")),
          "e.g. plumbline validate my_solver.py --watch"}});
  }
  return files;
}

/// Judges until a signal comes. A solver that does not start is one that is being written: said,
/// and waited for.
ExitCode watch(const Bench& bench) {
  Watch files(files_of(bench.arguments));
  std::optional<gate::Report> before;
  do {
    try {
      std::optional<gate::Report> now = judge(bench);
      if (!now) {
        break;
      }
      std::ignore = tell(*now, bench);
      bench.console.result(before ? scorecard_changes(*before, *now) : "");
      before = std::move(now);
    } catch (const core::InputError& error) {
      fmt::print(stderr, "{}\n", error.what());
    } catch (const core::ModelError& error) {
      fmt::print(stderr, "error: {}\n", error.what());
    }
    bench.console.note("waiting for a change; Ctrl-C ends");
  } while (files.wait(interrupted_by()));
  return ExitCode::done;
}

}  // namespace

ExitCode validate(const ValidateArguments& arguments, const GlobalOptions& global,
                  Console& console) {
  const Bench bench{arguments,
                    global,
                    console,
                    open_catalogue(),
                    options_of(arguments, console),
                    read_baseline(arguments)};
  des::self_test();
  if (arguments.watch) {
    return watch(bench);
  }
  const std::optional<gate::Report> report = judge(bench);
  if (!report) {
    console.note("interrupted: no verdict");
    return static_cast<ExitCode>(128 + interrupted_by());
  }
  return tell(*report, bench);
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <random>

#include "analytic/external/open.hpp"
#include "analytic/external/process.hpp"
#include "analytic/solver.hpp"
#include "app/commands.hpp"
#include "app/scorecard.hpp"
#include "app/signals.hpp"
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

gate::GateOptions options_of(const ValidateArguments& arguments, Console& console) {
  gate::GateOptions options;
  options.sample.points =
      arguments.points.value_or(arguments.thorough ? thorough_points : default_points);
  options.sample.seed = arguments.seed.value_or(std::random_device{}());
  options.sample.truth.jobs = arguments.jobs;
  options.sample.truth.progress = [&console](const experiments::Progress& now) {
    console.progress(now);
  };
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

/// A built-in solver's name, a file that holds one, or a command with its arguments.
std::unique_ptr<analytic::Subject> subject_of(const ValidateArguments& arguments) {
  const std::vector<std::string>& words = arguments.solver;
  if (words.size() > 1) {
    return analytic::external::start_command(words, std::filesystem::current_path().string());
  }
  // A word that is no file is a slip in a name.
  if (is_built_in(arguments) || !std::filesystem::exists(words.front())) {
    return gate::built_in(words.front());
  }
  core::Diagnostics diagnostics;
  auto subject = analytic::external::open_solver(words.front(), diagnostics);
  core::throw_if_errors(diagnostics);
  return subject;
}

/// What `predict:` calls it; empty for a bound, which is always there.
std::string predicted(const ValidateArguments& arguments) {
  const std::string& first = arguments.solver.front();
  if (is_built_in(arguments)) {
    return analytic::find_solver(first)->bound ? "" : first;
  }
  if (arguments.solver.size() == 1) {
    return fmt::format("{{external: {{file: {}}}}}",
                       workload::yaml_text(std::filesystem::absolute(first).string()));
  }
  std::vector<std::string> words;
  for (const std::string& word : arguments.solver) {
    words.push_back(workload::yaml_text(word));
  }
  return fmt::format("{{external: {{command: [{}]}}}}", core::join(words, ", "));
}

/// The counterexample with the solver beside the replay, ready to run.
std::string experiment_of(const gate::Report& report, const ValidateArguments& arguments) {
  const gate::Counterexample& found = *report.counterexample;
  const std::string solver = predicted(arguments);
  return to_yaml(found.found.sample.at, "counterexample",
                 fmt::format("Why does {} fail here? {}", report.contract.name, found.why)) +
         (solver.empty() ? "" : fmt::format("predict: [{}]\n", solver));
}

void write_files(const gate::Report& report, const ValidateArguments& arguments,
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
    write_file(*arguments.junit, scorecard_junit(report));
  }
}

}  // namespace

ExitCode validate(const ValidateArguments& arguments, const GlobalOptions& global,
                  Console& console) {
  const std::unique_ptr<analytic::Subject> subject = subject_of(arguments);
  const std::optional<std::string> baseline = read_baseline(arguments);
  const zoo::Catalogue catalogue = open_catalogue();
  des::self_test();
  const gate::Report report = gate::validate(*subject, options_of(arguments, console), catalogue);
  console.end_progress();
  if (const int signal = interrupted_by(); signal != 0) {
    console.note("interrupted: no verdict");
    return static_cast<ExitCode>(128 + signal);
  }
  const std::vector<std::string> worse =
      baseline ? regressions(report, *baseline, *arguments.baseline) : std::vector<std::string>{};
  write_files(report, arguments, console);
  console.result(global.json ? scorecard_json(report) : scorecard_text(report));
  for (const std::string& sentence : worse) {
    console.note("worse than the baseline: " + sentence);
  }
  return report.verdict.decision == gate::Decision::reject || !worse.empty()
             ? ExitCode::answer_is_no
             : ExitCode::done;
}

}  // namespace plumbline::app

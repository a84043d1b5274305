// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"

namespace plumbline::app {
namespace {

constexpr auto calibrate_footer =
    "Fit on what was measured, score on what was not seen:\n\n"
    "  plumbline calibrate experiments/measured/aic_h100_all_reduce.yaml \\\n"
    "    --score experiments/measured/check_aic_h100_all_gather.yaml -o h100.yaml --plots h100\n"
    "  plumbline run experiments/measured/check_aic_h100_all_gather.yaml --set "
    "constants=h100.yaml\n\n"
    "A measured set whose about.yaml says `role: check` can only be scored. An experiment that "
    "says\n"
    "`auto` and no `choose:` is fitted as if the library took the fastest schedule, and as if it "
    "went\nby its own tables; the better stays. Curves (one set, collective and number of ranks) "
    "are "
    "left\nout whole, never single points; with one curve nothing can be left out, and there are "
    "no\n"
    "prediction intervals. docs/calibration.md explains every figure of the report.";

void add_calibrate_options(CLI::App& verb, Parsed& parsed) {
  CalibrateArguments& arguments = parsed.calibrate;
  verb.add_option("experiments", arguments.files, "experiment files with `measured:`")->required();
  verb.add_option("--score", arguments.score,
                  "experiments to predict with the result, never fitted on");
  verb.add_option("-o,--output", arguments.output,
                  "constants file to write: values, intervals, errors, margins");
  verb.add_option("--plots", arguments.plots, "folder for a picture (SVG) of each curve");
  verb.add_option("--max-parameters", arguments.max_parameters,
                  "drop what helps least until so few are fitted (15)")
      ->check(CLI::Range(1U, 1000U));
  verb.add_option("--bootstrap", arguments.replicates,
                  "draws, from eight curves on (400); 0: intervals from the covariance")
      ->check(CLI::Range(0U, 100000U));
  verb.add_option("--seed", arguments.seed, "of starts and draws (1)");
  verb.add_flag_callback(
      "--keep-all", [&arguments] { arguments.simplify = false; },
      "fit every parameter, whether or not it earns its place");
  verb.add_flag_callback(
      "--no-suggestions", [&arguments] { arguments.suggest = false; },
      "leave out what to measure next");
  verb.add_option("--set", parsed.sets, "override a value in every experiment")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

}  // namespace

void add_calibrate(CLI::App& app, Parsed& parsed) {
  CLI::App* verb =
      app.add_subcommand("calibrate", "fit the constants of experiments to what was measured");
  add_calibrate_options(*verb, parsed);
  verb->footer(calibrate_footer);
  add_global(*verb, parsed);
  verb->callback([&parsed] {
    for (const std::string& set : parsed.sets) {
      parsed.calibrate.overrides.push_back(parse_override(set));
    }
    parsed.action = [&parsed](Console& console) {
      return calibrate(parsed.calibrate, parsed.global, console);
    };
  });
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include "app/cli.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <thread>

#include <CLI/CLI.hpp>

#include "app/commands.hpp"
#include "app/signals.hpp"
#include "core/text.hpp"

namespace plumbline::app {
namespace {

constexpr auto about =
    "Certified bounds, analytic predictions and an event-driven replay of GPU interconnects,\n"
    "side by side with measurements, from one experiment file.\n\n"
    "  plumbline run experiments/quickstart.yaml      all four columns and why they differ\n"
    "  plumbline list systems                         machines with sourced figures\n"
    "  plumbline describe solver ring_all_reduce      formula, assumptions, citation\n"
    "  plumbline explain PL-U002                      what a diagnostic means\n"
    "  plumbline explain route gpu0 gpu5 --system dgx_h100   which links, and why\n";

constexpr auto footer =
    "Exit codes: 0 done and accepted; 1 done, and the answer is no; 2 your input; 3 a model could "
    "not answer;\n4 writing failed; 70 our bug; 130/143 interrupted (finished points are kept).";

/// What the parser fills; the verb that was given sets `action`.
struct Parsed {
  GlobalOptions global;
  RunArguments run;
  CalibrateArguments calibrate;
#ifdef PLUMBLINE_WITH_DES
  ValidateArguments validate;
#endif
  std::vector<std::string> sets;
  std::vector<std::string> files;
  RouteQuestion route;
  MeasuredArguments measured;
  std::string kind, name, format = "dot";
  std::optional<std::string> output;
  bool full = false;
  std::function<ExitCode(Console&)> action;
};

experiments::Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw core::InputError({{"PL-G001",
                             core::Severity::error,
                             {"--set", 1, 1},
                             fmt::format("'{}' is not PATH=VALUE", text),
                             "e.g. --set workload.size=\"1 MiB\""}});
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void add_global(CLI::App& verb, Parsed& parsed) {
  verb.add_flag("--json", parsed.global.json, "one JSON document on stdout");
  verb.add_flag("-q,--quiet", parsed.global.quiet, "no progress and no notes");
  verb.add_option("--color", parsed.global.color, "auto, always or never")
      ->transform(CLI::CheckedTransformer(std::map<std::string, When>{{"auto", When::automatic},
                                                                      {"always", When::always},
                                                                      {"never", When::never}})
                      .description(""))
      ->type_name("WHEN");
  verb.add_option("--progress", parsed.global.progress, "auto, plain or none")
      ->transform(CLI::CheckedTransformer(
                      std::map<std::string, ProgressStyle>{{"auto", ProgressStyle::automatic},
                                                           {"plain", ProgressStyle::plain},
                                                           {"none", ProgressStyle::none}})
                      .description(""))
      ->type_name("HOW");
}

void add_run(CLI::App& app, Parsed& parsed, const std::string& name, const std::string& doc,
             bool predict, bool replay) {
  CLI::App* verb = app.add_subcommand(name, doc);
  verb->add_option("experiment", parsed.run.file, "experiment file (.yaml)")->required();
  verb->add_option("--set", parsed.sets, "override a value: --set workload.size=\"1 MiB\"")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  CLI::Option* output =
      verb->add_option("-o,--output", parsed.run.output,
                       "directory for result.json, result.csv, result.h5 and table.txt");
  CLI::Option* csv = verb->add_flag("--csv", parsed.run.csv, "CSV on stdout instead of the table");
  verb->add_flag("--dry-run", parsed.run.dry_run, "points, operations, expected time and memory");
  verb->add_flag("--links", parsed.run.links, "bytes on every link, instead of a run")
      ->excludes("--dry-run");
  if (replay) {
    verb->add_option("-j,--jobs", parsed.run.jobs, "replays at once")->check(CLI::Range(1U, 256U));
    verb->add_flag("--timeline", parsed.run.timeline,
                   "with -o: trace.json of every operation (opens in Perfetto)")
        ->needs(output);
  }
  add_global(*verb, parsed);
  csv->excludes(verb->get_option("--json"));
  verb->callback([&parsed, predict, replay] {
    parsed.run.predict = predict;
    parsed.run.replay = replay;
    for (const std::string& set : parsed.sets) {
      parsed.run.overrides.push_back(parse_override(set));
    }
    parsed.action = [&parsed](Console& console) {
      return parsed.run.dry_run ? dry_run(parsed.run, parsed.global, console)
             : parsed.run.links ? link_table(parsed.run, parsed.global, console)
                                : run(parsed.run, parsed.global, console);
    };
  });
}

constexpr auto calibrate_footer =
    "Fit on what was measured, score on what was not seen:\n\n"
    "  plumbline calibrate experiments/measured/aic_h100_all_reduce.yaml \\\n"
    "    --score experiments/measured/check_aic_h100_all_gather.yaml -o h100.yaml --plots h100\n"
    "  plumbline run experiments/measured/check_aic_h100_all_gather.yaml \\\n"
    "    --set constants=h100.yaml --set choose=fastest\n\n"
    "A measured set whose about.yaml says `role: check` can only be scored. An experiment that "
    "says\n"
    "`auto` and no `choose:` is taken as `choose: fastest`. Curves (one set, collective and number "
    "of\n"
    "ranks) are left out whole, never single points; with one curve nothing can be left out, and\n"
    "there are no prediction intervals. docs/calibration.md explains every figure of the report.";

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

#ifdef PLUMBLINE_WITH_DES
constexpr auto validate_footer =
    "Draws problems from the domain that the solver declares, finds out what they really take "
    "(proved\n"
    "where the bounds of a schedule meet, replayed elsewhere), and holds the solver to its "
    "claim:\n\n"
    "  lower, upper   no answer on the wrong side\n"
    "  exact          equal to 1e-9, or to what it declares, at most 1e-6\n"
    "  estimate       outside its promise for at most 5 % of all problems (95 % sure), 90 % of "
    "its\n"
    "                 domain answered, better than two straight lines\n"
    "  choice         costs at most 5 % for 95 % of all problems\n\n"
    "and, without any truth, to what holds of every right answer: the same in other units, for "
    "other\n"
    "names of the ranks, asked twice, with unused links.\n\n"
    "  plumbline validate ring_all_reduce\n"
    "  plumbline validate my_solver.py\n"
    "  plumbline validate uncontended --seed 7 -o out       a verdict that repeats; "
    "out/scorecard.json\n"
    "  plumbline validate uncontended --baseline out/scorecard.json   in CI: 1 where it got "
    "worse\n\n"
    "Exit code 0: SHIP, or SHIP WITH DOMAIN, the part of the domain where the claim held; 1: "
    "REJECT.\n"
    "Axes that a domain may name: size, nodes, gpus_per_node, ranks, gpus_per_nic, nics_per_node,\n"
    "oversubscription, latency, bandwidth, nvlink_latency, nvlink_ratio, micro_batches,\n"
    "compute, and the numbers of a question, such as workload.steps;\n"
    "collective, algorithm, placement; and, which is drawn only if named: channels, pieces, "
    "slots,\n"
    "step_latency, wire_ratio, launch.";

void add_validate(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("validate", "whether a solver keeps its claim and may ship");
  ValidateArguments& arguments = parsed.validate;
  arguments.jobs = std::max(1U, std::thread::hardware_concurrency());
  verb->add_option("solver", arguments.solver,
                   "a name of `list solvers`, a file (.py, .sh, .so, .yaml, program), or: -- "
                   "COMMAND ARGUMENTS")
      ->required();
  verb->add_option("--seed", arguments.seed, "of the problems (by default a new one each time)");
  verb->add_flag("--thorough", arguments.thorough, "2048 points instead of 256");
  verb->add_option("--points", arguments.points, "problems to be answered")
      ->check(CLI::Range(32U, 100000U))
      ->excludes("--thorough");
  verb->add_option("-j,--jobs", arguments.jobs, "replays at once (as many as there are cores)")
      ->check(CLI::Range(1U, 256U));
  verb->add_option("-o,--output", arguments.output,
                   "folder for scorecard.json and counterexample.yaml");
  verb->add_option("--baseline", arguments.baseline,
                   "a scorecard.json of before: exit code 1 where the solver got worse");
  verb->add_option("--junit", arguments.junit, "file for the verdict as JUnit XML");
  verb->footer(validate_footer);
  add_global(*verb, parsed);
  verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return validate(parsed.validate, parsed.global, console);
    };
  });
}
#endif

void add_explain(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand(
      "explain",
      "what a diagnostic code means, which way a transfer goes, or how a machine is seen");
  verb->add_option("code", parsed.name, "e.g. PL-U002");
  add_global(*verb, parsed);
  CLI::App* paths = verb->add_subcommand(
      "paths", "how NCCL sees each pair of GPUs and adapters: type and bandwidth");
  paths->add_option("system", parsed.name, "zoo name or file")->required();
  paths->callback([&parsed] {
    parsed.action = [&parsed](Console& console) { return explain_paths(parsed.name, console); };
  });
  CLI::App* route = verb->add_subcommand("route", "which links a transfer crosses, and why");
  route->add_option("from", parsed.route.from, "device, e.g. node0/gpu0")->required();
  route->add_option("to", parsed.route.to, "device")->required();
  route->add_option("--system", parsed.route.system, "zoo name or .yaml file")->required();
  route->add_option("--routing", parsed.route.routing,
                    "shortest, d_mod_k, ecmp, adaptive or valiant");
  route->add_option("--seed", parsed.route.seed, "of ecmp and valiant");
  route->add_option("--flow", parsed.route.flow, "number of the flow, for ecmp and valiant");
  route->add_flag("--pxn", parsed.route.pxn, "reach another rail over NVLink");
  route->callback([&parsed] {
    parsed.action = [&parsed](Console& console) { return explain_route(parsed.route, console); };
  });
  verb->callback([&parsed, verb] {  // runs after that of a subcommand
    if (!verb->get_subcommands().empty()) {
      return;
    }
    if (parsed.name.empty()) {
      throw CLI::RequiredError("code");
    }
    parsed.action = [&parsed](Console& console) { return explain(parsed.name, console); };
  });
}

void add_lookup(CLI::App& app, Parsed& parsed) {
  CLI::App* list_verb = app.add_subcommand("list", "what there is: systems, links, solvers, …");
  list_verb->add_option("kind", parsed.kind,
                        "systems, links, constants, measurements, readers, solvers, "
                        "bounds, collectives, builders, diagnostics");
  add_global(*list_verb, parsed);
  list_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return list(parsed.kind, parsed.global, console);
    };
  });
  CLI::App* describe_verb =
      app.add_subcommand("describe", "one entry: options, formula, figures and their sources");
  describe_verb->add_option("kind", parsed.kind, "as for list")->required();
  describe_verb->add_option("name", parsed.name, "its name")->required();
  add_global(*describe_verb, parsed);
  describe_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return describe(parsed.kind, parsed.name, console);
    };
  });
  add_explain(app, parsed);
  CLI::App* schema_verb = app.add_subcommand("schema", "JSON Schema of a file format");
  schema_verb->add_option("what", parsed.kind, "experiment, result, link or constants")->required();
  add_global(*schema_verb, parsed);
  schema_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) { return schema(parsed.kind, console); };
  });
}

void add_files(CLI::App& app, Parsed& parsed) {
  CLI::App* check_verb = app.add_subcommand("check", "report every mistake in experiment files");
  check_verb->add_option("files", parsed.files, "experiment files")->required();
  add_global(*check_verb, parsed);
  check_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) { return check(parsed.files, console); };
  });
  CLI::App* draw_verb =
      app.add_subcommand("draw", "a picture of a machine, or its platform file for SimGrid");
  draw_verb
      ->add_option("system", parsed.name,
                   "zoo name, or a file: .yaml of a system or an experiment, .xml")
      ->required();
  draw_verb->add_option("-o,--output", parsed.output,
                        "file: x.svg, x.dot or x.xml (SimGrid); else stdout");
  draw_verb->add_option("--format", parsed.format, "svg, dot or simgrid (platform XML), for stdout")
      ->check(CLI::IsMember({"svg", "dot", "simgrid"}));
  draw_verb->add_flag("--full", parsed.full, "every device, however alike");
  add_global(*draw_verb, parsed);
  draw_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return draw({parsed.name, parsed.output, parsed.format, parsed.full}, console);
    };
  });
}

void add_measured(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("measured", "what a log of a benchmark says, as points");
  MeasuredArguments& arguments = parsed.measured;
  calibration::ReadRequest& request = arguments.request;
  verb->add_option("files", arguments.files, "logs, or folders of measured sets")->required();
  verb->add_option("--reader", request.reader, "instead of the one that recognises the file");
  verb->add_option("--collective", request.hints.collective, "where the log does not name it")
      ->check(CLI::IsMember(calibration::collective_names()));
  verb->add_option("--nodes", request.hints.nodes, "where the log does not say");
  verb->add_option("--ranks", request.hints.ranks, "where the log does not say");
  verb->add_option("-o,--output", arguments.output, "folder for data.csv and about.yaml");
  add_global(*verb, parsed);
  verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return measured(parsed.measured, parsed.global, console);
    };
  });
}

/// CLI11 would say only that a verb is required.
void refuse_unknown_verb(const CLI::App& app, int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "-";
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) {
    verbs.push_back(verb->get_name());
  }
  if (!first.starts_with('-') && std::ranges::find(verbs, first) == verbs.end()) {
    throw core::InputError({{"PL-N010",
                             core::Severity::error,
                             {"verb", 1, 1},
                             fmt::format("there is no '{}'", first),
                             core::suggest(first, verbs)}});
  }
}

std::string joined(int argc, char** argv) {
  std::string line = "plumbline";
  for (int i = 1; i < argc; ++i) {
    line += fmt::format(" {}", argv[i]);
  }
  return line;
}

}  // namespace

ExitCode run_command_line(int argc, char** argv) {
  Parsed parsed;
  parsed.run.command_line = joined(argc, argv);
  CLI::App app(about, "plumbline");
  app.footer(footer);
  app.set_version_flag("--version", "plumbline " PLUMBLINE_VERSION);
  app.require_subcommand(1);
  add_run(app, parsed, "run", "bounds, predictions, replay, measurements and their gaps", true,
          true);
  add_run(app, parsed, "predict", "bounds and predictions alone", true, false);
  add_run(app, parsed, "replay", "the replay alone", false, true);
  add_calibrate(app, parsed);
#ifdef PLUMBLINE_WITH_DES
  add_validate(app, parsed);
#endif
  add_files(app, parsed);
  add_lookup(app, parsed);
  add_measured(app, parsed);
  refuse_unknown_verb(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return static_cast<ExitCode>(app.exit(success));
  } catch (const CLI::ParseError& error) {
    std::ignore = app.exit(error);
    return ExitCode::bad_input;
  }
  catch_interrupts();
  Console console(parsed.global);
  return parsed.action(console);
}

}  // namespace plumbline::app

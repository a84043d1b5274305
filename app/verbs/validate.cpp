// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <thread>

#include "app/verbs.hpp"

namespace plumbline::app {
namespace {

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
    "  plumbline validate my_solver.py --watch              again whenever you save it\n"
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

}  // namespace

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
  verb->add_option("--reads", arguments.reads,
                   "a file or folder that it may read, beside its own and the system's")
      ->check(CLI::ExistingPath)
      ->type_name("PATH")
      ->allow_extra_args(false);
  verb->add_flag("--network", arguments.network, "it may use the network");
  verb->add_option("--measured", arguments.measured,
                   "experiments with `measured:`: errors against them are told and decide nothing")
      ->type_name("FILE")
      ->allow_extra_args(false);
  CLI::Option* watch = verb->add_flag(
      "--watch", arguments.watch, "judge again, on the same problems, whenever its file changes");
  verb->footer(validate_footer);
  add_global(*verb, parsed);
  watch->excludes(verb->get_option("--json"));
  verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return validate(parsed.validate, parsed.global, console);
    };
  });
}

}  // namespace plumbline::app

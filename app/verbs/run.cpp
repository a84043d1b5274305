// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"

namespace plumbline::app {
namespace {

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

}  // namespace

void add_runs(CLI::App& app, Parsed& parsed) {
  add_run(app, parsed, "run", "bounds, predictions, replay, measurements and their gaps", true,
          true);
  add_run(app, parsed, "predict", "bounds and predictions alone", true, false);
  add_run(app, parsed, "replay", "the replay alone", false, true);
}

}  // namespace plumbline::app

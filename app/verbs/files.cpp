// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"

namespace plumbline::app {
namespace {

void add_check(CLI::App& app, Parsed& parsed) {
  CLI::App* check_verb = app.add_subcommand("check", "report every mistake in experiment files");
  check_verb->add_option("files", parsed.files, "experiment files")->required();
  add_global(*check_verb, parsed);
  check_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) { return check(parsed.files, console); };
  });
}

void add_draw(CLI::App& app, Parsed& parsed) {
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

}  // namespace

void add_files(CLI::App& app, Parsed& parsed) {
  add_check(app, parsed);
  add_draw(app, parsed);
  add_measured(app, parsed);
}

}  // namespace plumbline::app

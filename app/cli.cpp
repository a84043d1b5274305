// SPDX-License-Identifier: Apache-2.0
#include "app/cli.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "app/signals.hpp"
#include "app/verbs.hpp"
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
  add_runs(app, parsed);
  add_calibrate(app, parsed);
#ifdef PLUMBLINE_WITH_DES
  add_validate(app, parsed);
#endif
  add_files(app, parsed);
  add_lookup(app, parsed);
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

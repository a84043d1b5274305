// SPDX-License-Identifier: Apache-2.0
// The verbs of the command line, and what the parser fills in for them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/commands.hpp"

namespace plumbline::app {

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

/// `PATH=VALUE`; InputError where it is not.
[[nodiscard]] experiments::Override parse_override(const std::string& text);

/// What every verb takes.
void add_global(CLI::App& verb, Parsed& parsed);

// One or more verbs each, with their options and help.
void add_runs(CLI::App& app, Parsed& parsed);  ///< run, predict, replay
void add_calibrate(CLI::App& app, Parsed& parsed);
#ifdef PLUMBLINE_WITH_DES
void add_validate(CLI::App& app, Parsed& parsed);
#endif
void add_files(CLI::App& app, Parsed& parsed);   ///< check, draw, measured
void add_lookup(CLI::App& app, Parsed& parsed);  ///< list, describe, explain, schema

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"
#include "core/text.hpp"

namespace plumbline::app {
namespace {

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

}  // namespace

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
  describe_verb->add_option("kind", parsed.kind, "as for list; or a name alone")->required();
  describe_verb->add_option("name", parsed.name, "its name");
  add_global(*describe_verb, parsed);
  describe_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) {
      return describe(parsed.kind, parsed.name, console);
    };
  });
  add_explain(app, parsed);
  CLI::App* schema_verb = app.add_subcommand("schema", "JSON Schema of a file format");
  schema_verb->add_option("what", parsed.kind, core::join(schema_names(), ", "))->required();
  add_global(*schema_verb, parsed);
  schema_verb->callback([&parsed] {
    parsed.action = [&parsed](Console& console) { return schema(parsed.kind, console); };
  });
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analytic/nccl_tables.hpp"
#include "app/commands.hpp"
#include "core/text.hpp"
#include "report/writers.hpp"
#include "topology/link_class.hpp"
#include "workload/constants.hpp"

namespace plumbline::app {
namespace {

std::string pretty(const std::string& json) {
  return nlohmann::ordered_json::parse(json).dump(2) + "\n";
}

}  // namespace

ExitCode schema(const std::string& what, Console& console) {
  if (what == "experiment") {
    console.result(pretty(experiments::experiment_schema().json_schema()));
  } else if (what == "result") {
    console.result(pretty(report::result_schema()));
  } else if (what == "link") {
    console.result(pretty(topology::link_class_schema().json_schema()));
  } else if (what == "constants") {
    console.result(pretty(workload::constants_schema().json_schema()));
  } else if (what == "tuner") {
    console.result(pretty(analytic::nccl::tables_schema().json_schema()));
  } else {
    const std::vector<std::string> known{"experiment", "result", "link", "constants", "tuner"};
    throw core::InputError({{"PL-N010",
                             core::Severity::error,
                             {"schema", 1, 1},
                             fmt::format("there is no schema '{}'", what),
                             core::suggest(what, known)}});
  }
  return ExitCode::done;
}

}  // namespace plumbline::app

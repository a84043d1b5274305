// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include <nlohmann/json.hpp>

#include "analytic/nccl_tables.hpp"
#include "app/commands.hpp"
#ifdef PLUMBLINE_WITH_DES
#include "app/scorecard.hpp"
#endif
#include "core/text.hpp"
#include "report/writers.hpp"
#include "topology/builder.hpp"
#include "topology/link_class.hpp"
#include "workload/constants.hpp"

namespace plumbline::app {
namespace {

using Json = nlohmann::ordered_json;

/// Of a file of a machine; its fabric is what one of the builders takes.
std::string system_schema() {
  Json fabrics = Json::array();
  for (const topology::BuilderEntry* builder : topology::builders::all()) {
    fabrics.push_back(Json::parse(builder->schema().json_schema()));
    fabrics.back().erase("$schema");
  }
  const Json text{{"type", "string"}};
  const Json facts{{"type", "object"}};
  return Json{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "machine"},
              {"type", "object"},
              {"properties",
               {{"system", text},
                {"title", text},
                {"constants", text},
                {"gpu", facts},
                {"nccl", facts},
                {"fabric", {{"oneOf", fabrics}}}}},
              {"required", {"system", "fabric"}},
              {"additionalProperties", false}}
      .dump();
}

struct Named {
  std::string name;
  std::function<std::string()> schema;
};

const std::vector<Named>& schemas() {
  static const std::vector<Named> all{
      {"experiment", [] { return experiments::experiment_schema().json_schema(); }},
      {"system", system_schema},
      {"link", [] { return topology::link_class_schema().json_schema(); }},
      {"constants", [] { return workload::constants_schema().json_schema(); }},
      {"tuner", [] { return analytic::nccl::tables_schema().json_schema(); }},
      {"result", [] { return std::string(report::result_schema()); }},
#ifdef PLUMBLINE_WITH_DES
      {"scorecard", [] { return std::string(scorecard_schema()); }},
#endif
  };
  return all;
}

}  // namespace

std::vector<std::string> schema_names() {
  std::vector<std::string> names;
  for (const Named& known : schemas()) {
    names.push_back(known.name);
  }
  return names;
}

ExitCode schema(const std::string& what, Console& console) {
  const auto found = std::ranges::find(schemas(), what, &Named::name);
  if (found == schemas().end()) {
    throw core::InputError({{"PL-N010",
                             core::Severity::error,
                             {"schema", 1, 1},
                             fmt::format("there is no schema '{}'", what),
                             core::suggest(what, schema_names())}});
  }
  console.result(Json::parse(found->schema()).dump(2) + "\n");
  return ExitCode::done;
}

}  // namespace plumbline::app

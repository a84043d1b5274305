// SPDX-License-Identifier: Apache-2.0
#include "experiments/experiment.hpp"

namespace plumbline::experiments {
namespace {

struct ExperimentKeys {};

core::FieldInfo field(std::string key, std::string type, std::string doc, bool required,
                      std::string default_text = {}, const core::SchemaInfo* nested = nullptr) {
  core::FieldInfo info;
  info.key = std::move(key);
  info.json_type = type == "name" || type == "text" ? "string" : "";
  info.type = std::move(type);
  info.doc = std::move(doc);
  info.required = required;
  info.default_text = std::move(default_text);
  if (nested != nullptr) {
    info.nested = std::make_shared<const core::SchemaInfo>(*nested);
  }
  return info;
}

}  // namespace

const core::SchemaInfo& experiment_schema() {
  static const auto schema =
      core::Schema<ExperimentKeys>(
          "an experiment: wherever a scalar stands, a list or {from, to, factor|step|count} is a "
          "sweep axis")
          .also(field("experiment", "name", "its name", true))
          .also(field("question", "text", "what it finds out", false))
          .also(field("system", "name or path", "the machine: a zoo name, or a .yaml file", false))
          .also(field("fabric", "map", "the machine written in place: {builder: …}", false))
          .also(field(
              "placement", "name, map or list",
              "packed, {strided: {stride: N}}, {random: {seed: N}}, {file: PATH} with a device "
              "a line, {hosts: [node1, node0]}, or a list of devices; a list of such, as [packed, "
              "{strided: 8}], is a sweep",
              false, "packed"))
          .also(field(
              "routing", "name or map",
              "shortest, d_mod_k, ecmp, adaptive or valiant, or {policy: ecmp, seed: 3, pxn: true, "
              "peer_to_peer: switches}: how equal ways are chosen among",
              false, "d_mod_k"))
          .also(field("workload", "map", "what is run", true, {}, &workload::workload_schema()))
          .also(field("choose", "name",
                      "how what is `auto` in the workload is chosen: nccl_tuner, by the "
                      "library's own tables, or fastest; absent: as the constants were fitted",
                      false, std::string(default_choice)))
          .also(
              field("nccl_graph", "path",
                    "what NCCL_GRAPH_DUMP_FILE wrote: channels, speeds and orders for `choose` and "
                    "nccl_tuner, in place of those derived from the fabric",
                    false))
          .also(field("constants", "name, path or map",
                      "effective constants: a zoo name, a .yaml file or the map", false, "nominal"))
          .also(field(
              "predict", "list",
              "solvers, by name or {name: {options}}; {external: {command: [python3, mine.py]}} or "
              "file, library, formula: your own",
              false))
          .also(field("replay", "map, on or off", "limits: {time_limit: 60 s, memory_limit: 4 GiB}",
                      false, "on"))
          .also(field(
              "measured", "name, path or map",
              "{set: NAME, folder or log, where: {algorithm: …, protocol: …, nodes: …, ranks: "
              "…}}; of a log also reader, collective, nodes, ranks",
              false))
          .also(field("accept", "map", "what must hold", false, {}, &accept_schema()));
  return schema;
}

}  // namespace plumbline::experiments

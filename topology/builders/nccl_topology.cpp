// SPDX-License-Identifier: Apache-2.0
// A machine as NCCL or RCCL wrote it down.
#include "topology/imports/nccl_topology.hpp"

#include "topology/builders/options.hpp"
#include "topology/imports/files.hpp"

namespace plumbline::topology::builders {
namespace {

const core::Schema<FileOptions>& schema() {
  static const auto s = FileOptions::schema("nccl_topology", "topology file of NCCL",
                                            "topology file (NCCL_TOPO_FILE, NCCL_TOPO_DUMP_FILE)");
  return s;
}

const core::SchemaInfo& info() {
  return schema();
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<FileOptions> options = schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  return imports::import_xml(context.base / options->file, context, cursor.diagnostics());
}

}  // namespace

extern const BuilderEntry nccl_topology{
    "nccl_topology", "A machine from a topology file of NCCL or RCCL", info, build};

}  // namespace plumbline::topology::builders

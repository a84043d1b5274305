// SPDX-License-Identifier: Apache-2.0
// Hosts and links of a platform file of SimGrid, with its routes.
#include "topology/imports/simgrid_platform.hpp"

#include "core/xml.hpp"
#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {
namespace {

const core::Schema<FileOptions>& schema() {
  static const auto s = FileOptions::schema("simgrid_platform", "platform file of SimGrid",
                                            "platform file (XML 4.1)");
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
  const auto root = core::load_xml(context.base / options->file, cursor.diagnostics());
  if (!root) {
    return std::nullopt;
  }
  if (root->name != "platform") {
    cursor.diagnostics().error("PL-T086", root->where,
                               fmt::format("<platform> is expected, and this is <{}>", root->name));
    return std::nullopt;
  }
  return imports::import_simgrid_platform(*root, cursor.diagnostics());
}

}  // namespace

extern const BuilderEntry simgrid_platform{
    "simgrid_platform", "Hosts, links and routes of a platform file of SimGrid", info, build};

}  // namespace plumbline::topology::builders

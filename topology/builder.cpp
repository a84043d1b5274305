// SPDX-License-Identifier: Apache-2.0
#include "topology/builder.hpp"

#include <string>
#include <vector>

#include "core/read.hpp"

namespace plumbline::topology {

std::optional<Fabric> build_fabric(const core::Cursor& cursor, const BuildContext& context) {
  if (!cursor.is_map()) {
    cursor.error("PL-K005", "a fabric is a map", "write {builder: nvswitch_node, …}");
    return std::nullopt;
  }
  const std::optional<core::Cursor> at = cursor.require("builder");
  if (!at) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const BuilderEntry* entry : builders::all()) {
    names.emplace_back(entry->name);
  }
  const std::optional<std::string> name = core::read_choice(*at, names, "builder");
  if (!name) {
    return std::nullopt;
  }
  for (const BuilderEntry* entry : builders::all()) {
    if (entry->name == *name) {
      return entry->build(cursor, context);
    }
  }
  return std::nullopt;
}

}  // namespace plumbline::topology

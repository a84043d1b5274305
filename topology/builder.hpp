// SPDX-License-Identifier: Apache-2.0
// Fabric builders: one entry per file in builders/. A builder reads its options and makes the
// fabric.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "core/cursor.hpp"
#include "core/schema.hpp"
#include "topology/fabric.hpp"
#include "topology/link_class.hpp"

namespace plumbline::topology {

/// What a builder may look up.
struct BuildContext {
  const LinkCatalogue& links;

  /// The fabric of a node: a system named at a scalar, or a `builder:` map written in place.
  std::function<std::optional<Fabric>(const core::Cursor&)> fabric_of;

  /// Folder that the relative path of a file to import counts from.
  std::filesystem::path base{};

  /// Where the catalogue keeps a file such as imports/nccl.yaml.
  std::function<std::filesystem::path(std::string_view)> data_file{};
};

struct BuilderEntry {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  const core::SchemaInfo& (*schema)();
  std::optional<Fabric> (*build)(const core::Cursor& options, const BuildContext& context);
};

namespace builders {
/// Every builder, in the order of topology/CMakeLists.txt.
[[nodiscard]] std::span<const BuilderEntry* const> all();
}  // namespace builders

/// Builds the fabric of a map with a `builder:` key; mistakes go to the cursor's diagnostics.
[[nodiscard]] std::optional<Fabric> build_fabric(const core::Cursor& cursor,
                                                 const BuildContext& context);

}  // namespace plumbline::topology

// SPDX-License-Identifier: Apache-2.0
// What the option structs of several builders share.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/schema.hpp"
#include "topology/builder.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology::builders {

/// A link class by name or written in place: kept as its place, since a schema doesn't know the
/// catalogue.
struct LinkOption {
  std::optional<core::Cursor> at;

  /// The class; nullopt after a diagnostic, or where the key was absent.
  [[nodiscard]] std::optional<LinkClass> resolve(const BuildContext& context) const {
    return at ? read_link_reference(*at, context.links) : std::nullopt;
  }
};

/// A machine's fabric by name or written in place, for the same reason.
struct NodeOption {
  std::optional<core::Cursor> at;
};

/// The key that chose the builder, known to every builder's schema.
[[nodiscard]] inline core::FieldInfo builder_key(std::string_view name) {
  return {.key = "builder",
          .type = "name",
          .json_type = "string",
          .doc = "which builder makes the fabric",
          .required = true,
          .choices = {std::string(name)}};
}

/// Of a builder that reads one file and nothing else. `title` says what file, `doc` which format.
struct FileOptions {
  std::string file;

  [[nodiscard]] static core::Schema<FileOptions> schema(std::string_view builder,
                                                        const std::string& title,
                                                        const std::string& doc) {
    return core::Schema<FileOptions>(title)
        .also(builder_key(builder))
        .required("file", &FileOptions::file, doc + "; a relative path counts from this file");
  }
};

/// More devices or links than this are a mistake in a count, refused before memory is.
inline constexpr std::uint64_t fabric_limit = 1U << 24U;

/// Reports a fabric of more than fabric_limit devices or links (`double`: products may be huge).
[[nodiscard]] inline bool too_large(const core::Cursor& cursor, double devices, double links) {
  const bool large =
      devices > static_cast<double>(fabric_limit) || links > static_cast<double>(fabric_limit);
  if (large) {
    cursor.error("PL-T016", "this fabric would have more than 16 million devices or links",
                 "see its counts");
  }
  return large;
}

/// Reports a count of zero at its key; true where it is well.
[[nodiscard]] inline bool at_least_one(const core::Cursor& map, std::string_view key,
                                       std::uint32_t count) {
  if (count > 0) {
    return true;
  }
  const std::optional<core::Cursor> at = map.find(key);
  (at ? *at : map).error("PL-T011", fmt::format("{} must be at least 1", key));
  return false;
}

/// gpu0, gpu1, … of one machine.
[[nodiscard]] inline std::vector<DeviceId> add_gpus(FabricBuilder& fabric, std::uint64_t count) {
  std::vector<DeviceId> gpus;
  for (std::uint64_t i = 0; i < count; ++i) {
    gpus.push_back(fabric.add({.name = fmt::format("gpu{}", i), .kind = DeviceKind::gpu}));
  }
  return gpus;
}

/// Warns at `place(device)` about endpoints that the first one can't reach, or that can't reach it.
template <class Place>
void warn_unreachable(const Fabric& fabric, Place place) {
  Router router(fabric, {.pxn = true});  // the most that an experiment may ask for
  const DeviceId first = fabric.endpoints().front();
  for (const DeviceId device : fabric.endpoints()) {
    if (!router.route(first, device) || !router.route(device, first)) {
      place(device).warning(
          "PL-T023",
          fmt::format("no path between '{}' and '{}'", fabric.device(first).name,
                      fabric.device(device).name),
          "paths pass through switches, CPUs and NICs of the two machines; through a GPU only over "
          "NVLink, never through a host");
    }
  }
}

}  // namespace plumbline::topology::builders

namespace plumbline::core {

template <>
struct Reader<topology::builders::LinkOption> {
  static constexpr bool sweeps = true;
  static constexpr std::string_view type_name = "link class";
  static constexpr std::string_view json_type = "string";

  static std::optional<topology::builders::LinkOption> read(const Cursor& cursor) {
    return topology::builders::LinkOption{cursor};
  }
};

template <>
struct Reader<topology::builders::NodeOption> {
  static constexpr bool sweeps = true;
  static constexpr std::string_view type_name = "system";
  static constexpr std::string_view json_type = "string";

  static std::optional<topology::builders::NodeOption> read(const Cursor& cursor) {
    return topology::builders::NodeOption{cursor};
  }
};

}  // namespace plumbline::core

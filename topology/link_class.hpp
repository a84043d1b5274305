// SPDX-License-Identifier: Apache-2.0
// Kinds of cable and their figures per direction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/quantity.hpp"
#include "core/schema.hpp"

namespace plumbline::topology {

enum class LinkKind : std::uint8_t { nvlink, pcie, cpu, network };

[[nodiscard]] std::string_view to_text(LinkKind kind);
[[nodiscard]] std::optional<LinkKind> link_kind(std::string_view text);

/// How transfers share a link. `full_duplex`: each direction is a resource of its own.
/// `half_duplex`: both directions draw on one capacity. `unshared`: every transfer gets the whole
/// capacity (a rate cap).
enum class Sharing : std::uint8_t { full_duplex, half_duplex, unshared };

[[nodiscard]] std::string_view to_text(Sharing sharing);
[[nodiscard]] std::optional<Sharing> sharing_kind(std::string_view text);

/// Figures of one link of a class. A file states `bandwidth_per_direction`, or
/// `bandwidth_bidirectional_total`, which is halved here and nowhere else.
struct LinkClass {
  std::string name;
  LinkKind kind = LinkKind::nvlink;
  core::Bandwidth bandwidth_per_direction;
  core::Seconds latency;  ///< one way, one hop
  Sharing sharing = Sharing::full_duplex;
};

/// Keys and docs of a link class map.
[[nodiscard]] const core::SchemaInfo& link_class_schema();

/// Binds one link class map; `name` is used where the map gives none.
[[nodiscard]] std::optional<LinkClass> read_link_class(const core::Cursor& cursor,
                                                       std::string name);

/// Link classes by name.
using LinkCatalogue = std::map<std::string, LinkClass, std::less<>>;

/// The class named at a scalar, or the one written out in place as a map.
[[nodiscard]] std::optional<LinkClass> read_link_reference(const core::Cursor& cursor,
                                                           const LinkCatalogue& catalogue);

}  // namespace plumbline::topology

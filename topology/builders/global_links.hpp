// SPDX-License-Identifier: Apache-2.0
// How the groups of a dragonfly are joined.
#pragma once

#include <cstdint>
#include <vector>

#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {

/// Which group a global port leads to. Ports of a group are numbered through its routers: port
/// k = router × ports per router + its own number. A round of `groups − 1` ports reaches each other
/// group once; ports beyond the last whole round stay free.
///
/// `absolute`: port k of a round leads to group k, or k + 1 from the group's own number on (Kim,
/// Dally, Scott, Abts, ISCA 2008). `palmtree`: port k of group i leads to group i − k − 1 modulo
/// the groups (Camarero, Vallejo, Beivide, ACM TACO 11(4), 2014).
enum class Arrangement : std::uint8_t { absolute, palmtree };

struct GlobalOptions {
  Arrangement arrangement = Arrangement::palmtree;
  std::uint32_t groups = 0;
  std::uint32_t routers = 0;  ///< of a group, those with global ports
  std::uint32_t ports = 0;    ///< of each of them
};

/// Reports at `key` when the groups can't all be joined; true where they can.
[[nodiscard]] bool groups_meet(const GlobalOptions& options, const core::Cursor& cursor,
                               std::string_view key);

/// Joins `routers[group][i]` by global links; cables between the same two routers are one bundle.
void join_groups(FabricBuilder& fabric, const GlobalOptions& options,
                 const std::vector<std::vector<DeviceId>>& routers, const LinkClass& link);

}  // namespace plumbline::topology::builders

namespace plumbline::core {

template <>
struct Reader<topology::builders::Arrangement> {
  static constexpr bool sweeps = true;
  static constexpr std::string_view type_name = "absolute or palmtree";
  static constexpr std::string_view json_type = "string";

  static std::optional<topology::builders::Arrangement> read(const Cursor& cursor) {
    using topology::builders::Arrangement;
    const std::optional<std::string> word =
        read_choice(cursor, {"absolute", "palmtree"}, "arrangement");
    return word ? std::optional(*word == "absolute" ? Arrangement::absolute : Arrangement::palmtree)
                : std::nullopt;
  }
};

}  // namespace plumbline::core

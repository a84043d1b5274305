// SPDX-License-Identifier: Apache-2.0
#include "topology/placement.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <set>
#include <string_view>

#include "core/diagnostic.hpp"
#include "core/read.hpp"
#include "core/schema.hpp"
#include "core/text.hpp"
#include "topology/random.hpp"

namespace plumbline::topology {
namespace {

constexpr std::string_view forms =
    "write packed, {strided: {stride: 16}}, {random: {seed: 1}} or a list of device names";

struct StridedOptions {
  std::uint32_t stride = 1;

  static const core::Schema<StridedOptions>& schema() {
    static const auto s =
        core::Schema<StridedOptions>("strided placement")
            .required("stride", &StridedOptions::stride, "endpoints from one rank to the next");
    return s;
  }
};

struct RandomOptions {
  std::uint64_t seed = 0;

  static const core::Schema<RandomOptions>& schema() {
    static const auto s =
        core::Schema<RandomOptions>("random placement")
            .required("seed", &RandomOptions::seed, "of the shuffle; a list of seeds is an axis");
    return s;
  }
};

/// 0, s, 2s, …, then 1, s + 1, …
std::vector<DeviceId> strided(std::span<const DeviceId> endpoints, std::uint32_t stride) {
  std::vector<DeviceId> order;
  for (std::size_t start = 0; start < stride; ++start) {
    for (std::size_t i = start; i < endpoints.size(); i += stride) {
      order.push_back(endpoints[i]);
    }
  }
  return order;
}

std::optional<Placement> read_map(const core::Cursor& cursor, const Fabric& fabric,
                                  std::size_t ranks) {
  const std::span<const DeviceId> endpoints = fabric.endpoints();
  Placement placement;
  const std::vector<std::string> keys = cursor.keys();
  if (keys.size() != 1) {
    cursor.error("PL-T034", "a placement is one of packed, strided, random or a list",
                 std::string(forms));
    return std::nullopt;
  }
  if (const auto at = cursor.find("strided")) {
    const std::optional<StridedOptions> options = StridedOptions::schema().bind(*at);
    if (!options) {
      return std::nullopt;
    }
    if (options->stride == 0 || options->stride >= std::max<std::size_t>(2, endpoints.size())) {
      at->find("stride")->error(
          "PL-T035",
          fmt::format("a stride of {} over {} endpoints", options->stride, endpoints.size()),
          "it must be at least 1 and below the number of endpoints");
      return std::nullopt;
    }
    placement.device_of = strided(endpoints, options->stride);
    placement.description = fmt::format("strided {{stride: {}}}", options->stride);
  } else if (const auto random = cursor.find("random")) {
    const std::optional<RandomOptions> options = RandomOptions::schema().bind(*random);
    if (!options) {
      return std::nullopt;
    }
    placement.device_of.assign(endpoints.begin(), endpoints.end());
    shuffle(placement.device_of, options->seed);
    placement.description = fmt::format("random {{seed: {}}}", options->seed);
  } else {
    cursor.diagnostics().error("PL-T034", cursor.key_span(keys.front()),
                               fmt::format("no placement is called '{}'", keys.front()),
                               std::string(forms));
    return std::nullopt;
  }
  placement.device_of.resize(ranks);
  return placement;
}

/// The endpoint that a list item names; nullopt after a diagnostic.
std::optional<DeviceId> listed(const core::Cursor& item, const Fabric& fabric) {
  if (!item.is_scalar()) {
    item.error("PL-T034", "a list places ranks on devices: each item is a device's name",
               "a list of placements is no sweep; for one over shuffles write {random: {seed: [1, "
               "2, 3]}}");
    return std::nullopt;
  }
  const std::string& name = item.text();
  const std::optional<DeviceId> device = fabric.find(name);
  if (!device) {
    std::vector<std::string> names;
    for (const DeviceId endpoint : fabric.endpoints()) {
      names.push_back(fabric.device(endpoint).name);
    }
    const bool is_form = name == "packed" || name == "strided" || name == "random";
    item.error(is_form ? "PL-T034" : "PL-T031",
               is_form ? fmt::format("'{}' stands in a list of device names", name)
                       : fmt::format("no device is called '{}'", name),
               is_form ? std::string("a list of placements is no sweep; write it alone")
                       : core::suggest(name, names));
    return std::nullopt;
  }
  const auto endpoints = fabric.endpoints();
  if (!std::binary_search(endpoints.begin(), endpoints.end(), *device)) {
    item.error("PL-T033",
               fmt::format("'{}' is a {}: no rank can sit there", name,
                           to_text(fabric.device(*device).kind)),
               "ranks sit on gpus, or on hosts where there are no gpus");
    return std::nullopt;
  }
  return device;
}

std::optional<Placement> read_list(const core::Cursor& cursor, const Fabric& fabric,
                                   std::optional<RankCount> ranks) {
  Placement placement{.device_of = {}, .description = "explicit"};
  std::set<DeviceId> used;
  bool good = true;
  for (const core::Cursor& item : cursor.items()) {
    const std::optional<DeviceId> device = listed(item, fabric);
    if (device && !used.insert(*device).second) {
      item.error("PL-T032", fmt::format("'{}' would hold two ranks", item.text()));
      good = false;
    }
    good = good && device;
    placement.device_of.push_back(device.value_or(DeviceId()));
  }
  if (ranks && ranks->value != placement.device_of.size()) {
    cursor.error(
        "PL-T036",
        fmt::format("{} devices are listed for {} ranks", placement.device_of.size(), ranks->value),
        "list one device for each rank");
    good = false;
  }
  return good ? std::optional(std::move(placement)) : std::nullopt;
}

}  // namespace

std::optional<Placement> read_placement(const std::optional<core::Cursor>& cursor,
                                        const Fabric& fabric, std::optional<RankCount> ranks,
                                        const core::Cursor& ranks_at) {
  const std::size_t endpoints = fabric.endpoints().size();
  const std::size_t count = ranks ? ranks->value : endpoints;
  if (count == 0 || count > endpoints) {
    ranks_at.error("PL-T030",
                   fmt::format("{} ranks on a fabric with {} endpoints", count, endpoints),
                   "every rank has a gpu (or host) of its own, and there is at least one rank");
    return std::nullopt;
  }
  if (!cursor) {
    return packed(fabric, RankCount(count));
  }
  if (cursor->is_sequence()) {
    return read_list(*cursor, fabric, ranks);
  }
  if (cursor->is_map()) {
    return read_map(*cursor, fabric, count);
  }
  if (cursor->is_scalar() && cursor->text() == "packed") {
    return packed(fabric, RankCount(count));
  }
  cursor->error("PL-T034",
                cursor->is_scalar() ? fmt::format("no placement is written '{}'", cursor->text())
                                    : std::string("a placement is missing here"),
                std::string(forms));
  return std::nullopt;
}

Placement packed(const Fabric& fabric, RankCount ranks) {
  const auto endpoints = fabric.endpoints().first(ranks.value);
  return {.device_of = {endpoints.begin(), endpoints.end()}, .description = "packed"};
}

}  // namespace plumbline::topology

// SPDX-License-Identifier: Apache-2.0
#include "topology/placement.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <ranges>
#include <set>
#include <string_view>

#include "core/diagnostic.hpp"
#include "core/read.hpp"
#include "core/schema.hpp"
#include "core/text.hpp"
#include "core/text_file.hpp"
#include "topology/random.hpp"

namespace plumbline::topology {
namespace {

constexpr std::string_view forms =
    "write packed, {strided: {stride: 16}}, {random: {seed: 1}}, {file: PATH}, {hosts: [node1, "
    "node0]} or a list of device names";

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

/// `{strided: {stride: 8}}` or, shorter, `{strided: 8}`.
template <class Options, class Value>
std::optional<Value> only_option(const core::Cursor& at, Value Options::*member) {
  if (!at.is_map()) {
    return core::read<Value>(at);
  }
  const std::optional<Options> options = Options::schema().bind(at);
  return options ? std::optional((*options).*member) : std::nullopt;
}

/// What a cursor's value says, without the keys in it; lists that are long by their ends.
std::string values_in(const core::Cursor& at) {
  constexpr std::size_t longest = 4;
  std::vector<std::string> parts;
  for (const core::Cursor& item : at.items()) {
    parts.push_back(values_in(item));
  }
  if (parts.size() > longest) {
    parts = {parts.front(), "…", parts.back()};
  }
  for (const std::string& key : at.keys()) {
    parts.push_back(values_in(*at.find(key)));
  }
  return at.is_scalar() ? at.text() : core::join(parts, " ");
}

/// `packed`, `strided 8`, `random 1`, `host0 host1`.
std::string label_of(const core::Cursor& placement) {
  const std::string kind = placement.is_map() && !placement.keys().empty()
                               ? placement.keys().front() + " "
                               : std::string();
  return kind + values_in(placement);
}

/// Whether a list holds placements, one for each point of a sweep, and not devices.
bool is_sweep(const core::Cursor& list) {
  return std::ranges::any_of(list.items(), [](const core::Cursor& item) {
    return !item.is_scalar() || item.text() == "packed";
  });
}

/// A name and where it is written.
struct Name {
  std::string text;
  core::SourceSpan where;
};

/// The endpoint of this name; nullopt after a diagnostic.
std::optional<DeviceId> endpoint(const Name& name, const Fabric& fabric,
                                 core::Diagnostics& diagnostics) {
  const std::optional<DeviceId> device = fabric.find(name.text);
  if (!device) {
    std::vector<std::string> names;
    for (const DeviceId id : fabric.endpoints()) {
      names.push_back(fabric.device(id).name);
    }
    diagnostics.error("PL-T031", name.where, fmt::format("no device is called '{}'", name.text),
                      core::suggest(name.text, names));
    return std::nullopt;
  }
  const auto endpoints = fabric.endpoints();
  if (!std::binary_search(endpoints.begin(), endpoints.end(), *device)) {
    diagnostics.error("PL-T033", name.where,
                      fmt::format("'{}' is a {}: no rank can sit there", name.text,
                                  to_text(fabric.device(*device).kind)),
                      "ranks sit on gpus, or on hosts where there are no gpus");
    return std::nullopt;
  }
  return device;
}

bool as_many(std::size_t devices, std::optional<RankCount> ranks, const core::Cursor& cursor) {
  if (ranks && ranks->value != devices) {
    cursor.error("PL-T036",
                 fmt::format("{} devices are listed for {} ranks", devices, ranks->value),
                 "list one device for each rank");
    return false;
  }
  return true;
}

/// The devices of these names, in order. `cursor`: where the list is asked for.
std::optional<Placement> place(std::span<const Name> names, std::string description,
                               const core::Cursor& cursor, const Fabric& fabric,
                               std::optional<RankCount> ranks) {
  Placement placement{.device_of = {}, .description = std::move(description)};
  std::set<DeviceId> used;
  bool good = true;
  for (const Name& name : names) {
    const std::optional<DeviceId> device = endpoint(name, fabric, cursor.diagnostics());
    if (device && !used.insert(*device).second) {
      cursor.diagnostics().error("PL-T032", name.where,
                                 fmt::format("'{}' would hold two ranks", name.text));
      good = false;
    }
    good = good && device;
    placement.device_of.push_back(device.value_or(DeviceId()));
  }
  good = as_many(names.size(), ranks, cursor) && good;
  return good ? std::optional(std::move(placement)) : std::nullopt;
}

std::optional<Placement> read_list(const core::Cursor& cursor, const Fabric& fabric,
                                   std::optional<RankCount> ranks) {
  std::vector<Name> names;
  for (const core::Cursor& item : cursor.items()) {
    names.push_back({item.text(), item.span()});
  }
  return place(names, "explicit", cursor, fabric, ranks);
}

/// One name a line; from `#` on a line is a comment.
std::vector<Name> names_of(std::string_view text, const std::string& file) {
  std::vector<Name> names;
  int line = 0;
  while (!text.empty()) {
    ++line;
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const std::string_view said = whole.substr(0, whole.find('#'));
    constexpr std::string_view blanks = " \t\r";
    const std::size_t begin = said.find_first_not_of(blanks);
    if (begin != std::string_view::npos) {
      const std::size_t end = said.find_last_not_of(blanks) + 1;
      names.push_back({std::string(said.substr(begin, end - begin)),
                       {file, line, static_cast<int>(begin) + 1}});
    }
  }
  return names;
}

std::optional<Placement> read_file(const core::Cursor& cursor, const Fabric& fabric,
                                   std::optional<RankCount> ranks,
                                   const std::filesystem::path& base) {
  const std::optional<std::string> name = core::read<std::string>(cursor);
  if (!name) {
    return std::nullopt;
  }
  const std::filesystem::path path = base / *name;
  const std::optional<std::string> text = core::read_text_file(path, cursor.diagnostics());
  if (!text) {
    return std::nullopt;
  }
  return place(names_of(*text, path.string()), fmt::format("file {}", *name), cursor, fabric,
               ranks);
}

/// Endpoints by machine, as `node3` and, where a host is the machine, by the host's name too.
std::map<std::string, std::vector<DeviceId>> machines_of(const Fabric& fabric) {
  std::map<std::string, std::vector<DeviceId>> machines;
  for (const DeviceId id : fabric.endpoints()) {
    const Device& device = fabric.device(id);
    machines[fmt::format("node{}", device.node)].push_back(id);
    if (device.kind == DeviceKind::host) {
      machines[device.name] = {id};
    }
  }
  return machines;
}

std::optional<Placement> read_hosts(const core::Cursor& cursor, const Fabric& fabric,
                                    std::optional<RankCount> ranks) {
  const auto names = core::read<std::vector<std::string>>(cursor);
  if (!names) {
    return std::nullopt;
  }
  const auto machines = machines_of(fabric);
  Placement placement{.device_of = {},
                      .description = fmt::format("hosts [{}]", core::join(*names, ", "))};
  std::set<DeviceId> used;
  bool good = true;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const auto machine = machines.find((*names)[i]);
    if (machine == machines.end()) {
      std::vector<std::string> known;
      std::ranges::copy(std::views::keys(machines), std::back_inserter(known));
      cursor.items()[i].error("PL-T037", fmt::format("no machine is called '{}'", (*names)[i]),
                              core::suggest((*names)[i], known));
      good = false;
      continue;
    }
    if (!used.insert(machine->second.front()).second) {
      cursor.items()[i].error("PL-T032", fmt::format("'{}' is listed twice", (*names)[i]));
      good = false;
    }
    placement.device_of.insert(placement.device_of.end(), machine->second.begin(),
                               machine->second.end());
  }
  good = good && as_many(placement.device_of.size(), ranks, cursor);
  return good ? std::optional(std::move(placement)) : std::nullopt;
}

std::optional<Placement> read_map(const core::Cursor& cursor, const Fabric& fabric,
                                  std::optional<RankCount> ranks,
                                  const std::filesystem::path& base) {
  const std::span<const DeviceId> endpoints = fabric.endpoints();
  Placement placement;
  const std::vector<std::string> keys = cursor.keys();
  if (keys.size() != 1) {
    cursor.error("PL-T034", "a placement is one of packed, strided, random, file, hosts or a list",
                 std::string(forms));
    return std::nullopt;
  }
  if (const auto file = cursor.find("file")) {
    return read_file(*file, fabric, ranks, base);
  }
  if (const auto hosts = cursor.find("hosts")) {
    return read_hosts(*hosts, fabric, ranks);
  }
  if (const auto at = cursor.find("strided")) {
    const std::optional<std::uint32_t> stride = only_option(*at, &StridedOptions::stride);
    if (!stride) {
      return std::nullopt;
    }
    if (*stride == 0 || *stride >= std::max<std::size_t>(2, endpoints.size())) {
      at->find("stride").value_or(*at).error(
          "PL-T035", fmt::format("a stride of {} over {} endpoints", *stride, endpoints.size()),
          "it must be at least 1 and below the number of endpoints");
      return std::nullopt;
    }
    placement.device_of = strided(endpoints, *stride);
    placement.description = fmt::format("strided {{stride: {}}}", *stride);
  } else if (const auto random = cursor.find("random")) {
    const std::optional<std::uint64_t> seed = only_option(*random, &RandomOptions::seed);
    if (!seed) {
      return std::nullopt;
    }
    placement.device_of.assign(endpoints.begin(), endpoints.end());
    shuffle(placement.device_of, *seed);
    placement.description = fmt::format("random {{seed: {}}}", *seed);
  } else {
    cursor.diagnostics().error("PL-T034", cursor.key_span(keys.front()),
                               fmt::format("no placement is called '{}'", keys.front()),
                               std::string(forms));
    return std::nullopt;
  }
  placement.device_of.resize(ranks ? ranks->value : endpoints.size());
  return placement;
}

}  // namespace

std::optional<Placement> read_placement(const std::optional<core::Cursor>& cursor,
                                        const Fabric& fabric, std::optional<RankCount> ranks,
                                        const core::Cursor& ranks_at,
                                        const std::filesystem::path& base) {
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
  if (cursor->is_sequence() && is_sweep(*cursor)) {
    const std::vector<core::Cursor> forms = cursor->items();
    std::vector<std::string> labels;
    std::ranges::transform(forms, std::back_inserter(labels), label_of);
    const std::optional<std::size_t> chosen = core::choose_alternative(*cursor, std::move(labels));
    return chosen ? read_placement(forms[*chosen].unswept(), fabric, ranks, ranks_at, base)
                  : std::nullopt;
  }
  if (cursor->is_sequence()) {
    return read_list(*cursor, fabric, ranks);
  }
  if (cursor->is_map()) {
    return read_map(*cursor, fabric, ranks, base);
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

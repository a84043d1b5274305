// SPDX-License-Identifier: Apache-2.0
#include "topology/link_class.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "core/cursor.hpp"
#include "core/read.hpp"
#include "topology/pcie_rate.hpp"

namespace plumbline::topology {
namespace {

constexpr std::array<std::pair<LinkKind, std::string_view>, 4> link_kinds{
    {{LinkKind::nvlink, "nvlink"},
     {LinkKind::pcie, "pcie"},
     {LinkKind::cpu, "cpu"},
     {LinkKind::network, "network"}}};

constexpr std::array<std::pair<Sharing, std::string_view>, 3> sharings{
    {{Sharing::full_duplex, "full_duplex"},
     {Sharing::half_duplex, "half_duplex"},
     {Sharing::unshared, "unshared"}}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  return std::find_if(table.begin(), table.end(),
                      [value](const auto& entry) { return entry.first == value; })
      ->second;
}

template <class Table>
auto value_in(const Table& table, std::string_view text)
    -> std::optional<typename Table::value_type::first_type> {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [text](const auto& entry) { return entry.second == text; });
  return found == table.end() ? std::nullopt : std::optional(found->first);
}

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) {
    names.emplace_back(entry.second);
  }
  return names;
}

/// The map as written; a LinkClass once the direction is settled.
struct LinkClassText {
  std::string name;
  std::string title;
  std::string kind;
  std::optional<core::Bandwidth> per_direction;
  std::optional<core::Bandwidth> bidirectional_total;
  core::Seconds latency;
  std::string sharing;

  static const core::Schema<LinkClassText>& schema() {
    static const auto s =
        core::Schema<LinkClassText>("link class")
            .optional("link_class", &LinkClassText::name,
                      "its name, which constants are keyed by; by default the name of the file or "
                      "of the key that it stands under")
            .optional("title", &LinkClassText::title, "one line for people")
            .choice("kind", &LinkClassText::kind,
                    "what the cable is: routes prefer nvlink, then pcie, then cpu (between "
                    "sockets), then network",
                    names_of(link_kinds))
            .optional("bandwidth_per_direction", &LinkClassText::per_direction,
                      "nominal, one link, one direction; either this, "
                      "bandwidth_bidirectional_total or pcie")
            .optional("bandwidth_bidirectional_total", &LinkClassText::bidirectional_total,
                      "nominal, one link, the sum of both directions, as data sheets of NVLink "
                      "state it; halved")
            .also({.key = "pcie",
                   .type = "map",
                   .json_type = "object",
                   .doc = "of a link of kind pcie, in place of a bandwidth: what it follows from",
                   .nested = std::make_shared<const core::SchemaInfo>(pcie_rate_schema())})
            .required("latency", &LinkClassText::latency, "one way, one hop")
            .choice("sharing", &LinkClassText::sharing,
                    "full_duplex: each direction has the whole figure; half_duplex: both "
                    "directions share it; unshared: every transfer gets it (a rate cap)",
                    names_of(sharings), "full_duplex");
    return s;
  }
};

/// The figure that `pcie:` stands for; nullopt after a diagnostic.
std::optional<core::Bandwidth> pcie_bandwidth(const core::Cursor& at, const LinkClassText& text) {
  if (text.kind != to_text(LinkKind::pcie)) {
    at.error("PL-T054", "a link of kind " + text.kind + " has no PCIe generation",
             "write kind: pcie, or state the bandwidth");
    return std::nullopt;
  }
  const std::optional<PcieRate> rate = read_pcie_rate(at);
  return rate ? std::optional(rate->bandwidth()) : std::nullopt;
}

/// Which key states the bandwidth; nullopt after a diagnostic unless it is exactly one.
std::optional<std::string_view> bandwidth_key(const core::Cursor& cursor) {
  std::optional<std::string_view> stated;
  for (const char* key : {"bandwidth_per_direction", "bandwidth_bidirectional_total", "pcie"}) {
    if (!cursor.find(key)) {
      continue;
    }
    if (stated) {
      cursor.error("PL-T002", "a link states its bandwidth twice",
                   fmt::format("keep {} or {}", *stated, key));
      return std::nullopt;
    }
    stated = key;
  }
  if (!stated) {
    cursor.error("PL-T001", "state the direction of this link's bandwidth",
                 "write bandwidth_per_direction: 450 GB/s, or bandwidth_bidirectional_total: 900 "
                 "GB/s where a data sheet adds both directions");
  }
  return stated;
}

/// The figure of one direction, wherever the map states it; nullopt after a diagnostic.
std::optional<core::Bandwidth> one_direction(const core::Cursor& cursor,
                                             const LinkClassText& text) {
  const std::optional<std::string_view> key = bandwidth_key(cursor);
  if (!key) {
    return std::nullopt;
  }
  const core::Cursor at = *cursor.find(*key);
  if (*key == "pcie") {
    return pcie_bandwidth(at, text);
  }
  if (text.bidirectional_total && text.sharing == "half_duplex") {
    at.error("PL-T004", "a half-duplex link has no total of both directions to halve",
             "write bandwidth_per_direction: what one direction gets while the other is idle");
    return std::nullopt;
  }
  const core::Bandwidth figure =
      text.bidirectional_total ? *text.bidirectional_total / 2.0 : *text.per_direction;
  if (figure <= core::Bandwidth{}) {
    at.error("PL-T003", "a link's bandwidth must be above zero", "leave a link out to remove it");
    return std::nullopt;
  }
  return figure;
}

}  // namespace

std::string_view to_text(LinkKind kind) {
  return name_in(link_kinds, kind);
}

std::optional<LinkKind> link_kind(std::string_view text) {
  return value_in(link_kinds, text);
}

std::string_view to_text(Sharing sharing) {
  return name_in(sharings, sharing);
}

std::optional<Sharing> sharing_kind(std::string_view text) {
  return value_in(sharings, text);
}

const core::SchemaInfo& link_class_schema() {
  return LinkClassText::schema();
}

std::optional<LinkClass> read_link_class(const core::Cursor& cursor, std::string name) {
  const std::optional<LinkClassText> text = LinkClassText::schema().bind(cursor);
  if (!text) {
    return std::nullopt;
  }
  const std::optional<core::Bandwidth> bandwidth = one_direction(cursor, *text);
  if (!bandwidth) {
    return std::nullopt;
  }
  return LinkClass{.name = text->name.empty() ? std::move(name) : text->name,
                   .kind = *link_kind(text->kind),
                   .bandwidth_per_direction = *bandwidth,
                   .latency = text->latency,
                   .sharing = *sharing_kind(text->sharing)};
}

std::optional<LinkClass> read_link_reference(const core::Cursor& cursor,
                                             const LinkCatalogue& catalogue) {
  if (cursor.is_map() && !cursor.find("value")) {
    // Unnamed, it goes by the key it stands under: `uplink` in `fabric.uplink`.
    return read_link_class(cursor, cursor.path().substr(cursor.path().rfind('.') + 1));
  }
  std::vector<std::string> names;
  for (const auto& [name, link] : catalogue) {
    names.push_back(name);
  }
  const std::optional<std::string> chosen = core::read_choice(cursor, names, "link class");
  return chosen ? std::optional(catalogue.find(*chosen)->second) : std::nullopt;
}

}  // namespace plumbline::topology

// SPDX-License-Identifier: Apache-2.0
// The transfers of a `workload:` map that has the key `flows`.
#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "workload/collectives/common.hpp"
#include "workload/flow_pieces.hpp"
#include "workload/workload_text.hpp"

namespace plumbline::workload {

namespace {

std::optional<topology::DeviceId> device(const core::Cursor& at, const std::string& name,
                                         const topology::Fabric& fabric) {
  const auto found = fabric.find(name);
  if (!found) {
    std::vector<std::string> names;
    for (const topology::Device& known : fabric.devices()) {
      names.push_back(known.name);
    }
    at.error("PL-W010", fmt::format("the fabric has no device '{}'", name),
             core::suggest(name, names));
  }
  return found;
}

/// A device's name, or a list of them.
std::optional<std::vector<topology::DeviceId>> read_via(const core::Cursor& at,
                                                        const topology::Fabric& fabric) {
  const std::vector<core::Cursor> items = at.is_sequence() ? at.items() : std::vector{at};
  if (items.empty()) {
    at.error("PL-K010", "the list is empty", "leave `via` out");
    return std::nullopt;
  }
  std::vector<topology::DeviceId> devices;
  for (const core::Cursor& item : items) {
    const auto name = core::read<std::string>(item);
    const auto found = name ? device(item, *name, fabric) : std::nullopt;
    if (found) {
      devices.push_back(*found);
    }
  }
  return devices.size() == items.size() ? std::optional(devices) : std::nullopt;
}

/// Whether sizes are above zero and no device stands on the way twice.
bool is_sound(const core::Cursor& at, const FlowText& text, const Flow& flow) {
  bool good = true;
  std::vector<topology::DeviceId> stops = stops_of(flow);
  std::ranges::sort(stops);
  if (std::ranges::adjacent_find(stops) != stops.end()) {
    at.error("PL-W011", flow.from == flow.to ? fmt::format("a flow from {} to itself", text.from)
                                             : "a flow that is at one device twice");
    good = false;
  }
  for (const auto& [key, bytes] :
       {std::pair{"size", std::optional(text.size)}, std::pair{"chunk", text.chunk}}) {
    if (bytes && !(*bytes > core::Bytes{})) {
      at.find(key)->error("PL-W003", fmt::format("nothing is sent: the {} is zero", key));
      good = false;
    }
  }
  return good;
}

bool read_flow(const core::Cursor& at, const topology::Fabric& fabric, Workload& workload) {
  const std::optional<FlowText> text = FlowText::schema().bind(at);
  if (!text) {
    return false;
  }
  const auto via_at = at.find("via");
  const auto from = device(*at.find("from"), text->from, fabric);
  const auto via = via_at ? read_via(*via_at, fabric) : std::vector<topology::DeviceId>{};
  const auto to = device(*at.find("to"), text->to, fabric);
  if (!from || !via || !to) {
    return false;
  }
  Flow flow{.from = *from, .to = *to, .size = text->size, .start = text->start, .via = *via};
  if (!is_sound(at, *text, flow)) {
    return false;
  }
  const std::uint64_t pieces = pieces_of(flow.size, text->chunk);
  if (const std::string why = refuse_size(pieces); !why.empty()) {
    at.find("chunk")->error("PL-W007", "flows: " + why);
    return false;
  }
  flow.pieces = static_cast<std::uint32_t>(pieces);
  workload.flows.push_back(std::move(flow));
  return true;
}

bool read_list(const core::Cursor& at, const topology::Fabric& fabric, Workload& workload) {
  if (!at.is_sequence()) {
    at.error("PL-K004", "a list of flows is expected here",
             "write - {from: gpu0, to: gpu1, size: 1 MB}");
    return false;
  }
  if (at.items().empty()) {
    at.error("PL-W009", "the list of flows is empty");
    return false;
  }
  bool good = true;
  for (const core::Cursor& item : at.items()) {
    good = read_flow(item, fabric, workload) && good;
  }
  return good;
}

}  // namespace

bool read_flows(const core::Cursor& at, const topology::Fabric& fabric, Workload& workload) {
  if (!at.is_map()) {
    return read_list(at, fabric, workload);
  }
  const std::vector<std::string> names = at.keys();
  const std::optional<std::size_t> chosen = core::choose_alternative(at, names);
  if (!chosen) {
    return false;
  }
  workload.case_name = names[*chosen];
  return read_list(at.find(workload.case_name)->unswept(), fabric, workload);
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// `rings:` of a workload: a name, a list of orders, or what NCCL found.
#include <algorithm>
#include <fmt/format.h>

#include "core/read.hpp"
#include "workload/imports/nccl_orders.hpp"
#include "workload/workload_text.hpp"

namespace plumbline::workload {

namespace {

namespace nccl = topology::imports;

bool read_name(const core::Cursor& at, Workload& workload) {
  const std::vector<std::string> names = ring_order_names();
  const auto name = core::read_choice(at, names, "order of rings");
  workload.ring_order = static_cast<RingOrder>(
      name ? std::find(names.begin(), names.end(), *name) - names.begin() : 0);
  return name.has_value();
}

bool read_list(const core::Cursor& at, Workload& workload) {
  bool good = true;
  for (const core::Cursor& item : at.items()) {
    const auto ring = core::read<std::vector<std::uint32_t>>(item);
    good = good && ring;
    auto& order = workload.rings.emplace_back();
    for (const std::uint32_t rank : ring.value_or(std::vector<std::uint32_t>{})) {
      order.emplace_back(rank);
    }
  }
  return good;
}

/// `{nccl_graph: FILE}`: the graph of trees for an algorithm of trees, else that of rings.
bool read_graph(const core::Cursor& at, const std::filesystem::path& base, Workload& workload) {
  at.reject_unknown({"nccl_graph"});
  const auto file_at = at.require("nccl_graph");
  const auto file = file_at ? core::read<std::string>(*file_at) : std::nullopt;
  const auto graphs = file ? nccl::load_nccl_graphs(base / *file, at.diagnostics()) : std::nullopt;
  if (!graphs) {
    return false;
  }
  const bool tree = workload.algorithm == "double_binary_tree";
  const nccl::NcclGraph* graph =
      nccl::find_graph(*graphs, tree ? nccl::tree_graph : nccl::ring_graph);
  if (graph == nullptr) {
    file_at->error("PL-W036", fmt::format("the file has no graph of {}", tree ? "trees" : "rings"),
                   fmt::format("a <graph> of id {} with channels",
                               tree ? nccl::tree_graph : nccl::ring_graph));
    return false;
  }
  if (workload.site.gpu_of.empty()) {
    return true;  // the placement is wrong, and says so itself
  }
  auto orders = imports::orders_of(*graph, workload.site);
  if (const auto* why = std::get_if<std::string>(&orders)) {
    at.diagnostics().error("PL-W036", graph->where, *why,
                           "such a file holds for the GPUs that it was written on");
    return false;
  }
  workload.rings = std::get<std::vector<std::vector<RankId>>>(std::move(orders));
  return true;
}

}  // namespace

bool read_rings(const core::Cursor& cursor, const std::filesystem::path& base, Workload& workload) {
  const auto at = cursor.find("rings");
  if (!at) {
    return true;
  }
  const bool list = at->is_sequence() && !at->items().empty() && at->items().front().is_sequence();
  if (!list && !at->is_map()) {
    return read_name(*at, workload);
  }
  workload.ring_order = RingOrder::given;
  const bool good = list ? read_list(*at, workload) : read_graph(*at, base, workload);
  if (!cursor.find("channels") && !workload.rings.empty()) {
    workload.channels = static_cast<std::uint32_t>(workload.rings.size());
  }
  return good;
}

}  // namespace plumbline::workload

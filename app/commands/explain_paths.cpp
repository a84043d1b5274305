// SPDX-License-Identifier: Apache-2.0
// `plumbline explain paths SYSTEM`: how NCCL sees every pair of GPUs and adapters.
#include <algorithm>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "topology/imports/nccl_paths.hpp"

namespace plumbline::app {
namespace {

using topology::imports::NcclPath;
using topology::imports::NcclPaths;
using topology::imports::PathType;

constexpr std::size_t most_rows = 144;

/// Endpoints, then network adapters.
std::vector<topology::DeviceId> rows_of(const topology::Fabric& fabric) {
  std::vector<topology::DeviceId> rows(fabric.endpoints().begin(), fabric.endpoints().end());
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    if (fabric.devices()[i].kind == topology::DeviceKind::nic) {
      rows.emplace_back(i);
    }
  }
  return rows;
}

std::string rate(const NcclPath& path) {
  const bool none = path.type == PathType::loc || path.type == PathType::dis;
  return none ? std::string("-") : fmt::format("{:.4g}", path.bandwidth.si() / 1e9);
}

std::string type(const NcclPath& path) {
  return path.type == PathType::loc ? "X" : std::string(to_text(path.type));
}

std::string table(const topology::Fabric& fabric, const std::vector<topology::DeviceId>& rows,
                  NcclPaths& paths, std::string (*cell)(const NcclPath&)) {
  std::size_t width = 6;
  for (const topology::DeviceId row : rows) {
    width = std::max(width, fabric.device(row).name.size() + 2);
  }
  std::string text(width, ' ');
  for (const topology::DeviceId column : rows) {
    text += fmt::format("{:>{}}", fabric.device(column).name, width);
  }
  for (const topology::DeviceId row : rows) {
    text += fmt::format("\n{:<{}}", fabric.device(row).name, width);
    for (const topology::DeviceId column : rows) {
      text += fmt::format("{:>{}}", cell(paths.between(row, column)), width);
    }
  }
  return text + "\n";
}

constexpr auto legend =
    "NVL NVLink; NVB NVLink through one other GPU; C2C a GPU's link to its CPU; PIX one PCIe "
    "switch;\n"
    "PXB several; P2C C2C, then PCIe; PXN NVLink to another GPU, then PCIe; PHB through a CPU;\n"
    "SYS between CPUs; NET the network; DIS no path.\n";

}  // namespace

ExitCode explain_paths(const std::string& what, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  const zoo::System system = require_system(catalogue, what, "paths", console);
  const topology::Fabric& fabric = *system.fabric;
  const std::vector<topology::DeviceId> rows = rows_of(fabric);
  if (rows.size() > most_rows) {
    throw core::InputError(
        {{"PL-G004",
          core::Severity::error,
          {"paths", 1, 1},
          fmt::format("{} GPUs and adapters make too large a table", rows.size()),
          fmt::format("at most {} are shown", most_rows)}});
  }
  NcclPaths paths(fabric);
  console.result(fmt::format("Path types\n{}\nGB/s, one direction\n{}\n{}",
                             table(fabric, rows, paths, type), table(fabric, rows, paths, rate),
                             legend));
  return ExitCode::done;
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include "experiments/facts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/read.hpp"
#include "core/text.hpp"
#include "topology/imports/nccl_graph.hpp"

namespace plumbline::experiments {

std::optional<workload::MachineFacts> read_facts(const core::Cursor& root,
                                                 const zoo::System& system,
                                                 const std::filesystem::path& base) {
  workload::MachineFacts facts = system.facts;
  const auto at = root.find("nccl_graph");
  if (!at) {
    return facts;
  }
  const auto file = core::read<std::string>(*at);
  auto graphs =
      file ? topology::imports::load_nccl_graphs(base / *file, root.diagnostics()) : std::nullopt;
  if (!graphs) {
    return std::nullopt;
  }
  if (!facts.nccl) {
    facts.nccl.emplace();
  }
  facts.nccl->graphs =
      std::make_shared<const std::vector<topology::imports::NcclGraph>>(std::move(*graphs));
  return facts;
}

topology::Routing decided(const topology::Routing& routing, const workload::MachineFacts& facts,
                          const topology::Fabric& fabric, const topology::Placement& placement) {
  std::map<std::uint32_t, std::size_t> ranks;  // by machine
  std::size_t most = 0;
  for (const topology::DeviceId device : placement.device_of) {
    most = std::max(most, ++ranks[fabric.device(device).node]);
  }
  return topology::decided(routing, facts.nccl ? facts.nccl->cpu : "", most);
}

void check_constants(const workload::ConstantSet& constants, const core::Cursor& at,
                     const zoo::System& system, const topology::LinkCatalogue& catalogue) {
  const topology::Fabric& fabric = *system.fabric;
  std::vector<std::string> known(fabric.link_classes().begin(), fabric.link_classes().end());
  for (const auto& [name, link] : catalogue) {
    known.push_back(name);
  }
  for (const auto& [name, link] : constants.links) {
    if (std::ranges::find(known, name) == known.end()) {
      at.error("PL-N004", fmt::format("constants of '{}', but no link class is called so", name),
               core::suggest(name, known));
    }
  }
  if (constants.calibration != nullptr && !constants.calibration->knows(system.name)) {
    at.warning("PL-W022",
               fmt::format("these constants were fitted on {}, not on {}",
                           core::join(constants.calibration->systems, ", "), system.name),
               "their intervals do not hold here; `plumbline calibrate` fits this machine's own");
  }
}

}  // namespace plumbline::experiments

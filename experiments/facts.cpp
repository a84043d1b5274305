// SPDX-License-Identifier: Apache-2.0
#include "experiments/facts.hpp"

#include "core/read.hpp"
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

}  // namespace plumbline::experiments

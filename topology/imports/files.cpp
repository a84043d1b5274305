// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/files.hpp"

#include "core/xml.hpp"
#include "topology/imports/nccl_topology.hpp"

namespace plumbline::topology::imports {

std::optional<Fabric> import_xml(const std::filesystem::path& file, const BuildContext& context,
                                 core::Diagnostics& diagnostics) {
  const std::optional<core::XmlElement> root = core::load_xml(file, diagnostics);
  if (!root) {
    return std::nullopt;
  }
  const std::optional<NcclRates> rates =
      load_nccl_rates(context.data_file("imports/nccl.yaml"), diagnostics);
  if (!rates) {
    return std::nullopt;
  }
  std::optional<NcclTopology> imported = import_nccl_topology(*root, *rates, diagnostics);
  if (!imported) {
    return std::nullopt;
  }
  for (const core::Diagnostic& note : imported->notes) {
    diagnostics.add(note);
  }
  return std::move(imported->fabric);
}

}  // namespace plumbline::topology::imports

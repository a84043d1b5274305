// SPDX-License-Identifier: Apache-2.0
// The matrix that `nvidia-smi topo -m` prints as a fabric. The text tells how two devices are
// connected and no rates, which come as link classes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology::imports {

struct SmiLinks {
  std::optional<LinkClass> nvlink;  ///< needed where the text has an NV#
  LinkClass pcie;                   ///< GPUs and PCIe switches upwards
  std::optional<LinkClass> socket;  ///< between CPUs, needed where there are several
  LinkClass nic;                    ///< network adapters upwards
  std::optional<bool> nvswitch;     ///< whether NVLinks end at switches, which an even matrix hides
};

/// Devices joined by PIX share a PCIe switch, those by PXB one above such switches, those by PHB or
/// NODE a CPU, as do those with the same CPU affinity where NVLink hides the rest; SYS leads from
/// CPU to CPU. GPUs are called gpu0, …, adapters nic0, …. Nullopt after diagnostics.
[[nodiscard]] std::optional<Fabric> import_nvidia_smi_topo(std::string_view text,
                                                           const std::string& file,
                                                           const SmiLinks& links,
                                                           core::Diagnostics& diagnostics);

}  // namespace plumbline::topology::imports

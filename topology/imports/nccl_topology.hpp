// SPDX-License-Identifier: Apache-2.0
// Topology files of NCCL and RCCL (NCCL_TOPO_FILE, NCCL_TOPO_DUMP_FILE) as fabrics.
//
// A file states devices, PCIe speeds and widths, and counts of NVLinks; rates and latencies come
// from NcclRates, so that a link has the rate that NCCL's own search gives it: 20.6 GB/s for an
// NVLink 4, not its nominal 25. GPUs are called after their `dev` (in the order of their bus
// addresses where a file has none), CPUs after their `numaid`. All hosts of a file are one machine:
// a file with several describes one NVLink domain.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/xml.hpp"
#include "topology/fabric.hpp"
#include "topology/imports/nccl_rates.hpp"

namespace plumbline::topology::imports {

/// A <net>: one port of a network adapter.
struct NcclNet {
  std::string name;
  DeviceId nic;
  core::Bandwidth rate;
  core::Seconds latency;
};

struct NcclTopology {
  Fabric fabric;
  std::vector<std::string> bus_ids;  ///< of each device of the fabric; empty where it has none
  std::vector<NcclNet> nets;
  std::vector<core::Diagnostic> notes;  ///< what the file says and the fabric does not hold
};

/// Nullopt after diagnostics. A link to a device that the file does not have is a warning: a job
/// that sees some of a machine's GPUs writes such files.
[[nodiscard]] std::optional<NcclTopology> import_nccl_topology(const core::XmlElement& system,
                                                               const NcclRates& rates,
                                                               core::Diagnostics& diagnostics);

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// The devices of an NCCL topology file and the tree that they hang in, before there is a fabric.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/xml.hpp"
#include "topology/fabric.hpp"
#include "topology/imports/nccl_rates.hpp"
#include "topology/imports/remarks.hpp"

namespace plumbline::topology::imports {

struct Part {
  const core::XmlElement* at = nullptr;     ///< <cpu>, <pci>, or a <nic> right below a <cpu>
  const core::XmlElement* inner = nullptr;  ///< its <gpu> or <nic>; null in templates
  DeviceKind kind = DeviceKind::cpu;
  std::size_t parent = 0;  ///< index of a part; a CPU is its own
  std::size_t cpu = 0;
  std::size_t host = 0;
  std::string bus_id;   ///< lower case; empty where there is none
  LinkClass to_parent;  ///< CPUs: to other CPUs
};

struct Parts {
  std::vector<Part> all;  ///< parents before children, in the order of the file
  std::size_t hosts = 0;

  /// Index of the part at a bus address of a host.
  [[nodiscard]] std::optional<std::size_t> find(std::size_t host, std::string_view bus_id) const;
};

[[nodiscard]] std::string lower_case(std::string_view text);

/// Reads <system>. Where no <gpu> stands anywhere (a template), PCI classes tell the GPUs.
[[nodiscard]] Parts collect_parts(const core::XmlElement& system, const NcclRates& rates,
                                  Remarks& remarks);

}  // namespace plumbline::topology::imports

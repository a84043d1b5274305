// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nccl_parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/text.hpp"

namespace plumbline::topology::imports {
namespace {

using core::XmlElement;

constexpr std::int64_t widest_pcie = 32;
constexpr std::size_t most_cpus = 1024;  // every pair of them is joined
constexpr std::size_t most_parts = 65536;

const XmlElement* child(const XmlElement& element, std::string_view name) {
  const auto found = std::ranges::find(element.children, name, &XmlElement::name);
  return found == element.children.end() ? nullptr : &*found;
}

bool has_gpu(const XmlElement& element) {
  return element.name == "gpu" || std::ranges::any_of(element.children, has_gpu);
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::ranges::any_of(starts, [text](std::string_view s) { return text.starts_with(s); });
}

class Collector {
 public:
  Collector(const XmlElement& system, const NcclRates& rates, Remarks& remarks)
      : rates_(rates), remarks_(remarks), is_template_(!has_gpu(system)) {}

  Parts run(const XmlElement& system) {
    remarks_.only(system, {"version"});
    for (const XmlElement& element : system.children) {
      if (element.name == "cpu") {
        add_cpu(element);
      } else {
        remarks_.note(element, fmt::format("<{}> in <system> is not used", element.name));
      }
    }
    parts_.hosts = hosts_.size();
    return std::move(parts_);
  }

 private:
  /// Index of a new part; nullopt, after an error, where its bus address is taken.
  std::optional<std::size_t> add(Part part) {
    const std::string& key = part.bus_id;
    if (!key.empty() && !by_bus_id_.insert({part.host, key}).second) {
      remarks_.error(*part.at, "PL-T081", fmt::format("a second device at {}", key),
                     "bus addresses of one machine differ");
      return std::nullopt;
    }
    if (parts_.all.size() >= most_parts || (part.kind == DeviceKind::cpu && ++cpus_ > most_cpus)) {
      if (!too_large_) {
        remarks_.error(*part.at, "PL-T016",
                       fmt::format("a topology file has at most {} CPUs and {} devices", most_cpus,
                                   most_parts));
      }
      too_large_ = true;
      return std::nullopt;
    }
    parts_.all.push_back(std::move(part));
    return parts_.all.size() - 1;
  }

  void add_cpu(const XmlElement& element) {
    remarks_.only(element, {"numaid", "affinity", "affinity_offset", "arch", "vendor", "familyid",
                            "modelid", "host_hash"});
    const std::string* hash = element.find("host_hash");
    const std::size_t host =
        hosts_.try_emplace(hash == nullptr ? "" : *hash, hosts_.size()).first->second;
    const auto words = [&](std::string_view name) {
      const std::string* text = element.find(name);
      return text == nullptr ? std::string() : *text;
    };
    const CpuIdentity identity{.arch = words("arch"),
                               .vendor = words("vendor"),
                               .family = remarks_.integer(element, "familyid"),
                               .model = remarks_.integer(element, "modelid")};
    const std::size_t index = parts_.all.size();
    const auto added = add({.at = &element,
                            .kind = DeviceKind::cpu,
                            .parent = index,
                            .cpu = index,
                            .host = host,
                            .bus_id = {},
                            .to_parent = rates_.socket_class(identity)});
    if (added) {
      add_children(element, *added);
    }
  }

  void add_children(const XmlElement& element, std::size_t parent) {
    for (const XmlElement& inner : element.children) {
      if (inner.name == "pci") {
        add_pci(inner, parent);
      } else if (inner.name == "nic" && element.name == "cpu") {
        (void)add({.at = &inner,
                   .inner = &inner,
                   .kind = DeviceKind::nic,
                   .parent = parent,
                   .cpu = parts_.all[parent].cpu,
                   .host = parts_.all[parent].host,
                   .bus_id = {},
                   .to_parent = rates_.local_class()});
      } else if (inner.name != "pcilink") {  // read once all devices are there
        remarks_.note(inner, fmt::format("<{}> in <{}> is not used", inner.name, element.name));
      }
    }
  }

  void add_pci(const XmlElement& element, std::size_t parent) {
    remarks_.only(element, {"busid", "class", "vendor", "device", "subsystem_vendor",
                            "subsystem_device", "link_speed", "link_width"});
    const std::optional<std::string> bus_id = remarks_.text(element, "busid");
    const LinkClass link = pcie_link(element);
    const XmlElement* gpu = child(element, "gpu");
    const XmlElement* nic = child(element, "nic");
    const std::optional<DeviceKind> kind = kind_of(element, gpu != nullptr, nic != nullptr);
    if (!bus_id || !kind) {
      return;
    }
    const auto added = add({.at = &element,
                            .inner = gpu != nullptr ? gpu : nic,
                            .kind = *kind,
                            .parent = parent,
                            .cpu = parts_.all[parent].cpu,
                            .host = parts_.all[parent].host,
                            .bus_id = lower_case(*bus_id),
                            .to_parent = link});
    if (added && kind == DeviceKind::pcie_switch) {
      add_children(element, *added);
    } else if (added && element.children.size() > (parts_.all[*added].inner == nullptr ? 0U : 1U)) {
      remarks_.note(element,
                    "a GPU or network device counts once; what else stands in it is not used");
    }
  }

  /// What hangs at a bus address; nullopt, after a note, where it carries no traffic of ours.
  std::optional<DeviceKind> kind_of(const XmlElement& element, bool gpu, bool nic) {
    const std::string* stated = element.find("class");
    const std::string pci_class = stated == nullptr ? "" : lower_case(*stated);
    if (gpu || nic) {
      return gpu ? DeviceKind::gpu : DeviceKind::nic;
    }
    if (child(element, "pci") != nullptr || starts_with_any(pci_class, {"0x0604", "0x0801"})) {
      return DeviceKind::pcie_switch;
    }
    if (is_template_ && starts_with_any(pci_class, {"0x0302", "0x0300", "0x1200", "0x0380"})) {
      return DeviceKind::gpu;
    }
    if (starts_with_any(pci_class, {"0x0200", "0x0207"})) {
      return DeviceKind::nic;
    }
    remarks_.note(element,
                  fmt::format("a device {} is left out",
                              stated == nullptr ? "without a class" : "of class " + *stated));
    return std::nullopt;
  }

  /// The link of a PCI device upwards. A speed that no row knows counts as unknown, as in NCCL.
  LinkClass pcie_link(const XmlElement& element) {
    std::int64_t width = remarks_.integer(element, "link_width").value_or(0);
    if (width < 0 || width > widest_pcie) {
      remarks_.error(element, "PL-T082", fmt::format("a PCIe link of {} lanes", width),
                     "link_width is 1 to 32, or 0 where it is unknown");
      width = 0;
    }
    if (width == 0) {
      width = rates_.unknown_pcie.width;
    }
    const std::string* speed = element.find("link_speed");
    const std::size_t digits = speed == nullptr ? 0 : core::number_prefix(*speed);
    const std::optional<double> transfers =
        digits == 0 ? std::nullopt : core::parse_number(speed->substr(0, digits));
    if (transfers && *transfers <= 0.0) {
      remarks_.error(element, "PL-T082", fmt::format("a PCIe link at '{}'", *speed),
                     "link_speed is like \"16.0 GT/s PCIe\"");
    }
    const auto lanes = static_cast<std::uint32_t>(width);
    if (transfers) {
      if (std::optional<LinkClass> link = rates_.pcie_class(*transfers, lanes)) {
        return std::move(*link);
      }
    }
    remarks_.note(element, fmt::format("a link_speed that is {} counts as {} GT/s",
                                       speed == nullptr ? "missing" : "'" + *speed + "'",
                                       rates_.unknown_pcie.transfers));
    return rates_.pcie_class(rates_.unknown_pcie.transfers, lanes).value_or(rates_.local_class());
  }

  const NcclRates& rates_;
  Remarks& remarks_;
  bool is_template_;
  bool too_large_ = false;
  std::size_t cpus_ = 0;
  Parts parts_;
  std::map<std::string, std::size_t> hosts_;  // by host_hash
  std::set<std::pair<std::size_t, std::string>> by_bus_id_;
};

}  // namespace

std::optional<std::size_t> Parts::find(std::size_t host, std::string_view bus_id) const {
  const auto found = std::ranges::find_if(
      all, [&](const Part& part) { return part.host == host && part.bus_id == bus_id; });
  return found == all.end() ? std::nullopt
                            : std::optional(static_cast<std::size_t>(found - all.begin()));
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

Parts collect_parts(const XmlElement& system, const NcclRates& rates, Remarks& remarks) {
  return Collector(system, rates, remarks).run(system);
}

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nccl_topology.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>

#include "core/text.hpp"
#include "topology/imports/nccl_parts.hpp"

namespace plumbline::topology::imports {
namespace {

using core::XmlElement;

/// What the <nvlink> and <xgmi> elements of one GPU say about one neighbour.
struct Bundle {
  const XmlElement* at = nullptr;
  LinkClass link;
  std::uint32_t count = 0;
};

class Importer {
 public:
  Importer(const XmlElement& system, const NcclRates& rates, core::Diagnostics& diagnostics)
      : rates_(rates), remarks_(diagnostics), parts_(collect_parts(system, rates, remarks_)) {}

  std::optional<NcclTopology> run(const XmlElement& system) {
    add_devices();
    if (gpus_.empty() && remarks_.good()) {
      remarks_.error(system, "PL-T024", "no device of this file is known to be a GPU",
                     "a template of bus addresses alone is filled in on the machine itself: run "
                     "there with NCCL_TOPO_DUMP_FILE=topology.xml, and import that file");
    }
    if (!remarks_.good()) {
      return std::nullopt;
    }
    connect_tree();
    for (const std::size_t gpu : gpus_) {
      read_gpu_links(gpu);
    }
    connect_pci_links();
    add_nets();
    if (!remarks_.good()) {
      return std::nullopt;
    }
    connect_gpus();
    result_.notes = remarks_.notes();
    result_.fabric = fabric_.finish();
    return std::move(result_);
  }

 private:
  // --- devices ---

  void add_devices() {
    device_.resize(parts_.all.size());
    number_gpus();
    for (const std::size_t gpu : gpus_) {
      add_device(gpu, gpu_names_[gpu]);
    }
    for (const DeviceKind kind : {DeviceKind::cpu, DeviceKind::pcie_switch, DeviceKind::nic}) {
      std::size_t number = 0;
      for (std::size_t i = 0; i < parts_.all.size(); ++i) {
        if (parts_.all[i].kind == kind) {
          add_device(i, kind == DeviceKind::cpu ? cpu_name(i)
                                                : fmt::format("{}{}", to_text(kind), number));
          ++number;
        }
      }
    }
  }

  /// In the order of `dev`, and named after it, where every GPU has one of its own.
  void number_gpus() {
    std::map<std::pair<std::size_t, std::int64_t>, std::size_t> by_dev;
    for (std::size_t i = 0; i < parts_.all.size(); ++i) {
      const Part& part = parts_.all[i];
      if (part.kind == DeviceKind::gpu) {
        gpus_.push_back(i);
        const std::optional<std::int64_t> dev =
            part.inner == nullptr ? std::nullopt : remarks_.integer(*part.inner, "dev");
        if (dev && *dev >= 0) {
          by_dev.try_emplace({part.host, *dev}, i);
        }
      }
    }
    const bool numbered = by_dev.size() == gpus_.size();
    if (numbered) {
      gpus_.clear();
      for (const auto& [key, gpu] : by_dev) {
        gpus_.push_back(gpu);
        gpu_names_[gpu] = fmt::format("gpu{}", key.second);
      }
      return;
    }
    std::ranges::stable_sort(gpus_, {}, [&](std::size_t gpu) {
      return std::pair(parts_.all[gpu].host, parts_.all[gpu].bus_id);
    });
    for (const std::size_t gpu : gpus_) {
      gpu_names_[gpu] = fmt::format("gpu{}", gpu_names_.size());
    }
  }

  std::string cpu_name(std::size_t index) {
    const Part& part = parts_.all[index];
    const std::optional<std::int64_t> numa = remarks_.integer(*part.at, "numaid");
    return fmt::format("cpu{}", numa && *numa >= 0 ? *numa : static_cast<std::int64_t>(index));
  }

  void add_device(std::size_t index, const std::string& name) {
    const Part& part = parts_.all[index];
    const std::string full =
        parts_.hosts > 1 && (part.kind == DeviceKind::gpu || part.kind == DeviceKind::cpu)
            ? fmt::format("host{}/{}", part.host, name)
            : name;
    if (fabric_.find(full)) {  // only CPUs can meet: all other names count
      remarks_.error(*part.at, "PL-T081", fmt::format("a second {}", full),
                     "the numaid of each CPU is its own");
      return;
    }
    device_[index] = fabric_.add({.name = full, .kind = part.kind});
    result_.bus_ids.push_back(part.bus_id);
  }

  DeviceId nvswitch() {
    if (!nvswitch_) {
      nvswitch_ = fabric_.add(
          {.name = "nvswitch",
           .kind = DeviceKind::nvswitch,
           .planes = static_cast<std::uint32_t>(std::max<std::size_t>(1, nvswitches_.size()))});
      result_.bus_ids.emplace_back();
    }
    return *nvswitch_;
  }

  // --- links ---

  void connect_tree() {
    for (std::size_t i = 0; i < parts_.all.size(); ++i) {
      const Part& part = parts_.all[i];
      if (part.kind != DeviceKind::cpu) {
        fabric_.connect(device_[i], device_[part.parent], part.to_parent);
        continue;
      }
      for (std::size_t j = 0; j < i; ++j) {
        const Part& other = parts_.all[j];
        if (other.kind == DeviceKind::cpu && other.host == part.host) {
          const bool slower =
              part.to_parent.bandwidth_per_direction < other.to_parent.bandwidth_per_direction;
          fabric_.connect(device_[j], device_[i], slower ? part.to_parent : other.to_parent);
        }
      }
    }
  }

  void read_gpu_links(std::size_t gpu) {
    const XmlElement* element = parts_.all[gpu].inner;
    if (element == nullptr) {
      return;
    }
    remarks_.only(*element, {"dev", "sm", "rank", "gdr", "gcn", "arch"});
    for (const XmlElement& link : element->children) {
      if (link.name == "nvlink" || link.name == "xgmi") {
        read_gpu_link(gpu, *element, link);
      } else if (link.name == "c2c") {
        read_c2c(gpu, link);
      } else {
        remarks_.note(link, fmt::format("<{}> in <gpu> is not used", link.name));
      }
    }
  }

  void read_gpu_link(std::size_t gpu, const XmlElement& element, const XmlElement& link) {
    remarks_.only(link, {"target", "count", "tclass"});
    const std::optional<std::uint32_t> count = remarks_.count(link, "count");
    const std::optional<std::string> target = remarks_.text(link, "target");
    const std::optional<LinkClass> link_class = gpu_link_class(element, link);
    if (!count || !target || !link_class) {
      return;
    }
    const std::string* stated = link.find("tclass");
    const std::string target_class = stated == nullptr ? "" : lower_case(*stated);
    const std::string bus_id = lower_case(*target);
    const std::optional<std::size_t> other = parts_.find(parts_.all[gpu].host, bus_id);
    if (other == gpu) {
      remarks_.error(link, "PL-T022", "a link of a GPU to itself");
    } else if (other && parts_.all[*other].kind == DeviceKind::gpu) {
      add_to(bundles_[{gpu, *other}], link, *link_class, *count);
    } else if (target_class.starts_with("0x068001")) {
      fabric_.connect(device_[gpu], device_[parts_.all[gpu].cpu], *link_class, *count);
    } else if (target_class.starts_with("0x0680")) {
      nvswitches_.insert(bus_id);
      add_to(to_nvswitch_[gpu], link, *link_class, *count);
    } else {
      remarks_.warning(link, "PL-T083",
                       fmt::format("no GPU of this file is at {}; the link is left out", *target));
    }
  }

  static void add_to(Bundle& bundle, const XmlElement& at, const LinkClass& link,
                     std::uint32_t count) {
    bundle.at = bundle.at == nullptr ? &at : bundle.at;
    bundle.link = link;
    bundle.count += count;
  }

  std::optional<LinkClass> gpu_link_class(const XmlElement& gpu, const XmlElement& link) {
    if (link.name == "xgmi") {
      const std::string* gcn = gpu.find("gcn");
      return rates_.xgmi_class(gcn == nullptr ? "" : *gcn);
    }
    const std::optional<std::int64_t> sm = remarks_.integer(gpu, "sm");
    if (!sm) {
      remarks_.error(gpu, "PL-T082", "<gpu> needs sm, which tells the rate of its NVLinks");
      return std::nullopt;
    }
    return rates_.nvlink_class(*sm);
  }

  /// `bw` MB/s a link. A CPU's link in kind, which tells it from an NVLink to a CPU.
  void read_c2c(std::size_t gpu, const XmlElement& link) {
    remarks_.only(link, {"bw", "count"});
    const std::optional<std::uint32_t> count = remarks_.count(link, "count");
    const std::optional<std::uint32_t> megabytes = remarks_.count(link, "bw");
    if (count && megabytes) {
      const LinkClass c2c{.name = "nccl_c2c",
                          .kind = LinkKind::cpu,
                          .bandwidth_per_direction = core::Bandwidth::from_si(*megabytes * 1e6),
                          .latency = rates_.latency.nvlink};
      fabric_.connect(device_[gpu], device_[parts_.all[gpu].cpu], c2c, *count);
    }
  }

  void connect_gpus() {
    for (const auto& [gpu, bundle] : to_nvswitch_) {
      fabric_.connect(device_[gpu], nvswitch(), bundle.link, bundle.count);
    }
    for (const auto& [ends, bundle] : bundles_) {
      const auto back = bundles_.find({ends.second, ends.first});
      if (back == bundles_.end()) {
        remarks_.warning(*bundle.at, "PL-T085",
                         "the GPU at the other end does not name this link; it counts both ways");
      } else if (back->second.count != bundle.count && ends.first < ends.second) {
        remarks_.warning(*bundle.at, "PL-T085",
                         fmt::format("{} links here and {} at the other end; the fewer count",
                                     bundle.count, back->second.count));
      }
      if (back == bundles_.end() || ends.first < ends.second) {
        const bool fewer = back != bundles_.end() && back->second.count < bundle.count;
        const Bundle& used = fewer ? back->second : bundle;
        fabric_.connect(device_[ends.first], device_[ends.second], used.link, used.count);
      }
    }
  }

  void connect_pci_links() {
    std::set<std::pair<std::size_t, std::size_t>> joined;
    for (std::size_t i = 0; i < parts_.all.size(); ++i) {
      const Part& part = parts_.all[i];
      for (const XmlElement& link : part.at->children) {
        if (link.name != "pcilink" || part.kind != DeviceKind::pcie_switch) {
          continue;
        }
        const std::optional<std::string> target = remarks_.text(link, "target");
        const auto other = target ? parts_.find(part.host, lower_case(*target)) : std::nullopt;
        if (target && (!other || parts_.all[*other].kind != DeviceKind::pcie_switch)) {
          remarks_.warning(link, "PL-T083",
                           fmt::format("no PCIe switch of this file is at {}", *target));
        } else if (other && *other != i && joined.insert(std::minmax(i, *other)).second) {
          fabric_.connect(device_[i], device_[*other], rates_.local_class());
        }
      }
    }
  }

  void add_nets() {
    for (std::size_t i = 0; i < parts_.all.size(); ++i) {
      const Part& part = parts_.all[i];
      if (part.kind != DeviceKind::nic || part.inner == nullptr) {
        continue;
      }
      for (const XmlElement& net : part.inner->children) {
        if (net.name == "net") {
          add_net(net, device_[i]);
        } else {
          remarks_.note(net, fmt::format("<{}> in <nic> is not used", net.name));
        }
      }
    }
  }

  void add_net(const XmlElement& element, DeviceId nic) {
    remarks_.only(element, {"name", "dev", "speed", "port", "guid", "latency", "maxconn", "gdr",
                            "coll", "rail", "plane", "keep"});
    const std::string* name = element.find("name");
    const std::int64_t megabits = remarks_.integer(element, "speed").value_or(0);
    const std::string* latency = element.find("latency");
    const double microseconds =
        latency == nullptr ? 0.0 : core::parse_number(*latency).value_or(-1.0);
    if (microseconds < 0.0) {
      remarks_.error(element, "PL-T082",
                     fmt::format("latency=\"{}\" is no time in microseconds", *latency));
    }
    result_.nets.push_back(
        {.name = name == nullptr ? "" : *name,
         .nic = nic,
         .rate = megabits > 0 ? core::Bandwidth::from_si(static_cast<double>(megabits) * 1e6 / 8)
                              : rates_.unknown_net,
         .latency = core::Seconds::from_si(microseconds * 1e-6)});
  }

  const NcclRates& rates_;
  Remarks remarks_;
  Parts parts_;
  FabricBuilder fabric_;
  NcclTopology result_;
  std::vector<std::size_t> gpus_;  // parts, in the order of ranks
  std::map<std::size_t, std::string> gpu_names_;
  std::vector<DeviceId> device_;  // of each part
  std::map<std::pair<std::size_t, std::size_t>, Bundle> bundles_;
  std::map<std::size_t, Bundle> to_nvswitch_;
  std::set<std::string> nvswitches_;
  std::optional<DeviceId> nvswitch_;
};

}  // namespace

std::optional<NcclTopology> import_nccl_topology(const XmlElement& system, const NcclRates& rates,
                                                 core::Diagnostics& diagnostics) {
  if (system.name != "system") {
    diagnostics.error("PL-T086", system.where,
                      fmt::format("<system> is expected, and this is <{}>", system.name),
                      system.name == "graphs" ? "this is a graph file; NCCL_TOPO_DUMP_FILE names "
                                                "the topology file"
                                              : "NCCL writes such files with NCCL_TOPO_DUMP_FILE");
    return std::nullopt;
  }
  return Importer(system, rates, diagnostics).run(system);
}

}  // namespace plumbline::topology::imports

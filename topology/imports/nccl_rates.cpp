// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nccl_rates.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/cursor.hpp"
#include "core/document.hpp"

namespace plumbline::topology::imports {
namespace {

bool matches(const SocketRate& row, const CpuIdentity& cpu) {
  const std::int64_t model = std::max<std::int64_t>(cpu.model.value_or(0), 0);
  return (row.arch.empty() || row.arch == cpu.arch) &&
         (row.vendor.empty() || row.vendor == cpu.vendor) &&
         (!row.family || cpu.family == std::int64_t{*row.family}) && model >= row.model_from &&
         (!row.model_to || model <= *row.model_to);
}

/// The lookups below take the first or last of these rows.
void check_rows(const core::Cursor& cursor, const NcclRates& rates) {
  if (rates.pcie.empty() || rates.nvlink.empty() || rates.xgmi.empty() || rates.socket.empty()) {
    cursor.error("PL-K010", "each of pcie, nvlink, xgmi and socket needs at least one row");
    return;
  }
  if (rates.nvlink.front().sm != 0 || !rates.xgmi.back().gcn.empty() ||
      !matches(rates.socket.back(), {})) {
    cursor.error("PL-T080",
                 "the first row of nvlink, and the last of xgmi and socket, are for everything "
                 "else: sm: 0, gcn: \"\" and no condition");
  }
}

}  // namespace

const core::Schema<PcieRate>& PcieRate::schema() {
  static const auto s =
      core::Schema<PcieRate>("PCIe generation")
          .required("generation", &PcieRate::generation, "number of the generation")
          .required("transfers", &PcieRate::transfers, "transfers per lane in GT/s")
          .required("per_lane", &PcieRate::per_lane, "rate of a lane");
  return s;
}

const core::Schema<UnknownPcie>& UnknownPcie::schema() {
  static const auto s =
      core::Schema<UnknownPcie>("PCIe link of unknown speed")
          .required("transfers", &UnknownPcie::transfers, "transfers per lane in GT/s")
          .required("width", &UnknownPcie::width, "lanes where a width is 0 or missing");
  return s;
}

const core::Schema<NvlinkRate>& NvlinkRate::schema() {
  static const auto s =
      core::Schema<NvlinkRate>("NVLink of a GPU generation")
          .required("sm", &NvlinkRate::sm, "from this compute capability on (90: 9.0)")
          .required("per_link", &NvlinkRate::per_link, "rate of one link");
  return s;
}

const core::Schema<XgmiRate>& XgmiRate::schema() {
  static const auto s =
      core::Schema<XgmiRate>("xGMI of a GPU generation")
          .required("gcn", &XgmiRate::gcn, "how the GPU's architecture begins, `gfx` aside")
          .required("per_link", &XgmiRate::per_link, "rate of one link");
  return s;
}

const core::Schema<SocketRate>& SocketRate::schema() {
  static const auto s =
      core::Schema<SocketRate>("link between CPUs")
          .required("name", &SocketRate::name, "part of the name of the link class")
          .optional("arch", &SocketRate::arch, "the CPU's architecture")
          .optional("vendor", &SocketRate::vendor, "the CPU's vendor")
          .optional("family", &SocketRate::family, "the CPU's family")
          .optional("model_from", &SocketRate::model_from, "lowest model", "0")
          .optional("model_to", &SocketRate::model_to, "highest model")
          .required("rate", &SocketRate::rate, "rate between two CPUs");
  return s;
}

const core::Schema<ImportLatencies>& ImportLatencies::schema() {
  static const auto s =
      core::Schema<ImportLatencies>("latencies of imported links")
          .required("nvlink", &ImportLatencies::nvlink, "NVLink and xGMI, one way, one hop")
          .required("pcie", &ImportLatencies::pcie, "PCIe, one way, one hop")
          .required("cpu", &ImportLatencies::cpu, "between CPUs, one way, one hop");
  return s;
}

const core::Schema<NcclRates>& NcclRates::schema() {
  static const auto s =
      core::Schema<NcclRates>("rates of NCCL topology files")
          .also({.key = "imports",
                 .type = "name",
                 .json_type = "string",
                 .doc = "whose files these rates are for"})
          .also(
              {.key = "title", .type = "name", .json_type = "string", .doc = "one line for people"})
          .required("pcie", &NcclRates::pcie, "lanes by generation")
          .required("unknown_pcie", &NcclRates::unknown_pcie, "where a file states no speed")
          .required("nvlink", &NcclRates::nvlink, "by compute capability, ascending")
          .required("xgmi", &NcclRates::xgmi, "by architecture, the first that fits")
          .required("socket", &NcclRates::socket, "between CPUs, the first that fits")
          .required("local", &NcclRates::local, "inside a device")
          .required("unknown_net", &NcclRates::unknown_net, "of a network device without a speed")
          .required("latency", &NcclRates::latency, "of all links, which the files do not state")
          .check(check_rows);
  return s;
}

std::optional<LinkClass> NcclRates::pcie_class(double transfers, std::uint32_t width) const {
  const auto row = std::ranges::find(pcie, transfers, &PcieRate::transfers);
  if (row == pcie.end()) {
    return std::nullopt;
  }
  return LinkClass{.name = fmt::format("nccl_pcie{}_x{}", row->generation, width),
                   .kind = LinkKind::pcie,
                   .bandwidth_per_direction = row->per_lane * static_cast<double>(width),
                   .latency = latency.pcie};
}

LinkClass NcclRates::nvlink_class(std::int64_t sm) const {
  const auto next = std::ranges::upper_bound(nvlink, sm, {}, &NvlinkRate::sm);
  const NvlinkRate& row = next == nvlink.begin() ? nvlink.front() : *std::prev(next);
  return {.name = fmt::format("nccl_nvlink_sm{}", row.sm),
          .kind = LinkKind::nvlink,
          .bandwidth_per_direction = row.per_link,
          .latency = latency.nvlink};
}

LinkClass NcclRates::xgmi_class(std::string_view gcn) const {
  if (gcn.starts_with("gfx")) {
    gcn.remove_prefix(3);
  }
  const auto row =
      std::ranges::find_if(xgmi, [gcn](const XgmiRate& r) { return gcn.starts_with(r.gcn); });
  return {.name = fmt::format("nccl_xgmi_{}", row->gcn.empty() ? "other" : row->gcn),
          .kind = LinkKind::nvlink,
          .bandwidth_per_direction = row->per_link,
          .latency = latency.nvlink};
}

LinkClass NcclRates::socket_class(const CpuIdentity& cpu) const {
  const auto row =
      std::ranges::find_if(socket, [&cpu](const SocketRate& r) { return matches(r, cpu); });
  return {.name = "nccl_socket_" + row->name,
          .kind = LinkKind::cpu,
          .bandwidth_per_direction = row->rate,
          .latency = latency.cpu};
}

LinkClass NcclRates::local_class() const {
  return {.name = "nccl_local",
          .kind = LinkKind::pcie,
          .bandwidth_per_direction = local,
          .latency = latency.pcie};
}

std::optional<NcclRates> load_nccl_rates(const std::filesystem::path& file,
                                         core::Diagnostics& diagnostics,
                                         core::Provenance* provenance) {
  core::Diagnostics found;
  const core::Document document = core::Document::load(file, found);
  std::optional<NcclRates> rates;
  if (!found.has_errors()) {
    const core::Reading reading{
        .document = &document, .diagnostics = &found, .axes = nullptr, .provenance = provenance};
    rates = NcclRates::schema().bind(core::Cursor(reading));
  }
  for (const core::Diagnostic& diagnostic : found.all()) {
    diagnostics.add(diagnostic);
  }
  return found.has_errors() ? std::nullopt : rates;
}

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// The names of what questions hold, and domains stated in them.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "analytic/question.hpp"
#include "core/text.hpp"

namespace plumbline::analytic {
namespace {

constexpr Dimension plain{};
constexpr Dimension seconds{.time = 1, .data = 0};
constexpr Dimension bytes{.time = 0, .data = 1};
constexpr Dimension rate{.time = -1, .data = 1};

/// The end of `name` that names this axis, in how many parts it says more; nullopt: another one.
std::optional<std::ptrdiff_t> parts_before(std::string_view name, std::string_view end) {
  if (name == end) {
    return 0;
  }
  const bool fits =
      name.size() > end.size() && name.ends_with(end) && name[name.size() - end.size() - 1] == '.';
  return fits ? std::optional(std::count(name.begin(),
                                         name.end() - static_cast<std::ptrdiff_t>(end.size()), '.'))
              : std::nullopt;
}

}  // namespace

const std::vector<NumberInfo>& number_infos() {
  static const std::vector<NumberInfo> infos{
      {"constants.channel_rate", rate, "cap of one channel; absent: none"},
      {"constants.launch", seconds, "paid once, before anything else"},
      {"constants.reduction_bandwidth", rate, "what a GPU reduces, wire bytes; absent: no limit"},
      {"fabric.bandwidth", rate, "payload that a rank can send: all its ways out together"},
      {"fabric.latency", seconds, "of a transfer: links plus protocol step"},
      {"fabric.net.bandwidth", rate, "the same of what crosses the network"},
      {"fabric.net.latency", seconds, "the same of what crosses the network"},
      {"fabric.net.transfer_rate", rate, "the same of what crosses the network"},
      {"fabric.net.wire_ratio", plain, "the same of what crosses the network"},
      {"fabric.nics_per_node", plain, "adapters, or ports, of a machine"},
      {"fabric.nvlink.bandwidth", rate, "the same of what stays on NVLink"},
      {"fabric.nvlink.latency", seconds, "the same of what stays on NVLink"},
      {"fabric.nvlink.transfer_rate", rate, "the same of what stays on NVLink"},
      {"fabric.nvlink.wire_ratio", plain, "the same of what stays on NVLink"},
      {"fabric.nvls.bandwidth", rate, "the same of what NVLink switches add or replicate"},
      {"fabric.nvls.latency", seconds, "the same of what NVLink switches add or replicate"},
      {"fabric.nvls.transfer_rate", rate, "the same of what NVLink switches add or replicate"},
      {"fabric.nvls.wire_ratio", plain, "the same of what NVLink switches add or replicate"},
      {"fabric.oversubscription", plain, "capacity into a leaf from machines over that to spines"},
      {"fabric.pcie.bandwidth", rate, "the same of what crosses PCIe"},
      {"fabric.pcie.latency", seconds, "the same of what crosses PCIe"},
      {"fabric.pcie.transfer_rate", rate, "the same of what crosses PCIe"},
      {"fabric.pcie.wire_ratio", plain, "the same of what crosses PCIe"},
      {"fabric.transfer_rate", rate, "payload rate of one transfer alone"},
      {"fabric.wire_ratio", plain, "bytes on the wire per byte of payload"},
      {"placement.gpus_per_node", plain, "ranks on a machine"},
      {"placement.nodes", plain, "machines that hold ranks"},
      {"workload.channels", plain, "into which the buffer is split"},
      {"workload.chunk", bytes, "largest piece sent at once; absent: not cut"},
      {"workload.operations", plain, "of the schedule"},
      {"workload.ranks", plain, "that take part"},
      {"workload.root", plain, "rank that a rooted collective starts or ends at"},
      {"workload.size", bytes, "as benchmarks count it: see the table of collectives"},
      {"workload.slots", plain, "pieces under way on a channel between two ranks"},
      {"workload.steps", plain, "rounds of operations that wait for one another"},
  };
  return infos;
}

const NumberInfo* find_number(std::string_view name) {
  const NumberInfo* best = nullptr;
  std::ptrdiff_t fewest = 0;
  for (const NumberInfo& info : number_infos()) {
    const std::optional<std::ptrdiff_t> more = parts_before(info.name, name);
    if (more && (best == nullptr || *more < fewest)) {
      best = &info;
      fewest = *more;
    }
  }
  return best;
}

std::optional<Dimension> axis_dimension(std::string_view name) {
  static const std::map<std::string_view, Dimension> machines{
      {"compute", seconds},        {"gpus_per_nic", plain}, {"micro_batches", plain},
      {"nvlink_latency", seconds}, {"nvlink_ratio", plain}, {"pieces", plain},
      {"step_latency", seconds}};
  const NumberInfo* const info = find_number(name);
  const auto machine = machines.find(name);
  return info != nullptr             ? std::optional(info->dimension)
         : machine != machines.end() ? std::optional(machine->second)
                                     : std::nullopt;
}

bool is_word_axis(std::string_view name) {
  constexpr std::array<std::string_view, 5> words{"algorithm", "collective", "placement",
                                                  "protocol", "routing"};
  return std::ranges::find(words, name) != words.end();
}

const std::vector<std::string>& common_axes() {
  static const std::vector<std::string> axes{"collective", "algorithm", "protocol", "placement",
                                             "ranks",      "nodes",     "size",     "gpus_per_node",
                                             "channels",   "latency",   "bandwidth"};
  return axes;
}

std::string outside(const std::map<std::string, DomainAxis>& domain, const Question& question) {
  for (const auto& [name, axis] : domain) {
    if (const auto word = question.words.find(name); word != question.words.end()) {
      if (std::ranges::find(axis.words, word->second) == axis.words.end()) {
        return fmt::format("{} {} is outside of its domain ({})", name, word->second,
                           core::join(axis.words, ", "));
      }
    } else if (const NumberInfo* info = find_number(name);
               info != nullptr && info->dimension.time == 0) {
      const std::optional<double> value = question.number(name).value;
      if (value && (*value < axis.from || *value > axis.to)) {
        return fmt::format("{} {} is outside of its domain ({} to {})", name, *value, axis.from,
                           axis.to);
      }
    }
  }
  return {};
}

}  // namespace plumbline::analytic

// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nvidia_smi_topo.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "core/text.hpp"

namespace plumbline::topology::imports {
namespace {

constexpr std::size_t most_devices = 512;
constexpr std::size_t most_nvlinks = 1024;

/// How near two devices are, nearest first; `nvlink` hides what PCIe has.
enum class Relation : std::uint8_t { self, pix, pxb, phb, node, sys, nvlink };

struct Cell {
  Relation relation = Relation::sys;
  std::uint32_t nvlinks = 0;
};

struct Matrix {
  std::vector<std::string> names;
  std::vector<std::vector<Cell>> cells;
  std::vector<std::string> affinity;  ///< as printed; empty where there is none
};

/// Words of a line; terminals' escape sequences, which the tool prints around its header, left out.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      i = std::min(line.find('m', i), line.size());
    } else if (line[i] == ' ' || line[i] == '\t' || line[i] == '\r') {
      open = false;
    } else {
      if (!open) {
        words.emplace_back();
      }
      words.back() += line[i];
      open = true;
    }
  }
  return words;
}

std::optional<Cell> parse_cell(const std::string& word) {
  static const std::map<std::string, Relation, std::less<>> relations{
      {"X", Relation::self},  {"PIX", Relation::pix},   {"PXB", Relation::pxb},
      {"PHB", Relation::phb}, {"NODE", Relation::node}, {"SYS", Relation::sys},
      {"SOC", Relation::sys}};
  if (const auto known = relations.find(word); known != relations.end()) {
    return Cell{known->second, 0};
  }
  const auto count = word.starts_with("NV") ? core::parse_count(word.substr(2)) : std::nullopt;
  if (count && *count >= 1 && *count <= most_nvlinks) {
    return Cell{Relation::nvlink, static_cast<std::uint32_t>(*count)};
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(std::string file, core::Diagnostics& diagnostics)
      : file_(std::move(file)), diagnostics_(diagnostics) {}

  std::optional<Matrix> run(std::string_view text) {
    for (; !text.empty(); ++line_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      read_line(words_of(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (matrix_.names.empty()) {
      line_ = 1;
      error("this is no output of `nvidia-smi topo -m`: no line names GPU0");
    } else if (good_ && matrix_.cells.size() != matrix_.names.size()) {
      error(fmt::format("{} devices and {} rows", matrix_.names.size(), matrix_.cells.size()));
    }
    return good_ ? std::optional(std::move(matrix_)) : std::nullopt;
  }

 private:
  void read_line(const std::vector<std::string>& words) {
    if (words.empty()) {
      return;
    }
    if (matrix_.names.empty()) {
      if (words.front() == "GPU0") {
        const auto end = std::ranges::find(words, "CPU");
        matrix_.names.assign(words.begin(), end);
        if (matrix_.names.size() > most_devices) {
          error(fmt::format("more than {} devices", most_devices));
        }
      }
      return;
    }
    const std::size_t row = matrix_.cells.size();
    if (row < matrix_.names.size() && words.front() == matrix_.names[row]) {
      read_row(words, row);
    }
  }

  void read_row(const std::vector<std::string>& words, std::size_t row) {
    const std::size_t columns = matrix_.names.size();
    if (words.size() <= columns) {
      error(fmt::format("{} has {} of {} columns", words.front(), words.size() - 1, columns));
    }
    std::vector<Cell> cells(columns);
    for (std::size_t i = 0; i < columns && i + 1 < words.size(); ++i) {
      const std::optional<Cell> cell = parse_cell(words[i + 1]);
      if (!cell || (cell->relation == Relation::self) != (i == row)) {
        error(fmt::format("'{}' between {} and {}", words[i + 1], words.front(), matrix_.names[i]));
      } else {
        cells[i] = *cell;
        if (i < row && (matrix_.cells[i][row].relation != cell->relation ||
                        matrix_.cells[i][row].nvlinks != cell->nvlinks)) {
          error(
              fmt::format("{} and {} are connected in two ways", matrix_.names[i], words.front()));
        }
      }
    }
    matrix_.cells.push_back(std::move(cells));
    const bool stated = words.size() > columns + 1 && words[columns + 1] != "N/A";
    matrix_.affinity.push_back(stated ? words[columns + 1] : "");
  }

  void error(std::string message) {
    good_ = false;
    diagnostics_.error("PL-T088", {file_, line_, 1}, std::move(message));
  }

  std::string file_;
  core::Diagnostics& diagnostics_;
  int line_ = 1;
  bool good_ = true;
  Matrix matrix_;
};

/// Groups of devices that are joined, directly or through others, by relations up to `furthest`.
std::vector<std::size_t> groups(const Matrix& matrix, Relation furthest) {
  std::vector<std::size_t> group(matrix.names.size());
  std::iota(group.begin(), group.end(), 0U);
  for (std::size_t i = 0; i < group.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool same_cpu = furthest == Relation::node && !matrix.affinity[i].empty() &&
                            matrix.affinity[i] == matrix.affinity[j];
      if ((same_cpu || matrix.cells[i][j].relation <= furthest) && group[i] != group[j]) {
        const std::size_t kept = std::min(group[i], group[j]);
        const std::size_t gone = std::max(group[i], group[j]);
        std::ranges::replace(group, gone, kept);
      }
    }
  }
  return group;
}

class Builder {
 public:
  Builder(const Matrix& matrix, const SmiLinks& links) : matrix_(matrix), links_(links) {}

  Fabric run() {
    add_devices();
    hang();
    add_nvlinks();
    return fabric_.finish();
  }

 private:
  void add_devices() {
    for (const bool gpu : {true, false}) {
      std::size_t nics = 0;
      for (std::size_t i = 0; i < matrix_.names.size(); ++i) {
        if (is_gpu(i) == gpu) {
          const std::string name =
              gpu ? "gpu" + matrix_.names[i].substr(3) : fmt::format("nic{}", nics++);
          devices_[i] =
              fabric_.add({.name = name, .kind = gpu ? DeviceKind::gpu : DeviceKind::nic});
        }
      }
    }
  }

  [[nodiscard]] bool is_gpu(std::size_t i) const { return matrix_.names[i].starts_with("GPU"); }

  /// Below switches and CPUs. A PXB group of several PIX groups has a switch above theirs.
  void hang() {
    const std::vector<std::size_t> cpu = groups(matrix_, Relation::node);
    const std::vector<std::size_t> upper = groups(matrix_, Relation::pxb);
    const std::vector<std::size_t> lower = groups(matrix_, Relation::pix);
    std::map<std::size_t, std::set<std::size_t>> lower_in;
    std::map<std::size_t, std::size_t> size;
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      lower_in[upper[i]].insert(lower[i]);
      ++size[upper[i]];
    }
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      DeviceId above = cpu_of(cpu[i]);
      if (size[upper[i]] > 1) {
        above = switch_below(above, uppers_, upper[i]);
        if (lower_in[upper[i]].size() > 1) {
          above = switch_below(above, lowers_, lower[i]);
        }
      }
      fabric_.connect(devices_[i], above, is_gpu(i) ? links_.pcie : links_.nic);
    }
  }

  DeviceId cpu_of(std::size_t group) {
    const auto known = cpus_.find(group);
    if (known != cpus_.end()) {
      return known->second;
    }
    const DeviceId cpu =
        fabric_.add({.name = fmt::format("cpu{}", cpus_.size()), .kind = DeviceKind::cpu});
    for (const auto& [other_group, other] : cpus_) {
      fabric_.connect(other, cpu, *links_.socket);
    }
    return cpus_[group] = cpu;
  }

  DeviceId switch_below(DeviceId above, std::map<std::size_t, DeviceId>& switches,
                        std::size_t group) {
    const auto known = switches.find(group);
    if (known != switches.end()) {
      return known->second;
    }
    const DeviceId added =
        fabric_.add({.name = fmt::format("pcie_switch{}", uppers_.size() + lowers_.size()),
                     .kind = DeviceKind::pcie_switch});
    fabric_.connect(added, above, links_.pcie);
    return switches[group] = added;
  }

  void add_nvlinks() {
    std::optional<DeviceId> nvswitch;
    if (links_.nvswitch.value_or(false)) {
      nvswitch = fabric_.add({.name = "nvswitch", .kind = DeviceKind::nvswitch});
    }
    for (std::size_t i = 0; i < matrix_.names.size(); ++i) {
      std::uint32_t most = 0;
      for (std::size_t j = 0; j < matrix_.names.size(); ++j) {
        const std::uint32_t count = matrix_.cells[i][j].nvlinks;
        most = std::max(most, count);
        if (j < i && count > 0 && !nvswitch) {
          fabric_.connect(devices_[j], devices_[i], *links_.nvlink, count);
        }
      }
      if (most > 0 && nvswitch) {
        fabric_.connect(devices_[i], *nvswitch, *links_.nvlink, most);
      }
    }
  }

  const Matrix& matrix_;
  const SmiLinks& links_;
  FabricBuilder fabric_;
  std::map<std::size_t, DeviceId> devices_, cpus_, uppers_, lowers_;
};

/// What the text needs and the options lack; true where all is there.
bool complete(const Matrix& matrix, const SmiLinks& links, const std::string& file,
              core::Diagnostics& diagnostics) {
  const auto need = [&](std::string message, std::string hint) {
    diagnostics.error("PL-T089", {file, 1, 1}, std::move(message), std::move(hint));
    return false;
  };
  std::set<std::uint32_t> counts;
  std::size_t gpus = 0;
  for (std::size_t i = 0; i < matrix.names.size(); ++i) {
    gpus += matrix.names[i].starts_with("GPU") ? 1U : 0U;
    for (std::size_t j = 0; j < i; ++j) {
      if (matrix.names[i].starts_with("GPU")) {
        counts.insert(matrix.cells[i][j].nvlinks);
      }
    }
  }
  const bool has_nvlink = !counts.empty() && *counts.rbegin() > 0;
  bool good = true;
  if (has_nvlink && !links.nvlink) {
    good = need("GPUs are joined by NVLink", "add nvlink: and its class to links");
  }
  if (has_nvlink && counts.size() == 1 && gpus > 2 && !links.nvswitch) {
    good = need("every pair of GPUs has the same NVLinks: over NVSwitches, or each its own?",
                "write nvswitch: true, or nvswitch: false") &&
           good;
  }
  const std::vector<std::size_t> cpus = groups(matrix, Relation::node);
  if (std::set(cpus.begin(), cpus.end()).size() > 1 && !links.socket) {
    good = need("devices hang from several CPUs", "add socket: and its class to links") && good;
  }
  return good;
}

}  // namespace

std::optional<Fabric> import_nvidia_smi_topo(std::string_view text, const std::string& file,
                                             const SmiLinks& links,
                                             core::Diagnostics& diagnostics) {
  const std::optional<Matrix> matrix = Reader(file, diagnostics).run(text);
  if (!matrix || !complete(*matrix, links, file, diagnostics)) {
    return std::nullopt;
  }
  return Builder(*matrix, links).run();
}

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
// The devices of an NCCL topology file and the tree that they hang in, before there is a fabric.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/xml.hpp"
#include "topology/fabric.hpp"
#include "topology/imports/nccl_rates.hpp"

namespace plumbline::topology::imports {

/// Mistakes and remarks about a file, each at its element.
class Remarks {
 public:
  explicit Remarks(core::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void error(const core::XmlElement& at, std::string_view code, std::string message,
             std::string hint = {}) {
    good_ = false;
    diagnostics_.error(code, at.where, std::move(message), std::move(hint));
  }

  void warning(const core::XmlElement& at, std::string_view code, std::string message,
               std::string hint = {}) {
    diagnostics_.warning(code, at.where, std::move(message), std::move(hint));
  }

  /// What is kept and not used: said once, at the first place.
  void note(const core::XmlElement& at, const std::string& message);

  /// The attribute as a whole number; nullopt where it is absent or, after an error, none.
  std::optional<std::int64_t> integer(const core::XmlElement& at, std::string_view attribute);

  /// As integer, and an error where it is absent or below 1.
  std::optional<std::uint32_t> count(const core::XmlElement& at, std::string_view attribute);

  /// The attribute's text; an error where it is absent.
  std::optional<std::string> text(const core::XmlElement& at, std::string_view attribute);

  /// Notes the attributes that are not among `known`.
  void only(const core::XmlElement& at, const std::set<std::string_view>& known);

  [[nodiscard]] bool good() const { return good_; }

  [[nodiscard]] const std::vector<core::Diagnostic>& notes() const { return notes_; }

 private:
  core::Diagnostics& diagnostics_;
  std::vector<core::Diagnostic> notes_;
  std::set<std::string> noted_;
  bool good_ = true;
};

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

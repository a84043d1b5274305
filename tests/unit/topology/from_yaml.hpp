// SPDX-License-Identifier: Apache-2.0
// A fabric from YAML text, and the diagnostics met on the way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/cursor.hpp"
#include "core/document.hpp"
#include "topology/builder.hpp"

namespace plumbline::topology::test {

/// Link classes with round figures: nvlink 25 GB/s and 1 us, pcie 64 GB/s and 2 us, cpu 100 GB/s
/// and 3 us, net 50 GB/s and 4 us, per direction.
inline LinkCatalogue links() {
  using namespace core::literals;
  LinkCatalogue result;
  result["nvlink"] = {"nvlink", LinkKind::nvlink, 25_GBps, 1_us, Sharing::full_duplex};
  result["pcie"] = {"pcie", LinkKind::pcie, 64_GBps, 2_us, Sharing::full_duplex};
  result["cpu"] = {"cpu", LinkKind::cpu, 100_GBps, 3_us, Sharing::full_duplex};
  result["net"] = {"net", LinkKind::network, 50_GBps, 4_us, Sharing::full_duplex};
  return result;
}

/// YAML text read once; the cursors it hands out live as long as it does.
class Text {
 public:
  explicit Text(const std::string& yaml)
      : document_(core::Document::parse(yaml, "test.yaml", diagnostics_)),
        reading_{.document = &document_, .diagnostics = &diagnostics_} {}

  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  [[nodiscard]] core::Cursor root() const { return core::Cursor(reading_); }

  /// `PL-T001 2:3` for each diagnostic, by place.
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> result;
    for (const core::Diagnostic& diagnostic : diagnostics_.sorted()) {
      result.push_back(diagnostic.code + " " + std::to_string(diagnostic.where.line) + ":" +
                       std::to_string(diagnostic.where.column));
    }
    return result;
  }

  [[nodiscard]] const core::Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  core::Diagnostics diagnostics_;
  core::Document document_;
  core::Reading reading_;
};

inline std::optional<Fabric> build(const core::Cursor& cursor) {
  const LinkCatalogue catalogue = links();
  const std::filesystem::path source(PL_SOURCE_DIR);
  BuildContext context{
      .links = catalogue,
      .fabric_of = {},
      .base = source,
      .data_file = [&source](std::string_view name) { return source / "zoo" / name; }};
  context.fabric_of = [&context](const core::Cursor& node) { return build_fabric(node, context); };
  return build_fabric(cursor, context);
}

/// The fabric of a correct text; fails the test otherwise.
inline Fabric fabric(const std::string& yaml) {
  const Text text(yaml);
  std::optional<Fabric> built = build(text.root());
  INFO(yaml);
  for (const core::Diagnostic& diagnostic : text.diagnostics().all()) {
    UNSCOPED_INFO(core::to_text(diagnostic));
  }
  REQUIRE(built);
  REQUIRE(text.found().empty());
  return std::move(*built);
}

/// Two machines of two GPUs with NVLink, each with a NIC of its own; rails are not joined, and no
/// PCIe leads from one GPU to the other's NIC.
inline const std::string two_rails = R"(
builder: explicit
devices:
  - {name: a0, kind: gpu, node: 0}
  - {name: a1, kind: gpu, node: 0}
  - {name: an0, kind: nic, node: 0}
  - {name: an1, kind: nic, node: 0}
  - {name: b0, kind: gpu, node: 1}
  - {name: b1, kind: gpu, node: 1}
  - {name: bn0, kind: nic, node: 1}
  - {name: bn1, kind: nic, node: 1}
  - {name: rail0, kind: leaf}
  - {name: rail1, kind: leaf}
links:
  - {from: a0, to: a1, link: nvlink}
  - {from: b0, to: b1, link: nvlink}
  - {from: a0, to: an0, link: pcie}
  - {from: a1, to: an1, link: pcie}
  - {from: b0, to: bn0, link: pcie}
  - {from: b1, to: bn1, link: pcie}
  - {from: an0, to: rail0, link: net}
  - {from: bn0, to: rail0, link: net}
  - {from: an1, to: rail1, link: net}
  - {from: bn1, to: rail1, link: net}
)";

/// Codes and places of a text that no fabric can be made of.
inline std::vector<std::string> refused(const std::string& yaml) {
  const Text text(yaml);
  const bool built = build(text.root()).has_value();
  INFO(yaml);
  CHECK_FALSE((built && !text.diagnostics().has_errors()));
  return text.found();
}

using Found = std::vector<std::string>;

}  // namespace plumbline::topology::test

// SPDX-License-Identifier: Apache-2.0
// A machine whose GPUs are joined pair by pair, without switches (NVLink or xGMI), optionally with
// its PCIe side.
//
// Pairs without a link of their own talk over GPUs in between where the router lets them (see
// Router), else over the PCIe side.
#include <fmt/format.h>
#include <set>
#include <vector>

#include "topology/builders/options.hpp"
#include "topology/builders/pcie_tree.hpp"

namespace plumbline::topology::builders {
namespace {

/// GPUs a < b and the links between them.
struct Pair {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t links = 0;
};

struct MeshOptions {
  std::uint32_t gpus = 0;
  LinkOption link;
  std::optional<std::uint32_t> all_to_all;
  std::optional<std::vector<std::vector<std::uint32_t>>> pairs;
  std::optional<PcieOptions> pcie;

  static const core::Schema<MeshOptions>& schema() {
    static const auto s =
        core::Schema<MeshOptions>("GPU mesh")
            .also(builder_key("gpu_mesh"))
            .required("gpus", &MeshOptions::gpus, "GPUs in the machine")
            .required("link", &MeshOptions::link, "class of one link")
            .optional("all_to_all", &MeshOptions::all_to_all,
                      "links between every two GPUs; either this or pairs")
            .optional("pairs", &MeshOptions::pairs,
                      "[a, b, links] for every two GPUs that are joined, numbered from 0: [[0, 1, "
                      "2], [0, 2, 1]]; either this or all_to_all")
            .optional("pcie", &MeshOptions::pcie, pcie_side_doc);
    return s;
  }
};

const core::SchemaInfo& info() {
  return MeshOptions::schema();
}

/// One entry of `pairs`; nullopt after a diagnostic.
std::optional<Pair> pair_of(const std::vector<std::uint32_t>& numbers, std::uint32_t gpus,
                            const core::Cursor& at) {
  if (numbers.size() != 3) {
    at.error("PL-T050", fmt::format("{} numbers where a pair has three", numbers.size()),
             "write [a, b, links]");
    return std::nullopt;
  }
  const auto [a, b] = std::minmax(numbers[0], numbers[1]);
  if (b >= gpus) {
    at.error("PL-T020", fmt::format("there is no GPU {} among {}", b, gpus),
             "GPUs are numbered from 0");
    return std::nullopt;
  }
  if (a == b) {
    at.error("PL-T022", fmt::format("a link from GPU {} to itself", a));
    return std::nullopt;
  }
  if (numbers[2] == 0) {
    at.error("PL-T011", "a pair has at least 1 link", "leave out the pair");
    return std::nullopt;
  }
  return Pair{a, b, numbers[2]};
}

/// Every pair, or nullopt after diagnostics.
std::optional<std::vector<Pair>> read_pairs(const MeshOptions& options,
                                            const core::Cursor& cursor) {
  std::vector<Pair> pairs;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  bool good = true;
  const std::vector<core::Cursor> places = cursor.find("pairs")->items();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::optional<Pair> pair = pair_of((*options.pairs)[i], options.gpus, places[i]);
    if (pair && !seen.emplace(pair->a, pair->b).second) {
      places[i].error("PL-T051", fmt::format("GPUs {} and {} are joined twice", pair->a, pair->b),
                      "add up the links of both entries");
      good = false;
    }
    good = good && pair;
    pairs.push_back(pair.value_or(Pair{}));
  }
  return good ? std::optional(std::move(pairs)) : std::nullopt;
}

std::optional<std::vector<Pair>> find_pairs(const MeshOptions& options,
                                            const core::Cursor& cursor) {
  const double gpus = options.gpus;
  if (!at_least_one(cursor, "gpus", options.gpus) || too_large(cursor, gpus, gpus * (gpus - 1.0))) {
    return std::nullopt;
  }
  if (options.pairs.has_value() == options.all_to_all.has_value()) {
    cursor.error("PL-K007",
                 options.pairs ? "all_to_all and pairs both state the links"
                               : "the links between the GPUs are missing",
                 "write all_to_all: 4, or pairs: [[0, 1, 4], …]");
    return std::nullopt;
  }
  if (options.pairs) {
    return read_pairs(options, cursor);
  }
  if (!at_least_one(cursor, "all_to_all", *options.all_to_all)) {
    return std::nullopt;
  }
  std::vector<Pair> pairs;
  for (std::uint32_t b = 1; b < options.gpus; ++b) {
    for (std::uint32_t a = 0; a < b; ++a) {
      pairs.push_back({a, b, *options.all_to_all});
    }
  }
  return pairs;
}

/// Warns of GPUs that can't reach others at all, or over PCIe only.
void warn_isolated(const Fabric& fabric, const std::vector<Pair>& pairs, bool has_pcie,
                   const core::Cursor& cursor) {
  core::Cursor at = cursor.find("pairs").value_or(cursor);
  if (!has_pcie) {
    warn_unreachable(fabric, [&](DeviceId) { return at; });
    return;
  }
  std::set<std::uint32_t> joined;
  for (const Pair& pair : pairs) {
    joined.insert({pair.a, pair.b});
  }
  for (std::uint32_t gpu = 0; gpu < fabric.endpoints().size(); ++gpu) {
    if (!joined.contains(gpu) && fabric.endpoints().size() > 1) {
      at.warning("PL-T052", fmt::format("no link leads to GPU {}", gpu),
                 "it talks to the others over PCIe");
    }
  }
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<MeshOptions> options = MeshOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const std::optional<std::vector<Pair>> pairs = find_pairs(*options, cursor);
  const std::optional<LinkClass> link = options->link.resolve(context);
  const std::optional<PcieSide> pcie =
      PcieSide::check(options->pcie, options->gpus, cursor, context);
  if (!pairs || !link || !pcie) {
    return std::nullopt;
  }
  FabricBuilder builder;
  const std::vector<DeviceId> gpus = add_gpus(builder, options->gpus);
  for (const Pair& pair : *pairs) {
    builder.connect(gpus[pair.a], gpus[pair.b], *link, pair.links);
  }
  pcie->add_to(builder, gpus);
  Fabric fabric = builder.finish();
  warn_isolated(fabric, *pairs, options->pcie.has_value(), cursor);
  return fabric;
}

}  // namespace

extern const BuilderEntry gpu_mesh{
    "gpu_mesh", "GPUs joined pair by pair by NVLink or xGMI, with their PCIe side if stated", info,
    build};

}  // namespace plumbline::topology::builders

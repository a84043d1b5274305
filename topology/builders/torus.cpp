// SPDX-License-Identifier: Apache-2.0
// A torus or mesh of any number of dimensions: of chips, each with a router that forwards for
// others (TPU pods, Trainium), or of the routers of a network.
//
// A chip is two devices, so that a route passes through its router and never through its GPU. The
// cable between them carries what all cables of the router carry together and takes no time: it
// limits nothing, and it is what the chip can send at most. All chips are one machine, as GPUs of
// one NVLink domain are. Chip i sits at i = x + d₀·(y + d₁·(z + …)). Ways go along x first, then y
// and so on (see Router).
//
// With `host_link` it is a network instead: machines plug into the routers, which are fabric
// switches then.
//
// A dimension of 2 has one cable, wrapped or not: TPU v4 and v5p close a dimension to a ring only
// where it is a multiple of 4 (docs.cloud.google.com/tpu/docs/v4, "3D mesh and 3D torus").
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <vector>

#include "topology/builders/machines.hpp"
#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {
namespace {

constexpr std::size_t most_dimensions = 6;

/// One answer for all dimensions, or one for each.
struct WrapOption {
  std::vector<bool> answers{true};

  [[nodiscard]] bool of(std::size_t dimension) const {
    return answers.size() == 1 ? answers[0] : answers[dimension];
  }
};

}  // namespace
}  // namespace plumbline::topology::builders

namespace plumbline::core {

template <>
struct Reader<topology::builders::WrapOption> {
  static constexpr bool sweeps = true;
  static constexpr std::string_view type_name = "true, false or a list of them";
  static constexpr std::string_view json_type = "boolean";

  static std::optional<topology::builders::WrapOption> read(const Cursor& cursor) {
    if (cursor.is_sequence()) {
      std::optional<std::vector<bool>> list = Reader<std::vector<bool>>::read(cursor);
      return list ? std::optional(topology::builders::WrapOption{std::move(*list)}) : std::nullopt;
    }
    const std::optional<bool> all = Reader<bool>::read(cursor);
    return all ? std::optional(topology::builders::WrapOption{{*all}}) : std::nullopt;
  }
};

}  // namespace plumbline::core

namespace plumbline::topology::builders {
namespace {

struct TorusOptions {
  std::vector<std::uint32_t> dims;
  LinkOption link;
  std::uint32_t links = 1;
  WrapOption wrap;
  NodeOption node;
  LinkOption host_link;
  std::uint32_t host_links = 1;
  std::uint32_t nodes_per_router = 1;

  [[nodiscard]] std::size_t chips() const {
    return std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies{});
  }

  static const core::Schema<TorusOptions>& schema() {
    static const auto s =
        core::Schema<TorusOptions>("torus")
            .also(builder_key("torus"))
            .required("dims", &TorusOptions::dims,
                      "length of each dimension: [4, 4, 4] is a cube of 64 chips")
            .required("link", &TorusOptions::link, "class of one link between neighbours")
            .optional("links", &TorusOptions::links, "parallel links between two neighbours", "1")
            .optional("wrap", &TorusOptions::wrap,
                      "whether the ends of a dimension are joined too: one answer, or a list with "
                      "one for each dimension; where only two chips lie along it that changes "
                      "nothing",
                      "true")
            .optional("node", &TorusOptions::node,
                      "of a network: the machine, by system name or as a fabric written in place; "
                      "without it every machine is one host device")
            .optional("host_link", &TorusOptions::host_link,
                      "link class of an adapter (or host) to its router: makes the torus a network "
                      "between machines; without it every router is a chip's own")
            .optional("host_links", &TorusOptions::host_links,
                      "of a network: parallel cables of each adapter (or host)", "1")
            .optional("nodes_per_router", &TorusOptions::nodes_per_router,
                      "of a network: machines on each router", "1");
    return s;
  }
};

const core::SchemaInfo& info() {
  return TorusOptions::schema();
}

bool shape_is_good(const TorusOptions& options, const core::Cursor& cursor) {
  const std::size_t dimensions = options.dims.size();
  const core::Cursor at = *cursor.find("dims");
  if (dimensions == 0 || dimensions > most_dimensions) {
    at.error("PL-T053", fmt::format("a torus of {} dimensions", dimensions),
             fmt::format("list 1 to {} lengths", most_dimensions));
    return false;
  }
  bool good = at_least_one(cursor, "links", options.links);
  double chips = 1.0;
  for (std::size_t d = 0; d < dimensions; ++d) {
    chips *= options.dims[d];
    if (options.dims[d] == 0) {
      at.items()[d].error("PL-T011", "a dimension has at least 1 chip");
      good = false;
    }
  }
  if (options.wrap.answers.size() != 1 && options.wrap.answers.size() != dimensions) {
    cursor.find("wrap")->error(
        "PL-T053",
        fmt::format("{} answers for {} dimensions", options.wrap.answers.size(), dimensions),
        "write one for all, or one for each");
    good = false;
  }
  good = at_least_one(cursor, "host_links", options.host_links) && good;
  good = at_least_one(cursor, "nodes_per_router", options.nodes_per_router) && good;
  if (options.node.at && !options.host_link.at) {
    cursor.error("PL-K002", "the key 'host_link' is missing", "machines plug in by a link class");
    good = false;
  }
  return !too_large(cursor, 2.0 * chips, 2.0 * chips * (1.0 + static_cast<double>(dimensions))) &&
         good;
}

/// The routers of a torus, named by their coordinates: `router1.0.2`.
class Torus {
 public:
  Torus(const TorusOptions& options, const LinkClass& link, FabricBuilder& fabric)
      : options_(options), fabric_(fabric), cables_(options.chips()) {
    std::size_t stride = 1;
    for (const std::uint32_t length : options.dims) {
      strides_.push_back(stride);
      stride *= length;
    }
    for (std::size_t chip = 0; chip < options.chips(); ++chip) {
      std::string name = fmt::format("router{}", coordinate(chip, 0));
      for (std::size_t d = 1; d < options.dims.size(); ++d) {
        name += fmt::format(".{}", coordinate(chip, d));
      }
      const bool is_network = options.host_link.at.has_value();
      routers_.push_back(fabric.add({.name = std::move(name),
                                     .kind = DeviceKind::router,
                                     .node = is_network ? static_cast<std::uint32_t>(chip) : 0,
                                     .in_node = !is_network}));
    }
    for (std::size_t d = 0; d < options.dims.size(); ++d) {
      connect(d, link);
    }
  }

  /// Machines on every router.
  void plug_in(const Machines& machines) {
    std::uint32_t number = 0;
    for (const DeviceId router : routers_) {
      for (std::uint32_t i = 0; i < options_.nodes_per_router; ++i) {
        for (const DeviceId adapter : machines.add_to(fabric_, number++)) {
          fabric_.connect(adapter, router, machines.link, machines.cables);
        }
      }
    }
  }

  /// A GPU on every router.
  void attach(std::span<const DeviceId> gpus, LinkClass port) {
    port.name += "_port";
    port.latency = {};
    for (std::size_t chip = 0; chip < routers_.size(); ++chip) {
      fabric_.connect(gpus[chip], routers_[chip], port, std::max(1U, cables_[chip]));
    }
  }

 private:
  /// The cables along one dimension, those that start at even coordinates first: of two equal ways
  /// round a ring a chip's router takes the older cable, so that even chips go up and odd ones
  /// down, and both ways carry as much.
  void connect(std::size_t d, const LinkClass& link) {
    const std::uint32_t length = options_.dims[d];
    const bool ring = options_.wrap.of(d) && length > 2;
    for (const std::uint32_t parity : {0U, 1U}) {
      for (std::size_t chip = 0; chip < routers_.size(); ++chip) {
        const std::uint32_t at = coordinate(chip, d);
        if (at % 2 != parity || (at + 1 == length && !ring)) {
          continue;
        }
        const std::size_t next = at + 1 == length ? chip - at * strides_[d] : chip + strides_[d];
        fabric_.connect(routers_[chip], routers_[next], link, options_.links);
        cables_[chip] += options_.links;
        cables_[next] += options_.links;
      }
    }
  }

  [[nodiscard]] std::uint32_t coordinate(std::size_t chip, std::size_t d) const {
    return static_cast<std::uint32_t>(chip / strides_[d] % options_.dims[d]);
  }

  const TorusOptions& options_;
  FabricBuilder& fabric_;
  std::vector<std::size_t> strides_;
  std::vector<DeviceId> routers_;
  std::vector<std::uint32_t> cables_;  ///< of each router
};

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<TorusOptions> options = TorusOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const bool good = shape_is_good(*options, cursor);
  const std::optional<LinkClass> link = options->link.resolve(context);
  if (!good || !link) {
    return std::nullopt;
  }
  FabricBuilder fabric;
  if (options->host_link.at) {
    const auto machines =
        Machines::read(options->node, options->host_link, options->host_links, context);
    const auto routers = static_cast<double>(options->chips());
    const double nodes = routers * options->nodes_per_router;
    if (!machines || too_large(cursor, routers + nodes * machines->devices_each(),
                               nodes * machines->links_each())) {
      return std::nullopt;
    }
    Torus torus(*options, *link, fabric);
    torus.plug_in(*machines);
    return fabric.finish();
  }
  const std::vector<DeviceId> gpus = add_gpus(fabric, options->chips());
  Torus torus(*options, *link, fabric);
  torus.attach(gpus, *link);
  return fabric.finish();
}

}  // namespace

extern const BuilderEntry torus{
    "torus", "A torus or mesh of chips that forward for each other, or of the routers of a network",
    info, build};

}  // namespace plumbline::topology::builders

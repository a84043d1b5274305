// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nccl_graph.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/text.hpp"
#include "topology/imports/nccl_parts.hpp"

namespace plumbline::topology::imports {
namespace {

using core::XmlElement;

class Reader {
 public:
  explicit Reader(core::Diagnostics& diagnostics) : remarks_(diagnostics) {}

  std::optional<std::vector<NcclGraph>> run(const XmlElement& root) {
    std::vector<NcclGraph> graphs;
    for (const XmlElement& element : root.children) {
      if (element.name == "graph") {
        graphs.push_back(read(element));
      } else {
        remarks_.error(element, "PL-T082", fmt::format("<{}> in <graphs>", element.name));
      }
    }
    if (graphs.empty() && remarks_.good()) {
      remarks_.error(root, "PL-T082", "no <graph> is in this file");
    }
    return remarks_.good() ? std::optional(std::move(graphs)) : std::nullopt;
  }

 private:
  NcclGraph read(const XmlElement& element) {
    NcclGraph graph{
        .id = whole(element, "id"),
        .pattern = whole(element, "pattern"),
        .cross_nic = element.find("crossnic") == nullptr ? 0 : whole(element, "crossnic"),
        .same_channels = remarks_.integer(element, "samechannels").value_or(1) != 0,
        .speed_intra = core::Bandwidth::from_si(number(element, "speedintra") * 1e9),
        .speed_inter = core::Bandwidth::from_si(number(element, "speedinter") * 1e9),
        .latency_inter = core::Seconds::from_si(
            element.find("latencyinter") == nullptr ? 0.0 : number(element, "latencyinter") * 1e-6),
        .type_intra = path_type(element, "typeintra"),
        .type_inter = path_type(element, "typeinter"),
        .channels = {},
        .where = element.where};
    std::vector<const XmlElement*> places;
    for (const XmlElement& child : element.children) {
      if (child.name == "channel") {
        graph.channels.push_back(channel(child));
        places.push_back(&child);
      } else {
        remarks_.error(child, "PL-T082", fmt::format("<{}> in <graph>", child.name));
      }
    }
    const std::optional<std::int64_t> stated = remarks_.integer(element, "nchannels");
    if (stated && *stated != static_cast<std::int64_t>(graph.channels.size())) {
      remarks_.error(
          element, "PL-T082",
          fmt::format("nchannels is {}, and {} channels follow", *stated, graph.channels.size()));
    }
    if (remarks_.good()) {
      check_channels(graph, places);
    }
    return graph;
  }

  NcclChannel channel(const XmlElement& element) {
    NcclChannel result;
    for (const XmlElement& child : element.children) {
      if (child.name == "gpu") {
        result.gpus.push_back(whole(child, "dev"));
      } else if (child.name == "net") {
        (result.gpus.empty() ? result.net_in : result.net_out) = whole(child, "dev");
      } else {
        remarks_.error(child, "PL-T082", fmt::format("<{}> in <channel>", child.name));
      }
    }
    return result;
  }

  void check_channels(const NcclGraph& graph, const std::vector<const XmlElement*>& places) {
    std::set<std::uint32_t> all;
    for (const NcclChannel& channel : graph.channels) {
      all.insert(channel.gpus.begin(), channel.gpus.end());
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      std::set<std::uint32_t> seen;
      for (const std::uint32_t gpu : graph.channels[i].gpus) {
        if (!seen.insert(gpu).second) {
          remarks_.error(*places[i], "PL-T087",
                         fmt::format("this channel names GPU {} twice", gpu));
        }
      }
      for (const std::uint32_t gpu : all) {
        if (!seen.contains(gpu)) {
          remarks_.error(*places[i], "PL-T087",
                         fmt::format("this channel misses GPU {}, which others have", gpu));
        }
      }
    }
  }

  std::uint32_t whole(const XmlElement& element, std::string_view name) {
    constexpr std::int64_t most = 1'000'000;
    if (!remarks_.text(element, name)) {
      return 0;
    }
    const std::optional<std::int64_t> value = remarks_.integer(element, name);
    if (value && (*value < 0 || *value > most)) {
      remarks_.error(element, "PL-T082",
                     fmt::format("{}=\"{}\" is below 0 or too large", name, *value));
    }
    return static_cast<std::uint32_t>(std::clamp(value.value_or(0), std::int64_t{0}, most));
  }

  double number(const XmlElement& element, std::string_view name) {
    const std::optional<std::string> text = remarks_.text(element, name);
    const std::optional<double> value = text ? core::parse_number(*text) : std::nullopt;
    if (text && (!value || *value < 0.0)) {
      remarks_.error(element, "PL-T082",
                     fmt::format("{}=\"{}\" is no number of 0 or more", name, *text));
    }
    return std::max(0.0, value.value_or(0.0));
  }

  PathType path_type(const XmlElement& element, std::string_view name) {
    const std::optional<std::string> text = remarks_.text(element, name);
    for (std::size_t i = 0; text && i <= static_cast<std::size_t>(PathType::dis); ++i) {
      if (to_text(static_cast<PathType>(i)) == *text) {
        return static_cast<PathType>(i);
      }
    }
    if (text) {
      remarks_.error(element, "PL-T082", fmt::format("{}=\"{}\" is no type of path", name, *text),
                     "LOC, NVL, NVB, C2C, PIX, PXB, P2C, PXN, PHB, SYS, NET or DIS");
    }
    return PathType::dis;
  }

  Remarks remarks_;
};

}  // namespace

std::optional<std::vector<NcclGraph>> read_nccl_graphs(const XmlElement& graphs,
                                                       core::Diagnostics& diagnostics) {
  if (graphs.name != "graphs") {
    diagnostics.error("PL-T086", graphs.where,
                      fmt::format("<graphs> is expected, and this is <{}>", graphs.name),
                      "NCCL writes such files with NCCL_GRAPH_DUMP_FILE");
    return std::nullopt;
  }
  return Reader(diagnostics).run(graphs);
}

std::optional<std::vector<NcclGraph>> load_nccl_graphs(const std::filesystem::path& file,
                                                       core::Diagnostics& diagnostics) {
  const std::optional<XmlElement> root = core::load_xml(file, diagnostics);
  return root ? read_nccl_graphs(*root, diagnostics) : std::nullopt;
}

const NcclGraph* find_graph(const std::vector<NcclGraph>& graphs, std::uint32_t id) {
  const auto found = std::ranges::find_if(
      graphs, [&](const NcclGraph& graph) { return graph.id == id && !graph.channels.empty(); });
  return found == graphs.end() ? nullptr : &*found;
}

}  // namespace plumbline::topology::imports

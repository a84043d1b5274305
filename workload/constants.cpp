// SPDX-License-Identifier: Apache-2.0
#include "workload/constants.hpp"

#include <fmt/format.h>

#include "core/read.hpp"
#include "core/text.hpp"

namespace plumbline::workload {

namespace {

constexpr std::array<std::string_view, path_class_count> path_names{"nvlink", "pcie", "net",
                                                                    "nvls"};

// Above 1: a link may beat its data sheet a little (rounded figures, in-network reduction seen as
// bandwidth); beyond this the nominal figure is wrong and no constant should hide it.
constexpr double highest_efficiency = 1.5;

// A protocol that few threads drive fills a small part of a fast link: measured LL on NVLink 4
// comes to about 30.
constexpr double highest_wire_ratio = 256.0;

/// LinkConstants as a map.
struct LinkText {
  double efficiency = 1.0;
  core::Seconds extra_latency;

  static const core::Schema<LinkText>& schema() {
    static const auto s =
        core::Schema<LinkText>("link constants")
            .optional("efficiency", &LinkText::efficiency,
                      "effective over nominal capacity, above 0 and at most 1.5", "1")
            .optional("extra_latency", &LinkText::extra_latency,
                      "added to the nominal latency of every link of the class", "0 s")
            .check([](const core::Cursor& cursor, const LinkText& text) {
              if (!(text.efficiency > 0.0 && text.efficiency <= highest_efficiency)) {
                cursor.find("efficiency")
                    ->error("PL-W020",
                            fmt::format("an efficiency of {} is impossible", text.efficiency),
                            "it is above 0 and at most 1.5: 0.8 for 80 %");
              }
            });
    return s;
  }
};

/// StepConstants as a map.
struct StepText {
  core::Seconds step_latency;
  double wire_ratio = 1.0;
  double occupancy = 0.0;

  static const core::Schema<StepText>& schema() {
    static const auto s =
        core::Schema<StepText>("protocol constants on one path class")
            .optional("step_latency", &StepText::step_latency, "added to every transfer", "0 s")
            .optional("wire_ratio", &StepText::wire_ratio,
                      "bytes on the wire per payload byte, at least 1 and at most 256", "1")
            .optional("occupancy", &StepText::occupancy,
                      "share of step_latency, 0 to 1, for which the sending channel is busy", "0")
            .check([](const core::Cursor& cursor, const StepText& text) {
              if (!(text.occupancy >= 0.0 && text.occupancy <= 1.0)) {
                cursor.find("occupancy")
                    ->error("PL-W020",
                            fmt::format("an occupancy of {} is impossible", text.occupancy),
                            "it is a share of step_latency, from 0 to 1");
              }
              if (!(text.wire_ratio >= 1.0 && text.wire_ratio <= highest_wire_ratio)) {
                cursor.find("wire_ratio")
                    ->error("PL-W020",
                            fmt::format("a wire ratio of {} is impossible", text.wire_ratio),
                            "it is at least 1: 2 where every byte of data travels with one flag");
              }
            });
    return s;
  }
};

/// One protocol: a map from path class to step constants.
struct ProtocolText {
  core::Seconds launch;
  StepText nvlink, pcie, net, nvls;

  static const core::Schema<ProtocolText>& schema() {
    static const auto s =
        core::Schema<ProtocolText>("protocol constants")
            .optional("launch", &ProtocolText::launch, "paid once on top of the set's launch",
                      "0 s")
            .optional("nvlink", &ProtocolText::nvlink, "on routes of NVLink only")
            .optional("pcie", &ProtocolText::pcie, "on routes with a PCIe or socket link")
            .optional("net", &ProtocolText::net, "on routes with a network link")
            .optional("nvls", &ProtocolText::nvls, "through NVLink switches that add or replicate");
    return s;
  }
};

/// `none` is absent: it means no overhead.
struct ProtocolsText {
  ProtocolText ll, ll128, simple;

  static const core::Schema<ProtocolsText>& schema() {
    static const auto s = core::Schema<ProtocolsText>("protocols")
                              .optional("ll", &ProtocolsText::ll, "low latency, 8-byte flags")
                              .optional("ll128", &ProtocolsText::ll128, "low latency, 128 bytes")
                              .optional("simple", &ProtocolsText::simple, "bulk");
    return s;
  }
};

core::FieldInfo links_field() {
  return {.key = "links",
          .type = "map",
          .json_type = "object",
          .doc = "link class → {efficiency, extra_latency}; classes not named are nominal",
          .required = false,
          .sweeps = false,
          .default_text = "{}",
          .choices = {},
          .nested = {}};
}

struct ConstantsText {
  std::string name = "inline";
  std::string title;
  ProtocolsText protocols;
  core::Seconds launch;
  core::Seconds network_launch;
  std::optional<core::Bandwidth> reduction_bandwidth;
  std::optional<core::Bandwidth> channel_rate;
  double tree_ratio = 1.0;
  std::optional<CalibrationRecord> calibrated;

  static const core::Schema<ConstantsText>& schema() {
    static const auto s =
        core::Schema<ConstantsText>("constants")
            .optional("constants", &ConstantsText::name, "the set's name", "inline")
            .optional("title", &ConstantsText::title, "one line for people")
            .also(links_field())
            .optional("protocols", &ConstantsText::protocols,
                      "protocol → launch, and path class → {step_latency, wire_ratio, occupancy}")
            .optional("launch", &ConstantsText::launch, "paid once, before anything else", "0 s")
            .optional("network_launch", &ConstantsText::network_launch,
                      "paid once more where a transfer leaves its machine", "0 s")
            .optional("reduction_bandwidth", &ConstantsText::reduction_bandwidth,
                      "what one GPU can reduce, in bytes as they come off the wire; absent: no "
                      "limit")
            .optional("channel_rate", &ConstantsText::channel_rate,
                      "cap of one channel's transfer; absent: none")
            .optional("tree_ratio", &ConstantsText::tree_ratio,
                      "bytes on the wire of a tree's transfers between machines over those of "
                      "other transfers, above 0 and at most 256",
                      "1")
            .optional("calibrated", &ConstantsText::calibrated,
                      "the calibration that the set came from, as `calibrate` writes it")
            .check(check_rates);
    return s;
  }

  static void check_rates(const core::Cursor& cursor, const ConstantsText& text) {
    const auto check = [&](const char* key, const std::optional<core::Bandwidth>& rate) {
      if (rate && !(*rate > core::Bandwidth{})) {
        cursor.find(key)->error("PL-W021", fmt::format("with a {} of zero nothing ends", key),
                                "leave the key out where there is no limit");
      }
    };
    check("reduction_bandwidth", text.reduction_bandwidth);
    check("channel_rate", text.channel_rate);
    if (!(text.tree_ratio > 0.0 && text.tree_ratio <= highest_wire_ratio)) {
      cursor.find("tree_ratio")
          ->error("PL-W020", fmt::format("a tree ratio of {} is impossible", text.tree_ratio),
                  "it is above 0: 2 where trees reach half the rate of rings");
    }
  }
};

/// The map of link classes, whose keys are the user's. nullopt after a diagnostic.
std::optional<decltype(ConstantSet::links)> read_links(const core::Cursor& cursor) {
  decltype(ConstantSet::links) links;
  const std::optional<core::Cursor> at = cursor.is_map() ? cursor.find("links") : std::nullopt;
  if (!at) {
    return links;
  }
  if (!at->is_map()) {
    at->error("PL-K005", "a map from link class to constants is expected here",
              "write nvlink4: {efficiency: 0.8}");
    return std::nullopt;
  }
  bool good = true;
  for (const std::string& name : at->keys()) {
    if (name == "source" || name == "note" || name == "unverified") {
      continue;
    }
    const std::optional<LinkText> text = LinkText::schema().bind(*at->find(name));
    good = good && text;
    if (text) {
      links[name] = {.efficiency = text->efficiency, .extra_latency = text->extra_latency};
    }
  }
  return good ? std::optional(std::move(links)) : std::nullopt;
}

std::array<StepConstants, path_class_count> steps_of(const ProtocolText& text) {
  std::array<StepConstants, path_class_count> steps;
  const std::array<const StepText*, path_class_count> texts{&text.nvlink, &text.pcie, &text.net,
                                                            &text.nvls};
  for (std::size_t i = 0; i < path_class_count; ++i) {
    steps[i] = {.step_latency = texts[i]->step_latency,
                .wire_ratio = texts[i]->wire_ratio,
                .occupancy = texts[i]->occupancy};
  }
  return steps;
}

}  // namespace

std::string_view to_text(PathClass path) {
  return path_names[static_cast<std::size_t>(path)];
}

const core::SchemaInfo& constants_schema() {
  return ConstantsText::schema();
}

std::optional<ConstantSet> read_constants(const core::Cursor& cursor) {
  auto links = read_links(cursor);
  std::optional<ConstantsText> text = ConstantsText::schema().bind(cursor);
  if (!links || !text) {
    return std::nullopt;
  }
  ConstantSet set{.name = std::move(text->name),
                  .links = std::move(*links),
                  .steps = {},
                  .launch = text->launch,
                  .network_launch = text->network_launch,
                  .reduction_bandwidth = text->reduction_bandwidth,
                  .channel_rate = text->channel_rate,
                  .tree_ratio = text->tree_ratio,
                  .calibration = {}};
  if (text->calibrated) {
    set.calibration = std::make_shared<const CalibrationRecord>(std::move(*text->calibrated));
  }
  const auto take = [&set](Protocol protocol, const ProtocolText& of) {
    set.steps[static_cast<std::size_t>(protocol)] = steps_of(of);
    set.protocol_launch[static_cast<std::size_t>(protocol)] = of.launch;
  };
  take(Protocol::ll, text->protocols.ll);
  take(Protocol::ll128, text->protocols.ll128);
  take(Protocol::simple, text->protocols.simple);
  return set;
}

}  // namespace plumbline::workload

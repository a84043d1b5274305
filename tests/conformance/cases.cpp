// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/cases.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <map>

#include "core/units.hpp"
#include "tests/support/msccl_programs.hpp"
#include "topology/builder.hpp"
#include "workload/traffic.hpp"

namespace plumbline::conformance {
namespace {

using namespace core::literals;
using workload::Collective;
using workload::Workload;

/// A YAML text with all that reading it needs; outlives its cursor.
class Text {
 public:
  explicit Text(const std::string& yaml)
      : document_(core::Document::parse(yaml, "test", diagnostics_)) {
    core::throw_if_errors(diagnostics_);
    reading_ = {&document_, &diagnostics_, nullptr, nullptr};
  }

  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  [[nodiscard]] core::Cursor cursor() const { return core::Cursor(reading_); }

  /// `read` is what came of the cursor.
  template <class T>
  T require(std::optional<T> read) {
    core::throw_if_errors(diagnostics_);
    if (!read) {
      throw core::InternalError("refused without a reason");
    }
    return std::move(*read);
  }

 private:
  core::Diagnostics diagnostics_;
  core::Document document_;
  core::Reading reading_;
};

std::string file_text(const std::filesystem::path& file) {
  core::Diagnostics diagnostics;
  const core::Document document = core::Document::load(file, diagnostics);
  core::throw_if_errors(diagnostics);
  return document.text();
}

/// A chain of flows that overlap: consecutive ranks, then the first rank to all others, later and
/// larger, and some staged at the rank between, in pieces.
std::vector<workload::Flow> overlapping_flows(const topology::Placement& placement,
                                              core::Bytes size) {
  std::vector<workload::Flow> flows;
  const auto& devices = placement.device_of;
  for (std::size_t i = 0; i + 1 < devices.size(); ++i) {
    flows.push_back({devices[i], devices[i + 1], size, {}});
    flows.push_back({devices[0], devices[i + 1], size * 1.5, 0.7_us * static_cast<double>(i)});
    if (i > 0) {
      flows.push_back(
          {devices[0], devices[i + 1], size * 0.7, 0.3_us, {devices[i]}, 1 + std::uint32_t(i) % 3});
    }
  }
  return flows;
}

/// A ring over all ranks and, from later on, one over all but the last rank, with a compute beside.
std::vector<workload::Part> overlapping_parts(const Workload& base) {
  std::vector<workload::Part> parts;
  for (std::uint32_t left_out = 0; left_out < 2 && base.ranks.value > left_out + 1; ++left_out) {
    workload::Part part{.name = fmt::format("ring {}", left_out),
                        .ranks = {},
                        .start = 0.9_us * left_out,
                        .work = base};
    part.work.collective = Collective::all_reduce;
    part.work.algorithm = "ring";
    part.work.ranks = topology::RankCount(base.ranks.value - left_out);
    for (std::uint32_t rank = 0; rank < part.work.ranks.value; ++rank) {
      part.ranks.emplace_back(rank);
    }
    parts.push_back(std::move(part));
  }
  parts.push_back(parts.front());
  parts.back().name = "compute";
  parts.back().work.collective = Collective::compute;
  parts.back().work.algorithm = "compute";
  parts.back().work.duration = 4_us;
  return parts;
}

std::vector<Request> pipelines(const Workload& base) {
  using workload::PipelineSchedule;
  std::vector<Request> result;
  for (const auto schedule :
       {PipelineSchedule::gpipe, PipelineSchedule::one_f_one_b, PipelineSchedule::interleaved}) {
    for (const bool even : {true, false}) {
      Request request{fmt::format("{} {}", to_text(schedule), even ? "even" : "uneven"), base};
      workload::Pipeline pipeline{
          .schedule = schedule,
          .micro_batches = 2 * base.ranks.value,
          .virtual_stages = schedule == PipelineSchedule::interleaved ? 2U : 1U,
          .forward = {},
          .backward = {},
          .activation = even ? core::Bytes{} : base.size};
      for (std::uint32_t rank = 0; rank < base.ranks.value; ++rank) {
        const double factor = even ? 1.0 : 1.0 + 0.1 * rank;
        pipeline.forward.push_back(5_us * factor);
        pipeline.backward.push_back(9_us * factor);
      }
      request.workload.pipeline = std::move(pipeline);
      result.push_back(std::move(request));
    }
  }
  return result;
}

/// The options that few algorithms know, alone and together.
std::vector<Request> variants(const Workload& base) {
  std::vector<Request> result{{"channels 1", base}};
  const auto add = [&](const char* name, auto change) {
    change(result.emplace_back(Request{name, base}).workload);
  };
  const std::uint32_t ranks = base.ranks.value;
  const core::Bytes third = base.size / (2.5 * ranks);
  add("channels 2", [](Workload& workload) { workload.channels = 2; });
  add("pieces", [&](Workload& workload) { workload.chunk = third; });
  add("pieces, 2 slots", [&](Workload& workload) {
    workload.chunk = third;
    workload.channels = 2;
    workload.slots = 2;
  });
  add("both directions", [&](Workload& workload) {
    workload.channels = 2;
    workload.ring_order = workload::RingOrder::both_directions;
  });
  add("rotated", [&](Workload& workload) {
    workload.channels = 3;
    workload.ring_order = workload::RingOrder::rotated;
  });
  add("given order", [&](Workload& workload) {
    workload.ring_order = workload::RingOrder::given;
    auto& ring = workload.rings.emplace_back();
    for (std::uint32_t i = 0; i < ranks; ++i) {  // even ranks upwards, odd ones downwards
      ring.emplace_back(i < (ranks + 1) / 2 ? 2 * i : 2 * (ranks - i) - 1);
    }
  });
  add("direct inside", [](Workload& workload) { workload.direct_inside = true; });
  add("grid", [&](Workload& workload) { workload.grid = {2, ranks / 2}; });
  return result;
}

/// What differs between points of one fabric besides the generator.
struct Spot {
  topology::Placement placement;
  core::Bytes size;
  const workload::ConstantSet& constants;
  bool options;  ///< also those that few algorithms know
};

void add_cases(const NamedFabric& fabric, const Spot& spot,
               const workload::GeneratorEntry& generator, Collective collective,
               std::vector<Case>& cases) {
  for (Request& request :
       requests(generator, collective, *fabric.fabric, spot.placement, spot.size)) {
    const bool asked = spot.options || request.variant.starts_with("channels");
    if (!asked || !generator.refuses(request.workload).empty()) {
      continue;
    }
    cases.push_back({fmt::format("{}: {} by {} ({}), {}, {} ranks, {}, {} constants", fabric.name,
                                 to_text(collective), generator.name, request.variant,
                                 spot.placement.description, spot.placement.ranks().value,
                                 core::format(spot.size), spot.constants.name),
                     &generator,
                     workload::make_problem(fabric.fabric, spot.placement,
                                            std::move(request.workload), spot.constants)});
  }
}

}  // namespace

std::shared_ptr<const topology::Fabric> fabric_from(const std::string& yaml) {
  Text text(yaml);
  const topology::LinkCatalogue no_links;
  const std::filesystem::path source(PL_SOURCE_DIR);
  topology::BuildContext context{
      .links = no_links,
      .fabric_of = {},
      .base = source / "tests/conformance/fabrics",
      .data_file = [&source](std::string_view name) { return source / "zoo" / name; }};
  context.fabric_of = [&context](const core::Cursor& cursor) {
    return topology::build_fabric(cursor, context);
  };
  return std::make_shared<const topology::Fabric>(
      text.require(topology::build_fabric(text.cursor(), context)));
}

std::vector<NamedFabric> all_fabrics() {
  namespace fs = std::filesystem;
  std::vector<NamedFabric> result;
  for (const auto& entry :
       fs::directory_iterator(fs::path(PL_SOURCE_DIR) / "tests/conformance/fabrics")) {
    const std::string name = entry.path().stem().string();
    result.push_back({name.substr(0, name.find('-')), name, fabric_from(file_text(entry.path()))});
  }
  std::ranges::sort(result, {}, &NamedFabric::name);
  return result;
}

topology::Placement placement_from(const std::string& yaml, const topology::Fabric& fabric,
                                   std::uint32_t ranks) {
  Text text(yaml);
  return text.require(
      topology::read_placement(text.cursor(), fabric, topology::RankCount(ranks), text.cursor()));
}

std::vector<Request> requests(const workload::GeneratorEntry& generator, Collective collective,
                              const topology::Fabric& fabric, const topology::Placement& placement,
                              core::Bytes size) {
  Workload base;
  base.collective = collective;
  base.algorithm = std::string(generator.name);
  base.protocol = workload::Protocol::simple;
  base.size = size;
  base.ranks = placement.ranks();
  base.site = workload::site_of(fabric, placement);
  base.root = topology::RankId(placement.ranks().value - 1);
  if (generator.name == "msccl" && base.ranks.value <= 8) {
    base.program =
        test::msccl_program(test::msccl_all_pairs(collective, base.ranks.value, base.root.value));
  }
  if (collective == Collective::pipeline) {
    return pipelines(base);
  }
  if (collective == Collective::all_to_allv) {
    base.traffic = workload::zipf_traffic(size, base.ranks, 1.2, 3);
    base.traffic[1] = {};  // not everyone has something for everyone
  }
  if (collective == Collective::permutation) {
    base.targets = workload::random_targets(base.ranks, 5);
  }
  if (collective == Collective::stream) {
    base.messages = 3;
  }
  if (collective == Collective::flows) {
    base.flows = overlapping_flows(placement, size);
  }
  if (collective == Collective::compute) {
    base.duration = 5_us;
  }
  if (collective == Collective::together) {
    base.parts = overlapping_parts(base);
  }
  std::vector<Request> result = variants(base);
  if (generator.name == "hierarchical" &&
      (collective == Collective::all_to_all || collective == Collective::all_to_allv)) {
    base.experts = {.count = 4 * placement.ranks().value, .per_token = 3};
    result.push_back({"experts", std::move(base)});
  }
  return result;
}

workload::ConstantSet loaded_constants() {
  workload::ConstantSet set;
  set.name = "loaded";
  double efficiency = 0.97;
  double extra = 31.0;
  for (const char* name :
       {"nv", "pcie", "pcie_up", "socket", "port", "trunk", "fast", "slow", "half", "capped"}) {
    set.links[name] = {efficiency, core::Seconds::from_si(extra * 1e-9)};
    efficiency -= 0.03;
    extra += 17.0;
  }
  double ratio = 1.01;
  for (auto& protocol : set.steps) {
    for (workload::StepConstants& step : protocol) {
      step = {core::Seconds::from_si((ratio - 0.3) * 1e-6), ratio};
      ratio += 0.07;
    }
  }
  set.launch = 3_us;
  set.reduction_bandwidth = 11_GBps;
  set.channel_rate = 29_GBps;
  return set;
}

std::unique_ptr<workload::Engine> engine_of(const analytic::SolverEntry& solver) {
  static const std::map<std::string_view, std::string> options{
      {"piecewise_hockney", "segments: [{alpha: 1 us, bandwidth: 10 GB/s}]"}};
  if (solver.make_in != nullptr) {
    Text tables(file_text(std::filesystem::path(PL_SOURCE_DIR) / "zoo/tuners/nccl_2_30.yaml"));
    const analytic::SolverContext context{
        .nccl = std::make_shared<const analytic::nccl::Tables>(
            tables.require(analytic::nccl::read_tables(tables.cursor()))),
        .machine = {.gpu = workload::GpuFacts{.name = "of the grid", .arch = "hopper"},
                    .nccl = {}}};
    return solver.make_in(nullptr, context);
  }
  const auto found = options.find(solver.name);
  if (found == options.end()) {
    return solver.make(nullptr);
  }
  const Text text(found->second);
  const core::Cursor cursor = text.cursor();
  return solver.make(&cursor);
}

std::vector<Case> cases_on(const NamedFabric& fabric) {
  const auto endpoints = static_cast<std::uint32_t>(fabric.fabric->endpoints().size());
  const workload::ConstantSet nominal;
  const workload::ConstantSet loaded = loaded_constants();
  std::vector<Case> cases;
  // Every kind of placement, every number of ranks; not every pair of the two: a replay is a
  // process.
  const std::array<std::pair<std::uint32_t, std::string>, 5> spots{
      {{2U, "random: {seed: 1}"},
       {endpoints / 2 + 1, "strided: {stride: 2}"},
       {endpoints / 2 + 1, "random: {seed: 2}"},
       {endpoints, "packed"},
       {endpoints, "random: {seed: 1}"}}};
  for (const auto& [ranks, where] : spots) {
    const topology::Placement placement = placement_from(where, *fabric.fabric, ranks);
    for (const workload::GeneratorEntry* generator : workload::generators()) {
      for (const Collective collective : generator->collectives) {
        add_cases(fabric, {placement, 1_KiB * 3.0, nominal, true}, *generator, collective, cases);
        add_cases(fabric, {placement, 2_MiB + 1_B, loaded, false}, *generator, collective, cases);
      }
    }
  }
  return cases;
}

}  // namespace plumbline::conformance

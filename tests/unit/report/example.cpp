// SPDX-License-Identifier: Apache-2.0
#include "example.hpp"

#include "core/units.hpp"
#include "report/gap.hpp"

namespace plumbline::report {
namespace {

using namespace core::literals;
using core::Bytes;
using core::Seconds;
using workload::Scope;
using workload::Side;
using workload::Term;

constexpr Bytes sizes[] = {1_KiB, 1_MiB, 1_GiB};
constexpr Seconds latency = 10_us;

workload::Outcome replay_of(bool tree, Seconds serialisation) {
  workload::Outcome outcome;
  outcome.terms[Term::latency] = latency;
  outcome.terms[Term::serialisation] = serialisation;
  outcome.terms[Term::contention] = tree ? serialisation : Seconds{};
  outcome.estimate = latency + serialisation * (tree ? 2.0 : 1.0);
  workload::ReplayDetails details;
  details.operations = 112;
  details.replayed_operations = 112;
  details.hottest_links = {{"gpu0→nvswitch", 1_MiB, 0.5}, {"nvswitch→gpu0", 1_MiB, 0.25}};
  details.wall = 3_ms;
  outcome.replay = details;
  return outcome;
}

Prediction hockney(Seconds serialisation) {
  Prediction prediction;
  prediction.solver = "hockney";
  prediction.estimate = latency + serialisation;
  prediction.claim = "estimate";
  prediction.terms[Term::latency] = latency;
  prediction.terms[Term::serialisation] = serialisation;
  return prediction;
}

Prediction refused() {
  Prediction prediction;
  prediction.solver = "picky";
  prediction.valid = false;
  prediction.notes = {"needs a power of three of ranks, and \"quotes\""};
  return prediction;
}

Point point(bool tree, Bytes size) {
  const Seconds serialisation = size / 100_GBps;
  Point p;
  p.labels = {{"workload.algorithm", tree ? "tree" : "ring"},
              {"workload.size", core::format(size)}};
  p.algorithm = tree ? "tree" : "ring";
  p.protocol = "simple";
  p.ranks = 8;
  p.nodes = 1;
  p.size = size;
  p.placement = "packed";
  p.routing = "d_mod_k";
  p.constants = "nominal";
  p.has_nvswitch = true;
  p.verified = "proved";
  p.bounds = {{"path", Scope::schedule, Side::lower, latency + serialisation, "gpu0→nvswitch"},
              {"rivals", Scope::schedule, Side::upper, latency + serialisation * 2.0, ""},
              {"endpoint", Scope::speed_of_light, Side::lower, serialisation, "port of gpu0"}};
  p.predictions = {hockney(serialisation), refused()};
  p.status = PointStatus::done;
  if (tree && size == 1_GiB) {
    p.status = PointStatus::failed;
    p.notes = {"the replay ran out of its 4 GiB of memory"};
  } else {
    p.replay = replay_of(tree, serialisation);
  }
  if (!tree) {
    p.measured = Measurement{};
    p.measured->time = size == 1_GiB ? serialisation * 0.9 : latency + serialisation + 8_us;
  }
  return p;
}

}  // namespace

ResultSet example() {
  ResultSet result;
  result.experiment = "example";
  result.question = "Does every format say the same?";
  result.system = "dgx_h100";
  result.axes = {{"workload.algorithm", {"ring", "tree"}},
                 {"workload.size", {"1 KiB", "1 MiB", "1 GiB"}}};
  for (const bool tree : {false, true}) {
    for (const Bytes size : sizes) {
      result.points.push_back(point(tree, size));
      complete(result.points.back());
    }
  }
  result.measured = MeasuredInfo{"some_set", "Some H100 node", "https://example.org", "CC-BY-4.0",
                                 "library default"};
  result.verdict = {false, true, {"gap: p95 is 64.4 %, more than 5 %"}};
  result.diagnostics = {
      {"PL-X001", core::Severity::warning, {"e.yaml", 4, 9}, "odd, but legal", ""}};
  result.inputs = {{"e.yaml", "experiment: example\n"}};
  result.provenance = {{"links.nvlink4.latency", "500 ns", "a data sheet", true, {"l.yaml", 2, 3}}};
  result.run = {{"date", "2026-01-01"}, {"tool_version", "0.1.0"}};
  return result;
}

}  // namespace plumbline::report

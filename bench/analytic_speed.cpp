// SPDX-License-Identifier: Apache-2.0
// How long the analytic engine takes: a closed form on 8 ranks (wanted: under 50 us), and all
// schedule bounds of a 362-rank ring all_reduce (262,088 operations; wanted: under 2 s and 1 GB,
// upper = lower to 1e-9).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <sys/resource.h>

#include "analytic/solver.hpp"
#include "topology/fabric.hpp"
#include "workload/problem.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a benchmark
using Clock = std::chrono::steady_clock;

workload::Problem ring(std::uint32_t ranks) {
  const topology::LinkClass link{.name = "port",
                                 .kind = topology::LinkKind::nvlink,
                                 .bandwidth_per_direction = core::Bandwidth::from_si(450e9),
                                 .latency = core::Seconds::from_si(250e-9),
                                 .sharing = topology::Sharing::full_duplex};
  topology::FabricBuilder builder;
  const topology::DeviceId hub =
      builder.add({.name = "nvswitch", .kind = topology::DeviceKind::nvswitch});
  for (std::uint32_t i = 0; i < ranks; ++i) {
    builder.connect(builder.add({.name = fmt::format("gpu{}", i)}), hub, link);
  }
  auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload::Workload what;
  what.collective = workload::Collective::all_reduce;
  what.algorithm = "ring";
  what.size = core::Bytes::from_si(1e9);
  what.ranks = workload::RankCount(ranks);
  topology::Placement placement = topology::packed(*fabric, what.ranks);
  return workload::make_problem(std::move(fabric), std::move(placement), std::move(what), {});
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void closed_form() {
  const workload::Problem problem = ring(8);
  const auto engine = analytic::find_solver("ring_all_reduce")->make(nullptr);
  constexpr int repeats = 10'000;
  const Clock::time_point start = Clock::now();
  double sum = 0.0;
  for (int i = 0; i < repeats; ++i) {
    if (engine->accepts(problem).valid) {
      sum += engine->run(problem).estimate->si();
    }
  }
  fmt::print("closed form, 8 ranks: {:.2f} us ({} answers of {:.6f} ms)\n",
             1e6 * seconds_since(start) / repeats, repeats, 1e3 * sum / repeats);
}

void schedule_bounds() {
  const workload::Problem problem = ring(362);
  const Clock::time_point start = Clock::now();
  const analytic::BoundReport report = analytic::all_bounds(problem);
  const double wall = seconds_since(start);
  double lower = 0.0;
  double upper = INFINITY;
  for (const workload::Bound& bound : report.bounds) {
    if (bound.scope == workload::Scope::schedule) {
      const double value = bound.value.si();
      (bound.side == workload::Side::lower ? lower : upper) =
          bound.side == workload::Side::lower ? std::max(lower, value) : std::min(upper, value);
    }
  }

  struct rusage usage {};

  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "schedule bounds, 362-rank ring, {} operations: {:.2f} s, peak {:.0f} MB, "
      "upper/lower - 1 = {:.1e}\n",
      problem.schedule().operation_count(), wall, static_cast<double>(usage.ru_maxrss) / 1024.0,
      upper / lower - 1.0);
}

}  // namespace

int main() {
  closed_form();
  schedule_bounds();
  return 0;
}

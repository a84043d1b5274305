// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_next.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "calibration/next_measurement.hpp"

namespace plumbline::experiments {
namespace {

constexpr std::size_t most_suggestions = 3;
constexpr double about = 4.0;    // sizes from a fourth to four times the one that was found
constexpr double normal = 1.96;  // 97.5 % quantile, for factors of 95 % intervals

/// `512`, `128K`, `2M` as nccl-tests takes sizes; powers of 1024.
std::string size_text(double bytes) {
  const std::array<std::string_view, 4> units{"", "K", "M", "G"};
  std::size_t unit = 0;
  while (unit + 1 < units.size() && bytes >= 1024.0) {
    bytes /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.0f}{}", bytes, units[unit]);
}

std::string program_of(const std::string& collective) {
  const std::array<std::pair<std::string_view, std::string_view>, 7> programs{
      {{"all_reduce", "all_reduce_perf"},
       {"all_gather", "all_gather_perf"},
       {"reduce_scatter", "reduce_scatter_perf"},
       {"broadcast", "broadcast_perf"},
       {"reduce", "reduce_perf"},
       {"all_to_all", "alltoall_perf"},
       {"send_recv", "sendrecv_perf"}}};
  const auto found = std::ranges::find(programs, collective, [](const auto& p) { return p.first; });
  return found == programs.end() ? std::string() : std::string(found->second);
}

}  // namespace

std::string nccl_tests_command(const MeasuredCurve& curve, core::Bytes size) {
  const std::string program = program_of(curve.collective);
  if (program.empty()) {
    return {};
  }
  const std::string sizes =
      fmt::format("-b {} -e {} -f 2", size_text(size.si() / about), size_text(size.si() * about));
  return curve.nodes <= 1 ? fmt::format("{} {} -g {}", program, sizes, curve.ranks)
                          : fmt::format("mpirun -np {} -N {} {} {} -g 1", curve.ranks,
                                        curve.ranks / curve.nodes, program, sizes);
}

std::vector<report::Suggestion> suggest_measurements(const CalibrationInput& possible,
                                                     const calibration::FitProblem& problem,
                                                     const calibration::Fit& fit,
                                                     calibration::SimulatedResponse& response,
                                                     const Target& target) {
  response.explore(fit.theta);
  calibration::Matrix candidates(response.points(), response.parameters());
  std::vector<double> predicted(response.points());
  response.evaluate(fit.theta, predicted, &candidates);
  std::vector<report::Suggestion> result;
  std::set<std::size_t> curves;
  for (const calibration::NextPoint& next :
       calibration::next_points(problem, fit, candidates, target.direction, 4 * most_suggestions)) {
    const MeasuredPoint& point = possible.points[next.candidate];
    const std::string command = nccl_tests_command(possible.curves[point.curve], point.row.size);
    if (!command.empty() && curves.insert(point.curve).second && result.size() < most_suggestions) {
      result.push_back({.command = command,
                        .target = target.name,
                        .before = std::exp(normal * next.before),
                        .after = std::exp(normal * next.after)});
    }
  }
  return result;
}

}  // namespace plumbline::experiments

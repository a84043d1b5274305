// SPDX-License-Identifier: Apache-2.0
#include "workload/workload.hpp"

#include <array>

namespace plumbline::workload {

namespace {

constexpr std::array<std::string_view, 11> collective_names{
    "all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast", "reduce",
    "send_recv",  "ping_pong",  "incast",         "flows",      "pipeline"};
constexpr std::array<std::string_view, 3> schedule_names{"gpipe", "1f1b", "interleaved"};

}  // namespace

std::string_view to_text(Collective collective) {
  return collective_names[static_cast<std::size_t>(collective)];
}

std::optional<Collective> collective(std::string_view text) {
  for (std::size_t i = 0; i < collective_names.size(); ++i) {
    if (collective_names[i] == text) {
      return static_cast<Collective>(i);
    }
  }
  return std::nullopt;
}

std::string_view to_text(PipelineSchedule schedule) {
  return schedule_names[static_cast<std::size_t>(schedule)];
}

double bus_factor(Collective collective, RankCount ranks) {
  const double n = ranks.value;
  switch (collective) {
    case Collective::all_reduce:
      return 2.0 * (n - 1.0) / n;
    case Collective::all_gather:
    case Collective::reduce_scatter:
    case Collective::all_to_all:
      return (n - 1.0) / n;
    default:
      return 1.0;
  }
}

double reported_share(Collective collective) {
  return collective == Collective::ping_pong ? 0.5 : 1.0;
}

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// Who sends how much to whom, where a `workload:` map says it.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "workload/traffic.hpp"
#include "workload/workload_text.hpp"

namespace plumbline::workload {

namespace {

constexpr double steepest_skew = 10.0;
constexpr std::uint32_t most_traffic_ranks = 4096;

bool fail(const core::Cursor& at, std::string_view code, std::string message,
          std::string hint = {}) {
  at.error(code, std::move(message), std::move(hint));
  return false;
}

/// Keys of other collectives would do nothing.
bool reject_others(const core::Cursor& cursor, Collective collective) {
  const bool varies = collective == Collective::all_to_allv;
  const bool exchange = varies || collective == Collective::all_to_all;
  const std::array<std::pair<const char*, bool>, 4> meant{
      {{"skew", varies},
       {"sizes", varies},
       {"experts", exchange},
       {"permutation", collective == Collective::permutation}}};
  bool good = true;
  for (const auto& [key, has_meaning] : meant) {
    const auto at = cursor.find(key);
    if (at && !has_meaning) {
      good =
          fail(*at, "PL-W006", fmt::format("'{}' has no meaning for {}", key, to_text(collective)),
               "leave it out");
    }
  }
  return good;
}

bool read_skew(const core::Cursor& at, Workload& workload) {
  const std::optional<SkewText> text = SkewText::schema().bind(at);
  if (!text) {
    return false;
  }
  if (!(text->zipf >= 0.0 && text->zipf <= steepest_skew)) {
    return fail(*at.find("zipf"), "PL-W030", fmt::format("an exponent of {}", text->zipf),
                fmt::format("0 (all alike) to {}", steepest_skew));
  }
  workload.traffic = zipf_traffic(workload.size, workload.ranks, text->zipf, text->seed);
  return true;
}

bool read_sizes(const core::Cursor& at, Workload& workload) {
  const auto rows = core::read<std::vector<std::vector<core::Bytes>>>(at);
  if (!rows) {
    return false;
  }
  const std::size_t ranks = workload.ranks.value;
  core::Bytes sent;
  bool good = rows->size() == ranks;
  for (std::size_t from = 0; good && from < ranks; ++from) {
    good = (*rows)[from].size() == ranks;
    for (std::size_t to = 0; good && to < ranks; ++to) {
      workload.traffic.push_back((*rows)[from][to]);
      sent += from == to ? core::Bytes{} : (*rows)[from][to];
    }
  }
  if (!good) {
    return fail(at, "PL-W031", fmt::format("sizes are not {} lists of {} sizes", ranks, ranks),
                "one list per rank, with its bytes for every rank, itself included");
  }
  if (!(sent > core::Bytes{})) {
    return fail(at, "PL-W003", "nothing is sent: no rank has anything for another");
  }
  workload.size = {};
  for (const core::Bytes bytes : workload.traffic) {
    workload.size += bytes / static_cast<double>(ranks);
  }
  return true;
}

bool read_traffic(const core::Cursor& cursor, Workload& workload) {
  const auto skew = cursor.find("skew");
  const auto sizes = cursor.find("sizes");
  if (skew.has_value() == sizes.has_value()) {
    return fail(cursor, "PL-K007", "exactly one of skew and sizes is needed",
                "write e.g. skew: {zipf: 1.2, seed: 1}");
  }
  if (workload.ranks.value > most_traffic_ranks) {
    return fail(cursor, "PL-W004",
                fmt::format("{} ranks have too many pairs", workload.ranks.value),
                fmt::format("at most {} ranks", most_traffic_ranks));
  }
  return skew ? read_skew(*skew, workload) : read_sizes(*sizes, workload);
}

bool read_experts(const core::Cursor& at, Workload& workload) {
  const std::optional<ExpertsText> text = ExpertsText::schema().bind(at);
  if (!text) {
    return false;
  }
  if (text->per_token < 1 || text->per_token > text->count) {
    return fail(*at.find("per_token"), "PL-W032",
                fmt::format("{} different experts of {}", text->per_token, text->count));
  }
  workload.experts = Experts{.count = text->count, .per_token = text->per_token};
  return true;
}

bool read_targets(const core::Cursor& cursor, Workload& workload) {
  const auto at = cursor.find("permutation");
  if (!at) {
    return fail(cursor, "PL-K002", "the key 'permutation' is missing",
                "write e.g. permutation: {pattern: shift, by: 1}");
  }
  const std::optional<PermutationText> text = PermutationText::schema().bind(*at);
  if (!text) {
    return false;
  }
  for (const auto& [key, given, pattern] : {std::tuple{"by", text->by.has_value(), "shift"},
                                            std::tuple{"seed", text->seed.has_value(), "random"}}) {
    if (given && text->pattern != pattern) {
      return fail(*at->find(key), "PL-W006",
                  fmt::format("'{}' has no meaning for {}", key, text->pattern), "leave it out");
    }
  }
  if (text->pattern == "transpose" && !square_root(workload.ranks.value)) {
    return fail(*at, "PL-W033", fmt::format("{} ranks are no square", workload.ranks.value));
  }
  workload.targets = text->pattern == "shift" ? shift_targets(workload.ranks, text->by.value_or(1))
                     : text->pattern == "transpose"
                         ? transpose_targets(workload.ranks)
                         : random_targets(workload.ranks, text->seed.value_or(0));
  return true;
}

}  // namespace

bool read_exchange(const core::Cursor& cursor, Workload& workload) {
  bool good = reject_others(cursor, workload.collective);
  if (workload.ranks.value < 2) {
    return false;  // reported where the ranks stand
  }
  if (workload.collective == Collective::all_to_allv) {
    good = read_traffic(cursor, workload) && good;
  }
  if (const auto at = cursor.find("experts"); at && good) {
    good = read_experts(*at, workload);
  }
  if (workload.collective == Collective::permutation) {
    good = read_targets(cursor, workload) && good;
  }
  return good;
}

}  // namespace plumbline::workload

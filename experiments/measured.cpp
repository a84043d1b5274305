// SPDX-License-Identifier: Apache-2.0
#include "experiments/measured.hpp"

#include <fmt/format.h>
#include <set>

#include "core/read.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::experiments {
namespace {

/// What the rows that `where:` leaves say about their algorithm; an empty cell: the library chose.
std::string algorithms_of(const MeasuredRequest& request) {
  if (const auto given = request.where.find("algorithm");
      given != request.where.end() && !given->second.empty()) {
    return given->second;
  }
  std::set<std::string> names;
  for (const calibration::MeasuredRow& row : request.set->rows) {
    names.insert(row.algorithm.empty() ? "library default" : row.algorithm);
  }
  return core::join(std::vector(names.begin(), names.end()), ", ");
}

/// `copy on 1 nodes, 8 ranks, 1 MiB`
std::string text_of(const calibration::MeasuredQuery& query) {
  std::string text = query.collective;
  if (const auto named = query.where.find("algorithm"); named != query.where.end()) {
    text += fmt::format(" '{}'", named->second);
  }
  if (query.nodes && query.ranks) {
    text += fmt::format(" on {} nodes, {} ranks", *query.nodes, *query.ranks);
  }
  return fmt::format("{}, {}", text, core::display(query.size));
}

}  // namespace

std::optional<calibration::ReadRequest> read_request(const core::Cursor& measured) {
  calibration::ReadRequest request;
  bool good = true;
  const auto take = [&](std::string_view key, auto read, auto& value) {
    if (const std::optional<core::Cursor> at = measured.find(key)) {
      const auto found = read(*at);
      good = good && found.has_value();
      value = found.value_or(value);
    }
  };
  take(
      "reader",
      [](const core::Cursor& at) {
        return core::read_choice(at, calibration::reader_names(), "reader");
      },
      request.reader);
  take(
      "collective",
      [](const core::Cursor& at) {
        return core::read_choice(at, calibration::collective_names(), "collective");
      },
      request.hints.collective);
  take("nodes", core::read<std::uint32_t>, request.hints.nodes);
  take("ranks", core::read<std::uint32_t>, request.hints.ranks);
  return good ? std::optional(request) : std::nullopt;
}

calibration::MeasuredQuery query_of(const MeasuredRequest& request,
                                    const workload::Workload& workload, std::uint32_t nodes) {
  calibration::MeasuredQuery query{.collective = std::string(to_text(workload.collective)),
                                   .nodes = nodes,
                                   .ranks = workload.ranks.value,
                                   .size = workload.size,
                                   .where = request.where};
  const bool is_flows = workload.collective == workload::Collective::flows;
  if (is_flows || workload.collective == workload::Collective::stream) {
    query.collective = "copy";
  }
  if (is_flows) {
    query.nodes.reset();
    query.ranks.reset();
    query.size = workload.flows.front().size;
    if (!workload.case_name.empty()) {
      query.where.try_emplace("algorithm", workload.case_name);
    }
  }
  return query;
}

std::optional<report::Measurement> measure(const MeasuredRequest& request,
                                           const workload::Workload& workload, std::uint32_t nodes,
                                           core::Diagnostics& diagnostics) {
  const calibration::MeasuredQuery query = query_of(request, workload, nodes);
  const std::vector<const calibration::MeasuredRow*> rows = match(*request.set, query);
  if (rows.size() != 1) {
    const std::string why = why_unmatched(*request.set, query);
    diagnostics.warning(rows.empty() ? "PL-M020" : "PL-M021", request.at,
                        fmt::format("{} measured rows in '{}' for {}", rows.size(),
                                    request.set->name, text_of(query)),
                        rows.empty() ? "the point has no measured column; " +
                                           (why.empty() ? "sizes match exactly" : why)
                                     : "narrow them down by 'where: {algorithm: …}'");
    return std::nullopt;
  }
  const calibration::MeasuredRow& row = *rows.front();
  return report::Measurement{row.time, row.time_low, row.time_high, std::nullopt};
}

std::string why_unmatched(const calibration::MeasuredSet& set,
                          const calibration::MeasuredQuery& query) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> machines;
  std::set<std::string> collectives;
  for (const calibration::MeasuredRow& row : set.rows) {
    collectives.insert(row.collective);
    if (row.collective == query.collective) {
      machines.insert({row.nodes, row.ranks});
    }
  }
  if (machines.empty()) {
    return fmt::format("the set has {} alone",
                       core::join(std::vector(collectives.begin(), collectives.end()), ", "));
  }
  std::vector<std::string> texts;
  for (const auto& [nodes, ranks] : machines) {
    if (nodes == query.nodes.value_or(nodes) && ranks == query.ranks.value_or(ranks)) {
      return {};
    }
    texts.push_back(fmt::format("{} node{} with {} ranks", nodes, nodes == 1 ? "" : "s", ranks));
  }
  return fmt::format("the set has {} on {} alone", query.collective, core::join(texts, ", "));
}

report::MeasuredInfo describe(const MeasuredRequest& request) {
  return {request.set->name, request.set->title, request.set->source, request.set->licence,
          algorithms_of(request)};
}

}  // namespace plumbline::experiments

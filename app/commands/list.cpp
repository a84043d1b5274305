// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analytic/solver.hpp"
#include "app/commands.hpp"
#include "app/kinds.hpp"
#include "calibration/reader.hpp"
#include "core/text.hpp"
#include "topology/builder.hpp"
#include "workload/generator.hpp"

namespace plumbline::app {
namespace {

template <class Entries>
Listed named(const Entries& entries) {
  Listed result;
  for (const auto* entry : entries) {
    result.emplace_back(entry->name, entry->summary);
  }
  return result;
}

Listed solvers(bool bounds) {
  Listed result;
  for (const analytic::SolverEntry* entry : analytic::solvers::all()) {
    if (entry->bound == bounds) {
      result.emplace_back(entry->name, entry->summary);
    }
  }
  return result;
}

Listed from_zoo(zoo::Kind kind) {
  Listed result;
  for (const zoo::Item& item : open_catalogue().list(kind)) {
    result.emplace_back(item.name, item.summary);
  }
  return result;
}

Listed collectives() {
  Listed result;
  for (const workload::GeneratorEntry* entry : workload::generators()) {
    std::vector<std::string> names;
    for (const workload::Collective collective : entry->collectives) {
      names.emplace_back(to_text(collective));
    }
    result.emplace_back(entry->name,
                        fmt::format("{} ({})", entry->summary, core::join(names, ", ")));
  }
  return result;
}

Listed codes() {
  Listed result;
  for (const core::CodeEntry& entry : core::diagnostic_codes()) {
    result.emplace_back(entry.code, entry.title);
  }
  return result;
}

std::string as_json(const Listed& listed) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const auto& [name, summary] : listed) {
    array.push_back({{"name", name}, {"summary", summary}});
  }
  return array.dump(2) + "\n";
}

std::string as_text(const Listed& listed) {
  std::size_t width = 0;
  for (const auto& item : listed) {
    width = std::max(width, item.first.size());
  }
  std::string text;
  for (const auto& [name, summary] : listed) {
    text += fmt::format("{:<{}}  {}\n", name, width, summary);
  }
  return text;
}

}  // namespace

Listed entries_of(ListKind kind) {
  switch (kind) {
    case ListKind::systems:
      return from_zoo(zoo::Kind::systems);
    case ListKind::links:
      return from_zoo(zoo::Kind::links);
    case ListKind::constants:
      return from_zoo(zoo::Kind::constants);
    case ListKind::tuners:
      return from_zoo(zoo::Kind::tuners);
    case ListKind::measurements:
      return from_zoo(zoo::Kind::measurements);
    case ListKind::readers:
      return named(calibration::readers::all());
    case ListKind::solvers:
      return solvers(false);
    case ListKind::bounds:
      return solvers(true);
    case ListKind::collectives:
      return collectives();
    case ListKind::builders:
      return named(topology::builders::all());
    case ListKind::diagnostics:
      return codes();
  }
  return {};
}

std::vector<KindName> kinds_of(const std::string& name) {
  std::vector<KindName> kinds;
  for (const KindName& kind : list_kinds()) {
    const Listed entries = entries_of(kind.kind);
    if (std::ranges::find(entries, name, &Listed::value_type::first) != entries.end()) {
      kinds.push_back(kind);
    }
  }
  return kinds;
}

ExitCode list(const std::string& kind, const GlobalOptions& global, Console& console) {
  Listed listed;
  if (kind.empty()) {
    for (const KindName& known : list_kinds()) {
      listed.emplace_back(known.plural, known.summary);
    }
  } else {
    listed = entries_of(parse_kind(kind));
  }
  console.result(global.json ? as_json(listed) : as_text(listed));
  return ExitCode::done;
}

}  // namespace plumbline::app

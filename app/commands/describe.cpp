// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "analytic/solver.hpp"
#include "app/commands.hpp"
#include "app/kinds.hpp"
#include "calibration/reader.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "topology/builder.hpp"
#include "topology/pcie_rate.hpp"
#include "workload/generator.hpp"

namespace plumbline::app {
namespace {

[[noreturn]] void unknown(const std::string& name, const std::vector<std::string>& names) {
  throw core::InputError({{"PL-N010",
                           core::Severity::error,
                           {"name", 1, 1},
                           fmt::format("there is no '{}'", name),
                           core::suggest(name, names)}});
}

template <class Entries>
const auto& find_entry(const Entries& entries, const std::string& name) {
  std::vector<std::string> names;
  for (const auto* entry : entries) {
    if (entry->name == name) {
      return *entry;
    }
    names.emplace_back(entry->name);
  }
  unknown(name, names);
}

std::string options_text(const core::SchemaInfo& schema, int depth = 1) {
  std::string text;
  for (const core::FieldInfo& field : schema.fields()) {
    std::string what = field.choices.empty() ? field.type : core::join(field.choices, " | ");
    if (!field.required) {
      what += field.default_text.empty() ? ", optional" : ", default " + field.default_text;
    }
    text += fmt::format("{:{}}{} ({}): {}\n", "", 2 * depth, field.key, what, field.doc);
    if (field.nested) {
      text += options_text(*field.nested, depth + 1);
    }
  }
  return text;
}

std::string solver_text(const analytic::SolverEntry& entry) {
  std::string text = fmt::format(
      "{}: {}\n  claim     {}\n  formula   {}\n  holds for {}\n"
      "  source    {}\n",
      entry.name, entry.summary, to_text(entry.claim), entry.formula, entry.validity,
      entry.citation);
  return entry.schema == nullptr ? text : text + "options\n" + options_text(entry.schema());
}

std::string collective_text(const workload::GeneratorEntry& entry) {
  std::vector<std::string> names;
  for (const workload::Collective collective : entry.collectives) {
    names.emplace_back(to_text(collective));
  }
  return fmt::format("{}: {}\n  computes  {}\n  source    {}\noptions of `workload:`\n{}",
                     entry.name, entry.summary, core::join(names, ", "), entry.citation,
                     options_text(workload::workload_schema()));
}

/// A collective itself, where its name is that of no algorithm: what computes it.
std::optional<std::string> algorithms_text(const std::string& name) {
  std::string text;
  for (const workload::GeneratorEntry* entry : workload::generators()) {
    const bool computes = std::ranges::any_of(
        entry->collectives, [&](workload::Collective one) { return to_text(one) == name; });
    if (computes) {
      text += fmt::format("  {:<20} {}\n", entry->name, entry->summary);
    }
  }
  return text.empty() ? std::nullopt
                      : std::optional(fmt::format(
                            "{}: a collective; algorithms that compute it, each with its options "
                            "by `describe collective`\n{}",
                            name, text));
}

std::string numbers_text(const core::Provenance& provenance) {
  std::string text;
  for (const core::ProvenanceEntry& entry : provenance) {
    text += fmt::format("  {} = {}{}\n      {}\n", entry.path, entry.text,
                        entry.verified ? "" : "  (unverified)",
                        entry.source.empty() ? "no source" : entry.source);
  }
  return text;
}

std::string system_text(const std::string& name) {
  const zoo::Catalogue catalogue = open_catalogue();
  Word word(name, "describe");
  const std::optional<zoo::System> system = catalogue.system(word.cursor(), {});
  core::throw_if_errors(word.diagnostics());
  std::map<std::string, std::size_t> kinds;
  for (const topology::Device& device : system->fabric->devices()) {
    kinds[std::string(to_text(device.kind))] += device.planes;
  }
  std::map<std::string, std::pair<std::size_t, topology::Link>> bundles;
  for (const topology::Link& link : system->fabric->links()) {
    const std::string key =
        fmt::format("{} x{}", system->fabric->link_classes()[link.link_class], link.count);
    ++bundles.try_emplace(key, 0, link).first->second.first;
  }
  std::string text =
      fmt::format("{}: {}\n  file      {}\n", system->name, system->title, system->file);
  if (const auto& gpu = system->facts.gpu) {
    text += fmt::format("  gpu       {}, {}\n", gpu->name, gpu->arch);
  }
  text += "devices\n";
  for (const auto& [kind, count] : kinds) {
    text += fmt::format("  {:>6}  {}\n", count, kind);
  }
  text += "links (per direction)\n";
  for (const auto& [key, bundle] : bundles) {
    text +=
        fmt::format("  {:>6}  {}: {}, {}\n", bundle.first, key,
                    core::display(bundle.second.capacity), core::display(bundle.second.latency));
  }
  return text + "numbers and their sources\n" + numbers_text(system->provenance);
}

std::string measurement_text(const std::string& name) {
  const zoo::Catalogue catalogue = open_catalogue();
  Word word(name, "describe");
  const auto folder = catalogue.measured_set(word.cursor(), {});
  const auto set =
      folder ? calibration::load_measured_set(*folder, word.diagnostics()) : std::nullopt;
  core::throw_if_errors(word.diagnostics());
  std::string text = fmt::format(
      "{}: {}\n  software  {}\n  source    {}\n  licence   {}\n"
      "  rows      {}\n",
      set->name, set->title, set->software, set->source, set->licence, set->rows.size());
  for (const std::string& note : set->notes) {
    text += fmt::format("  note      {}\n", note);
  }
  return text;
}

/// A zoo file is its own best description: its numbers carry their sources.
std::string file_text(zoo::Kind kind, const std::string& name) {
  const zoo::Catalogue catalogue = open_catalogue();
  const std::optional<zoo::Item> item = catalogue.find(kind, name);
  if (!item) {
    std::vector<std::string> names;
    for (const zoo::Item& known : catalogue.list(kind)) {
      names.push_back(known.name);
    }
    unknown(name, names);
  }
  core::Diagnostics diagnostics;
  const core::Document document = core::Document::load(item->path, diagnostics);
  core::throw_if_errors(diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const auto pcie = core::Cursor(reading).find("pcie");
  const auto rate = pcie ? topology::read_pcie_rate(*pcie) : std::nullopt;
  return document.text() + (rate ? "\n" + rate->description() : std::string());
}

std::string text_of(ListKind kind, const std::string& name) {
  switch (kind) {
    case ListKind::solvers:
    case ListKind::bounds:
      return solver_text(find_entry(analytic::solvers::all(), name));
    case ListKind::collectives:
      return collective_text(find_entry(workload::generators(), name));
    case ListKind::builders: {
      const topology::BuilderEntry& entry = find_entry(topology::builders::all(), name);
      return fmt::format("{}: {}\noptions\n{}", entry.name, entry.summary,
                         options_text(entry.schema()));
    }
    case ListKind::systems:
      return system_text(name);
    case ListKind::measurements:
      return measurement_text(name);
    case ListKind::readers: {
      const calibration::ReaderEntry& entry = find_entry(calibration::readers::all(), name);
      return fmt::format("{}: {}\n  source    {}\n", entry.name, entry.summary, entry.citation);
    }
    case ListKind::links:
      return file_text(zoo::Kind::links, name);
    case ListKind::constants:
      return file_text(zoo::Kind::constants, name);
    case ListKind::tuners:
      return file_text(zoo::Kind::tuners, name);
    case ListKind::diagnostics:
      break;
  }
  return {};
}

bool has(const std::vector<KindName>& kinds, ListKind kind) {
  return std::ranges::find(kinds, kind, &KindName::kind) != kinds.end();
}

/// Text of what one of the kinds has; a bound is a solver too.
std::string described(ListKind kind, const std::string& name) {
  const std::vector<KindName> kinds = kinds_of(name);
  const bool known = has(kinds, kind) ||
                     (has(kinds, ListKind::solvers) && kind == ListKind::bounds) ||
                     (has(kinds, ListKind::bounds) && kind == ListKind::solvers);
  if (!known && kind == ListKind::collectives) {
    if (const std::optional<std::string> text = algorithms_text(name)) {
      return *text;
    }
  }
  if (!known && !kinds.empty()) {
    throw core::InputError(
        {{"PL-N010",
          core::Severity::error,
          {"name", 1, 1},
          fmt::format("'{}' is one of the {}", name, kinds.front().plural),
          fmt::format("plumbline describe {} {}", kinds.front().singular, name)}});
  }
  return text_of(kind, name);
}

/// A name alone: as each kind that has it.
std::string described(const std::string& name) {
  std::string text;
  std::vector<std::string> names;
  for (const KindName& kind : list_kinds()) {
    for (const auto& [known, summary] : entries_of(kind.kind)) {
      names.push_back(known);
      if (known == name && kind.kind != ListKind::diagnostics) {
        text += (text.empty() ? "" : "\n") + text_of(kind.kind, name);
      }
    }
  }
  if (text.empty()) {
    text = algorithms_text(name).value_or("");
  }
  if (text.empty()) {
    unknown(name, names);
  }
  return text;
}

}  // namespace

ExitCode describe(const std::string& kind, const std::string& name, Console& console) {
  if (name.empty()) {
    console.result(described(kind));
    return ExitCode::done;
  }
  const ListKind parsed = parse_kind(kind);
  if (parsed == ListKind::diagnostics) {
    return explain(name, console);
  }
  console.result(described(parsed, name));
  return ExitCode::done;
}

}  // namespace plumbline::app

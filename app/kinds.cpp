// SPDX-License-Identifier: Apache-2.0
#include "app/kinds.hpp"

#include <fmt/format.h>

#include "core/diagnostic.hpp"
#include "core/text.hpp"

namespace plumbline::app {

std::span<const KindName> list_kinds() {
  static constexpr KindName kinds[] = {
      {ListKind::systems, "system", "systems", "machines and clusters, with sources"},
      {ListKind::links, "link", "links", "link classes: rate and latency per direction"},
      {ListKind::constants, "constants", "constants", "effective constants for the engines"},
      {ListKind::tuners, "tuner", "tuners", "what a library prices its algorithms with"},
      {ListKind::measurements, "measurement", "measurements", "measured sets"},
      {ListKind::readers, "reader", "readers", "formats of measurement files"},
      {ListKind::solvers, "solver", "solvers", "analytic predictions, for `predict:`"},
      {ListKind::bounds, "bound", "bounds", "bounds that every run computes"},
      {ListKind::collectives, "collective", "collectives", "algorithms that make schedules"},
      {ListKind::builders, "builder", "builders", "fabric builders, for `fabric: {builder: …}`"},
      {ListKind::diagnostics, "diagnostic", "diagnostics", "codes that `explain` explains"},
  };
  return kinds;
}

ListKind parse_kind(const std::string& text) {
  std::vector<std::string> names;
  for (const KindName& kind : list_kinds()) {
    if (text == kind.singular || text == kind.plural) {
      return kind.kind;
    }
    names.emplace_back(kind.plural);
  }
  throw core::InputError({{"PL-N010",
                           core::Severity::error,
                           {"kind", 1, 1},
                           fmt::format("there are no '{}'", text),
                           core::suggest(text, names)}});
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
// The kinds of things that `list` and `describe` know.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumbline::app {

enum class ListKind {
  systems,
  links,
  constants,
  tuners,
  measurements,
  readers,
  solvers,
  bounds,
  collectives,
  builders,
  diagnostics
};

struct KindName {
  ListKind kind;
  std::string_view singular;
  std::string_view plural;
  std::string_view summary;
};

[[nodiscard]] std::span<const KindName> list_kinds();

/// Singular or plural; InputError with what is near otherwise.
[[nodiscard]] ListKind parse_kind(const std::string& text);

using Listed = std::vector<std::pair<std::string, std::string>>;  // name, summary

/// What `list` shows of a kind.
[[nodiscard]] Listed entries_of(ListKind kind);

/// The kinds that have an entry of this name.
[[nodiscard]] std::vector<KindName> kinds_of(const std::string& name);

}  // namespace plumbline::app

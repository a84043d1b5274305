// SPDX-License-Identifier: Apache-2.0
// The kinds of things that `list` and `describe` know.
#pragma once

#include <span>
#include <string>
#include <string_view>

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

}  // namespace plumbline::app

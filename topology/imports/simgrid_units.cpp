// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/simgrid_units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/text.hpp"

namespace plumbline::topology::imports {
namespace {

using Unit = std::pair<std::string_view, double>;

constexpr std::array<Unit, 9> time_units{{{"w", 604800.0},
                                          {"d", 86400.0},
                                          {"h", 3600.0},
                                          {"m", 60.0},
                                          {"s", 1.0},
                                          {"ms", 1e-3},
                                          {"us", 1e-6},
                                          {"ns", 1e-9},
                                          {"ps", 1e-12}}};

}  // namespace

std::optional<double> simgrid_rate_unit(std::string_view unit) {
  const bool bytes = unit.ends_with("Bps");
  if (!bytes && !unit.ends_with("bps")) {
    return std::nullopt;
  }
  std::string_view prefix = unit.substr(0, unit.size() - 3);
  const double base = prefix.ends_with("i") ? 1024.0 : 1000.0;
  prefix = prefix.substr(0, prefix.ends_with("i") ? prefix.size() - 1 : prefix.size());
  constexpr std::string_view prefixes = "kMGTPE";
  const std::size_t power = prefixes.find(prefix == "K" ? "k" : prefix);
  if (prefix.size() > 1 || power == std::string_view::npos || (prefix.empty() && base > 1000.0)) {
    return std::nullopt;
  }
  const double multiple = prefix.empty() ? 1.0 : std::pow(base, static_cast<double>(power + 1));
  return bytes ? multiple : multiple / 8.0;
}

std::optional<double> simgrid_time_unit(std::string_view unit) {
  const auto* const found = std::ranges::find(time_units, unit, &Unit::first);
  return found == time_units.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> simgrid_figure(std::string_view text,
                                     std::optional<double> (*unit_of)(std::string_view)) {
  const std::size_t digits = core::number_prefix(text);
  const std::optional<double> number = core::parse_number(text.substr(0, digits));
  if (number == 0.0 && digits == text.size()) {
    return 0.0;
  }
  const std::optional<double> unit = unit_of(text.substr(digits));
  return number && unit && *number >= 0.0 ? std::optional(*number * *unit) : std::nullopt;
}

}  // namespace plumbline::topology::imports

// SPDX-License-Identifier: Apache-2.0
#include "calibration/simulated_response.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

using workload::PathClass;
using What = Place::What;

// A linear piece has the same slope at any distance: small enough to stay on it, large enough that
// the engine's own precision of 1e-9 does not show.
constexpr double step = 1e-4;

// Families slower than the fastest by more than this are not looked at again: the fit would have to
// be that wrong for them to matter.
constexpr double rival = 1.5;

// Of the sketch against a piece.
constexpr double same = 1e-6;

/// The first parameter of this kind that matters; else as many as there are.
std::size_t place_of(What what, const std::vector<bool>& matters,
                     const std::vector<Parameter>& parameters) {
  std::size_t j = 0;
  while (j < parameters.size() && !(matters[j] && parameters[j].place.what == what)) {
    ++j;
  }
  return j;
}

/// Of whose bytes a tree ratio makes more.
bool is_network_wire(const Parameter& parameter) {
  return parameter.place.what == What::wire_ratio && parameter.place.path == PathClass::net;
}

std::vector<double> values_at(std::span<const double> theta) {
  std::vector<double> values;
  for (const double logarithm : theta) {
    values.push_back(std::exp(logarithm));
  }
  return values;
}

bool is_inverse(const Parameter& parameter) {
  return parameter.place.what == What::link_efficiency;
}

bool carries_bytes(const Parameter& parameter) {
  return parameter.place.what == What::wire_ratio || parameter.place.what == What::link_efficiency;
}

}  // namespace

SimulatedResponse::SimulatedResponse(const workload::Engine& engine, const workload::Engine& sketch,
                                     std::vector<Family> families, std::vector<Asked> points,
                                     std::vector<Parameter> parameters, workload::ConstantSet base)
    : engine_(engine),
      sketch_(sketch),
      families_(std::move(families)),
      points_(std::move(points)),
      parameters_(std::move(parameters)),
      base_(std::move(base)),
      pieces_(families_.size()),
      corrections_(families_.size()),
      seen_(families_.size()) {
  for (const Family& family : families_) {
    const Usage usage = usage_of(family.problem);
    std::vector<bool>& matter = matters_.emplace_back();
    for (const Parameter& parameter : parameters_) {
      matter.push_back(matters(parameter, usage));
    }
    tree_ratio_.push_back(place_of(What::tree_ratio, matter, parameters_));
  }
}

core::Seconds SimulatedResponse::run(const workload::Engine& engine, std::size_t family,
                                     core::Bytes size, std::span<const double> theta) const {
  const Family& of = families_[family];
  const workload::Problem problem =
      of.problem.with_constants(constants_at(base_, parameters_, theta, size / of.size));
  const workload::Validity valid = engine.accepts(problem);
  if (!valid.valid) {
    throw core::ModelError(of.label + ": " + valid.why_not);
  }
  ++runs_;
  return *engine.run(problem).estimate;
}

core::Seconds SimulatedResponse::simulate(std::size_t family, core::Bytes size,
                                          std::span<const double> theta) const {
  return run(engine_, family, size, theta);
}

std::vector<double> SimulatedResponse::inputs(std::size_t family,
                                              std::span<const double> values) const {
  std::vector<double> u(values.begin(), values.end());
  for (std::size_t j = 0; j < parameters_.size(); ++j) {
    if (is_inverse(parameters_[j])) {
      u[j] = 1.0 / values[j];
    } else if (tree_ratio_[family] < values.size() && is_network_wire(parameters_[j])) {
      u[j] *= values[tree_ratio_[family]];
    }
  }
  return u;
}

void SimulatedResponse::slopes(std::size_t family, const Piece& piece, double size,
                               std::span<const double> u, std::span<double> by_theta) const {
  std::ranges::fill(by_theta, 0.0);
  for (const Piece::Slope& slope : piece.slopes) {
    const std::size_t j = slope.parameter;
    const double by = slope.value * u[j] * (slope.of_bytes ? size : 1.0);
    by_theta[j] += is_inverse(parameters_[j]) ? -by : by;
    if (tree_ratio_[family] < u.size() && is_network_wire(parameters_[j])) {
      by_theta[tree_ratio_[family]] += by;
    }
  }
}

double SimulatedResponse::price(const Piece& piece, double size, std::span<const double> u) {
  double time = piece.fixed;
  double per_byte = piece.fixed_per_byte;
  for (const Piece::Slope& slope : piece.slopes) {
    (slope.of_bytes ? per_byte : time) += slope.value * u[slope.parameter];
  }
  return time + size * per_byte;
}

SimulatedResponse::Piece SimulatedResponse::piece_at(std::size_t family, core::Bytes size,
                                                     std::span<const double> theta) const {
  const double bytes = size.si();
  const std::vector<double> u = inputs(family, values_at(theta));
  const double here = run(sketch_, family, size, theta).si();
  Piece piece;
  double by_parameters = 0.0;
  double bytes_by_parameters = 0.0;
  for (std::size_t j = 0; j < parameters_.size(); ++j) {
    // A tree ratio is part of what wire ratios weigh.
    if (!matters_[family][j] || j == tree_ratio_[family] || !(u[j] > 0.0)) {
      continue;
    }
    std::vector<double> moved(theta.begin(), theta.end());
    moved[j] += is_inverse(parameters_[j]) ? -std::log1p(step) : std::log1p(step);
    const double share = (run(sketch_, family, size, moved).si() - here) / step;
    const bool of_bytes = carries_bytes(parameters_[j]);
    if (share != 0.0) {
      piece.slopes.push_back({j, share / (u[j] * (of_bytes ? bytes : 1.0)), of_bytes});
    }
    by_parameters += share;
    bytes_by_parameters += of_bytes ? share : 0.0;
  }
  // What all bytes together weigh, and the parameters don't: wire ratios that are held fixed.
  const double all_bytes = (run(sketch_, family, size * (1.0 + step), theta).si() - here) / step;
  const double unnamed = all_bytes - bytes_by_parameters;
  const bool rounding = std::abs(unnamed) < 1e-4 * here;
  piece.fixed_per_byte = rounding ? 0.0 : unnamed / bytes;
  piece.fixed = here - by_parameters - bytes * piece.fixed_per_byte;
  return piece;
}

double SimulatedResponse::correction(std::size_t family, double size) const {
  const std::map<double, double>& known = corrections_[family];
  if (known.empty()) {
    return 1.0;
  }
  const auto above = known.lower_bound(size);
  if (above == known.end()) {
    return known.rbegin()->second;
  }
  if (above == known.begin() || above->first == size) {
    return above->second;
  }
  const auto below = std::prev(above);
  const double share = std::log(size / below->first) / std::log(above->first / below->first);
  return below->second + share * (above->second - below->second);
}

SimulatedResponse::Value SimulatedResponse::sketched(std::size_t family, double size,
                                                     std::span<const double> u) const {
  Value largest;
  for (const Piece& piece : pieces_[family]) {
    if (const double time = price(piece, size, u); time > largest.seconds) {
      largest = {.seconds = time, .piece = &piece};
    }
  }
  return largest;
}

SimulatedResponse::Value SimulatedResponse::value(std::size_t family, double size,
                                                  std::span<const double> u) const {
  Value found = sketched(family, size, u);
  found.corrected_by = correction(family, size);
  found.seconds *= found.corrected_by;
  return found;
}

std::vector<std::vector<double>> SimulatedResponse::inputs(std::span<const double> theta) const {
  const std::vector<double> values = values_at(theta);
  std::vector<std::vector<double>> of_families;
  of_families.reserve(families_.size());
  for (std::size_t family = 0; family < families_.size(); ++family) {
    of_families.push_back(inputs(family, values));
  }
  return of_families;
}

SimulatedResponse::Beliefs SimulatedResponse::beliefs() const {
  return {.pieces = pieces_, .corrections = corrections_};
}

void SimulatedResponse::believe(Beliefs beliefs) {
  pieces_ = std::move(beliefs.pieces);
  corrections_ = std::move(beliefs.corrections);
}

bool SimulatedResponse::has_choice() const {
  return std::ranges::any_of(points_, [](const Asked& point) {
    return point.families.size() > 1 && !point.reckoned.empty();
  });
}

std::span<const std::size_t> SimulatedResponse::eligible(const Asked& point) const {
  const std::span<const std::size_t> all(point.families);
  if (choosing_ == Choosing::fastest || point.reckoned.empty()) {
    return all;
  }
  const auto least = std::ranges::min_element(point.reckoned);
  return all.subspan(static_cast<std::size_t>(least - point.reckoned.begin()), 1);
}

SimulatedResponse::Taken SimulatedResponse::taken(const Asked& point,
                                                  const std::vector<std::vector<double>>& u) const {
  Taken best{.value = {.seconds = std::numeric_limits<double>::infinity()}};
  for (const std::size_t family : eligible(point)) {
    const Value found = value(family, point.size.si(), u[family]);
    if (found.piece != nullptr && found.seconds < best.value.seconds) {
      best = {.family = family, .value = found};
    }
  }
  return best;
}

std::size_t SimulatedResponse::taken(std::size_t point, std::span<const double> theta) const {
  return taken(points_[point], inputs(theta)).family;
}

void SimulatedResponse::evaluate(std::span<const double> theta, std::span<double> log_seconds,
                                 Matrix* jacobian) const {
  const std::vector<std::vector<double>> u = inputs(theta);
  std::vector<double> by_theta(parameters_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const auto [family, best] = taken(points_[i], u);
    log_seconds[i] = std::log(best.seconds * points_[i].share);
    if (jacobian == nullptr) {
      continue;
    }
    if (best.piece != nullptr) {
      slopes(family, *best.piece, points_[i].size.si(), u[family], by_theta);
    }
    for (std::size_t j = 0; j < by_theta.size(); ++j) {
      (*jacobian)(i, j) = by_theta[j] * best.corrected_by / best.seconds;
    }
  }
}

double SimulatedResponse::truth(std::size_t family, core::Bytes size,
                                std::span<const double> theta) {
  Seen& seen = seen_[family][size.si()];
  if (!std::ranges::equal(seen.theta, theta)) {
    seen.theta.assign(theta.begin(), theta.end());
    seen.seconds = simulate(family, size, theta).si();
  }
  return seen.seconds;
}

void SimulatedResponse::mend(std::size_t family, core::Bytes size, std::span<const double> theta) {
  const double time = run(sketch_, family, size, theta).si();
  const double believed = sketched(family, size.si(), inputs(family, values_at(theta))).seconds;
  if (time - believed > same * time) {
    pieces_[family].push_back(piece_at(family, size, theta));
  }
}

void SimulatedResponse::mend_between(std::size_t family, std::span<const core::Bytes> sizes,
                                     std::span<const double> theta) {
  const std::vector<double> u = inputs(family, values_at(theta));
  const auto piece = [&](core::Bytes size) { return sketched(family, size.si(), u).piece; };
  if (sizes.size() < 3 || piece(sizes.front()) == piece(sizes.back())) {
    return;
  }
  const std::size_t middle = sizes.size() / 2;
  mend(family, sizes[middle], theta);
  mend_between(family, sizes.first(middle + 1), theta);
  mend_between(family, sizes.subspan(middle), theta);
}

void SimulatedResponse::mend_all(std::size_t family, std::span<const core::Bytes> sizes,
                                 std::span<const double> theta) {
  if (!sizes.empty()) {
    mend(family, sizes.front(), theta);
    if (sizes.size() > 1) {
      mend(family, sizes.back(), theta);
    }
    mend_between(family, sizes, theta);
  }
}

void SimulatedResponse::explore(std::span<const double> theta) {
  std::vector<std::set<core::Bytes>> sizes(families_.size());
  for (const Asked& point : points_) {
    for (const std::size_t family : point.families) {
      sizes[family].insert(point.size);
    }
  }
  for (std::size_t family = 0; family < families_.size(); ++family) {
    mend_all(family, std::vector(sizes[family].begin(), sizes[family].end()), theta);
  }
}

std::vector<std::vector<core::Bytes>> SimulatedResponse::rival_sizes(
    std::span<const double> theta) const {
  std::vector<std::set<core::Bytes>> sizes(families_.size());
  const std::vector<std::vector<double>> u = inputs(theta);
  for (const Asked& point : points_) {
    const std::span<const std::size_t> families = eligible(point);
    std::vector<double> times;
    for (const std::size_t family : families) {
      times.push_back(value(family, point.size.si(), u[family]).seconds);
    }
    const double least = std::ranges::min(times);
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i] <= rival * least) {
        sizes[families[i]].insert(point.size);
      }
    }
  }
  std::vector<std::vector<core::Bytes>> result;
  result.reserve(sizes.size());
  for (const std::set<core::Bytes>& of_family : sizes) {
    result.emplace_back(of_family.begin(), of_family.end());
  }
  return result;
}

double SimulatedResponse::refine(std::span<const double> theta) {
  std::vector<double> before(points());
  std::vector<double> after(points());
  if (std::ranges::any_of(pieces_, [](const auto& pieces) { return pieces.empty(); })) {
    explore(theta);
  }
  evaluate(theta, before, nullptr);
  std::vector<std::vector<core::Bytes>> known;
  for (auto sizes = rival_sizes(theta); sizes != known; sizes = rival_sizes(theta)) {
    known = sizes;  // corrections may show other rivals
    for (std::size_t family = 0; family < families_.size(); ++family) {
      mend_all(family, sizes[family], theta);
      const std::vector<double> u = inputs(family, values_at(theta));
      for (const core::Bytes size : sizes[family]) {
        corrections_[family][size.si()] =
            truth(family, size, theta) / sketched(family, size.si(), u).seconds;
      }
    }
  }
  evaluate(theta, after, nullptr);
  double worst = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    worst = std::max(worst, std::abs(std::expm1(before[i] - after[i])));
  }
  return worst;
}

}  // namespace plumbline::calibration

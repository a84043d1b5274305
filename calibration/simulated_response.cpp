// SPDX-License-Identifier: Apache-2.0
#include "calibration/simulated_response.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

// A piece of a family that shares links says little about places further than this: a factor of
// two.
constexpr double nearby = 0.5;

// Of the engine against a piece.
constexpr double same = 1e-6;

// A piece that promises more than this above the engine is no longer believed afar.
constexpr double generous = 0.1;

/// The parameter of the family's step on the network; none: as many as there are.
std::size_t network_step(const std::vector<bool>& matters,
                         const std::vector<Parameter>& parameters) {
  for (std::size_t j = 0; j < parameters.size(); ++j) {
    if (matters[j] && parameters[j].place.what == What::step_latency &&
        parameters[j].place.path == PathClass::net) {
      return j;
    }
  }
  return parameters.size();
}

bool is_inverse(const Parameter& parameter) {
  return parameter.place.what == What::link_efficiency;
}

bool carries_bytes(const Parameter& parameter) {
  return parameter.place.what == What::wire_ratio || parameter.place.what == What::link_efficiency;
}

/// Whether the parameter may change the time of this schedule.
std::vector<bool> which_matter(const Family& family, const std::vector<Parameter>& parameters) {
  const Usage usage = usage_of(family.problem);
  const auto on_network = [](const auto& at) { return at.second == PathClass::net; };
  std::vector<bool> matter;
  for (const Parameter& parameter : parameters) {
    const Place& place = parameter.place;
    const auto of_protocol = [&](const auto& at) { return at.first == place.protocol; };
    switch (place.what) {
      case What::launch:
        matter.push_back(true);
        break;
      case What::network_launch:
      case What::occupancy:
        matter.push_back(std::ranges::any_of(usage.steps, on_network));
        break;
      case What::protocol_launch:
        matter.push_back(std::ranges::any_of(usage.steps, of_protocol));
        break;
      case What::step_latency:
      case What::wire_ratio:
        matter.push_back(usage.steps.contains({place.protocol, place.path}));
        break;
      case What::link_efficiency:
      case What::link_latency:
        matter.push_back(usage.links.contains(place.link_class));
        break;
    }
  }
  return matter;
}

}  // namespace

SimulatedResponse::SimulatedResponse(const workload::Engine& engine, std::vector<Family> families,
                                     std::vector<Asked> points, std::vector<Parameter> parameters,
                                     workload::ConstantSet base)
    : engine_(engine),
      families_(std::move(families)),
      points_(std::move(points)),
      parameters_(std::move(parameters)),
      base_(std::move(base)),
      pieces_(families_.size()),
      races_(families_.size(), true) {
  for (const Family& family : families_) {
    matters_.push_back(which_matter(family, parameters_));
    busy_step_.push_back(network_step(matters_.back(), parameters_));
  }
}

core::Seconds SimulatedResponse::simulate(std::size_t family, core::Bytes size,
                                          std::span<const double> theta) const {
  const Family& of = families_[family];
  const workload::Problem problem =
      of.problem.with_constants(constants_at(base_, parameters_, theta, size / of.size));
  const workload::Validity valid = engine_.accepts(problem);
  if (!valid.valid) {
    throw core::ModelError(of.label + ": " + valid.why_not);
  }
  ++runs_;
  return *engine_.run(problem).estimate;
}

std::vector<double> SimulatedResponse::inputs(std::size_t family,
                                              std::span<const double> theta) const {
  std::vector<double> u;
  for (std::size_t j = 0; j < parameters_.size(); ++j) {
    u.push_back(std::exp(is_inverse(parameters_[j]) ? -theta[j] : theta[j]));
    if (parameters_[j].place.what == What::occupancy) {
      const std::size_t step_of = busy_step_[family];
      u.back() *= step_of < theta.size()
                      ? std::exp(theta[step_of])
                      : 0.0;  // a held step: nothing that a share of it would change is fitted
    }
  }
  return u;
}

void SimulatedResponse::slopes(std::size_t family, const Piece& piece, double size,
                               std::span<const double> u, std::span<double> by_theta) const {
  std::ranges::fill(by_theta, 0.0);
  for (std::size_t j = 0; j < u.size(); ++j) {
    const double slope = piece.slope[j] * u[j] * (carries_bytes(parameters_[j]) ? size : 1.0);
    by_theta[j] += is_inverse(parameters_[j]) ? -slope : slope;
    if (parameters_[j].place.what == What::occupancy && busy_step_[family] < u.size()) {
      by_theta[busy_step_[family]] += slope;
    }
  }
}

double SimulatedResponse::price(const Piece& piece, double size, std::span<const double> u) const {
  double time = piece.fixed + size * piece.fixed_per_byte;
  for (std::size_t j = 0; j < u.size(); ++j) {
    time += piece.slope[j] * u[j] * (carries_bytes(parameters_[j]) ? size : 1.0);
  }
  return time;
}

SimulatedResponse::Piece SimulatedResponse::piece_at(std::size_t family, core::Bytes size,
                                                     std::span<const double> theta) const {
  const double bytes = size.si();
  const std::vector<double> u = inputs(family, theta);
  const double here = simulate(family, size, theta).si();
  Piece piece{.slope = std::vector<double>(parameters_.size(), 0.0),
              .theta = std::vector<double>(theta.begin(), theta.end()),
              .size = bytes};
  double by_parameters = 0.0;
  double bytes_by_parameters = 0.0;
  double busy = 0.0;  // what the occupancy adds, which moving its step moves too
  for (std::size_t turn = 0; turn < 2 * parameters_.size(); ++turn) {
    const std::size_t j = turn % parameters_.size();
    const bool is_occupancy = parameters_[j].place.what == What::occupancy;
    // Occupancies first.
    if (!matters_[family][j] || is_occupancy != (turn < parameters_.size()) || !(u[j] > 0.0)) {
      continue;
    }
    std::vector<double> moved(theta.begin(), theta.end());
    moved[j] += is_inverse(parameters_[j]) ? -std::log1p(step) : std::log1p(step);
    double share = (simulate(family, size, moved).si() - here) / step;
    busy += is_occupancy ? share : 0.0;
    share -= j == busy_step_[family] ? busy : 0.0;
    piece.slope[j] = share / (u[j] * (carries_bytes(parameters_[j]) ? bytes : 1.0));
    by_parameters += share;
    bytes_by_parameters += carries_bytes(parameters_[j]) ? share : 0.0;
  }
  // What all bytes together weigh, and the parameters don't: wire ratios that are held fixed.
  const double all_bytes = (simulate(family, size * (1.0 + step), theta).si() - here) / step;
  const double unnamed = all_bytes - bytes_by_parameters;
  const bool rounding = std::abs(unnamed) < 1e-4 * here;
  piece.fixed_per_byte = rounding ? 0.0 : unnamed / bytes;
  piece.fixed = here - by_parameters - bytes * piece.fixed_per_byte;
  return piece;
}

double SimulatedResponse::distance(std::size_t family, const Piece& piece, double size,
                                   std::span<const double> theta) const {
  double squares = std::pow(std::log(size / piece.size), 2);
  for (std::size_t j = 0; j < theta.size(); ++j) {
    squares += matters_[family][j] ? std::pow(theta[j] - piece.theta[j], 2) : 0.0;
  }
  return squares;
}

const SimulatedResponse::Piece& SimulatedResponse::nearest(std::size_t family, double size,
                                                           std::span<const double> theta) const {
  return *std::ranges::min_element(pieces_[family], {}, [&](const Piece& piece) {
    return distance(family, piece, size, theta);
  });
}

bool SimulatedResponse::doubtful(std::size_t family, double size, std::span<const double> theta,
                                 double least) const {
  const Value found = value(family, size, theta);
  return found.piece == nullptr || found.seconds <= rival * least ||
         (!races_[family] && distance(family, nearest(family, size, theta), size, theta) > nearby);
}

SimulatedResponse::Value SimulatedResponse::value(std::size_t family, double size,
                                                  std::span<const double> theta,
                                                  std::span<const double> u) const {
  if (near_ && !races_[family] && !pieces_[family].empty()) {
    const Piece& piece = nearest(family, size, theta);
    if (const double time = price(piece, size, u); time > 0.0) {
      return {time, &piece};
    }
  }
  Value largest;
  for (const Piece& piece : pieces_[family]) {
    const double time = price(piece, size, u);
    if (piece.kept_promises && time > largest.seconds) {
      largest = {time, &piece};
    }
  }
  return largest;
}

void SimulatedResponse::evaluate(std::span<const double> theta, std::span<double> log_seconds,
                                 Matrix* jacobian) const {
  std::vector<std::vector<double>> u;  // by family
  for (std::size_t family = 0; family < families_.size(); ++family) {
    u.push_back(inputs(family, theta));
  }
  std::vector<double> by_theta(parameters_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const double size = points_[i].size.si();
    std::size_t family = 0;
    Value best{.seconds = std::numeric_limits<double>::infinity()};
    for (const std::size_t candidate : points_[i].families) {
      const Value found = value(candidate, size, theta, u[candidate]);
      if (found.piece != nullptr && found.seconds < best.seconds) {
        family = candidate;
        best = found;
      }
    }
    log_seconds[i] = std::log(best.seconds * points_[i].share);
    if (jacobian == nullptr) {
      continue;
    }
    if (best.piece != nullptr) {
      slopes(family, *best.piece, size, u[family], by_theta);
    }
    for (std::size_t j = 0; j < by_theta.size(); ++j) {
      (*jacobian)(i, j) = by_theta[j] / best.seconds;
    }
  }
}

std::size_t SimulatedResponse::fastest(std::size_t point, std::span<const double> theta) const {
  const Asked& at = points_[point];
  return *std::ranges::min_element(at.families, {}, [&](std::size_t family) {
    const Value found = value(family, at.size.si(), theta);
    return found.piece == nullptr ? std::numeric_limits<double>::infinity() : found.seconds;
  });
}

double SimulatedResponse::mend(std::size_t family, core::Bytes size,
                               std::span<const double> theta) {
  const std::vector<double> u = inputs(family, theta);
  const double truth = simulate(family, size, theta).si();
  const double promised = value(family, size.si(), theta).seconds;
  for (Piece& piece : pieces_[family]) {
    const double price_here = price(piece, size.si(), u);
    races_[family] = races_[family] && price_here <= truth * (1.0 + same);
    piece.kept_promises = piece.kept_promises && price_here <= truth * (1.0 + generous);
  }
  if (std::abs(promised - truth) > same * truth) {
    pieces_[family].push_back(piece_at(family, size, theta));
  }
  return promised > 0.0 ? std::abs(promised - truth) / truth : 1.0;
}

void SimulatedResponse::settle(std::span<const double> theta) {
  near_ = true;
  // The first look finds the families that matter and takes pieces; the second sees them all.
  refine(theta);
  refine(theta);
}

double SimulatedResponse::refine(std::span<const double> theta) {
  double worst = 0.0;
  for (const Asked& point : points_) {
    double least = std::numeric_limits<double>::infinity();
    for (const std::size_t family : point.families) {
      const Value found = value(family, point.size.si(), theta);
      least = found.piece != nullptr ? std::min(least, found.seconds) : least;
    }
    for (const std::size_t family : point.families) {
      if (doubtful(family, point.size.si(), theta, least)) {
        worst = std::max(worst, mend(family, point.size, theta));
      }
    }
  }
  return worst;
}

}  // namespace plumbline::calibration

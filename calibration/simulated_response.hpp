// SPDX-License-Identifier: Apache-2.0
// Simulated times as a function of the constants, without simulating at every step of a fit.
//
// For one schedule, the time of an engine is made of pieces: along the chain of operations that
// ends last it is a sum of latencies and of bytes over rates, so it is linear in each latency and
// in each inverse rate until another chain becomes the last. A piece is that linear function, found
// by one run of the engine and one more for each parameter that matters. Where chains only ever
// race each other, the time is the largest piece; where they also share links it need not be, so a
// piece that promises more than the engine gives somewhere is dropped when that is seen. refine()
// runs the engine where a fit has ended and adds what was missing; a fit is done when nothing was.
//
// Sizes: schedules that differ in nothing but the bytes of their operations form a family, in which
// S bytes under a wire ratio of w take as long as S0 bytes under w S / S0. One family's pieces
// serve all its sizes.
#pragma once

#include <string>
#include <vector>

#include "calibration/parameters.hpp"
#include "calibration/response.hpp"
#include "workload/engine.hpp"
#include "workload/problem.hpp"

namespace plumbline::calibration {

/// One way to run a workload, at any size.
struct Family {
  std::string label;  ///< `ring, ll128, 8 ranks`
  workload::Problem problem;
  core::Bytes size;  ///< that `problem` has
};

/// A point to be predicted: the fastest of its families counts, as for a library that chooses well.
struct Asked {
  core::Bytes size;
  std::vector<std::size_t> families;
  double share = 1.0;  ///< of the schedule's time, as workload::reported_share says
};

class SimulatedResponse final : public Response {
 public:
  /// Every one must outlive the response.
  SimulatedResponse(const workload::Engine& engine, std::vector<Family> families,
                    std::vector<Asked> points, std::vector<Parameter> parameters,
                    workload::ConstantSet base);

  [[nodiscard]] std::size_t points() const override { return points_.size(); }

  [[nodiscard]] std::size_t parameters() const override { return parameters_.size(); }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                Matrix* jacobian) const override;

  /// Runs the engine at theta for every point and every family that may be its fastest; the largest
  /// relative difference from what evaluate() said, whose cause is mended.
  double refine(std::span<const double> theta);

  /// evaluate(theta) is the engine's own answer from here on, for points never fitted to as well.
  void settle(std::span<const double> theta);

  /// By the engine alone.
  [[nodiscard]] core::Seconds simulate(std::size_t family, core::Bytes size,
                                       std::span<const double> theta) const;

  /// The family that evaluate() takes for a point.
  [[nodiscard]] std::size_t fastest(std::size_t point, std::span<const double> theta) const;

  [[nodiscard]] const std::vector<Family>& families() const { return families_; }

  [[nodiscard]] const std::vector<Asked>& asked() const { return points_; }

  [[nodiscard]] const std::vector<Parameter>& declared() const { return parameters_; }

  [[nodiscard]] workload::ConstantSet constants(std::span<const double> theta) const {
    return constants_at(base_, parameters_, theta);
  }

  /// Whether fits stay near a place where refine() has been (see above).
  void stay_near(bool near) { near_ = near; }

  [[nodiscard]] std::size_t engine_runs() const { return runs_; }

 private:
  /// time(S) = fixed + S·fixed_per_byte + Σ_j slope_j·u_j·(1 or S), u_j the parameter's value or,
  /// of an efficiency, its inverse.
  struct Piece {
    double fixed = 0.0;
    double fixed_per_byte = 0.0;
    std::vector<double> slope;
    std::vector<double> theta;  ///< where it was taken
    double size = 0.0;
    bool kept_promises = true;  ///< it never gave more than the engine
  };

  struct Value {
    double seconds = 0.0;
    const Piece* piece = nullptr;
  };

  [[nodiscard]] Piece piece_at(std::size_t family, core::Bytes size,
                               std::span<const double> theta) const;
  [[nodiscard]] Value value(std::size_t family, double size, std::span<const double> theta,
                            std::span<const double> u) const;

  [[nodiscard]] Value value(std::size_t family, double size, std::span<const double> theta) const {
    return value(family, size, theta, inputs(family, theta));
  }

  [[nodiscard]] const Piece& nearest(std::size_t family, double size,
                                     std::span<const double> theta) const;
  /// Square of how far in logarithms, over what matters to the family.
  [[nodiscard]] double distance(std::size_t family, const Piece& piece, double size,
                                std::span<const double> theta) const;
  /// Whether what is believed of a family may be wrong by so much that it could be the fastest.
  [[nodiscard]] bool doubtful(std::size_t family, double size, std::span<const double> theta,
                              double least) const;
  [[nodiscard]] double price(const Piece& piece, double size, std::span<const double> u) const;
  [[nodiscard]] std::vector<double> inputs(std::size_t family, std::span<const double> theta) const;
  void slopes(std::size_t family, const Piece& piece, double size, std::span<const double> u,
              std::span<double> by_theta) const;
  double mend(std::size_t family, core::Bytes size, std::span<const double> theta);

  const workload::Engine& engine_;
  std::vector<Family> families_;
  std::vector<Asked> points_;
  std::vector<Parameter> parameters_;
  workload::ConstantSet base_;
  std::vector<std::vector<bool>> matters_;  ///< [family][parameter]
  std::vector<std::size_t> busy_step_;  ///< [family]: the parameter that occupancy is a share of
  std::vector<std::vector<Piece>> pieces_;  ///< [family]
  std::vector<bool> races_;  ///< [family]: the largest piece has always been the time
  bool near_ = false;
  mutable std::size_t runs_ = 0;
};

}  // namespace plumbline::calibration

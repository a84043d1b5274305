// SPDX-License-Identifier: Apache-2.0
// Simulated times as a function of the constants, without simulating at every step of a fit.
//
// A sketch is an engine that is fast and whose time is the largest of many chains' (as a lower
// bound is): each a sum of latencies and of bytes over rates, linear in each latency and in each
// inverse rate. Such a chain is a piece, found by one run of the sketch and one more for each
// parameter that matters; what is believed of the sketch is the largest piece so far, which never
// exceeds it, and explore() adds what is missing at a place.
//
// The engine is slow and has the last word: where refine() has run it, the sketch is multiplied by
// what it was short of, so that both agree there. A fit is done when looking where it has ended
// changes nothing.
//
// Sizes: schedules that differ in nothing but the bytes of their operations form a family, in which
// S bytes under a wire ratio of w take as long as S0 bytes under w S / S0. One family's pieces
// serve all its sizes.
#pragma once

#include <map>
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

/// A point to be predicted, and what a library may run there.
struct Asked {
  core::Bytes size;
  std::vector<std::size_t> families;
  /// Seconds that the library's own tables expect of each; infinity: it leaves that out. Empty
  /// where it has no say.
  std::vector<double> reckoned{};
  double share = 1.0;  ///< of the schedule's time, as workload::reported_share says
};

/// How a library chooses.
enum class Choosing : std::uint8_t {
  fastest,   ///< as one that knows its machine well
  reckoning  ///< by its own tables, whatever is true
};

class SimulatedResponse final : public Response {
 public:
  /// `engine` and `sketch` must outlive the response. Where one engine is both, nothing is ever
  /// corrected.
  SimulatedResponse(const workload::Engine& engine, const workload::Engine& sketch,
                    std::vector<Family> families, std::vector<Asked> points,
                    std::vector<Parameter> parameters, workload::ConstantSet base);

  [[nodiscard]] std::size_t points() const override { return points_.size(); }

  [[nodiscard]] std::size_t parameters() const override { return parameters_.size(); }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                Matrix* jacobian) const override;

  /// Runs the sketch at theta for every family, at its least and its largest size and, where one
  /// piece does not give both, between them: as a function of the size too the largest piece is
  /// convex, so that a piece true at two sizes is true between them.
  void explore(std::span<const double> theta);

  /// Runs the engine at theta for every point and every family that may be its fastest, so that
  /// evaluate(theta) is the engine's own answer from here on; the largest relative difference from
  /// what it was.
  double refine(std::span<const double> theta);

  /// By the engine alone.
  [[nodiscard]] core::Seconds simulate(std::size_t family, core::Bytes size,
                                       std::span<const double> theta) const;

  /// The family that evaluate() takes for a point.
  [[nodiscard]] std::size_t taken(std::size_t point, std::span<const double> theta) const;

  /// From here on; points where the library has no say are the fastest's all the same.
  void choose_by(Choosing choosing) { choosing_ = choosing; }

  [[nodiscard]] Choosing choosing() const { return choosing_; }

  struct Beliefs;

  /// All that was ever explored and refined, to come back to.
  [[nodiscard]] Beliefs beliefs() const;
  void believe(Beliefs beliefs);

  /// Whether the two ways of choosing may differ.
  [[nodiscard]] bool has_choice() const;

  [[nodiscard]] const std::vector<Family>& families() const { return families_; }

  [[nodiscard]] const std::vector<Asked>& asked() const { return points_; }

  [[nodiscard]] const std::vector<Parameter>& declared() const { return parameters_; }

  [[nodiscard]] workload::ConstantSet constants(std::span<const double> theta) const {
    return constants_at(base_, parameters_, theta);
  }

  [[nodiscard]] std::size_t engine_runs() const { return runs_; }

 private:
  /// time(S) = fixed + S·fixed_per_byte + Σ slope·u_j·(1 or S), u_j the parameter's value or,
  /// of an efficiency, its inverse.
  struct Piece {
    struct Slope {
      std::size_t parameter = 0;
      double value = 0.0;
      bool of_bytes = false;  ///< times the size
    };

    double fixed = 0.0;
    double fixed_per_byte = 0.0;
    std::vector<Slope> slopes;
  };

  struct Value {
    double seconds = 0.0;
    const Piece* piece = nullptr;
    double corrected_by = 1.0;  ///< part of `seconds`
  };

  struct Seen {
    std::vector<double> theta;
    double seconds = 0.0;
  };

  using Pieces = std::vector<std::vector<Piece>>;             // [family]
  using Corrections = std::vector<std::map<double, double>>;  // [family], by size

  [[nodiscard]] core::Seconds run(const workload::Engine& engine, std::size_t family,
                                  core::Bytes size, std::span<const double> theta) const;
  [[nodiscard]] Piece piece_at(std::size_t family, core::Bytes size,
                               std::span<const double> theta) const;
  /// What is believed of the sketch.
  [[nodiscard]] Value sketched(std::size_t family, double size, std::span<const double> u) const;
  /// The same, corrected.
  [[nodiscard]] Value value(std::size_t family, double size, std::span<const double> u) const;
  /// By what the sketch is short of the engine, between the sizes where that was seen.
  [[nodiscard]] double correction(std::size_t family, double size) const;

  [[nodiscard]] static double price(const Piece& piece, double size, std::span<const double> u);
  [[nodiscard]] std::vector<double> inputs(std::size_t family,
                                           std::span<const double> values) const;
  /// Of all families, at the logarithms.
  [[nodiscard]] std::vector<std::vector<double>> inputs(std::span<const double> theta) const;
  void slopes(std::size_t family, const Piece& piece, double size, std::span<const double> u,
              std::span<double> by_theta) const;
  /// Those of a point's families that may be the one: all, or what the library reckons fastest.
  [[nodiscard]] std::span<const std::size_t> eligible(const Asked& point) const;

  struct Taken {
    std::size_t family = 0;
    Value value;
  };

  [[nodiscard]] Taken taken(const Asked& point, const std::vector<std::vector<double>>& u) const;
  /// simulate(), remembered for the last theta of each size.
  double truth(std::size_t family, core::Bytes size, std::span<const double> theta);
  /// Adds the piece that is missing here, if one is.
  void mend(std::size_t family, core::Bytes size, std::span<const double> theta);
  void mend_between(std::size_t family, std::span<const core::Bytes> sizes,
                    std::span<const double> theta);
  void mend_all(std::size_t family, std::span<const core::Bytes> sizes,
                std::span<const double> theta);
  /// Of each family the points' sizes at which it may be the one.
  [[nodiscard]] std::vector<std::vector<core::Bytes>> rival_sizes(
      std::span<const double> theta) const;

  const workload::Engine& engine_;
  const workload::Engine& sketch_;
  std::vector<Family> families_;
  std::vector<Asked> points_;
  std::vector<Parameter> parameters_;
  workload::ConstantSet base_;
  std::vector<std::vector<bool>> matters_;  ///< [family][parameter]
  std::vector<std::size_t> tree_ratio_;     ///< [family]: its place, or none
  Pieces pieces_;
  Corrections corrections_;
  std::vector<std::map<double, Seen>> seen_;  ///< [family], by size
  Choosing choosing_ = Choosing::fastest;
  mutable std::size_t runs_ = 0;
};

struct SimulatedResponse::Beliefs {
  Pieces pieces;
  Corrections corrections;
};

}  // namespace plumbline::calibration

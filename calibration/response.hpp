// SPDX-License-Identifier: Apache-2.0
// What a calibration sees of a model and of its measurements: logarithms of times as a function of
// logarithms of parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plumbline::calibration {

/// Dense, row-major.
struct Matrix {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<double> values;

  Matrix() = default;

  Matrix(std::size_t row_count, std::size_t col_count)
      : rows(row_count), cols(col_count), values(row_count * col_count, 0.0) {}

  [[nodiscard]] double& operator()(std::size_t row, std::size_t col) {
    return values[row * cols + col];
  }

  [[nodiscard]] double operator()(std::size_t row, std::size_t col) const {
    return values[row * cols + col];
  }
};

/// Predicted times of all measured points as a function of the parameters. Both in natural
/// logarithms: parameters are positive and span decades. Deterministic; the derivative may jump
/// where another candidate of the model becomes the fastest.
class Response {
 public:
  Response() = default;
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;
  virtual ~Response() = default;

  [[nodiscard]] virtual std::size_t points() const = 0;
  [[nodiscard]] virtual std::size_t parameters() const = 0;

  /// log(seconds) of every point at `theta`. `jacobian`, unless null, has points() rows and
  /// parameters() columns on entry and is filled with d log_seconds[i] / d theta[j].
  virtual void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                        Matrix* jacobian) const = 0;
};

/// The measured points, in the order of the response.
struct Observations {
  std::vector<double> log_seconds;
  std::vector<double> relative_precision;  ///< half-width of the printed digit, relative
  std::vector<std::uint32_t> group;        ///< index of (system, collective, ranks)
  std::vector<double> weight;

  [[nodiscard]] std::size_t points() const { return log_seconds.size(); }
};

/// Where a theta (a logarithm) may lie; low < high.
struct Range {
  double low = 0.0;
  double high = 0.0;
};

}  // namespace plumbline::calibration

// SPDX-License-Identifier: Apache-2.0
// What a solver says of itself and how it is asked: one contract for solvers that are built in and
// for those that users bring.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analytic/solver.hpp"
#include "workload/problem.hpp"

namespace plumbline::analytic {

/// What an answer is about: seconds, bytes per second of bus bandwidth, or which algorithm to take.
enum class Quantity : std::uint8_t { time, busbw, choice };

[[nodiscard]] std::string_view to_text(Quantity quantity);

/// A number's dimension: seconds^time · bytes^data.
struct Dimension {
  int time = 0;
  int data = 0;
  friend bool operator==(const Dimension&, const Dimension&) = default;
};

/// A number that a solver brings itself, in SI.
struct DeclaredConstant {
  double value = 0.0;
  Dimension dimension;
};

/// Where a solver says that it holds, on one axis of the problems (`ranks`, `size`, `nodes`, …): a
/// range of numbers, in SI, or one of several words.
struct DomainAxis {
  double from = 0.0;
  double to = 0.0;
  std::vector<std::string> words{};  ///< instead of a range
};

struct Contract {
  std::string name;
  Claim claim = Claim::estimate;
  Quantity quantity = Quantity::time;
  std::optional<double> within_p95;          ///< of an estimate: its own promise, 0.1 for 10 %
  double exact_to = 1e-9;                    ///< of an exact claim, relative
  std::map<std::string, DomainAxis> domain;  ///< axes not named are unlimited
  std::string citation;
  std::map<std::string, DeclaredConstant> constants;
  bool wants_dag = false;  ///< every operation with its predecessors is part of its questions
  std::vector<std::string> containment;  ///< what keeps a user's solver in bounds, for people
};

/// The units that a question is put in: a time of t seconds is sent as t·time, n bytes as n·data.
/// Answers come back in them and are returned in SI. A right solver can't tell.
struct Gauge {
  double time = 1.0;
  double data = 1.0;

  /// By what a number of this dimension is multiplied.
  [[nodiscard]] double factor(Dimension dimension) const;
};

/// One answer, in SI. Nothing of it has been believed yet: numbers may be NaN, negative, unsorted.
struct Answer {
  std::optional<double> lower;
  std::optional<double> estimate;  ///< seconds, or bytes per second where the quantity is busbw
  std::optional<double> upper;
  std::map<std::string, double> terms;
  std::string binding;
  std::string choice;          ///< an algorithm's name
  std::string not_applicable;  ///< why; empty: it is
  std::string failure;         ///< how the solver broke: crashed, hung, garbage; empty: it did not
};

/// A solver under its contract. What makes one (see analytic/external)
/// throws ModelError where the solver does not come as far as stating it.
class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;

  [[nodiscard]] virtual const Contract& contract() const = 0;

  /// Never throws for what the solver does: that is the answer's `failure`.
  [[nodiscard]] virtual Answer ask(const workload::Problem& problem, const Gauge& gauge) = 0;

  /// After a failure: makes it ready for another question, as if there had been none. False where
  /// that can't be.
  [[nodiscard]] virtual bool recover() { return true; }
};

}  // namespace plumbline::analytic

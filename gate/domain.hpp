// SPDX-License-Identifier: Apache-2.0
// Where a solver says that it holds, and problems drawn from there.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analytic/contract.hpp"
#include "gate/case.hpp"
#include "gate/sobol.hpp"

namespace plumbline::gate {

struct Range {
  double from = 0.0;
  double to = 0.0;
};

/// What is run: a collective by an algorithm.
struct Work {
  std::string collective;
  std::string algorithm;
  friend bool operator==(const Work&, const Work&) = default;
};

class Domain {
 public:
  /// Of the contract, and where it says nothing what numbers() say; overheads only where it names
  /// them. Axes that questions have and cases have not (see analytic::Question) limit nothing here.
  /// InputError, at the name, for an axis or word that does not exist, or an empty range.
  explicit Domain(const analytic::Contract& contract);

  /// Every (collective, algorithm) that a case can be of and that the contract lets through.
  [[nodiscard]] const std::vector<Work>& works() const { return works_; }

  /// Draws from these of them alone.
  void keep(std::vector<Work> works) { works_ = std::move(works); }

  /// Whether the contract says which; else it has to be found out.
  [[nodiscard]] bool names_works() const { return names_works_; }

  [[nodiscard]] bool contains(const Case& at) const;

  /// What the contract says of axes that questions have and cases have not: problems are held to it
  /// once they are made.
  [[nodiscard]] const std::map<std::string, analytic::DomainAxis>& beyond() const {
    return beyond_;
  }

  [[nodiscard]] Range range(std::string_view number) const;

  /// The case at a point of the unit cube; nullopt where there is none in the domain, as of 3 nodes
  /// where the ranks must be 4.
  [[nodiscard]] std::optional<Case> at(const std::array<double, sobol_dimensions>& unit) const;

  /// Every number at either end with the others in the middle, and all of them at either end.
  [[nodiscard]] std::vector<Case> corners() const;

 private:
  [[nodiscard]] double drawn(const AxisInfo& axis, double unit) const;
  void restrict(const std::string& name, const analytic::DomainAxis& axis);
  void fill_works();

  std::map<std::string, Range, std::less<>> ranges_;
  std::map<std::string, std::vector<std::string>, std::less<>> words_;
  std::vector<Work> works_;
  std::map<std::string, analytic::DomainAxis> beyond_;
  bool names_works_ = false;
};

/// To three digits, as people write numbers.
[[nodiscard]] double rounded(double value);

}  // namespace plumbline::gate

// SPDX-License-Identifier: Apache-2.0
// Sets of contributions for the symbolic proof: sorted runs of numbers, every distinct set kept
// once. A ring's sets are cyclic intervals, a binomial tree's are intervals: one or two runs each,
// whatever the number of ranks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace plumbline::workload {

/// Index of a set; equal sets have equal ids. 0 is the empty set.
using SetId = std::uint32_t;

class ContributionSets {
 public:
  /// Numbers begin, …, end − 1.
  struct Run {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const Run&, const Run&) = default;
  };

  ContributionSets();
  ContributionSets(const ContributionSets&) = delete;
  ContributionSets& operator=(const ContributionSets&) = delete;

  /// {begin, …, end − 1}
  [[nodiscard]] SetId range(std::uint32_t begin, std::uint32_t end);

  [[nodiscard]] SetId unite(SetId a, SetId b);
  [[nodiscard]] SetId intersect(SetId a, SetId b);
  [[nodiscard]] SetId subtract(SetId a, SetId b);

  using Name = std::function<std::string(std::uint32_t number)>;

  /// `{0–3, 7}`; long sets are cut short.
  [[nodiscard]] std::string text(SetId set, const Name& name = {}) const;

 private:
  struct Hash {
    const ContributionSets* sets;
    std::size_t operator()(SetId set) const;
  };

  struct Equal {
    const ContributionSets* sets;
    bool operator()(SetId a, SetId b) const;
  };

  [[nodiscard]] std::span<const Run> runs(SetId set) const {
    return std::span(runs_).subspan(offsets_[set], offsets_[set + 1] - offsets_[set]);
  }

  template <class Keep>
  [[nodiscard]] SetId combine(SetId a, SetId b, Keep keep);

  [[nodiscard]] SetId intern(std::span<const Run> runs);

  std::vector<Run> runs_;
  std::vector<std::uint32_t> offsets_{0};
  std::unordered_set<SetId, Hash, Equal> known_;
};

}  // namespace plumbline::workload

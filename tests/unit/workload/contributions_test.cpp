// SPDX-License-Identifier: Apache-2.0
#include "workload/contributions.hpp"

#include <algorithm>
#include <iterator>
#include <rapidcheck/catch.h>
#include <set>

#include <catch2/catch.hpp>

namespace plumbline::workload {
namespace {

using Plain = std::set<std::uint32_t>;

SetId build(ContributionSets& sets, const Plain& plain) {
  SetId set = 0;
  for (const std::uint32_t number : plain) {
    set = sets.unite(set, sets.range(number, number + 1));
  }
  return set;
}

TEST_CASE("Equal sets have equal ids, however they were made") {
  ContributionSets sets;
  CHECK(sets.range(3, 3) == 0);
  CHECK(sets.unite(sets.range(0, 2), sets.range(2, 5)) == sets.range(0, 5));
  CHECK(sets.subtract(sets.range(0, 5), sets.range(0, 5)) == 0);
  CHECK(sets.range(0, 5) != sets.range(0, 6));
}

TEST_CASE("Sets are written as runs") {
  ContributionSets sets;
  CHECK(sets.text(0) == "{}");
  CHECK(sets.text(sets.unite(sets.range(0, 4), sets.range(7, 8))) == "{0–3, 7}");
  SetId many = 0;
  for (std::uint32_t i = 0; i < 9; ++i) {
    many = sets.unite(many, sets.range(2 * i, 2 * i + 1));
  }
  CHECK(sets.text(many) == "{0, 2, 4, 6, 8, 10, 12, 14, …}");
}

TEST_CASE("Union, intersection and difference are those of std::set") {
  rc::prop("on sets of small numbers", [] {
    const auto numbers = rc::gen::container<Plain>(rc::gen::inRange<std::uint32_t>(0, 24));
    const Plain a = *numbers;
    const Plain b = *numbers;
    Plain both, either, only_a;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::inserter(either, either.end()));
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(only_a, only_a.end()));

    ContributionSets sets;
    const SetId set_a = build(sets, a);
    const SetId set_b = build(sets, b);
    RC_ASSERT(sets.intersect(set_a, set_b) == build(sets, both));
    RC_ASSERT(sets.unite(set_a, set_b) == build(sets, either));
    RC_ASSERT(sets.subtract(set_a, set_b) == build(sets, only_a));
    RC_ASSERT((set_a == set_b) == (a == b));
  });
}

}  // namespace
}  // namespace plumbline::workload

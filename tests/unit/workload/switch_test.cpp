// SPDX-License-Identifier: Apache-2.0
// What the proof makes of operations that switches carry out.
#include <catch2/catch.hpp>

#include "requests.hpp"

namespace plumbline::workload {
namespace {

using Catch::Matchers::Contains;

/// Three ranks; operations one after the other unless `ordered` is false.
class Writer {
 public:
  explicit Writer(bool ordered = true) : ordered_(ordered), builder_(RankCount(3), 1) {}

  Writer& add(OpKind kind, std::uint32_t rank, std::vector<RankId> group, double bytes = 1e6) {
    std::vector<Predecessor> before;
    if (ordered_ && count_ > 0) {
      before.push_back({.op = count_ - 1});
    }
    const std::uint32_t number = builder_.group(std::move(group));
    count_ = 1 + builder_.add(
                     {.kind = kind, .rank = RankId(rank), .peer = RankId(number), .amount = bytes},
                     before);
    return *this;
  }

  [[nodiscard]] std::string refused_as(Collective collective) {
    return refusal(builder_.finish(), request(collective, "none", 3));
  }

 private:
  bool ordered_;
  ScheduleBuilder builder_;
  std::uint32_t count_ = 0;
};

const std::vector<RankId> all{RankId(0), RankId(1), RankId(2)};
const std::vector<RankId> two{RankId(1), RankId(2)};

TEST_CASE("A sum by the switch and its multicast are an all_reduce, as is one operation") {
  CHECK(Writer().add(OpKind::switch_all_reduce, 0, all).refused_as(Collective::all_reduce).empty());
  CHECK(Writer()
            .add(OpKind::switch_reduce, 1, all)
            .add(OpKind::multicast, 1, all)
            .refused_as(Collective::all_reduce)
            .empty());
}

TEST_CASE("A sum replaces what its rank held, and only that") {
  // Rank 0 asks for 1 + 2 and loses its own.
  CHECK_THAT(Writer().add(OpKind::switch_reduce, 0, two).refused_as(Collective::reduce),
             Contains("rank 0, chunk 0: ends with {1–2}: {0} is missing"));
  // Ranks 1 and 2 keep theirs.
  CHECK_THAT(Writer().add(OpKind::switch_reduce, 0, all).refused_as(Collective::all_reduce),
             Contains("rank 1, chunk 0: ends with {1}"));
}

TEST_CASE("What a switch adds must not be in it twice") {
  CHECK_THAT(Writer()
                 .add(OpKind::switch_reduce, 0, all)
                 .add(OpKind::switch_reduce, 0, all)
                 .refused_as(Collective::reduce),
             Contains("adds {1} a second time"));
  CHECK_THAT(Writer()
                 .add(OpKind::switch_all_reduce, 0, two)
                 .add(OpKind::switch_all_reduce, 0, all)
                 .refused_as(Collective::all_reduce),
             Contains("adds {1–2} a second time"));
}

TEST_CASE("A multicast gives what its rank has, and leaves out who is not in the group") {
  CHECK(Writer().add(OpKind::multicast, 0, all).refused_as(Collective::broadcast).empty());
  CHECK(Writer().add(OpKind::multicast, 0, two).refused_as(Collective::broadcast).empty());
  CHECK_THAT(
      Writer().add(OpKind::multicast, 1, all).refused_as(Collective::broadcast),
      Contains("rank 1, chunk 0: operation 0 (multicast of rank 1 with group 0) sends what"));
  CHECK_THAT(
      Writer().add(OpKind::multicast, 0, {RankId(0), RankId(2)}).refused_as(Collective::broadcast),
      Contains("rank 1, chunk 0: ends with {}"));
}

TEST_CASE("Unordered operations of a switch are a race on every rank they share") {
  CHECK_THAT(Writer(false)
                 .add(OpKind::switch_reduce, 1, all)
                 .add(OpKind::multicast, 1, all)
                 .refused_as(Collective::all_reduce),
             Contains("race"));
  // Two sums read the same ranks and write different ones: rank 0 is read by the second.
  CHECK_THAT(Writer(false)
                 .add(OpKind::switch_reduce, 0, all)
                 .add(OpKind::switch_reduce, 1, all)
                 .refused_as(Collective::all_reduce),
             Contains("race"));
}

TEST_CASE("An operation of a switch carries its chunk's bytes once") {
  CHECK_THAT(
      Writer().add(OpKind::switch_all_reduce, 0, all, 2e6).refused_as(Collective::all_reduce),
      Contains("moves 2 MB, the chunks have 1 MB"));
}

}  // namespace
}  // namespace plumbline::workload

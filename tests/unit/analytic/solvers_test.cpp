// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "tests/support/random_problem.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using analytic::SolverEntry;
using Catch::Matchers::Contains;
using workload::Collective;
using workload::Problem;

TEST_CASE("Every solver says what it is, and can be made without options that it does not have") {
  std::set<std::string_view> names;
  for (const SolverEntry* entry : analytic::solvers::all()) {
    INFO(entry->name);
    CHECK(names.insert(entry->name).second);
    CHECK(analytic::find_solver(entry->name) == entry);
    for (const std::string_view text :
         {entry->summary, entry->citation, entry->validity, entry->formula}) {
      CHECK_FALSE(text.empty());
    }
    const auto engine = entry->make(nullptr);
    REQUIRE((engine != nullptr || entry->schema != nullptr));
    if (engine != nullptr) {
      CHECK(engine->name() == entry->name);
    }
    CHECK(entry->bound ==
          (entry->claim == analytic::Claim::lower || entry->claim == analytic::Claim::upper));
  }
  CHECK(analytic::find_solver("oracle") == nullptr);
}

TEST_CASE("all_bounds gives every bound that is valid, in registry order, and says which are not") {
  const Problem problem = on_star({}, collective(Collective::all_reduce, "ring", 1e9));
  const analytic::BoundReport report = analytic::all_bounds(problem);
  REQUIRE(report.bounds.size() == 4);
  CHECK(report.bounds[0].name == "critical_path");
  CHECK(report.bounds[1].name == "link_load");
  CHECK(report.bounds[2].name == "work_conserving");
  CHECK(report.bounds[3].name == "endpoint");
  CHECK(report.bounds[2].side == workload::Side::upper);
  CHECK(report.bounds[3].scope == workload::Scope::speed_of_light);
  CHECK(report.notes.empty());
  // A hand-made problem without flows: the endpoint bound has nothing to speak of.
  const analytic::BoundReport partial = analytic::all_bounds(random_problem(random_shape(1)));
  CHECK(partial.bounds.size() == 3);
  REQUIRE(partial.notes.size() == 1);
  CHECK(partial.notes[0] == "endpoint: there are no flows");
}

TEST_CASE(
    "A schedule too large to look at has no bounds by operation, but closed forms and ports") {
  // 2,000 ranks: 2·1,999·2,000 = 7,996,000 operations. 1 GB: chunks of 0.5 MB, 10 us each.
  const Problem problem = on_star({.hosts = 2000}, collective(Collective::all_reduce, "ring", 1e9));
  CHECK(estimate("ring_all_reduce", problem) == exactly(3998 * (500e-9 + 10e-6)));
  const analytic::BoundReport report = analytic::all_bounds(problem);
  REQUIRE(report.bounds.size() == 1);
  CHECK(report.bounds[0].value.si() == exactly(500e-9 + 3998.0 / 2000 * 20e-3));
  REQUIRE(report.notes.size() == 3);
  CHECK_THAT(report.notes[0], Contains("7996000 operations"));
}

/// A solver made from YAML options, and the codes of what was wrong with them.
struct Made {
  std::unique_ptr<workload::Engine> engine;
  std::vector<std::string> codes;
};

Made piecewise(const std::string& yaml) {
  core::Diagnostics diagnostics;
  const core::Document document = core::Document::parse(yaml, "options.yaml", diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const core::Cursor cursor(reading);
  Made made{analytic::find_solver("piecewise_hockney")->make(&cursor), {}};
  for (const core::Diagnostic& diagnostic : diagnostics.sorted()) {
    made.codes.push_back(diagnostic.code);
  }
  return made;
}

TEST_CASE("piecewise_hockney takes the first segment that covers the size") {
  const Made made = piecewise(
      "segments:\n"
      "  - {up_to: 64 KiB, alpha: 9 us, bandwidth: 10 GB/s}\n"
      "  - {up_to: 1 MiB, alpha: 20 us, bandwidth: 100 GB/s}\n");
  REQUIRE(made.engine != nullptr);
  const auto at = [&](double bytes) {
    return on_star({}, collective(Collective::all_reduce, "ring", bytes));
  };
  // 64 KiB still belongs to the first: 9 us + 65536/10e9 s; 100 kB: 20 us + 1 us
  CHECK(made.engine->run(at(65536)).estimate->si() == exactly(9e-6 + 6.5536e-6));
  CHECK(made.engine->run(at(100e3)).estimate->si() == exactly(21e-6));
  CHECK(made.engine->run(at(100e3)).terms[workload::Term::latency].si() == exactly(20e-6));
  CHECK_THAT(made.engine->accepts(at(2e6)).why_not, Contains("above the last segment"));
  CHECK(analytic::find_solver("piecewise_hockney")->make(nullptr) == nullptr);
}

TEST_CASE("piecewise_hockney reports segments that make no sense") {
  const auto codes = [](const std::string& yaml) {
    const Made made = piecewise(yaml);
    CHECK(made.engine == nullptr);
    return made.codes;
  };
  using Codes = std::vector<std::string>;
  CHECK(codes("segments: []\n") == Codes{"PL-S020"});
  CHECK(codes("segments: [{alpha: 9 us, bandwidth: 0 GB/s}]\n") == Codes{"PL-S020"});
  CHECK(codes("segments: [{alpha: 1 us, bandwidth: 1 GB/s}, {alpha: 2 us, bandwidth: 1 GB/s}]\n") ==
        Codes{"PL-S020"});
  CHECK(codes("segments: [{up_to: 2 B, alpha: 1 us, bandwidth: 1 GB/s}, "
              "{up_to: 1 B, alpha: 2 us, bandwidth: 1 GB/s}]\n") == Codes{"PL-S020"});
  CHECK(codes("segments: [{alpha: 9, bandwidth: 1 GB/s}]\n") == Codes{"PL-U001"});
  CHECK(codes("segment: []\n") == Codes{"PL-K001", "PL-K002"});
}

}  // namespace
}  // namespace plumbline::test

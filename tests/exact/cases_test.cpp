// SPDX-License-Identifier: Apache-2.0
// Each file of cases/ states a machine, a workload and the time that theory gives for it, derived
// in its first lines; both engines must give it. The experiments we ship are held to the same.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "analytic/solver.hpp"
#include "core/text.hpp"
#include "experiments/runner.hpp"
#include "workload/generator.hpp"

namespace {

namespace fs = std::filesystem;
using namespace plumbline;  // NOLINT(google-build-using-namespace): a test

const zoo::Catalogue& catalogue() {
  static core::Diagnostics diagnostics;
  static const zoo::Catalogue instance({fs::path(PL_SOURCE_DIR) / "zoo"}, diagnostics);
  return instance;
}

std::vector<fs::path> yaml_files(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(PL_SOURCE_DIR) / folder)) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void must_be_accepted(const fs::path& file) {
  experiments::Experiment experiment(file, {}, catalogue());
  CHECK((!experiment.accept().expect.empty() || !experiment.accept().gaps.empty() ||
         !experiment.accept().ratios.empty()));
  const report::ResultSet result = experiments::run(experiment, {});
  INFO(core::join(result.verdict.failures, "\n"));
  CHECK(result.verdict.accepted);
  for (const report::Point& point : result.points) {
    CHECK(point.status == report::PointStatus::done);
    CHECK(point.inside_bounds.value_or(false));
  }
}

using Request = std::pair<workload::Collective, std::string>;

bool is_exact(const std::string& engine) {
  const analytic::SolverEntry* const solver = analytic::find_solver(engine);
  return solver != nullptr && solver->claim == analytic::Claim::exact;
}

/// Whether the point is held to a time from the replay and from a solver that claims to be exact.
bool is_held(const experiments::PointSpec& point, const experiments::Acceptance& accept) {
  bool replayed = false;
  bool solved = false;
  for (const experiments::Expectation& expected : accept.expect) {
    const bool here = std::ranges::all_of(expected.where, [&](const auto& where) {
      return std::ranges::find(point.labels, std::pair(where.first, where.second)) !=
             point.labels.end();
    });
    if (here && expected.within <= core::Fraction{1e-9}) {
      replayed = replayed || expected.of == "replay";
      solved = solved || is_exact(expected.of);
    }
  }
  return replayed && solved;
}

/// What the cases hold to a closed form.
std::set<Request> held() {
  std::set<Request> found;
  for (const fs::path& file : yaml_files("tests/exact/cases")) {
    experiments::Experiment experiment(file, {}, catalogue());
    for (std::size_t i = 0; i < experiment.points(); ++i) {
      const experiments::PointSpec point = experiment.bind(i);
      if (is_held(point, experiment.accept())) {
        found.emplace(point.workload.collective, point.workload.algorithm);
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("both engines give the times that theory gives") {
  for (const fs::path& file : yaml_files("tests/exact/cases")) {
    DYNAMIC_SECTION(file.stem().string()) {
      must_be_accepted(file);
    }
  }
}

TEST_CASE("every algorithm is held to a closed form, or it is said here why not") {
  using workload::Collective;
  const std::string any_program = "its time is what the file makes it; one such file is a case";
  const std::map<Request, std::string> without{
      {{Collective::all_reduce, "binary_tree"},
       "unequal subtrees share ports unevenly; its case holds the replay to a time by hand"},
      {{Collective::all_reduce, "nvls_tree"},
       "switches and trees work side by side; its case holds the replay to a time by hand"},
      {{Collective::compute, "compute"}, "nothing moves; its case has the duration itself"},
      {{Collective::all_gather, "msccl"}, any_program},
      {{Collective::reduce_scatter, "msccl"}, any_program},
      {{Collective::all_to_all, "msccl"}, any_program},
      {{Collective::broadcast, "msccl"}, any_program}};
  const std::set<Request> with = held();
  for (const workload::GeneratorEntry* generator : workload::generators()) {
    for (const Collective collective : generator->collectives) {
      const Request request(collective, generator->name);
      INFO(to_text(collective) << " by " << generator->name);
      CHECK(with.contains(request) != without.contains(request));
    }
  }
}

TEST_CASE("every experiment we ship is accepted") {
  for (const fs::path& file : yaml_files("experiments")) {
    DYNAMIC_SECTION(file.stem().string()) {
      must_be_accepted(file);
    }
  }
}

TEST_CASE("an experiment is refused when its effect is switched off") {
  struct Case {
    std::string file;
    std::vector<experiments::Override> overrides;
  };

  const std::vector<Case> cases{
      // a trunk 100 times as wide, and both orders contiguous
      {"fat_tree_oversubscription", {{"system", "../tests/exact/systems/hosts_2x16_wide.yaml"}}},
      {"fat_tree_oversubscription", {{"placement", "{strided: {stride: [1, 1]}}"}}},
      {"fat_tree_all_to_all", {{"system", "../tests/exact/systems/hosts_2x16_wide.yaml"}}},
      // the same links on both sides; an order that keeps to the switches
      {"nvlink_vs_pcie", {{"system", "[dgx_h100, dgx_a100]"}}},
      {"nvlink_vs_pcie", {{"placement", "{strided: {stride: [1, 1]}}"}}},
      // links that are shared, where the closed form refuses
      {"quickstart", {{"system", "asus_esc8000a_e13p"}, {"placement", "{strided: {stride: 4}}"}}},
      // one sender instead of 15
      {"incast", {{"workload.ranks", "2"}}},
      // two rings' worth of traffic on the same ports
      {"ring_zero_gap", {{"fabric.link.bandwidth_per_direction", "25 GB/s"}}},
  };
  for (const Case& item : cases) {
    DYNAMIC_SECTION(item.file + " with " + item.overrides.front().path) {
      experiments::Experiment experiment(
          fs::path(PL_SOURCE_DIR) / "experiments" / (item.file + ".yaml"), item.overrides,
          catalogue());
      CHECK_FALSE(experiments::run(experiment, {}).verdict.accepted);
    }
  }
}

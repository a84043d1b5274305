// SPDX-License-Identifier: Apache-2.0
// Measured rows as a calibration takes them, from experiment files.
#include "experiments/calibration_input.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"
#include "experiments/calibration_groups.hpp"
#include "experiments/certified.hpp"
#include "experiments/suspicious.hpp"
#include "tests/unit/zoo/zoo_test.hpp"

namespace plumbline::test {
namespace {

using namespace core::literals;
using experiments::CalibrationInput;
using experiments::Experiment;

constexpr std::string_view about = R"(title: times that a test made up
system: {nodes: [1], gpus_per_node: 8, gpu: H100, intra_node: switches}
software: none
method: made up
source: {repository: none, commit: none, path: none}
licence: Apache-2.0
size_convention: size_B is one rank's buffer in bytes
)";

/// A folder with experiments of all_reduce on one machine, and a set that has these rows.
struct Files {
  zoo::Folder folder;

  explicit Files(const std::string& rows) {
    folder.write("set/about.yaml", about);
    folder.write("set/data.csv",
                 "collective,algorithm,protocol,nodes,ranks,size_B,time_s,time_low_s,time_high_s,"
                 "repeats\n" +
                     rows);
  }

  /// `keys` of the experiment, `workload` of its workload.
  Experiment experiment(const std::string& workload,
                        const std::string& keys = "choose: fastest\nmeasured: {set: ./set}\n") {
    folder.write("experiment.yaml",
                 fmt::format("experiment: made_up\nsystem: dgx_h100\nconstants: nccl_protocols\n{}"
                             "workload: {{collective: all_reduce, {}}}\n",
                             keys, workload));
    return {folder.path() / "experiment.yaml", {}, zoo::shipped()};
  }
};

std::string row(std::string_view collective, int nodes, int ranks, int size, double time) {
  return fmt::format("{},,,{},{},{},{},,,1\n", collective, nodes, ranks, size, time);
}

CalibrationInput gathered(Experiment& experiment) {
  Experiment* one = &experiment;
  return experiments::calibration_input({&one, 1}, {});
}

TEST_CASE("What a library reckons is kept of the experiments that leave its choice open alone") {
  Files files(row("all_reduce", 1, 8, 1024, 10e-6));
  Experiment experiment = files.experiment("algorithm: auto, ranks: 8, size: 1 KiB");
  Experiment* one = &experiment;
  const auto asked = [&](const std::vector<std::string>& open) {
    return experiments::calibration_input({&one, 1}, {}, experiments::PointsOf::rows, open)
        .asked[0];
  };
  CHECK(asked({}).reckoned.empty());
  const calibration::Asked kept = asked({"made_up"});
  REQUIRE(kept.families.size() > 1);
  CHECK(kept.reckoned.size() == kept.families.size());
  CHECK(std::ranges::min(kept.reckoned) > 0.0);
}

TEST_CASE("Constants that were fitted to the fastest schedules are run with them") {
  Files files(row("all_reduce", 1, 8, 1024, 10e-6));
  const auto chosen = [&](const std::string& record, const std::string& keys) {
    files.folder.write("fitted.yaml", "constants: fitted\nlaunch: 5 us\n" + record);
    files.folder.write("experiment.yaml",
                       "experiment: made_up\nsystem: dgx_h100\nconstants: ./fitted.yaml\n" + keys +
                           "workload: {collective: all_reduce, algorithm: auto, ranks: 8, size: 1 "
                           "KiB}\n");
    Experiment experiment(files.folder.path() / "experiment.yaml", {}, zoo::shipped());
    return experiment.bind(0).choice.by;
  };
  const std::string record =
      "calibrated: {plumbline: x, systems: [dgx_h100], choose: fastest, fitted_on: []}\n";
  CHECK(chosen("", "") == "nccl_tuner");
  CHECK(chosen(record, "") == "fastest");
  CHECK(chosen(record, "choose: nccl_tuner\n") == "nccl_tuner");
}

TEST_CASE("A curve for every number of ranks, a point for every row, in the order of the sweep") {
  Files files(row("all_reduce", 1, 2, 1024, 10e-6) + row("all_reduce", 1, 2, 1048576, 20e-6) +
              row("all_reduce", 1, 8, 1024, 30e-6));
  Experiment experiment =
      files.experiment("algorithm: ring, protocol: auto, ranks: [2, 8], size: [1 KiB, 1 MiB]");
  std::vector<std::size_t> done;
  Experiment* one = &experiment;
  const CalibrationInput input =
      experiments::calibration_input({&one, 1}, [&](const experiments::Progress& progress) {
        CHECK(progress.total == 4);
        done.push_back(progress.done);
      });
  CHECK(done == std::vector<std::size_t>{1, 2, 3, 4});
  REQUIRE(input.curves.size() == 2);
  CHECK(input.curves[0].label == "set, all_reduce, 1 node, 2 ranks");
  CHECK(input.curves[0].system == "dgx_h100");
  CHECK(input.curves[0].nodes == 1);
  CHECK(input.curves[1].ranks == 8);
  CHECK(input.curves[1].set->rows.size() == 3);
  REQUIRE(input.points.size() == 3);
  CHECK(input.points[1].curve == 0);
  CHECK(input.points[1].row.time == 20_us);
  CHECK(input.points[2].curve == 1);
  REQUIRE(input.asked.size() == 3);
  CHECK(input.asked[1].size == 1_MiB);
  CHECK(input.asked[1].share == 1.0);
  CHECK(input.prior.name == "nccl_protocols");
  CHECK(input.prior.launch == 6.6_us);
}

TEST_CASE("Rings of one protocol on as many ranks are one family, whatever their size") {
  Files files(row("all_reduce", 1, 2, 1024, 10e-6) + row("all_reduce", 1, 2, 1048576, 20e-6) +
              row("all_reduce", 1, 8, 1024, 30e-6));
  Experiment experiment =
      files.experiment("algorithm: ring, protocol: auto, ranks: [2, 8], size: [1 KiB, 1 MiB]");
  const CalibrationInput input = gathered(experiment);
  REQUIRE(input.families.size() == 6);
  const auto families = [&](std::size_t point) {
    return std::set(input.asked[point].families.begin(), input.asked[point].families.end());
  };
  CHECK(families(0) == families(1));
  CHECK(families(0).size() == 3);
  CHECK(families(2).size() == 3);
  for (const std::size_t family : families(2)) {
    CHECK_FALSE(families(0).contains(family));
  }
  for (const std::size_t family : families(0)) {
    CHECK(input.families[family].problem.workload().ranks.value == 2);
    CHECK(input.families[family].size == 1_KiB);
    CHECK(input.families[family].label.starts_with("ring, "));
  }
}

TEST_CASE("No algorithm is faster than the speed of light, which no constants slow") {
  Files files(row("all_reduce", 1, 2, 1048576, 20e-6));
  Experiment experiment = files.experiment("algorithm: auto, ranks: 2, size: 1 MiB");
  const CalibrationInput input = gathered(experiment);
  // 6.6 us of launch don't count; two links of 250 ns, and 1 MiB through 18 links of 25 GB/s do.
  CHECK(input.points[0].speed_of_light.si() == Approx(0.5e-6 + 1048576.0 / 450e9));
}

TEST_CASE("Families of everything that may run: at any size as slow as a problem of that size") {
  // Sizes at which trees and switches cut their streams into few pieces and many, evenly and not.
  const std::vector<int> sizes{1000, 65536, 100000, 1048576, 1500000, 8388608, 9999999};
  std::string rows;
  std::string list;
  for (const int size : sizes) {
    rows += row("all_reduce", 1, 4, size, 50e-6);
    list += fmt::format("{}{} B", list.empty() ? "" : ", ", size);
  }
  Files files(rows);
  Experiment experiment =
      files.experiment(fmt::format("algorithm: auto, ranks: 4, size: [{}]", list));
  const CalibrationInput input = gathered(experiment);
  REQUIRE(input.points.size() == sizes.size());
  const experiments::Certified engine;
  const calibration::SimulatedResponse response(engine, engine, input.families, input.asked, {},
                                                input.prior);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const experiments::PointSpec spec = experiment.candidates(i);
    REQUIRE(spec.choice.candidates.size() == input.asked[i].families.size());
    for (std::size_t k = 0; k < spec.choice.candidates.size(); ++k) {
      const std::size_t family = input.asked[i].families[k];
      INFO(input.families[family].label << ", " << sizes[i] << " B");
      const workload::Problem own =
          workload::make_problem(spec.system->fabric, spec.placement, spec.choice.candidates[k],
                                 spec.constants, spec.routing);
      CHECK(response.simulate(family, spec.workload.size, {}).si() ==
            Approx(engine.run(own).estimate->si()).epsilon(1e-8));
    }
  }
}

TEST_CASE("Rows that no point asks for, and points with no row or two, are left out") {
  Files files(row("all_reduce", 1, 2, 1024, 10e-6) + row("all_gather", 1, 2, 4096, 10e-6) +
              row("all_reduce", 2, 4, 1024, 10e-6) + row("all_reduce", 1, 2, 3000, 10e-6) +
              "all_reduce,ring,,1,4,4096,1e-05,,,1\nall_reduce,tree,,1,4,4096,2e-05,,,1\n");
  Experiment experiment =
      files.experiment("algorithm: ring, protocol: auto, ranks: [2, 4], size: [1 KiB, 4 KiB]");
  const CalibrationInput input = gathered(experiment);
  REQUIRE(input.points.size() == 1);
  CHECK(input.points[0].row.ranks == 2);
  CHECK(input.points[0].row.size == 1_KiB);
  CHECK(input.families.size() == 3);
  // Which of the two rows is meant `where` can say.
  Experiment one =
      files.experiment("algorithm: ring, protocol: auto, ranks: [2, 4], size: [1 KiB, 4 KiB]",
                       "choose: fastest\nmeasured: {set: ./set, where: {algorithm: ring}}\n");
  const CalibrationInput ring = gathered(one);
  REQUIRE(ring.points.size() == 1);
  CHECK(ring.points[0].row.time == 10_us);
  CHECK(ring.curves[0].label == "set, all_reduce ring, 1 node, 4 ranks");
  // Nothing at all is a mistake, and so is nothing measured.
  Experiment none =
      files.experiment("algorithm: ring, protocol: auto, ranks: 8, size: [1 KiB, 4 KiB]");
  CHECK_THROWS_AS(gathered(none), core::ModelError);
}

TEST_CASE("Times a thousand times what the constants say are noted with their curve") {
  // Two GPUs side by side take some 10 us for 1 KiB: 6.6 us of launch and two steps.
  const auto notes = [](double small, double large) {
    Files files(row("all_reduce", 1, 2, 1024, small) + row("all_reduce", 1, 2, 1048576, large));
    Experiment experiment =
        files.experiment("algorithm: ring, protocol: auto, ranks: 2, size: [1 KiB, 1 MiB]");
    CalibrationInput input = gathered(experiment);
    experiments::note_suspicious(input, experiments::Certified());
    return input.notes;
  };
  CHECK(notes(10e-6, 20e-6).empty());
  const std::vector<std::string> slow = notes(10e-3, 20e-3);
  REQUIRE(slow.size() == 1);
  CHECK(slow[0].starts_with("set, all_reduce, 1 node, 2 ranks: all times are about "));
  CHECK(slow[0].find("us that are called ms") != std::string::npos);
  const std::vector<std::string> fast = notes(10e-9, 20e-9);
  REQUIRE(fast.size() == 1);
  CHECK(fast[0].find("ms that are called us") != std::string::npos);
}

TEST_CASE("A set of other ranks says which it has") {
  Files files(row("all_reduce", 2, 16, 1024, 30e-6));
  Experiment experiment =
      files.experiment("algorithm: ring, protocol: auto, ranks: 8, size: 1 KiB");
  CHECK_THROWS_WITH(gathered(experiment),
                    Catch::Contains("the set has all_reduce on 2 nodes with 16 ranks alone"));
}

TEST_CASE("Flows: a row by its case's name, a curve by how many at once, a family for each case") {
  // One chip's halves and the other chip: cases of one size differ in where they go.
  Files files(
      "copy,near,,1,1,268435456,0.005,,,1\ncopy,far,,1,1,268435456,0.006,,,1\n"
      "copy,both,,1,2,268435456,0.007,,,1\ncopy,none,,1,1,268435456,0.008,,,1\n");
  files.folder.write("experiment.yaml", R"(experiment: made_up
system: wrx90_2vs
workload:
  flows:
    far: [{from: gpu0, to: gpu4, size: 256 MiB}]
    both: [{from: gpu0, to: gpu4, size: 256 MiB}, {from: gpu1, to: gpu5, size: 256 MiB}]
    near: [{from: gpu0, to: gpu1, size: 256 MiB}]
    unmeasured: [{from: gpu0, to: gpu2, size: 256 MiB}]
constants: nominal
measured: {set: ./set}
)");
  Experiment experiment(files.folder.path() / "experiment.yaml", {}, zoo::shipped());
  const CalibrationInput input = gathered(experiment);
  REQUIRE(input.points.size() == 3);
  CHECK(input.points[0].row.time == 6_ms);
  CHECK(input.points[1].row.time == 7_ms);
  CHECK(input.points[2].row.time == 5_ms);
  REQUIRE(input.curves.size() == 2);
  CHECK(input.curves[0].label == "set, copy on wrx90_2vs, 1 at once");
  CHECK(input.curves[1].label == "set, copy on wrx90_2vs, 2 at once");
  CHECK(input.points[2].curve == 0);
  REQUIRE(input.families.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(input.asked[i].size == 256_MiB);
    CHECK(input.families[input.asked[i].families.front()].size == 256_MiB);
  }
  REQUIRE(input.notes.size() == 1);  // of the case that nobody measured
}

TEST_CASE("A workload that leaves nothing open is its own only family") {
  Files files(row("all_reduce", 1, 8, 1024, 10e-6) + row("all_reduce", 1, 8, 4096, 10e-6));
  Experiment experiment = files.experiment(
      "algorithm: ring, protocol: ll, ranks: 8, size: [1 KiB, 4 KiB]", "measured: {set: ./set}\n");
  const CalibrationInput input = gathered(experiment);
  REQUIRE(input.families.size() == 1);
  CHECK(input.families[0].label == "ring, ll, 1 channel");
  CHECK(input.asked[1].families == std::vector<std::size_t>{0});
}

TEST_CASE("The experiment itself binds a point to the fastest, and says what it chose from") {
  Files files(row("all_reduce", 1, 8, 1024, 10e-6));
  Experiment experiment =
      files.experiment("algorithm: ring, protocol: auto, ranks: 8, size: 1 KiB");
  const experiments::PointSpec point = experiment.bind(0);
  CHECK(point.workload.protocol == workload::Protocol::ll);  // 0.6 us a step and no launch its own
  CHECK(point.choice.by == "fastest");
  CHECK(point.choice.times.size() == 3);
}

/// Points of curves in the order of `sizes`, all of them at once.
CalibrationInput with_curves(const std::vector<std::vector<int>>& sizes) {
  CalibrationInput input;
  for (std::size_t curve = 0; curve < sizes.size(); ++curve) {
    input.curves.emplace_back();
    for (const int size : sizes[curve]) {
      experiments::MeasuredPoint point;
      point.curve = curve;
      point.row.size = core::Bytes::from_si(size);
      point.row.time = 1_us;
      input.points.push_back(std::move(point));
    }
  }
  return input;
}

TEST_CASE("Few curves are left out by three neighbouring sizes, whatever the order of the rows") {
  const CalibrationInput input = with_curves({{8, 2, 4, 1}, {5, 6}});
  const calibration::Observations curves = experiments::observed(input);
  CHECK(curves.group == std::vector<std::uint32_t>{0, 0, 0, 0, 1, 1});
  // 1, 2, 4 are a run, 8 the next, and another curve begins another.
  const calibration::Observations runs = experiments::in_blocks(input, curves);
  CHECK(runs.group == std::vector<std::uint32_t>{1, 0, 0, 0, 2, 2});
  CHECK(runs.log_seconds == curves.log_seconds);
}

TEST_CASE("From eight curves on they are left out whole") {
  const CalibrationInput input = with_curves({{1, 2}, {1}, {1}, {1}, {1}, {1}, {1}, {1}});
  const calibration::Observations curves = experiments::observed(input);
  CHECK(experiments::in_blocks(input, curves).group == curves.group);
}

}  // namespace
}  // namespace plumbline::test

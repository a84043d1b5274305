// SPDX-License-Identifier: Apache-2.0
// Small problems over every registered builder and generator: what the tests of all entries run on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analytic/solver.hpp"
#include "workload/generator.hpp"
#include "workload/problem.hpp"

namespace plumbline::conformance {

/// A fabric of fabrics/: the file's stem, up to the first '-', is its builder.
struct NamedFabric {
  std::string builder;
  std::string name;
  std::shared_ptr<const topology::Fabric> fabric;
};

/// Builds the fabric of a YAML text; throws InputError.
[[nodiscard]] std::shared_ptr<const topology::Fabric> fabric_from(const std::string& yaml);

/// Every fabric of fabrics/, by name.
[[nodiscard]] std::vector<NamedFabric> all_fabrics();

/// As an experiment's `placement:` would; throws InputError.
[[nodiscard]] topology::Placement placement_from(const std::string& yaml,
                                                 const topology::Fabric& fabric,
                                                 std::uint32_t ranks);

/// What is asked of a generator: every variant that its collective has, refused ones included.
struct Request {
  std::string variant;  ///< `channels 2`, `interleaved`
  workload::Workload workload;
};

[[nodiscard]] std::vector<Request> requests(const workload::GeneratorEntry& generator,
                                            workload::Collective collective,
                                            const topology::Fabric& fabric,
                                            const topology::Placement& placement, core::Bytes size);

/// Every constant off its nominal value, and no two alike.
[[nodiscard]] workload::ConstantSet loaded_constants();

/// One point of the grid.
struct Case {
  std::string name;  ///< builder, algorithm, placement, ranks, size, constants
  const workload::GeneratorEntry* generator;
  workload::Problem problem;
};

/// The solver, with options where it can't answer without.
[[nodiscard]] std::unique_ptr<workload::Engine> engine_of(const analytic::SolverEntry& solver);

/// The grid of one fabric: generators × placements × ranks × sizes with constants.
[[nodiscard]] std::vector<Case> cases_on(const NamedFabric& fabric);

}  // namespace plumbline::conformance

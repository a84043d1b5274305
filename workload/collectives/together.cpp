// SPDX-License-Identifier: Apache-2.0
// Several workloads at once, each on ranks of its own or on shared ones: nothing orders them, so
// they share links wherever their routes meet.
#include "workload/together.hpp"

#include <array>

#include "workload/collectives/common.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::together};

std::string refuses(const Workload& workload) {
  for (const Part& part : workload.parts) {
    const GeneratorEntry* const generator =
        find_generator(part.work.collective, part.work.algorithm);
    const std::string why = generator != nullptr ? generator->refuses(part.work) : "no algorithm";
    if (!why.empty()) {
      return part.name + ": " + why;
    }
  }
  return workload.parts.empty() ? "there is nothing to do" : "";
}

}  // namespace

extern const GeneratorEntry together{.name = "together",
                                     .collectives = supported,
                                     .summary = "Several workloads at once, sharing the fabric",
                                     .citation = "The parts' own",
                                     .refuses = refuses,
                                     .generate = join_parts};

}  // namespace plumbline::workload::collectives

// SPDX-License-Identifier: Apache-2.0
// A program that a file holds (imports/msccl.hpp), on the routes of the placement.
#include <array>
#include <fmt/format.h>
#include <vector>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"
#include "workload/program.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter, Collective::all_to_all,
                               Collective::broadcast};

std::string refuses(const Workload& workload) {
  if (workload.program == nullptr) {
    return "it needs a program; name its file with the key file";
  }
  const Program& program = *workload.program;
  if (program.ranks != workload.ranks || program.collective != workload.collective) {
    return fmt::format("the program is an {} of {} ranks, the request an {} of {}",
                       to_text(program.collective), program.ranks.value,
                       to_text(workload.collective), workload.ranks.value);
  }
  return refuse_channels_or_size(workload, program.steps.size());
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const Program& program = *workload.program;
  ScheduleBuilder schedule(program.ranks, program.chunks);
  std::vector<Predecessor> before;
  for (const Program::Step& step : program.steps) {
    Operation op = step.operation;
    if (op.is_transfer()) {
      op.protocol = workload.protocol;
      op.route = routes.between(op.rank, op.peer, op.channel);
      op.amount *= (workload.size / double{1} / program.parts).si();
    }
    before.clear();
    for (const std::uint32_t awaited : step.before) {
      before.push_back({.op = awaited});
    }
    schedule.add(op, before);
  }
  return schedule.finish();
}

}  // namespace

extern const GeneratorEntry msccl{
    .name = "msccl",
    .collectives = supported,
    .summary = "Carries out the program of an MSCCL file",
    .citation =
        "Cowan, Maleki, Musuvathi, Saarikivi, Xiong, MSCCLang: Microsoft Collective Communication "
        "Language, ASPLOS 2023, doi:10.1145/3575693.3575724",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives

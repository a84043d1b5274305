// SPDX-License-Identifier: Apache-2.0
// How often the 95 % intervals of calibrated constants cover the truth: constants drawn around
// nccl_protocols, all_reduce on 2, 4 and 8 GPUs of a DGX H100 at twelve sizes, as bounds and replay
// time it, log-normal noise. Wanted: each parameter that the points tell 92 to 98 %, all together
// 93.5 to 96.5 %. `bench_recovery [draws] [ring|auto]`.
#include <cstdio>
#include <fmt/format.h>
#include <string>

#include "core/diagnostic.hpp"
#include "experiments/certified.hpp"
#include "tests/unit/experiments/recovery.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a benchmark

void print(const experiments::Coverage& of) {
  fmt::print("  {:<40} {:5} draws  {:5.1f} %\n", of.name, of.counted, 100.0 * of.share());
}

}  // namespace

int main(int count, char** arguments) {
  const int draws = count > 1 ? std::stoi(arguments[1]) : 500;
  const std::string algorithm = count > 2 ? arguments[2] : "ring";
  core::Diagnostics diagnostics;
  const zoo::Catalogue catalogue({PL_SOURCE_DIR "/zoo"}, diagnostics);
  const calibration::CalibrationOptions options;
  for (const double noise : {0.01, 0.02, 0.05}) {
    const experiments::Certified engine;
    experiments::Recovery recovery(
        engine, experiments::recovery_input(catalogue, algorithm, "/tmp/plumbline_recovery"), 7);
    for (int draw = 0; draw < draws; ++draw) {
      recovery.draw(noise, options);
    }
    fmt::print("{} %, {} draws, {} simulations\n", 100.0 * noise, draws,
               recovery.response().engine_runs());
    for (const experiments::Coverage& of : recovery.coverage()) {
      print(of);
    }
    print(recovery.pooled());
    std::fflush(stdout);
  }
}

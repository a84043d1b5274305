// SPDX-License-Identifier: Apache-2.0
// The steps of a pipeline: what its generator and its proof must agree on.
//
// With p ranks and v virtual stages there are g = p·v stages, stage i on rank i mod p. A
// micro-batch passes through 2g steps: step k < g is the forward of stage k, step k ≥ g the
// backward of stage 2g − 1 − k.
#pragma once

#include <cstdint>

#include "workload/workload.hpp"

namespace plumbline::workload {

class PipelineSteps {
 public:
  /// Precondition: workload.pipeline.
  explicit PipelineSteps(const Workload& workload)
      : pipeline_(*workload.pipeline), ranks_(workload.ranks.value) {}

  [[nodiscard]] std::uint32_t stages() const { return ranks_ * pipeline_.virtual_stages; }

  [[nodiscard]] std::uint32_t count() const { return 2 * stages(); }

  [[nodiscard]] bool is_forward(std::uint32_t step) const { return step < stages(); }

  [[nodiscard]] RankId rank(std::uint32_t step) const {
    return RankId((is_forward(step) ? step : count() - 1 - step) % ranks_);
  }

  /// One micro-batch on one stage: 1/v of the rank's whole share.
  [[nodiscard]] core::Seconds duration(std::uint32_t step) const {
    const auto& times = is_forward(step) ? pipeline_.forward : pipeline_.backward;
    const core::Seconds whole = times.size() == 1 ? times.front() : times[rank(step).index()];
    return whole / pipeline_.virtual_stages;
  }

  /// Whether the result of `step` travels to the rank of the next one as a transfer. Nothing does
  /// where activations are free; then the next step just waits for it.
  [[nodiscard]] bool sends(std::uint32_t step) const {
    return pipeline_.activation > core::Bytes{} && step + 1 < count() &&
           rank(step) != rank(step + 1);
  }

 private:
  const Pipeline& pipeline_;
  std::uint32_t ranks_;
};

}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
// The shipped tables of NCCL's tuner.
#pragma once

#include <catch2/catch.hpp>

#include "analytic/nccl_tables.hpp"
#include "core/document.hpp"

namespace plumbline::test {

[[nodiscard]] inline const analytic::nccl::Tables& tables() {
  static const analytic::nccl::Tables result = [] {
    core::Diagnostics diagnostics;
    const core::Document document =
        core::Document::load(PL_SOURCE_DIR "/zoo/tuners/nccl_2_30.yaml", diagnostics);
    const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
    auto read = analytic::nccl::read_tables(core::Cursor(reading));
    for (const core::Diagnostic& found : diagnostics.all()) {
      UNSCOPED_INFO(core::to_text(found));
    }
    REQUIRE(read.has_value());
    return std::move(*read);
  }();
  return result;
}

}  // namespace plumbline::test

// SPDX-License-Identifier: Apache-2.0
// What dominates a time differs with the size: latency below, bandwidth above, and between them the
// library's choices.
#pragma once

#include "core/quantity.hpp"

namespace plumbline::workload {

inline constexpr core::Bytes small_below = core::Bytes::from_si(64.0 * 1024.0);
inline constexpr core::Bytes large_above = core::Bytes::from_si(16.0 * 1024.0 * 1024.0);

}  // namespace plumbline::workload

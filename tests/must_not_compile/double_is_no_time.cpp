// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.hpp"

using namespace plumbline::core;

constexpr Seconds latency = 1e-6;

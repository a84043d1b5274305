// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.hpp"

using namespace plumbline::core;

constexpr double latency = 1_us;

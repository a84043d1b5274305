// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.hpp"

using namespace plumbline::core;

constexpr auto sum = 1_us + 450_MiB;

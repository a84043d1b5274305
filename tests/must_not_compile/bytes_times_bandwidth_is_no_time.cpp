// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.hpp"

using namespace plumbline::core;

constexpr Seconds transfer = 450_MiB * 450_GBps;

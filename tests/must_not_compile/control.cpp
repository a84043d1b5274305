// SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"
#include "core/quantity.hpp"

using namespace plumbline::core;
using Rank = Id<struct RankTag>;
using Link = Id<struct LinkTag>;

constexpr Seconds latency_and_transfer = 1_us + 450_MiB / 450_GBps;
constexpr double ratio = 3_ns / 1_us;
constexpr bool same_rank = Rank(1) == Rank(2);
constexpr bool one_link = Link(1) == Link(1);

// SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"

using Rank = plumbline::core::Id<struct RankTag>;
using Link = plumbline::core::Id<struct LinkTag>;

constexpr Rank rank = 1;
constexpr Link link(1);

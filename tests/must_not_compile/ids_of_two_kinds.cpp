// SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"

using Rank = plumbline::core::Id<struct RankTag>;
using Link = plumbline::core::Id<struct LinkTag>;

constexpr bool equal = Rank(1) == Link(1);

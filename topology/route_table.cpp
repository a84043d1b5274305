// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/hash.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

std::uint64_t hash_of(std::span<const LinkId> links) {
  core::Hash hash;
  for (const LinkId link : links) {
    hash.mix(link.value);
  }
  return hash.value();
}

}  // namespace

RouteId RouteTable::intern(std::span<const LinkId> route, std::span<const Share> parts) {
  const std::uint64_t hash = hash_of(route);
  const auto [first, last] = by_hash_.equal_range(hash);
  const auto whole = [](const Share& share) { return share == Share{}; };
  for (auto known = first; known != last; ++known) {
    const std::span<const Share> others = shares(known->second);
    if (std::ranges::equal(links(known->second), route) &&
        (parts.empty() ? std::ranges::all_of(others, whole) : std::ranges::equal(others, parts))) {
      return known->second;
    }
  }
  const RouteId id(size());
  links_.insert(links_.end(), route.begin(), route.end());
  shares_.insert(shares_.end(), parts.begin(), parts.end());
  shares_.resize(links_.size());
  offsets_.push_back(static_cast<std::uint32_t>(links_.size()));
  by_hash_.emplace(hash, id);
  return id;
}

std::span<const LinkId> RouteTable::links(RouteId route) const {
  return std::span(links_).subspan(offsets_[route.index()],
                                   offsets_[route.index() + 1] - offsets_[route.index()]);
}

std::span<const Share> RouteTable::shares(RouteId route) const {
  return std::span(shares_).subspan(offsets_[route.index()],
                                    offsets_[route.index() + 1] - offsets_[route.index()]);
}

}  // namespace plumbline::topology

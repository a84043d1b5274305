// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/exchange.hpp"

#include <bit>
#include <fmt/format.h>

namespace plumbline::workload {

Exchanges::Exchanges(const Workload& workload, RouteSource& routes, std::uint32_t chunks)
    : ranks_(workload.ranks.value),
      chunks_(chunks),
      cube_(std::bit_floor(ranks_)),
      writer_(workload, routes, chunks) {}

void Exchanges::fold_in() {
  for (std::uint32_t rank = cube_; rank < ranks_; ++rank) {
    add(OpKind::reduce, rank, rank - cube_, 0, chunks_);
  }
  writer_.next();
}

void Exchanges::fold_out() {
  for (std::uint32_t rank = cube_; rank < ranks_; ++rank) {
    add(OpKind::copy, rank - cube_, rank, 0, chunks_);
  }
  writer_.next();
}

void Exchanges::halving() {
  for (std::uint32_t distance = cube_ / 2; distance > 0; distance /= 2) {
    for (std::uint32_t rank = 0; rank < cube_; ++rank) {
      const std::uint32_t partner = rank ^ distance;
      add(OpKind::reduce, rank, partner, partner & ~(distance - 1), distance);
    }
    writer_.next();
  }
}

void Exchanges::doubling() {
  for (std::uint32_t distance = 1; distance < cube_; distance *= 2) {
    for (std::uint32_t rank = 0; rank < cube_; ++rank) {
      add(OpKind::copy, rank, rank ^ distance, rank & ~(distance - 1), distance);
    }
    writer_.next();
  }
}

void Exchanges::whole() {
  for (std::uint32_t distance = 1; distance < cube_; distance *= 2) {
    for (std::uint32_t rank = 0; rank < cube_; ++rank) {
      add(OpKind::reduce, rank, rank ^ distance, 0, chunks_);
    }
    writer_.next();
  }
}

std::string refuse_uneven(const Workload& workload) {
  return std::has_single_bit(workload.ranks.value)
             ? std::string{}
             : fmt::format("{} ranks are not a power of two", workload.ranks.value);
}

}  // namespace plumbline::workload

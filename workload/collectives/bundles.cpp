// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/bundles.hpp"

#include <algorithm>
#include <utility>

namespace plumbline::workload {

void append_chunk(std::vector<Run>& runs, std::uint32_t chunk, core::Bytes bytes) {
  if (!runs.empty() && runs.back().chunk + runs.back().count == chunk) {
    ++runs.back().count;
    runs.back().bytes += bytes;
  } else {
    runs.push_back({.chunk = chunk, .count = 1, .bytes = bytes});
  }
}

std::vector<Predecessor> Bundles::awaited(RankId from, const Run& run, std::size_t place) {
  std::vector<std::uint32_t> operations;
  for (std::uint32_t i = 0; i < run.count; ++i) {
    const auto& sources = brought(from, run.chunk + i);
    operations.insert(operations.end(), sources.begin(), sources.end());
  }
  const Turn& last = before_[from.index()];
  for (const std::vector<Message>* messages : {&last.sent, &last.received}) {
    for (const Message& message : *messages) {
      operations.push_back(message[place % message.size()]);
    }
  }
  std::ranges::sort(operations);
  const auto repeated = std::ranges::unique(operations);
  operations.erase(repeated.begin(), repeated.end());
  std::vector<Predecessor> before;
  for (const std::uint32_t operation : operations) {
    before.push_back({.op = operation});
  }
  return before;
}

void Bundles::send(OpKind kind, RankId from, RankId to, std::span<const Run> runs) {
  if (runs.empty()) {
    return;
  }
  const RouteId route = routes_.between(from, to);
  Message& sent = now_[from.index()].sent.emplace_back();
  Message& received = now_[to.index()].received.emplace_back();
  for (std::size_t place = 0; place < runs.size(); ++place) {
    const Run& run = runs[place];
    const std::uint32_t index = builder_.add({.kind = kind,
                                              .protocol = workload_.protocol,
                                              .rank = from,
                                              .peer = to,
                                              .route = route,
                                              .chunk = run.chunk,
                                              .chunk_count = run.count,
                                              .amount = run.bytes.si()},
                                             awaited(from, run, place));
    sent.push_back(index);
    received.push_back(index);
    for (std::uint32_t i = 0; i < run.count; ++i) {
      auto& sources = brought(to, run.chunk + i);
      if (kind == OpKind::copy) {
        sources.clear();
      }
      sources.push_back(index);
    }
  }
}

void Bundles::next() {
  for (std::size_t rank = 0; rank < now_.size(); ++rank) {
    if (!now_[rank].sent.empty()) {
      before_[rank].sent = std::exchange(now_[rank].sent, {});
    }
    if (!now_[rank].received.empty()) {
      before_[rank].received = std::exchange(now_[rank].received, {});
    }
  }
}

}  // namespace plumbline::workload

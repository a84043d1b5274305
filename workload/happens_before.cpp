// SPDX-License-Identifier: Apache-2.0
#include "workload/happens_before.hpp"

#include <algorithm>

namespace plumbline::workload {

/// An operation continues the line of a predecessor on the same chunk, if that is still its line's
/// end; otherwise it starts a line. Operations of one line are thus ordered by their numbers.
HappensBefore::HappensBefore(const Dag& dag) : dag_(dag) {
  line_.reserve(dag.size());
  std::vector<OpId> line_end;
  for (std::uint32_t i = 0; i < dag.size(); ++i) {
    const auto before = dag.before(OpId(i));
    const auto continued = std::find_if(before.begin(), before.end(), [&](OpId predecessor) {
      return dag.operations[predecessor.index()].chunk == dag.operations[i].chunk &&
             line_end[line_[predecessor.index()]] == predecessor;
    });
    if (continued != before.end()) {
      line_.push_back(line_[continued->index()]);
      line_end[line_.back()] = OpId(i);
    } else {
      line_.push_back(static_cast<std::uint32_t>(line_end.size()));
      line_end.emplace_back(i);
    }
  }
}

bool HappensBefore::is_direct(OpId first, OpId second) const {
  const auto before = dag_.before(second);
  return std::find(before.begin(), before.end(), first) != before.end();
}

bool HappensBefore::operator()(OpId first, OpId second) {
  return is_direct(first, second) || line_[first.index()] == line_[second.index()] ||
         search(first, second);
}

/// Depth first from `second`; nothing numbered below `first` can lead back to it.
bool HappensBefore::search(OpId first, OpId second) {
  seen_.resize(dag_.size(), 0);
  ++searches_;
  open_.assign(1, second);
  while (!open_.empty()) {
    const OpId current = open_.back();
    open_.pop_back();
    for (const OpId predecessor : dag_.before(current)) {
      if (line_[predecessor.index()] == line_[first.index()] && predecessor >= first) {
        return true;
      }
      if (predecessor > first && seen_[predecessor.index()] != searches_) {
        seen_[predecessor.index()] = searches_;
        open_.push_back(predecessor);
      }
    }
  }
  return false;
}

}  // namespace plumbline::workload

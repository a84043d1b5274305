// SPDX-License-Identifier: Apache-2.0
// From a `workload:` map with `together:` to a Workload of parts.
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/text.hpp"
#include "workload/collectives/common.hpp"
#include "workload/flow_pieces.hpp"
#include "workload/together.hpp"
#include "workload/workload_text.hpp"

namespace plumbline::workload {

namespace {

/// One process group: its ranks, and its number among those of its name.
struct Group {
  std::vector<RankId> ranks;
  std::string number;  ///< `[3]`; empty where it is the only one
};

class TogetherReader {
 public:
  TogetherReader(const core::Cursor& cursor, const topology::Fabric& fabric, RankCount ranks,
                 const Site& site, const std::filesystem::path& base)
      : cursor_(cursor), fabric_(fabric), site_(site), base_(base), next_number_(ranks.value) {
    workload_.collective = Collective::together;
    workload_.algorithm = to_text(Collective::together);
    workload_.ranks = ranks;
    workload_.site = site;
    for (std::uint32_t rank = 0; rank < site.device_of.size(); ++rank) {
      numbers_.emplace(site.device_of[rank], RankId(rank));
    }
  }

  [[nodiscard]] std::optional<Workload> read() {
    good_ = TogetherText::schema().bind(cursor_).has_value();
    read_groups();
    const core::Cursor parts = *cursor_.find("together");
    if (!parts.is_sequence() || parts.items().empty()) {
      error(parts, "PL-W016", "a list of workloads is expected here",
            "write - run: {collective: all_reduce, algorithm: ring, size: 1 MB}");
      return std::nullopt;
    }
    std::size_t number = 0;
    for (const core::Cursor& item : parts.items()) {
      read_part(item, number++);
    }
    if (good_) {
      ask_generator();
    }
    return good_ ? std::optional(std::move(workload_)) : std::nullopt;
  }

 private:
  void error(const core::Cursor& at, std::string_view code, std::string message,
             std::string hint = {}) {
    at.error(code, std::move(message), std::move(hint));
    good_ = false;
  }

  void read_groups();
  void read_part(const core::Cursor& item, std::size_t number);
  std::vector<Group> groups_of(const core::Cursor& item, const PartText& text);
  std::vector<Group> named(const core::Cursor& at, const std::string& name);
  std::vector<Group> listed(const core::Cursor& at, const std::vector<std::uint32_t>& members);
  [[nodiscard]] Site site_on(const std::vector<RankId>& ranks) const;
  std::vector<RankId> ranks_of_flows(const std::vector<Flow>& flows);
  void ask_generator();

  const core::Cursor& cursor_;
  const topology::Fabric& fabric_;
  const Site& site_;
  const std::filesystem::path& base_;
  Workload workload_;
  std::vector<std::pair<std::string, std::uint32_t>> groups_;  ///< fastest varying first
  bool groups_fit_ = true;
  std::map<topology::DeviceId, RankId> numbers_;
  std::uint32_t next_number_;
  bool good_ = true;
};

void TogetherReader::read_groups() {
  const auto at = cursor_.find("groups");
  if (!at) {
    return;
  }
  if (!at->is_map()) {
    error(*at, "PL-W017", "a map of process groups is expected here",
          "write groups: {tensor: 8, data: 4}, the fastest varying first");
    return;
  }
  std::uint64_t product = 1;
  for (const std::string& name : at->keys()) {
    const auto size = core::read<std::uint32_t>(*at->find(name));
    good_ = good_ && size;
    groups_.emplace_back(name, std::max(1U, size.value_or(1)));
    product *= groups_.back().second;
  }
  groups_fit_ = product == workload_.ranks.value;
  if (!groups_fit_) {
    error(*at, "PL-W017",
          fmt::format("the process groups take {} ranks, there are {}", product,
                      workload_.ranks.value),
          "the sizes of all groups multiply to the number of ranks");
  }
}

/// The groups of one name: ranks that differ in this coordinate alone.
std::vector<Group> TogetherReader::named(const core::Cursor& at, const std::string& name) {
  std::uint32_t stride = 1;
  std::vector<std::string> names;
  for (const auto& [known, size] : groups_) {
    names.push_back(known);
    if (known != name) {
      stride *= size;
      continue;
    }
    if (!groups_fit_) {
      return {};  // reported where they are given
    }
    std::vector<Group> result;
    for (std::uint32_t first = 0; first < workload_.ranks.value; ++first) {
      if (first / stride % size == 0) {
        Group group{{}, fmt::format("[{}]", result.size())};
        for (std::uint32_t i = 0; i < size; ++i) {
          group.ranks.emplace_back(first + i * stride);
        }
        result.push_back(std::move(group));
      }
    }
    return result;
  }
  error(at, "PL-W017", fmt::format("there is no process group '{}'", name),
        names.empty() ? "say groups: {tensor: 8, data: 4} beside together"
                      : core::suggest(name, names));
  return {};
}

std::vector<Group> TogetherReader::listed(const core::Cursor& at,
                                          const std::vector<std::uint32_t>& members) {
  Group group;
  for (const std::uint32_t member : members) {
    group.ranks.emplace_back(member);
  }
  std::vector<RankId> sorted = group.ranks;
  std::ranges::sort(sorted);
  const bool is_wrong = sorted.size() < 2 || sorted.back().value >= workload_.ranks.value ||
                        std::ranges::adjacent_find(sorted) != sorted.end();
  if (is_wrong) {
    error(at, "PL-W005", "members are at least two different ranks",
          fmt::format("ranks count from 0 to {}", workload_.ranks.value - 1));
    return {};
  }
  return {std::move(group)};
}

std::vector<Group> TogetherReader::groups_of(const core::Cursor& item, const PartText& text) {
  if (text.group && text.members) {
    error(item, "PL-K007", "both group and members say which ranks take part",
          "leave one of them out");
    return {};
  }
  if (text.group) {
    return named(*item.find("group"), *text.group);
  }
  if (text.members) {
    return listed(*item.find("members"), *text.members);
  }
  Group everyone;
  for (std::uint32_t rank = 0; rank < workload_.ranks.value; ++rank) {
    everyone.ranks.emplace_back(rank);
  }
  return {std::move(everyone)};
}

Site TogetherReader::site_on(const std::vector<RankId>& ranks) const {
  if (site_.device_of.empty()) {
    return {};
  }
  topology::Placement part;
  for (const RankId rank : ranks) {
    part.device_of.push_back(site_.device_of[rank.index()]);
  }
  return site_of(fabric_, part);
}

/// Flows join devices; those without a rank get numbers after the ranks, in the order in which
/// `flows` numbers its devices.
std::vector<RankId> TogetherReader::ranks_of_flows(const std::vector<Flow>& flows) {
  std::vector<RankId> result;
  for (const topology::DeviceId device : flow_devices(flows)) {
    const auto [known, is_new] = numbers_.emplace(device, RankId(next_number_));
    next_number_ += is_new ? 1 : 0;
    result.push_back(known->second);
  }
  return result;
}

void TogetherReader::read_part(const core::Cursor& item, std::size_t number) {
  const std::optional<PartText> text = PartText::schema().bind(item);
  if (!text || !item.find("run")) {
    good_ = false;
    return;
  }
  const core::Cursor run = *item.find("run");
  if (run.is_map() && run.find("together")) {
    error(*run.find("together"), "PL-W016", "a part of together can't itself be together");
    return;
  }
  for (const Group& group : groups_of(item, *text)) {
    std::optional<Workload> work =
        read_workload(run, fabric_, RankCount(group.ranks.size()), site_on(group.ranks), base_);
    if (!work) {
      good_ = false;
      return;  // the other groups would say the same
    }
    if (is_open(*work)) {
      error(run, "PL-W034", "a part of together states its algorithm and protocol",
            "write them instead of auto");
      return;
    }
    const std::string name =
        text->name.value_or(fmt::format("{} {}", number, to_text(work->collective)));
    std::vector<RankId> ranks =
        work->collective == Collective::flows ? ranks_of_flows(work->flows) : group.ranks;
    workload_.parts.push_back({.name = name + group.number,
                               .ranks = std::move(ranks),
                               .start = text->start,
                               .work = std::move(*work)});
  }
}

void TogetherReader::ask_generator() {
  std::uint64_t operations = 0;
  RouteSource nowhere = RouteSource::without_routes();
  for (const Part& part : workload_.parts) {
    operations += part_schedule(part, nowhere).operation_count();
  }
  if (const std::string why = refuse_size(operations); !why.empty()) {
    error(cursor_, "PL-W007", "together: " + why);
  }
}

}  // namespace

std::optional<Workload> read_together(const core::Cursor& cursor, const topology::Fabric& fabric,
                                      RankCount ranks, const Site& site,
                                      const std::filesystem::path& base) {
  return TogetherReader(cursor, fabric, ranks, site, base).read();
}

}  // namespace plumbline::workload

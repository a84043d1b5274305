// SPDX-License-Identifier: Apache-2.0
// From a `workload:` map to a Workload.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/text.hpp"
#include "workload/generator.hpp"
#include "workload/workload_text.hpp"

namespace plumbline::workload {
namespace {

constexpr std::uint32_t most_ranks = 1U << 20U;
constexpr std::uint32_t most_channels = 1024;
constexpr std::uint32_t most_slots = 1024;
constexpr std::uint32_t most_messages = 1'000'000;
constexpr std::uint32_t most_micro_batches = 1'000'000;

constexpr std::initializer_list<const char*> of_collectives{
    "algorithm", "size", "channels", "chunk", "slots",
    "rings",     "grid", "inner",    "root",  "messages"};

bool has_root(Collective collective) {
  return collective == Collective::broadcast || collective == Collective::reduce ||
         collective == Collective::incast || collective == Collective::outcast ||
         collective == Collective::gather || collective == Collective::scatter;
}

/// Reads one map. Every method reports what is wrong where it stands and goes on.
class WorkloadReader {
 public:
  WorkloadReader(const core::Cursor& cursor, const topology::Fabric& fabric, RankCount ranks,
                 Site site, const std::filesystem::path& base)
      : cursor_(cursor), fabric_(fabric), base_(base) {
    workload_.ranks = ranks;
    workload_.site = std::move(site);
  }

  [[nodiscard]] std::optional<Workload> read() {
    const std::optional<WorkloadText> text = WorkloadText::schema().bind(cursor_);
    if (!cursor_.is_map()) {
      return std::nullopt;
    }
    good_ = text.has_value();
    read_protocol();
    if (const auto groups = cursor_.find("groups")) {
      error(*groups, "PL-W006", "'groups' has no meaning without together", "leave it out");
    }
    if (choose_kind()) {
      if (workload_.collective == Collective::flows) {
        reject({"ranks"});
        reject(of_collectives);
        good_ = read_flows(*cursor_.find("flows"), fabric_, workload_) && good_;
      } else if (workload_.collective == Collective::pipeline) {
        reject(of_collectives);
        check_ranks();
        read_pipeline();
      } else if (workload_.collective == Collective::compute) {
        reject({"algorithm", "size", "channels", "root", "messages"});
        read_compute(text.value_or(WorkloadText{}));
      } else {
        check_ranks();
        read_algorithm();
        read_values(text.value_or(WorkloadText{}));
      }
      good_ = read_exchange(cursor_, workload_) && good_;
      good_ = read_program(cursor_, base_, workload_) && good_;
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

  void reject(std::initializer_list<const char*> keys);
  bool choose_kind();
  void read_protocol();
  void check_ranks();
  void read_algorithm();
  void read_values(const WorkloadText& text);
  void read_pieces(const WorkloadText& text);
  void read_messages(const WorkloadText& text);
  void read_compute(const WorkloadText& text);
  void read_pipeline();
  std::vector<core::Seconds> times(const core::Cursor& at, const std::string& key,
                                   const std::optional<core::Seconds>& one,
                                   const std::optional<std::vector<core::Seconds>>& list);
  void ask_generator();

  const core::Cursor& cursor_;
  const topology::Fabric& fabric_;
  const std::filesystem::path& base_;
  Workload workload_;
  bool good_ = true;
};

void WorkloadReader::reject(std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (const auto at = cursor_.find(key)) {
      const std::string_view what =
          workload_.algorithm == automatic ? "algorithm: auto" : to_text(workload_.collective);
      error(*at, "PL-W006", fmt::format("'{}' has no meaning for {}", key, what), "leave it out");
    }
  }
}

/// Which of the three keys is there; false after a diagnostic.
bool WorkloadReader::choose_kind() {
  const auto named = cursor_.find("collective");
  const auto flows = cursor_.find("flows");
  const auto pipeline = cursor_.find("pipeline");
  const auto compute = cursor_.find("compute");
  const int given = (named ? 1 : 0) + (flows ? 1 : 0) + (pipeline ? 1 : 0) + (compute ? 1 : 0);
  if (given != 1) {
    error(cursor_, "PL-K007",
          given == 0
              ? "a workload is a collective, flows, a pipeline, compute or several together, "
                "and none is given"
              : "a workload is only one of collective, flows, pipeline and compute",
          "write e.g. collective: all_reduce");
    return false;
  }
  if (!named) {
    workload_.collective = flows      ? Collective::flows
                           : pipeline ? Collective::pipeline
                                      : Collective::compute;
    workload_.algorithm = to_text(workload_.collective);
    return true;
  }
  const auto name = core::read_choice(*named, collective_names(), "collective");
  if (!name) {
    good_ = false;
    return false;
  }
  workload_.collective = *collective(*name);
  return true;
}

void WorkloadReader::read_protocol() {
  if (const auto at = cursor_.find("protocol")) {
    const auto name = core::read_choice(*at, with_automatic(protocol_names()), "protocol");
    good_ = good_ && name;
    workload_.choose_protocol = name == automatic;
    workload_.protocol = name && name != automatic ? *protocol(*name) : Protocol::none;
  }
}

void WorkloadReader::check_ranks() {
  if (workload_.ranks.value < 2 || workload_.ranks.value > most_ranks) {
    error(cursor_.find("ranks").value_or(cursor_), "PL-W004",
          fmt::format("{} rank(s) can't communicate", workload_.ranks.value),
          fmt::format("2 to {} ranks", most_ranks));
  }
}

void WorkloadReader::read_algorithm() {
  const std::vector<std::string> choices = algorithm_names(workload_.collective);
  const auto at = cursor_.find("algorithm");
  if (!at) {
    if (choices.size() != 1) {
      error(cursor_, "PL-W001",
            fmt::format("{} has several algorithms; say which", to_text(workload_.collective)),
            fmt::format("one of: {}", core::join(choices, ", ")));
      return;
    }
    workload_.algorithm = choices.front();
    return;
  }
  const auto what = fmt::format("{} algorithm", to_text(workload_.collective));
  const auto name = core::read_choice(*at, with_automatic(choices), what);
  good_ = good_ && name;
  workload_.algorithm = name.value_or("");
  if (name == automatic) {
    reject({"channels", "rings", "grid"});  // come with the choice
    workload_.choose_protocol |= !cursor_.find("protocol");
  }
}

void WorkloadReader::read_values(const WorkloadText& text) {
  if (cursor_.find("sizes")) {
    reject({"size"});
  } else if (!cursor_.find("size")) {
    error(cursor_, "PL-K002", "the key 'size' is missing");
  } else if (text.size && !(*text.size > core::Bytes{})) {
    error(*cursor_.find("size"), "PL-W003", "nothing is sent: the size is zero");
  }
  workload_.size = text.size.value_or(core::Bytes{});
  workload_.channels = text.channels.value_or(1);
  if (workload_.channels < 1 || workload_.channels > most_channels) {
    error(*cursor_.find("channels"), "PL-W008", fmt::format("{} channels", workload_.channels),
          fmt::format("1 to {} channels", most_channels));
  }
  read_pieces(text);
  good_ = read_rings(cursor_, base_, workload_) && good_;
  read_messages(text);
  workload_.grid = text.grid.value_or(std::vector<std::uint32_t>{});
  workload_.direct_inside = text.inner == "direct";
  if (!has_root(workload_.collective)) {
    reject({"root"});
  } else if (text.root.value_or(0) >= workload_.ranks.value) {
    error(*cursor_.find("root"), "PL-W005", fmt::format("there is no rank {}", *text.root),
          fmt::format("ranks count from 0 to {}", workload_.ranks.value - 1));
  }
  workload_.root = RankId(text.root.value_or(0));
}

void WorkloadReader::read_pieces(const WorkloadText& text) {
  if (text.chunk && !(*text.chunk > core::Bytes{})) {
    error(*cursor_.find("chunk"), "PL-W003", "nothing is sent: the chunk is empty");
  }
  workload_.chunk = text.chunk;
  workload_.slots = text.slots.value_or(1);
  if (workload_.slots < 1 || workload_.slots > most_slots) {
    error(*cursor_.find("slots"), "PL-W015", fmt::format("{} slots", workload_.slots),
          fmt::format("1 to {} slots", most_slots));
  }
}

void WorkloadReader::read_messages(const WorkloadText& text) {
  if (workload_.collective != Collective::stream) {
    reject({"messages"});
    return;
  }
  workload_.messages = text.messages.value_or(1);
  if (workload_.messages < 1 || workload_.messages > most_messages) {
    error(*cursor_.find("messages"), "PL-W035", fmt::format("{} messages", workload_.messages),
          fmt::format("1 to {} messages", most_messages));
  }
}

void WorkloadReader::read_compute(const WorkloadText& text) {
  workload_.duration = text.compute.value_or(core::Seconds{});
  if (text.compute && !(workload_.duration > core::Seconds{})) {
    error(*cursor_.find("compute"), "PL-W014", "a compute that takes no time");
  }
}

void WorkloadReader::read_pipeline() {
  const core::Cursor at = *cursor_.find("pipeline");
  const std::optional<PipelineText> text = PipelineText::schema().bind(at);
  if (!text) {
    good_ = false;
    return;
  }
  const auto check_count = [&](const char* key, std::uint32_t count) {
    if (count < 1 || count > most_micro_batches) {
      error(*at.find(key), "PL-W013", fmt::format("{} {}", count, key),
            fmt::format("1 to {}", most_micro_batches));
    }
  };
  check_count("micro_batches", text->micro_batches);
  check_count("virtual_stages", text->virtual_stages);
  constexpr std::array schedules{PipelineSchedule::gpipe, PipelineSchedule::one_f_one_b,
                                 PipelineSchedule::interleaved};
  workload_.pipeline =
      Pipeline{.schedule = *std::find_if(schedules.begin(), schedules.end(),
                                         [&](auto s) { return to_text(s) == text->schedule; }),
               .micro_batches = text->micro_batches,
               .virtual_stages = text->virtual_stages,
               .forward = times(at, "forward", text->forward, text->forward_per_rank),
               .backward = times(at, "backward", text->backward, text->backward_per_rank),
               .activation = text->activation};
}

std::vector<core::Seconds> WorkloadReader::times(
    const core::Cursor& at, const std::string& key, const std::optional<core::Seconds>& one,
    const std::optional<std::vector<core::Seconds>>& list) {
  const std::string list_key = key + "_per_rank";
  if (one.has_value() == list.has_value()) {
    error(at, "PL-K007", fmt::format("exactly one of {} and {} is needed", key, list_key),
          fmt::format("write e.g. {}: 1 ms", key));
    return {};
  }
  std::vector<core::Seconds> result = one ? std::vector{*one} : *list;
  const core::Cursor where = *at.find(one ? key : list_key);
  if (list && list->size() != workload_.ranks.value) {
    error(where, "PL-W012",
          fmt::format("{} times for {} ranks", list->size(), workload_.ranks.value),
          "one time per rank");
  }
  if (std::any_of(result.begin(), result.end(),
                  [](core::Seconds time) { return !(time > core::Seconds{}); })) {
    error(where, "PL-W014", fmt::format("a {} that takes no time", key));
  }
  return result;
}

void WorkloadReader::ask_generator() {
  if (workload_.algorithm == automatic) {
    return;  // whoever chooses it asks
  }
  const GeneratorEntry* const generator = find_generator(workload_.collective, workload_.algorithm);
  if (const std::string why = generator->refuses(workload_); !why.empty()) {
    error(cursor_, "PL-W007", fmt::format("{}: {}", workload_.algorithm, why));
  }
}

}  // namespace

std::optional<RankCount> read_ranks(const core::Cursor& workload) {
  const auto at = workload.is_map() ? workload.find("ranks") : std::nullopt;
  if (!at) {
    return std::nullopt;
  }
  const auto ranks = core::read<std::uint32_t>(*at);
  if (!ranks) {
    return std::nullopt;
  }
  if (*ranks < 2 || *ranks > most_ranks) {
    at->error("PL-W004", fmt::format("{} rank(s) can't communicate", *ranks),
              fmt::format("2 to {} ranks", most_ranks));
    return std::nullopt;
  }
  return RankCount(*ranks);
}

std::optional<Workload> read_workload(const core::Cursor& cursor, const topology::Fabric& fabric,
                                      RankCount ranks, Site site,
                                      const std::filesystem::path& base) {
  if (cursor.is_map() && cursor.find("together")) {
    return read_together(cursor, fabric, ranks, site, base);
  }
  return WorkloadReader(cursor, fabric, ranks, std::move(site), base).read();
}

}  // namespace plumbline::workload

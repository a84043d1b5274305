// SPDX-License-Identifier: Apache-2.0
#include "gate/domain.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "analytic/question.hpp"
#include "core/diagnostic.hpp"
#include "core/text.hpp"
#include "workload/generator.hpp"

namespace plumbline::gate {
namespace {

/// Algorithms that need more than a case says: a program, a grid, switches of the network that add.
const std::set<std::string_view> beyond_a_case{"msccl", "torus_2d", "sharp_tree", "sharp_leaders"};

bool has_a_size(workload::Collective collective) {
  using workload::Collective;
  return collective < Collective::flows && collective != Collective::all_to_allv &&
         collective != Collective::permutation;
}

// Whatever a contract says: more could not be replayed.
constexpr double most_machines = 64.0;

std::vector<Work> all_works() {
  std::vector<Work> works;
  for (const workload::GeneratorEntry* entry : workload::generators()) {
    for (const workload::Collective collective : entry->collectives) {
      if (!beyond_a_case.contains(entry->name) &&
          (has_a_size(collective) || collective == workload::Collective::pipeline)) {
        works.push_back({std::string(to_text(collective)), std::string(entry->name)});
      }
    }
  }
  return works;
}

[[noreturn]] void refuse(const std::string& name, std::string message, std::string hint) {
  throw core::InputError({{"PL-D001",
                           core::Severity::error,
                           {fmt::format("domain.{}", name), 1, 1},
                           std::move(message),
                           std::move(hint)}});
}

std::vector<std::string> axis_names() {
  std::vector<std::string> names(words().begin(), words().end());
  for (const AxisInfo& axis : numbers()) {
    names.emplace_back(axis.name);
  }
  return names;
}

/// Counts that are worth trying: powers of two, what lies between them, and both ends.
std::vector<double> counts(Range range) {
  std::set<double> values{range.from, range.to};
  double power = 1.0;
  while (power <= range.to) {
    for (const double value : {power, power * 1.5}) {
      if (value >= range.from && value <= range.to && value == std::floor(value)) {
        values.insert(value);
      }
    }
    power *= 2.0;
  }
  return {values.begin(), values.end()};
}

template <class T>
const T& pick(const std::vector<T>& values, double unit) {
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(unit * static_cast<double>(values.size())))];
}

/// On one machine there is no network: what would speak of one says nothing.
void settle(Case& at) {
  if (at.nodes == 1) {
    at.gpus_per_nic = 1;
    at.oversubscription = 1.0;
  }
  if (at.nodes == 1 || at.gpus_per_node == 1) {
    at.placement = "packed";
  }
}

// Which dimension of the unit cube a number is drawn from; the first two choose words. Each has its
// own: what two share is drawn together, and a verdict would name either.
constexpr std::size_t work_dimension = 0;
constexpr std::size_t placement_dimension = 1;
constexpr std::array<std::string_view, 17> drawn_numbers{
    "size",         "nodes",          "gpus_per_node",    "gpus_per_nic",  "latency", "bandwidth",
    "nvlink_ratio", "nvlink_latency", "oversubscription", "micro_batches", "compute", "channels",
    "pieces",       "slots",          "step_latency",     "wire_ratio",    "launch"};

constexpr std::size_t dimension_of(std::size_t number) {
  return 2 + number;
}

static_assert(dimension_of(drawn_numbers.size()) == sobol_dimensions);

}  // namespace

double rounded(double value) {
  if (value == 0.0) {
    return 0.0;
  }
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2.0);
  return std::round(value / unit) * unit;
}

Domain::Domain(const analytic::Contract& contract) : works_(all_works()) {
  for (const AxisInfo& axis : numbers()) {
    ranges_.emplace(axis.name, Range{axis.from, axis.overhead ? axis.from : axis.to});
  }
  words_["placement"] = {"packed", "round_robin"};
  for (const auto& [name, axis] : contract.domain) {
    restrict(name.substr(name.rfind('.') + 1), axis);
  }
  for (const char* part : {"nodes", "gpus_per_node"}) {  // must reach as far as the ranks
    if (!contract.domain.contains(part)) {
      Range& range = ranges_.find(part)->second;
      range.to = contract.domain.contains("ranks")
                     ? std::min(this->range("ranks").to, most_machines)
                     : range.to;
    }
  }
  if (contract.domain.contains("gpus_per_node") && !contract.domain.contains("ranks")) {
    ranges_.find("ranks")->second.to =
        std::max(ranges_.find("ranks")->second.to, range("gpus_per_node").to);
  }
  fill_works();
}

void Domain::restrict(const std::string& name, const analytic::DomainAxis& axis) {
  const bool is_word = std::ranges::find(words(), name) != words().end();
  if (!is_word && find_number(name) == nullptr) {
    if (analytic::find_number(name) != nullptr || name == "protocol" || name == "routing") {
      beyond_[name] = axis;
      return;
    }
    refuse(name, fmt::format("problems have no '{}'", name), core::suggest(name, axis_names()));
  }
  if (is_word != !axis.words.empty()) {
    refuse(name, is_word ? "words are expected here" : "a range is expected here",
           is_word ? "a list of names" : "{from: …, to: …}");
  }
  if (is_word) {
    words_[name] = axis.words;
    names_works_ = names_works_ || name != "placement";
    return;
  }
  if (!(axis.from <= axis.to)) {
    refuse(name, fmt::format("nothing lies between {} and {}", axis.from, axis.to),
           "from must not be above to");
  }
  const AxisInfo& info = *find_number(name);
  Range& range = ranges_[name];
  range = {std::max(axis.from, info.overhead || info.scale == Scale::count ? info.from : 0.0),
           axis.to};
  if (name == "gpus_per_node" || name == "nodes") {
    range.to = std::min(range.to, most_machines);
  }
  if (!std::isfinite(range.to)) {
    range.to = std::max(info.to, range.from);
  }
  if (info.scale != Scale::count && !info.overhead && range.from <= 0.0) {
    range.from = std::min(info.from, range.to);
  }
}

void Domain::fill_works() {
  for (const std::string_view name :
       {std::string_view("collective"), std::string_view("algorithm")}) {
    const auto named = words_.find(name);
    if (named == words_.end()) {
      continue;
    }
    std::set<std::string> known;
    const auto is = [&](const Work& work) {
      return name == "collective" ? work.collective : work.algorithm;
    };
    for (const Work& work : all_works()) {
      known.insert(is(work));
    }
    for (const std::string& asked : named->second) {
      if (!known.contains(asked)) {
        refuse(std::string(name), fmt::format("the gate has no {} '{}'", name, asked),
               core::suggest(asked, std::vector<std::string>(known.begin(), known.end())));
      }
    }
    std::erase_if(works_, [&](const Work& work) {
      return std::ranges::find(named->second, is(work)) == named->second.end();
    });
  }
  if (works_.empty()) {
    refuse("algorithm", "none of these algorithms computes any of these collectives",
           "see `plumbline list collectives`");
  }
}

Range Domain::range(std::string_view number) const {
  return ranges_.find(number)->second;
}

bool Domain::contains(const Case& at) const {
  for (const AxisInfo& axis : numbers()) {
    const Range range = this->range(axis.name);
    const double value = axis.get(at);
    // Without a network, or a pipeline, its numbers say nothing.
    const bool speaks = value != 0.0 || axis.overhead;
    if (speaks && (value < range.from * (1.0 - 1e-12) || value > range.to * (1.0 + 1e-12))) {
      return false;
    }
  }
  const auto& placements = words_.find("placement")->second;
  return std::ranges::find(placements, at.placement) != placements.end() &&
         std::ranges::find(works_, Work{at.collective, at.algorithm}) != works_.end();
}

double Domain::drawn(const AxisInfo& axis, double unit) const {
  const Range range = this->range(axis.name);
  if (range.from == range.to) {
    return range.from;
  }
  if (axis.overhead) {  // half of the cases have none
    if (unit < 0.5) {
      return range.from;
    }
    unit = 2.0 * unit - 1.0;
  }
  if (axis.scale == Scale::count) {
    return pick(counts(range), unit);
  }
  if (axis.overhead) {
    return rounded(range.from + (range.to - range.from) * unit);
  }
  if (axis.name == "oversubscription") {  // a third has none
    if (unit < 1.0 / 3.0) {
      return range.from;
    }
    unit = (unit - 1.0 / 3.0) * 1.5;
  }
  const double value = rounded(range.from * std::pow(range.to / range.from, unit));
  return std::clamp(axis.scale == Scale::bytes ? std::round(value) : value, range.from, range.to);
}

std::optional<Case> Domain::at(const std::array<double, sobol_dimensions>& unit) const {
  Case at;
  const Work& work = pick(works_, unit[work_dimension]);
  at.collective = work.collective;
  at.algorithm = work.algorithm;
  at.placement = pick(words_.find("placement")->second, unit[placement_dimension]);
  for (std::size_t i = 0; i < drawn_numbers.size(); ++i) {
    const AxisInfo& axis = *find_number(drawn_numbers[i]);
    axis.set(at, drawn(axis, unit[dimension_of(i)]));
  }
  std::vector<double> shared;
  for (const double per_nic : counts(range("gpus_per_nic"))) {
    if (at.gpus_per_node % static_cast<std::uint32_t>(per_nic) == 0) {
      shared.push_back(per_nic);
    }
  }
  if (shared.empty()) {
    return std::nullopt;
  }
  at.gpus_per_nic = static_cast<std::uint32_t>(pick(shared, unit[dimension_of(3)]));
  if (at.collective != "pipeline") {
    at.micro_batches = 1;
    at.compute = {};
  } else {
    at.size = {};
  }
  settle(at);
  return contains(at) ? std::optional(at) : std::nullopt;
}

std::vector<Case> Domain::corners() const {
  std::vector<Case> result;
  const auto offer = [&](const std::array<double, sobol_dimensions>& unit) {
    if (const std::optional<Case> at = this->at(unit)) {
      result.push_back(*at);
    }
  };
  constexpr double last = 1.0 - 0x1p-32;
  for (std::size_t work = 0; work < std::min<std::size_t>(works_.size(), 4); ++work) {
    std::array<double, sobol_dimensions> middle{};
    middle.fill(0.5);
    middle[work_dimension] = (static_cast<double>(work) + 0.5) / static_cast<double>(works_.size());
    for (double size = 0.5; size > 0.0 && !at(middle); size -= 0.1) {  // too many ranks
      middle[dimension_of(1)] = size;
      middle[dimension_of(2)] = size;
    }
    for (std::size_t d = 1; d < sobol_dimensions; ++d) {
      for (const double end : {0.0, last}) {
        auto unit = middle;
        unit[d] = end;
        offer(unit);
      }
    }
    for (const double end : {0.0, last}) {
      auto unit = middle;
      std::fill(unit.begin() + 1, unit.end(), end);
      offer(unit);
    }
  }
  return result;
}

}  // namespace plumbline::gate

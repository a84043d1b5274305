// SPDX-License-Identifier: Apache-2.0
// The spellings that other tools use, and what they are called here.
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "core/unit_table.hpp"

namespace plumbline::core::unit_table {
namespace {

struct Spelling {
  std::string_view theirs;  // lower case, behind the prefix
  std::string_view ours;    // '*' stands for B or b, whichever the user wrote
};

// A longer spelling stands before those that it ends with.
constexpr std::array<Spelling, 28> spellings = {
    {{"bytes/second", "B/s"}, {"bytes/sec", "B/s"},   {"bytes/s", "B/s"},   {"byte/s", "B/s"},
     {"flops/s", "FLOP/s"},   {"flop/sec", "FLOP/s"}, {"flop/s", "FLOP/s"}, {"bits/s", "b/s"},
     {"bit/s", "b/s"},        {"b/second", "*/s"},    {"b/sec", "*/s"},     {"b/s", "*/s"},
     {"bps", "*/s"},          {"bs", "*/s"},          {"flops", "FLOP/s"},  {"flop", "FLOP"},
     {"bytes", "B"},          {"byte", "B"},          {"bits", "b"},        {"bit", "b"},
     {"seconds", "s"},        {"second", "s"},        {"secs", "s"},        {"sec", "s"},
     {"percent", "%"},        {"pct", "%"},           {"b", "*"},           {"s", "s"}}};

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const std::string_view micro : {"\u00b5", "\u03bc"}) {  // the sign and the Greek letter
    if (const std::size_t at = result.find(micro); at != std::string::npos) {
      result.replace(at, micro.size(), "u");
    }
  }
  return result;
}

// The prefix in our spelling, or nothing where `front` is not one.
std::optional<std::string_view> our_prefix(std::string_view front, std::string_view base) {
  const auto takes = [&](const Prefix& prefix) {
    return lowered(prefix.text) == front &&
           std::any_of(bases.begin(), bases.end(),
                       [&](const Base& b) { return b.text == base && allowed(prefix, b); });
  };
  const auto found = std::find_if(prefixes.begin(), prefixes.end(), takes);
  return found == prefixes.end() ? std::nullopt : std::optional(found->text);
}

// An amount becomes a rate and a rate an amount, if that is what is wanted.
std::string turned_into(const std::string& unit, Kind wanted) {
  const std::string rate = unit + "/s";
  const std::string amount = unit.ends_with("/s") ? unit.substr(0, unit.size() - 2) : unit;
  for (const std::string& candidate : {unit, rate, amount}) {
    const auto found = find_unit(candidate);
    if (found && found->kind == wanted) {
      return candidate;
    }
  }
  return {};
}

// Every unit of ours that `unit` may stand for.
std::vector<std::string> meanings(std::string_view unit, Kind wanted) {
  std::vector<std::string> result;
  const auto add = [&](std::string_view prefix, std::string_view base) {
    const std::string ours = turned_into(std::string(prefix) + std::string(base), wanted);
    if (!ours.empty()) {
      result.push_back(ours);
    }
  };
  const std::string small = lowered(unit);
  for (const Spelling& spelling : spellings) {
    if (!small.ends_with(spelling.theirs)) {
      continue;
    }
    const std::size_t front = small.size() - spelling.theirs.size();
    std::string base(spelling.ours);
    if (base.front() == '*') {
      base.front() = unit[front];
    }
    const auto prefix = our_prefix(std::string_view(small).substr(0, front), base);
    if (!prefix) {
      continue;
    }
    add(*prefix, base);
    if (*prefix == "k" && unit.front() == 'K' && base.front() == 'B') {
      add("Ki", base);  // JEDEC's K is 1024, SI's k is 1000
    }
    if (spelling.theirs.front() == 'b' && spelling.ours.front() == '*' && unit == small &&
        spelling.theirs != "bps") {
      base.front() = 'B';
      add(*prefix, base);
    }
    break;
  }
  return result;
}

// `8G`: a prefix without a unit. For bytes both readings are in use, so both are offered.
std::vector<std::string> completions(std::string_view unit, Kind wanted) {
  std::vector<std::string> result;
  const std::string small = lowered(unit);
  for (const Base& base : bases) {
    if (base.kind != wanted || !base.written) {
      continue;
    }
    for (const Prefix& prefix : prefixes) {
      const std::string text = lowered(prefix.text);
      if (!text.empty() && allowed(prefix, base) && (text == small || text == small + "i")) {
        result.push_back(std::string(prefix.text) + std::string(base.text));
      }
    }
  }
  return result;
}

}  // namespace

std::string unit_hint(std::string_view number, std::string_view unit, Kind wanted) {
  std::vector<std::string> units = completions(unit, wanted);
  if (units.empty()) {
    units = meanings(unit, wanted);
  }
  if (units.empty()) {
    return fmt::format("write e.g. {}", text_of(wanted).examples);
  }
  std::string text = "write ";
  for (std::size_t i = 0; i < units.size(); ++i) {
    text += fmt::format("{}'{} {}'", i == 0 ? "" : " or ", number, units[i]);
  }
  return text;
}

}  // namespace plumbline::core::unit_table

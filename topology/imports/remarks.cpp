// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/remarks.hpp"

#include <charconv>
#include <fmt/format.h>

namespace plumbline::topology::imports {

using core::XmlElement;

void Remarks::note(const XmlElement& at, const std::string& message) {
  if (noted_.insert(message).second) {
    notes_.push_back({"PL-T084", core::Severity::note, at.where, message, {}});
  }
}

std::optional<std::int64_t> Remarks::integer(const XmlElement& at, std::string_view attribute) {
  const std::string* text = at.find(attribute);
  if (text == nullptr || text->empty()) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, failure] = std::from_chars(text->data(), end, value);
  if (failure != std::errc() || stop != end) {
    error(at, "PL-T082", fmt::format("{}=\"{}\" is no whole number", attribute, *text));
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint32_t> Remarks::count(const XmlElement& at, std::string_view attribute) {
  constexpr std::int64_t most = 1'000'000;
  const bool good_so_far = good_;
  good_ = true;
  const std::optional<std::int64_t> value = integer(at, attribute);
  const bool readable = good_;
  good_ = good_so_far && readable;
  if (readable && (!value || *value < 1 || *value > most)) {
    error(at, "PL-T082",
          value
              ? fmt::format("{}=\"{}\" must be at least 1 and at most {}", attribute, *value, most)
              : fmt::format("<{}> needs {}", at.name, attribute));
  }
  return value && *value >= 1 && *value <= most ? std::optional(static_cast<std::uint32_t>(*value))
                                                : std::nullopt;
}

std::optional<std::string> Remarks::text(const XmlElement& at, std::string_view attribute) {
  const std::string* text = at.find(attribute);
  if (text == nullptr || text->empty()) {
    error(at, "PL-T082", fmt::format("<{}> needs {}", at.name, attribute));
    return std::nullopt;
  }
  return *text;
}

void Remarks::only(const XmlElement& at, const std::set<std::string_view>& known) {
  for (const XmlElement::Attribute& attribute : at.attributes) {
    if (!known.contains(attribute.name)) {
      note(at, fmt::format("{} of <{}> is not used", attribute.name, at.name));
    }
  }
}

}  // namespace plumbline::topology::imports

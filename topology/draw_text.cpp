// SPDX-License-Identifier: Apache-2.0
#include "topology/draw_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace plumbline::topology::drawing {
namespace {

constexpr std::size_t longest_line = 14;

std::string shortened(const std::string& text) {
  if (letters(text) <= longest_line) {
    return text;
  }
  std::string result;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && letters(result) + 1 == longest_line) {
      break;
    }
    result += c;
  }
  return result + "…";
}

}  // namespace

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

double width_of(const std::vector<std::string>& lines) {
  std::size_t longest = 0;
  for (const std::string& line : lines) {
    longest = std::max(longest, letters(line));
  }
  return std::max(40.0, static_cast<double>(longest) * letter + 10.0);
}

std::vector<std::string> label(const Device& device) {
  const std::string name = device.name.substr(device.name.find('/') + 1);
  if (device.planes > 1) {
    return {shortened(name),
            fmt::format("{} switches, every message striped over all", device.planes)};
  }
  const std::size_t split = name.rfind('_');
  if (split == std::string::npos || split == 0 || split + 1 == name.size()) {
    return {shortened(name)};
  }
  return {shortened(name.substr(0, split)), shortened(name.substr(split + 1))};
}

}  // namespace plumbline::topology::drawing

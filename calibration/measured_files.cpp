// SPDX-License-Identifier: Apache-2.0
#include "calibration/measured_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace plumbline::calibration {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return quoted + '"';
}

std::string yaml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20;
    quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, control ? ' ' : c);
  }
  return quoted + '"';
}

std::string optional_time(const std::optional<core::Seconds>& time) {
  return time ? fmt::format("{}", time->si()) : std::string();
}

}  // namespace

std::string data_csv(const MeasuredSet& set) {
  const bool errors = std::any_of(set.rows.begin(), set.rows.end(), [](const MeasuredRow& row) {
    return row.time_error > core::Seconds{};
  });
  std::string text = fmt::format(
      "collective,algorithm,protocol,nodes,ranks,size_B,time_s,time_low_s,time_high_s,repeats{}\n",
      errors ? ",time_error_s" : "");
  for (const MeasuredRow& row : set.rows) {
    text +=
        fmt::format("{},{},{},{},{},{:.0f},{},{},{},{}", row.collective, csv_field(row.algorithm),
                    csv_field(row.protocol), row.nodes, row.ranks, row.size.si(), row.time.si(),
                    optional_time(row.time_low), optional_time(row.time_high), row.repeats);
    if (errors) {
      text += row.time_error > core::Seconds{} ? fmt::format(",{}", row.time_error.si()) : ",";
    }
    text += '\n';
  }
  return text;
}

std::string about_yaml(const MeasuredSet& set) {
  const std::string title = set.title.empty() ? set.name : set.title;
  const std::string source = set.source.empty() ? set.data_file : set.source;
  std::string text = fmt::format("title: {}\n", yaml_text(title));
  if (!set.software.empty()) {
    text += fmt::format("software: {}\n", yaml_text(set.software));
  }
  if (!set.method.empty()) {
    text += fmt::format("method: {}\n", yaml_text(set.method));
  }
  text += fmt::format("source: {}\n", yaml_text(source));
  if (!set.licence.empty()) {
    text += fmt::format("licence: {}\n", yaml_text(set.licence));
  }
  if (!set.role.empty()) {
    text += fmt::format("role: {}\n", set.role);
  }
  text +=
      "size_convention: \"all_reduce, broadcast, reduce, send_recv: bytes of one rank's buffer; "
      "all_gather, reduce_scatter, gather, scatter: of all ranks; all_to_all: what one rank "
      "sends; ping_pong: one message, one way; copy: one flow\"\n";
  if (!set.notes.empty()) {
    text += "notes:\n";
  }
  for (const std::string& note : set.notes) {
    text += fmt::format("  - {}\n", yaml_text(note));
  }
  return text;
}

}  // namespace plumbline::calibration

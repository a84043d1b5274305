// SPDX-License-Identifier: Apache-2.0
// The matrices of the CUDA sample p2pBandwidthLatencyTest. It copies 40,000,000 integers by
// default, and 16 bytes for latency; a bidirectional cell is the sum of both directions, and one of
// a device with itself counts reading and writing. CPU latencies are those of the calls, no
// transfers.
#include <fmt/format.h>

#include "calibration/matrix.hpp"
#include "core/text.hpp"

namespace plumbline::calibration::readers {
namespace {

constexpr core::Bytes copied = core::Bytes::from_si(4.0 * 40'000'000);
constexpr core::Bytes latency_copied = core::Bytes::from_si(16.0);

class PeerMatrices {
 public:
  explicit PeerMatrices(Log& log) : log_(log) {}

  LineKind take(const LogLine& line) {
    const std::string_view first = line.tokens.front().text;
    if (line.has("Matrix")) {
      return title(line);
    }
    if (first == "D\\D" || first == "GPU" || first == "CPU") {
      end_matrix(line.number);
      rows_ = 0;
      columns_ = line.tokens.size() - 1;
      ignored_ = unit_ == 0 || first == "CPU";
      return LineKind::comment;
    }
    if (core::parse_number(first)) {
      return row(line);
    }
    const bool prose = first.starts_with('[') || first.starts_with("Device") ||
                       line.text.starts_with("***NOTE") || first == "NOTE:" || first == "So";
    return prose ? LineKind::comment : log_.not_understood(line);
  }

  /// At the end of the log, or where another matrix begins: it has as many rows as columns.
  void end_matrix(int line) {
    if (rows_ < columns_) {
      log_.warning(line, "PL-M039",
                   fmt::format("the matrix above ends after {} of {} rows", rows_, columns_),
                   "the log was cut off or is damaged; what is there is read");
    }
    columns_ = 0;
  }

 private:
  LineKind title(const LogLine& line) {
    end_matrix(line.number);
    const std::string_view text = line.text;
    const auto says = [&](std::string_view word) {
      return text.find(word) != std::string_view::npos;
    };
    columns_ = 0;
    matrix_ = {};
    unit_ = 0;
    if (says("Connectivity")) {
      return LineKind::comment;
    }
    const bool both = says("Bidirectional");
    matrix_.is_time = says("Latency");
    unit_ = matrix_.is_time && says("(us)") ? 1e-6 : !matrix_.is_time && says("(GB/s)") ? 1e9 : 0.0;
    if (unit_ == 0) {
      log_.error(line.number, "PL-M040", "no unit that is known: (GB/s) or (us)");
      return LineKind::reported;
    }
    matrix_.unit = unit_;
    matrix_.size = matrix_.is_time ? latency_copied : copied;
    matrix_.copies = both ? 2.0 : 1.0;
    matrix_.diagonal = 2.0;
    matrix_.ranks = both ? 2 : 1;
    matrix_.algorithm = fmt::format("p2p_{}{}{}{}", says("P2P=Enabled") ? "enabled" : "disabled",
                                    both ? "_bidirectional" : "",
                                    says("Reads")    ? "_read"
                                    : says("Writes") ? "_write"
                                                     : "",
                                    matrix_.is_time ? "_latency" : "");
    return LineKind::comment;
  }

  LineKind row(const LogLine& line) {
    if (columns_ == 0) {
      return log_.not_understood(line);
    }
    ++rows_;
    if (line.tokens.size() != columns_ + 1) {
      return log_.wrong_width(line, line.tokens.size() - 1, columns_, "cells");
    }
    if (ignored_) {
      return LineKind::comment;
    }
    bool good = true;
    for (std::size_t i = 1; i < line.tokens.size(); ++i) {
      good = add_cell(log_, matrix_, line.number, line.tokens[i], line.tokens[0].text,
                      std::to_string(i - 1)) &&
             good;
    }
    return good ? LineKind::read : LineKind::reported;
  }

  Log& log_;
  PrintedMatrix matrix_;
  double unit_ = 0.0;
  std::size_t columns_ = 0;
  std::size_t rows_ = 0;
  bool ignored_ = true;
};

int sureness(const Source& source) {
  return begins_with(source, "P2P=") && begins_with(source, "Matrix (") ? 95 : 0;
}

void read(const Source& source, const ReadHints& /*hints*/, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "CUDA sample p2pBandwidthLatencyTest";
  set.method = "five copies of 160 MB in a stream per pair; latency: a hundred of 16 bytes";
  set.notes = {"The size of a copy is the sample's default: the log does not print it.",
               "The pair in the algorithm column is source-destination as the matrix has row and "
               "column; latencies of the CPU's calls are left out."};
  Log log(source, set, diagnostics);
  PeerMatrices reader(log);
  log.each_line([&](const LogLine& line) { return reader.take(line); });
  reader.end_matrix(log.lines());
  log.finish();
}

}  // namespace

extern const ReaderEntry p2p_bandwidth_latency_test{
    .name = "p2p_bandwidth_latency_test",
    .summary = "Matrices of the CUDA sample p2pBandwidthLatencyTest",
    .citation = "NVIDIA/cuda-samples, p2pBandwidthLatencyTest.cu",
    .sureness = sureness,
    .read = read};

}  // namespace plumbline::calibration::readers

// SPDX-License-Identifier: Apache-2.0
// Pieces of the table: headings, cells and the paragraphs below the rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/result.hpp"
#include "report/writers.hpp"

namespace plumbline::report {

/// Text in bold, red or plain, as the style asks.
[[nodiscard]] std::string bold(const std::string& text, const TableStyle& style);
[[nodiscard]] std::string red(const std::string& text, const TableStyle& style);

/// `+1.1 %`, three significant digits, always signed.
[[nodiscard]] std::string signed_percent(double relative);

/// `tree, 1 MiB`: the swept values of a point, or its size where nothing is swept.
[[nodiscard]] std::string point_name(const Point& point);

/// Characters, not bytes: names and units hold some that take several in UTF-8.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// `text` broken at spaces into lines of at most 118 columns; lines after the first are indented
/// by `indent` more than two.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent);

/// What was asked: question, system, workload and so on; what differs between points is counted.
[[nodiscard]] std::string header_paragraph(const ResultSet& result, const TableStyle& style);

/// Per regime of sizes: median and worst gap of each engine, and what the gaps are made of.
[[nodiscard]] std::string gap_paragraph(const ResultSet& result, const TableStyle& style);

/// Solvers whose assumptions do not hold: how often, and why.
[[nodiscard]] std::string refusals(const ResultSet& result);

/// What points had to do without, and how many: a bound that gave something up to be affordable may
/// be very wide.
[[nodiscard]] std::string caveats(const ResultSet& result);

/// Which bounds are the tightest, at how many points, and what sets them.
[[nodiscard]] std::string bounds_paragraph(const ResultSet& result, const TableStyle& style);

/// When each of several workloads that ran at once had ended, of the longest point that has such.
[[nodiscard]] std::string parts_paragraph(const ResultSet& result, const TableStyle& style);

/// Of the point with the largest size.
[[nodiscard]] std::string links_paragraph(const ResultSet& result, const TableStyle& style);

}  // namespace plumbline::report

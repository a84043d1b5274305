// SPDX-License-Identifier: Apache-2.0
// A strict reader of comma-separated values (RFC 4180) that remembers where every field stood.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"

namespace plumbline::calibration {

/// One value, its quotes taken off.
struct CsvField {
  std::string text;
  core::SourceSpan where;  ///< of its first character, the opening quote if there is one
};

/// One line; more than one line of text if a quoted field holds line breaks.
struct CsvRecord {
  std::vector<CsvField> fields;  ///< at least one; an empty line is one empty field
  core::SourceSpan where;
};

/// Splits `text`; `name` is the file name that diagnostics show. Lines end in LF or CRLF, the last
/// one may lack its end. A quote inside an unquoted field, text after a closing quote, a quoted
/// field that never ends, a carriage return alone and bytes that are no text are errors; such a
/// record is left out, and reading goes on behind it. A byte-order mark at the start is skipped.
[[nodiscard]] std::vector<CsvRecord> parse_csv(std::string_view text, const std::string& name,
                                               core::Diagnostics& diagnostics);

}  // namespace plumbline::calibration

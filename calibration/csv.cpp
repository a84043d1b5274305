// SPDX-License-Identifier: Apache-2.0
#include "calibration/csv.hpp"

#include <utility>

#include "core/text.hpp"

namespace plumbline::calibration {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name, core::Diagnostics& diagnostics)
      : text_(text), name_(name), diagnostics_(diagnostics) {
    if (text_.starts_with(byte_order_mark)) {
      text_.remove_prefix(byte_order_mark.size());
    }
  }

  std::vector<CsvRecord> records() {
    std::vector<CsvRecord> result;
    while (at_ < text_.size()) {
      CsvRecord record{.fields = {}, .where = here()};
      const std::size_t first = at_;
      if (!read_record(record)) {
        skip_line();
      } else if (core::first_bad_byte(text_.substr(first, at_ - first))) {
        diagnostics_.error("PL-M001", record.where, "bytes in this row are no UTF-8 text",
                           "the file is of another encoding, or damaged here");
      } else {
        result.push_back(std::move(record));
      }
    }
    return result;
  }

 private:
  /// Reads up to and including the line end; false after an error, which leaves the rest of the
  /// line unread.
  bool read_record(CsvRecord& record) {
    for (;;) {
      CsvField field{.text = {}, .where = here()};
      const bool good = peek() == '"' ? read_quoted(field) : read_plain(field);
      if (!good) {
        return false;
      }
      record.fields.push_back(std::move(field));
      if (peek() == ',') {
        advance();
        continue;
      }
      return read_line_end();
    }
  }

  bool read_plain(CsvField& field) {
    while (!at_field_end()) {
      if (peek() == '"') {
        return fail("a quote inside an unquoted field",
                    "quote the whole field and double the quotes inside it: \"a \"\"b\"\"\"");
      }
      field.text += peek();
      advance();
    }
    return true;
  }

  bool read_quoted(CsvField& field) {
    advance();
    while (at_ < text_.size()) {
      const char c = peek();
      advance();
      if (c != '"') {
        field.text += c;
      } else if (peek() == '"') {
        field.text += '"';
        advance();
      } else if (at_field_end()) {
        return true;
      } else {
        return fail("text after the closing quote of a field",
                    "a quote inside a quoted field is written twice");
      }
    }
    diagnostics_.error("PL-M001", field.where, "a quoted field that never ends");
    return false;
  }

  bool read_line_end() {
    if (peek() == '\r') {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '\n') {
        return fail("a carriage return without a line feed", "end lines with LF or CRLF");
      }
      advance();
    }
    if (at_ < text_.size()) {
      advance();
    }
    return true;
  }

  void skip_line() {
    while (at_ < text_.size() && peek() != '\n') {
      advance();
    }
    if (at_ < text_.size()) {
      advance();
    }
  }

  bool fail(std::string message, std::string hint) {
    diagnostics_.error("PL-M001", here(), std::move(message), std::move(hint));
    return false;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  [[nodiscard]] bool at_field_end() const {
    return at_ == text_.size() || peek() == ',' || peek() == '\n' || peek() == '\r';
  }

  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }

  [[nodiscard]] core::SourceSpan here() const {
    return {name_, line_, static_cast<int>(at_ - line_start_) + 1};
  }

  std::string_view text_;
  const std::string& name_;
  core::Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CsvRecord> parse_csv(std::string_view text, const std::string& name,
                                 core::Diagnostics& diagnostics) {
  return CsvReader(text, name, diagnostics).records();
}

}  // namespace plumbline::calibration

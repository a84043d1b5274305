// SPDX-License-Identifier: Apache-2.0
// Diagnostics with a place, a stable code and a hint; and the four exceptions that leave a module.
#pragma once

#include <compare>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace plumbline::core {

/// A place in a text. Lines and columns count from 1, columns in bytes; line 0 means "no place".
struct SourceSpan {
  std::string file;
  int line = 0;
  int column = 0;

  friend auto operator<=>(const SourceSpan&, const SourceSpan&) = default;
};

enum class Severity { error, warning, note };

/// One finding. `code` is stable and listed in diagnostic_codes.cpp.
struct Diagnostic {
  std::string code;
  Severity severity = Severity::error;
  SourceSpan where;
  std::string message;
  std::string hint;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `file:line:col: error[PL-U002]: message` and, on a second line, the hint.
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);
[[nodiscard]] std::string_view to_text(Severity severity);

/// Collects findings so that one run shows every mistake.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(std::string_view code, SourceSpan where, std::string message, std::string hint = {});
  void warning(std::string_view code, SourceSpan where, std::string message, std::string hint = {});

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }

  [[nodiscard]] std::span<const Diagnostic> all() const { return items_; }

  /// Everything found, by file, line and column, without repetitions.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> items_;
  std::size_t errors_ = 0;
};

/// A diagnostic code and the sentence that `plumbline explain` prints.
struct CodeEntry {
  std::string_view code;
  std::string_view title;
  std::string_view explanation;
};

[[nodiscard]] std::span<const CodeEntry> diagnostic_codes();

/// The user's input is wrong; nothing was computed from it.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Diagnostic> diagnostics);

  [[nodiscard]] std::span<const Diagnostic> diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// Throws InputError with all that was collected, if any of it is an error.
void throw_if_errors(const Diagnostics& diagnostics);

/// A model could not answer: out of validity, a fit that did not converge, a replay that died.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reading or writing failed.
class IoError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A bug of ours; no input should be able to cause it.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace plumbline::core

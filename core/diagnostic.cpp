// SPDX-License-Identifier: Apache-2.0
#include "core/diagnostic.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace plumbline::core {
namespace {

/// People stop reading long before; the exception holds them all.
constexpr std::size_t most_shown = 20;

std::string summarise(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (std::size_t i = 0; i < std::min(diagnostics.size(), most_shown); ++i) {
    text += (text.empty() ? "" : "\n") + to_text(diagnostics[i]);
  }
  if (diagnostics.size() > most_shown) {
    text += fmt::format("\n… and {} more", diagnostics.size() - most_shown);
  }
  return text;
}

}  // namespace

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "error";
}

std::string to_text(const Diagnostic& diagnostic) {
  const SourceSpan& at = diagnostic.where;
  std::string place;
  if (!at.file.empty()) {
    place = at.line > 0 ? fmt::format("{}:{}:{}: ", at.file, at.line, at.column) : at.file + ": ";
  }
  std::string text = fmt::format("{}{}[{}]: {}", place, to_text(diagnostic.severity),
                                 diagnostic.code, diagnostic.message);
  if (!diagnostic.hint.empty()) {
    text += "\n    hint: " + diagnostic.hint;
  }
  return text;
}

void Diagnostics::add(Diagnostic diagnostic) {
  errors_ += diagnostic.severity == Severity::error ? 1 : 0;
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string_view code, SourceSpan where, std::string message,
                        std::string hint) {
  add({std::string(code), Severity::error, std::move(where), std::move(message), std::move(hint)});
}

void Diagnostics::warning(std::string_view code, SourceSpan where, std::string message,
                          std::string hint) {
  add({std::string(code), Severity::warning, std::move(where), std::move(message),
       std::move(hint)});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = items_;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where, a.code) < std::tie(b.where, b.code);
  });
  // A sweep binds the same text once per point and would report each mistake as often.
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

InputError::InputError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(summarise(diagnostics)), diagnostics_(std::move(diagnostics)) {}

void throw_if_errors(const Diagnostics& diagnostics) {
  if (diagnostics.has_errors()) {
    throw InputError(diagnostics.sorted());
  }
}

}  // namespace plumbline::core

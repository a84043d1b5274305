// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "app/commands.hpp"

namespace plumbline::app {

zoo::Catalogue open_catalogue() {
  const char* extra = std::getenv("PLUMBLINE_ZOO");
  core::Diagnostics diagnostics;
  zoo::Catalogue catalogue(zoo::catalogue_folders(extra == nullptr ? "" : extra), diagnostics);
  core::throw_if_errors(diagnostics);
  return catalogue;
}

zoo::System require_system(const zoo::Catalogue& catalogue, const std::string& what,
                           const std::string& origin, const Console& console) {
  Word word(what, origin);
  std::optional<zoo::System> system = catalogue.system(word.cursor(), {});
  core::throw_if_errors(word.diagnostics());
  if (!system) {
    throw core::InternalError("system '" + what + "' was refused without a reason");
  }
  console.diagnostics(word.diagnostics().sorted());
  return std::move(*system);
}

Word::Word(const std::string& text, const std::string& origin) {
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  document_ = core::Document::parse(quoted + "\"", origin, diagnostics_);
  core::throw_if_errors(diagnostics_);
  reading_ = {&document_, &diagnostics_, nullptr, nullptr};
}

}  // namespace plumbline::app

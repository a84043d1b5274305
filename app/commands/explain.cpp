// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/commands.hpp"
#include "core/text.hpp"

namespace plumbline::app {

ExitCode explain(const std::string& code, Console& console) {
  std::vector<std::string> codes;
  for (const core::CodeEntry& entry : core::diagnostic_codes()) {
    if (entry.code == code) {
      console.result(fmt::format("{}: {}\n{}\n", entry.code, entry.title, entry.explanation));
      return ExitCode::done;
    }
    codes.emplace_back(entry.code);
  }
  throw core::InputError({{"PL-N010",
                           core::Severity::error,
                           {"explain", 1, 1},
                           fmt::format("no diagnostic has the code '{}'", code),
                           core::did_you_mean(code, codes) ? core::suggest(code, codes)
                                                           : "see `plumbline list diagnostics`"}});
}

}  // namespace plumbline::app

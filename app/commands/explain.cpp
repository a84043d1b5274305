// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "core/text.hpp"

namespace plumbline::app {

ExitCode explain(const std::string& asked, Console& console) {
  std::string code = asked;
  std::ranges::transform(code, code.begin(), [](unsigned char c) { return std::toupper(c); });
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
                           fmt::format("no diagnostic has the code '{}'", asked),
                           core::did_you_mean(code, codes) ? core::suggest(code, codes)
                                                           : "see `plumbline list diagnostics`"}});
}

}  // namespace plumbline::app

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <map>

#include "app/verbs.hpp"

namespace plumbline::app {

experiments::Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw core::InputError({{"PL-G001",
                             core::Severity::error,
                             {"--set", 1, 1},
                             fmt::format("'{}' is not PATH=VALUE", text),
                             "e.g. --set workload.size=\"1 MiB\""}});
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void add_global(CLI::App& verb, Parsed& parsed) {
  verb.add_flag("--json", parsed.global.json, "one JSON document on stdout");
  verb.add_flag("-q,--quiet", parsed.global.quiet, "no progress and no notes");
  verb.add_option("--color", parsed.global.color, "auto, always or never")
      ->transform(CLI::CheckedTransformer(std::map<std::string, When>{{"auto", When::automatic},
                                                                      {"always", When::always},
                                                                      {"never", When::never}})
                      .description(""))
      ->type_name("WHEN");
  verb.add_option("--progress", parsed.global.progress, "auto, plain or none")
      ->transform(CLI::CheckedTransformer(
                      std::map<std::string, ProgressStyle>{{"auto", ProgressStyle::automatic},
                                                           {"plain", ProgressStyle::plain},
                                                           {"none", ProgressStyle::none}})
                      .description(""))
      ->type_name("HOW");
}

}  // namespace plumbline::app

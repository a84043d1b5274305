// SPDX-License-Identifier: Apache-2.0
#include "calibration/about.hpp"

#include <optional>

#include "core/document.hpp"
#include "core/read.hpp"

namespace plumbline::calibration {
namespace {

/// Text at a key; empty where an optional key is absent or something was wrong.
std::string text_at(const core::Cursor& map, std::string_view key, bool required) {
  const std::optional<core::Cursor> at = required ? map.require(key) : map.find(key);
  return at ? core::read<std::string>(*at).value_or("") : "";
}

/// `source:` as one text; a map names repository, commit and path.
std::string read_source(const core::Cursor& about) {
  const std::optional<core::Cursor> at = about.require("source");
  if (!at) {
    return {};
  }
  if (!at->is_map()) {
    return core::read<std::string>(*at).value_or("");
  }
  at->reject_unknown({"repository", "commit", "path"});
  std::string text = text_at(*at, "repository", true);
  if (const std::string commit = text_at(*at, "commit", false); !commit.empty()) {
    text += "@" + commit;
  }
  if (const std::string path = text_at(*at, "path", false); !path.empty()) {
    text += ":" + path;
  }
  return text;
}

}  // namespace

void read_about(const std::filesystem::path& file, MeasuredSet& set, core::Diagnostics& diagnostics,
                const std::vector<std::string>& extra,
                const std::function<void(const core::Cursor&)>& more) {
  const std::size_t before = diagnostics.all().size();
  const core::Document document = core::Document::load(file, diagnostics);
  if (diagnostics.all().size() > before) {
    return;
  }
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const core::Cursor about(reading);
  if (!about.is_map()) {
    about.error("PL-K005", "a map is expected here (what a measured set is about)");
    return;
  }
  // `system` describes the machine in the words of whoever measured: kept for people, not read.
  std::vector<std::string> known{"title",   "system",          "software", "method", "source",
                                 "licence", "size_convention", "notes",    "role"};
  known.insert(known.end(), extra.begin(), extra.end());
  about.reject_unknown(known);
  set.title = text_at(about, "title", true);
  set.software = text_at(about, "software", false);
  set.method = text_at(about, "method", false);
  set.source = read_source(about);
  set.licence = text_at(about, "licence", false);
  text_at(about, "size_convention", true);  // must be stated: the conventions differ by a factor n
  if (const std::optional<core::Cursor> notes = about.find("notes")) {
    set.notes = core::read<std::vector<std::string>>(*notes).value_or(std::vector<std::string>{});
  }
  if (const std::optional<core::Cursor> role = about.find("role")) {
    set.role = core::read_choice(*role, {"check"}, "role").value_or("");
  }
  if (more) {
    more(about);
  }
}

}  // namespace plumbline::calibration

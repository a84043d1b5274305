// SPDX-License-Identifier: Apache-2.0
#include "zoo/catalogue.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "core/document.hpp"
#include "core/read.hpp"
#include "core/text.hpp"
#include "core/text_file.hpp"
#include "topology/imports/files.hpp"
#include "zoo/file.hpp"

namespace plumbline::zoo {
namespace {

namespace fs = std::filesystem;
using core::Cursor;
using core::Diagnostics;

bool is_path(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".yaml") ||
         name.ends_with(".xml");
}

std::string_view singular(Kind kind) {
  switch (kind) {
    case Kind::links:
      return "link class";
    case Kind::systems:
      return "system";
    case Kind::constants:
      return "set of constants";
    case Kind::tuners:
      return "tuner";
    case Kind::measurements:
      return "measured set";
  }
  throw core::InternalError("a kind of zoo item without a name");
}

/// What describes the item at `path`: the file itself, or the about.yaml of a measured set.
fs::path description(Kind kind, const fs::path& path) {
  return kind == Kind::measurements ? path / "about.yaml" : path;
}

/// Written by another program.
bool is_imported(const fs::path& path) {
  return path.extension() == ".xml";
}

bool is_item(Kind kind, const fs::path& path) {
  std::error_code failure;
  const bool well_named = kind == Kind::measurements || path.extension() == ".yaml" ||
                          (kind == Kind::systems && is_imported(path));
  return well_named && fs::is_regular_file(description(kind, path), failure);
}

/// A measured set may also be what another program wrote; a reader finds out which.
bool is_log(Kind kind, const fs::path& path) {
  std::error_code failure;
  return kind == Kind::measurements && fs::is_regular_file(path, failure);
}

/// Items of one kind in one folder, by name.
std::vector<fs::path> items_in(Kind kind, const fs::path& folder) {
  std::vector<fs::path> result;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / to_text(kind), failure)) {
    if (is_item(kind, entry.path())) {
      result.push_back(entry.path());
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// `title:` of a file; what is wrong with it is reported when it is read in earnest.
std::string title_of(const fs::path& path) {
  Diagnostics unused;
  const core::Document document = core::Document::load(path, unused);
  const core::Reading reading{.document = &document, .diagnostics = &unused};
  const std::optional<Cursor> title = Cursor(reading).find("title");
  return title && title->is_scalar() ? title->text() : std::string();
}

/// Path of the item that the scalar at `cursor` names.
std::optional<fs::path> resolve(const Catalogue& catalogue, Kind kind, const Cursor& cursor,
                                const fs::path& base) {
  const std::optional<std::string> name = core::read<std::string>(cursor);
  if (!name) {
    return std::nullopt;
  }
  const fs::path path = (base / *name).lexically_normal();
  if (is_path(*name) || is_log(kind, path)) {
    if (!is_item(kind, path) && !is_log(kind, path)) {
      cursor.error("PL-I001", fmt::format("no {} at {}", singular(kind), path.string()),
                   kind == Kind::measurements
                       ? "a measured set is a folder with data.csv and about.yaml, or a log"
                       : "relative paths count from the file they stand in");
      return std::nullopt;
    }
    return path;
  }
  if (const std::optional<Item> item = catalogue.find(kind, *name)) {
    return item->path;
  }
  std::vector<std::string> names;
  for (Item& item : catalogue.list(kind)) {
    names.push_back(std::move(item.name));
  }
  cursor.error("PL-N001", fmt::format("no {} is called '{}'", singular(kind), *name),
               names.empty() ? "the catalogue is empty; the variable PLUMBLINE_ZOO adds folders"
                             : core::suggest(*name, names));
  return std::nullopt;
}

/// Reads a system and, through its `node:`, the systems it is made of.
class SystemLoader {
 public:
  explicit SystemLoader(const Catalogue& catalogue) : catalogue_(catalogue) {}

  std::optional<System> named(const Cursor& cursor, const fs::path& base) {
    const std::optional<fs::path> path = resolve(catalogue_, Kind::systems, cursor, base);
    if (!path) {
      return std::nullopt;
    }
    if (std::find(open_.begin(), open_.end(), *path) != open_.end()) {
      cursor.error("PL-N002", fmt::format("{} would contain itself", path->string()));
      return std::nullopt;
    }
    open_.push_back(*path);
    std::optional<System> system = is_imported(*path) ? import(*path, cursor.diagnostics())
                                                      : load(*path, cursor.diagnostics());
    open_.pop_back();
    return system;
  }

  [[nodiscard]] const workload::MachineFacts& node_facts() const { return node_facts_; }

  std::shared_ptr<const topology::Fabric> fabric(const Cursor& cursor, const fs::path& base) {
    std::optional<topology::Fabric> built = topology::build_fabric(cursor, context(base));
    return built ? std::make_shared<const topology::Fabric>(std::move(*built)) : nullptr;
  }

 private:
  topology::BuildContext context(const fs::path& base) {
    return {.links = catalogue_.links(),
            .fabric_of = [this, base](const Cursor& node) { return node_fabric(node, base); },
            .base = base,
            .data_file = [this](std::string_view name) { return catalogue_.data_file(name); }};
  }

  std::optional<System> import(const fs::path& path, Diagnostics& diagnostics) {
    std::optional<topology::Fabric> fabric =
        topology::imports::import_xml(path, context(path.parent_path()), diagnostics);
    if (!fabric) {
      return std::nullopt;
    }
    System system;
    system.text = core::read_text_file(path, diagnostics).value_or("");
    system.name = path.stem().string();
    system.title = "Imported from " + path.filename().string();
    system.fabric = std::make_shared<const topology::Fabric>(std::move(*fabric));
    system.file = path.string();
    return system;
  }

  std::optional<topology::Fabric> node_fabric(const Cursor& cursor, const fs::path& base) {
    if (cursor.is_map()) {
      const auto built = fabric(cursor, base);
      return built ? std::optional(*built) : std::nullopt;
    }
    std::optional<System> system = named(cursor, base);
    if (!system) {
      return std::nullopt;
    }
    if (core::Provenance* outer = cursor.reading().provenance) {
      outer->insert(outer->end(), system->provenance.begin(), system->provenance.end());
    }
    node_facts_ = system->facts;
    return *system->fabric;
  }

  std::optional<System> load(const fs::path& path, Diagnostics& diagnostics) {
    System system;
    const File file(path, diagnostics, &system.provenance);
    const std::optional<Cursor> root = file.root();
    if (!root) {
      return std::nullopt;
    }
    root->reject_unknown({"system", "title", "constants", "gpu", "nccl", "fabric"});
    const fs::path base = path.parent_path();
    bool good = true;
    if (const std::optional<Cursor> name = root->require("system")) {
      system.name = core::read<std::string>(*name).value_or("");
    }
    if (const std::optional<Cursor> title = root->find("title")) {
      system.title = core::read<std::string>(*title).value_or("");
    }
    if (const std::optional<Cursor> constants = root->find("constants")) {
      const std::optional<fs::path> at = resolve(catalogue_, Kind::constants, *constants, base);
      good = at.has_value();
      // A name stays a name; a relative path would mean nothing away from this file.
      system.constants = good && is_path(constants->text()) ? at->string() : constants->text();
    }
    if (const std::optional<Cursor> at = root->require("fabric")) {
      node_facts_ = {};
      system.fabric = fabric(*at, base);
      system.facts = node_facts_;
    }
    good = read_own(*root, "gpu", system.facts.gpu) && good;
    good = read_own(*root, "nccl", system.facts.nccl) && good;
    system.file = path.string();
    system.text = file.text();
    return good && !system.name.empty() && system.fabric ? std::optional(std::move(system))
                                                         : std::nullopt;
  }

  /// What the system says itself takes the place of what its nodes say.
  template <class Facts>
  static bool read_own(const Cursor& root, const char* key, std::optional<Facts>& facts) {
    const std::optional<Cursor> at = root.find(key);
    if (!at) {
      return true;
    }
    facts = Facts::schema().bind(*at);
    return facts.has_value();
  }

  const Catalogue& catalogue_;
  std::vector<fs::path> open_;         ///< the files being read, outermost first
  workload::MachineFacts node_facts_;  ///< of the node last read
};

}  // namespace

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::links:
      return "links";
    case Kind::systems:
      return "systems";
    case Kind::constants:
      return "constants";
    case Kind::tuners:
      return "tuners";
    case Kind::measurements:
      return "measurements";
  }
  throw core::InternalError("a kind of zoo item without a folder");
}

Catalogue::Catalogue(std::vector<fs::path> folders, Diagnostics& diagnostics)
    : folders_(std::move(folders)) {
  for (const fs::path& folder : folders_) {
    std::error_code failure;
    if (!fs::is_directory(folder, failure)) {
      diagnostics.error("PL-I005", {folder.string(), 0, 0}, "no such catalogue folder",
                        "see the variable PLUMBLINE_ZOO");
      continue;
    }
    for (const fs::path& path : items_in(Kind::links, folder)) {
      core::Provenance provenance;
      const File file(path, diagnostics, &provenance);
      const std::optional<Cursor> root = file.root();
      const std::string name = path.stem().string();
      std::optional<topology::LinkClass> link =
          root ? topology::read_link_class(*root, name) : std::nullopt;
      if (!link) {
        continue;
      }
      if (link->name != name) {
        root->error(
            "PL-N003",
            fmt::format("link class '{}' stands in {}", link->name, path.filename().string()),
            "leave `link_class` out: the file's name is the class's");
        continue;
      }
      link_provenance_[name] = std::move(provenance);
      links_.insert_or_assign(name, std::move(*link));
    }
  }
}

std::vector<Item> Catalogue::list(Kind kind) const {
  std::map<std::string, Item> by_name;
  for (const fs::path& folder : folders_) {
    for (const fs::path& path : items_in(kind, folder)) {
      const fs::path name_part = kind == Kind::measurements ? path.filename() : path.stem();
      const std::string name = name_part.string();
      by_name[name] = {name, title_of(description(kind, path)), path};
    }
  }
  std::vector<Item> result;
  for (auto& [name, item] : by_name) {
    result.push_back(std::move(item));
  }
  return result;
}

std::optional<Item> Catalogue::find(Kind kind, std::string_view name) const {
  if (name.empty() || name.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string file = std::string(name) + (kind == Kind::measurements ? "" : ".yaml");
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    const fs::path path = *folder / to_text(kind) / file;
    if (is_item(kind, path)) {
      return Item{std::string(name), title_of(description(kind, path)), path};
    }
  }
  return std::nullopt;
}

std::optional<System> Catalogue::system(const Cursor& cursor, const fs::path& base) const {
  std::optional<System> system = SystemLoader(*this).named(cursor, base);
  if (system) {
    add_link_provenance(*system);
  }
  return system;
}

std::optional<System> Catalogue::inline_system(const Cursor& fabric, const fs::path& base) const {
  System system;
  system.name = "inline";
  system.title = "A fabric written in place";
  SystemLoader loader(*this);
  system.fabric = loader.fabric(fabric, base);
  system.facts = loader.node_facts();
  if (!system.fabric) {
    return std::nullopt;
  }
  add_link_provenance(system);
  return system;
}

void Catalogue::add_link_provenance(System& system) const {
  for (const std::string& name : system.fabric->link_classes()) {
    if (const auto known = link_provenance_.find(name); known != link_provenance_.end()) {
      for (core::ProvenanceEntry entry : known->second) {
        entry.path = name + "." + entry.path;  // every class has a latency
        system.provenance.push_back(std::move(entry));
      }
    }
  }
}

std::optional<workload::ConstantSet> Catalogue::constants(const Cursor& cursor,
                                                          const fs::path& base) const {
  if (cursor.is_map()) {
    return workload::read_constants(cursor);
  }
  const std::optional<fs::path> path = resolve(*this, Kind::constants, cursor, base);
  if (!path) {
    return std::nullopt;
  }
  const File file(*path, cursor.diagnostics(), cursor.reading().provenance);
  const std::optional<Cursor> root = file.root();
  return root ? workload::read_constants(*root) : std::nullopt;
}

std::optional<workload::ConstantSet> Catalogue::nominal_constants(const System& system,
                                                                  Diagnostics& diagnostics) const {
  if (system.constants.empty()) {
    return workload::ConstantSet{};
  }
  const std::optional<Item> item = find(Kind::constants, system.constants);
  const File file(item ? item->path : fs::path(system.constants), diagnostics, nullptr);
  const std::optional<Cursor> root = file.root();
  return root ? workload::read_constants(*root) : std::nullopt;
}

fs::path Catalogue::data_file(std::string_view name) const {
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    std::error_code failure;
    if (fs::is_regular_file(*folder / name, failure)) {
      return *folder / name;
    }
  }
  return (folders_.empty() ? fs::path() : folders_.front()) / name;
}

bool Catalogue::read(const Item& item, Diagnostics& diagnostics,
                     const std::function<void(const Cursor&)>& read) {
  const File file(item.path, diagnostics, nullptr);
  const std::optional<Cursor> root = file.root();
  if (root) {
    read(*root);
  }
  return root.has_value();
}

std::optional<fs::path> Catalogue::measured_set(const Cursor& cursor, const fs::path& base) const {
  return resolve(*this, Kind::measurements, cursor, base);
}

}  // namespace plumbline::zoo

// SPDX-License-Identifier: Apache-2.0
// The catalogue of machines, links, constants and measured sets: YAML files with a source for every
// number.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/diagnostic.hpp"
#include "core/provenance.hpp"
#include "topology/builder.hpp"
#include "topology/fabric.hpp"
#include "topology/link_class.hpp"
#include "workload/constants.hpp"
#include "workload/nccl_facts.hpp"

namespace plumbline::zoo {

enum class Kind { links, systems, constants, tuners, measurements };

[[nodiscard]] std::string_view to_text(Kind kind);  ///< the folder's name

/// One file (or, for measurements, folder) of the catalogue.
struct Item {
  std::string name;     ///< the file's stem
  std::string summary;  ///< its `title:`
  std::filesystem::path path;
};

/// A machine read from a file.
struct System {
  std::string name;
  std::string title;
  std::shared_ptr<const topology::Fabric> fabric;
  std::string constants;         ///< name of its nominal constants; empty: nominal without a file
  workload::MachineFacts facts;  ///< of its own, or of its nodes where it says nothing
  core::Provenance provenance;   ///< of its own numbers, its nodes' and its link classes'
  std::string file;              ///< empty for an inline fabric
  std::string text;
};

/// Looks names up in several folders, later ones adding to (and overriding) earlier ones.
class Catalogue {
 public:
  /// `folders`: each holds links/, systems/, constants/, tuners/, measurements/. All link classes
  /// are read at once.
  Catalogue(std::vector<std::filesystem::path> folders, core::Diagnostics& diagnostics);

  [[nodiscard]] const topology::LinkCatalogue& links() const { return links_; }

  [[nodiscard]] std::vector<Item> list(Kind kind) const;
  [[nodiscard]] std::optional<Item> find(Kind kind, std::string_view name) const;

  /// A system by zoo name or by path (a name with a slash or ending in .yaml or .xml), read at
  /// `cursor`, which must be a scalar. An .xml file is imported. Relative paths count from `base`.
  [[nodiscard]] std::optional<System> system(const core::Cursor& cursor,
                                             const std::filesystem::path& base) const;

  /// A `fabric:` map written in place.
  [[nodiscard]] std::optional<System> inline_system(const core::Cursor& fabric,
                                                    const std::filesystem::path& base) const;

  [[nodiscard]] std::optional<workload::ConstantSet> constants(
      const core::Cursor& cursor, const std::filesystem::path& base) const;

  /// The nominal constants that `system` names; the identity set where it names none.
  [[nodiscard]] std::optional<workload::ConstantSet> nominal_constants(
      const System& system, core::Diagnostics& diagnostics) const;

  /// A file of the catalogue that is no item, such as imports/nccl.yaml; the last folder's where
  /// several have it, and where none has it its place in the first.
  [[nodiscard]] std::filesystem::path data_file(std::string_view name) const;

  /// Hands the root of an item's file to `read`; false, after a diagnostic, where it is no YAML
  /// map.
  static bool read(const Item& item, core::Diagnostics& diagnostics,
                   const std::function<void(const core::Cursor&)>& read);

  /// Folder of a measured set, or a log, by zoo name or path.
  [[nodiscard]] std::optional<std::filesystem::path> measured_set(
      const core::Cursor& cursor, const std::filesystem::path& base) const;

 private:
  void add_link_provenance(System& system) const;

  std::vector<std::filesystem::path> folders_;
  topology::LinkCatalogue links_;
  std::map<std::string, core::Provenance, std::less<>> link_provenance_;
};

/// Where the catalogue lives: beside the executable (source tree or install prefix), then each
/// folder of the colon-separated `extra` (the variable PLUMBLINE_ZOO).
[[nodiscard]] std::vector<std::filesystem::path> catalogue_folders(std::string_view extra);

}  // namespace plumbline::zoo

// SPDX-License-Identifier: Apache-2.0
// Field descriptors: one declaration of an option struct drives the YAML binder, `describe` and the
// JSON Schema.
//
//   const core::Schema<Options>& schema() {
//     static const auto s = core::Schema<Options>("NVSwitch node")
//         .required("gpus", &Options::gpus, "GPUs in the node")
//         .optional("nodes", &Options::nodes, "how many of them");
//     return s;
//   }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/read.hpp"

namespace plumbline::core {

class SchemaInfo;

/// What there is to know about one key.
struct FieldInfo {
  std::string key;
  std::string type;       ///< "bandwidth", "count", "name", "list", "map"
  std::string json_type;  ///< of the text form
  std::string doc;        ///< one sentence
  bool required = false;
  bool sweeps = false;
  std::string default_text{};          ///< as it would be written; empty where there is none
  std::vector<std::string> choices{};  ///< allowed names, if limited
  std::shared_ptr<const SchemaInfo> nested{};  ///< of a map, or of a list's items
};

/// The type-erased part of a Schema: what documentation needs.
class SchemaInfo {
 public:
  explicit SchemaInfo(std::string title) : title_(std::move(title)) {}

  [[nodiscard]] const std::string& title() const { return title_; }

  [[nodiscard]] const std::vector<FieldInfo>& fields() const { return fields_; }

  [[nodiscard]] std::vector<std::string> keys() const;

  /// JSON Schema (draft 2020-12) of the map, as compact JSON text.
  [[nodiscard]] std::string json_schema() const;

 protected:
  std::string title_;
  std::vector<FieldInfo> fields_;
};

/// Binds a map to a `T`. A field of class type with its own `static const Schema<M>& schema()`
/// nests.
template <class T>
class Schema : public SchemaInfo {
 public:
  using SchemaInfo::SchemaInfo;

  /// A key that must be there.
  template <class M>
  Schema& required(const std::string& key, M T::*member, const std::string& doc) {
    return add(key, member, doc, true, {}, {});
  }

  /// A key that may be absent; the member keeps its initial value then, shown as `default_text`.
  template <class M>
  Schema& optional(const std::string& key, M T::*member, const std::string& doc,
                   const std::string& default_text = {}) {
    return add(key, member, doc, false, default_text, {});
  }

  /// A name out of `choices`, required unless `default_text` says what absence means.
  Schema& choice(const std::string& key, std::string T::*member, const std::string& doc,
                 const std::vector<std::string>& choices, const std::string& default_text = {}) {
    return add(key, member, doc, default_text.empty(), default_text, choices);
  }

  /// A check over the whole struct after all keys were read; it reports through the cursor.
  Schema& check(std::function<void(const Cursor&, const T&)> function) {
    checks_.push_back(std::move(function));
    return *this;
  }

  /// Keys handled by the caller: documented and known, not bound.
  Schema& also(FieldInfo field) {
    fields_.push_back(std::move(field));
    return *this;
  }

  /// Reads every field of the map, reports unknown, missing and wrong ones; nullopt if any was
  /// wrong.
  [[nodiscard]] std::optional<T> bind(const Cursor& cursor) const {
    T value{};
    if (!cursor.is_map()) {
      cursor.error("PL-K005", "a map of options is expected here (" + title_ + ")");
      return std::nullopt;
    }
    cursor.reject_unknown(keys());
    bool good = true;
    for (const auto& binder : binders_) {
      good = binder(cursor, value) && good;
    }
    if (good) {
      for (const auto& check : checks_) {
        check(cursor, value);
      }
    }
    return good ? std::optional<T>(std::move(value)) : std::nullopt;
  }

 private:
  template <class M>
  Schema& add(const std::string& key, M T::*member, const std::string& doc, bool is_required,
              const std::string& default_text, const std::vector<std::string>& choices);

  std::vector<std::function<bool(const Cursor&, T&)>> binders_;
  std::vector<std::function<void(const Cursor&, const T&)>> checks_;
};

/// A struct with `static const Schema<T>& schema()` is read as a map.
template <class T>
requires requires {
  T::schema();
}

struct Reader<T> {
  static constexpr bool sweeps = false;
  static constexpr std::string_view type_name = "map";
  static constexpr std::string_view json_type = "object";

  static std::optional<T> read(const Cursor& cursor) { return T::schema().bind(cursor); }
};

template <class T>
struct Reader<std::optional<T>> {
  static constexpr bool sweeps = Reader<T>::sweeps;
  static inline const std::string_view type_name = Reader<T>::type_name;
  static inline const std::string_view json_type = Reader<T>::json_type;

  static std::optional<std::optional<T>> read(const Cursor& cursor) {
    std::optional<T> value = Reader<T>::read(cursor);
    return value ? std::optional<std::optional<T>>(std::move(value)) : std::nullopt;
  }
};

namespace detail {
template <class M>
struct Element {
  using type = M;
};

template <class M>
struct Element<std::vector<M>> : Element<M> {};

template <class M>
struct Element<std::optional<M>> : Element<M> {};

template <class M>
std::shared_ptr<const SchemaInfo> nested_schema() {
  using E = typename Element<M>::type;
  if constexpr (requires { E::schema(); }) {
    return std::make_shared<const SchemaInfo>(E::schema());
  } else {
    return nullptr;
  }
}
}  // namespace detail

template <class T>
template <class M>
Schema<T>& Schema<T>::add(const std::string& key, M T::*member, const std::string& doc,
                          bool is_required, const std::string& default_text,
                          const std::vector<std::string>& choices) {
  fields_.push_back({.key = key,
                     .type = choices.empty() ? std::string(Reader<M>::type_name) : "name",
                     .json_type = std::string(Reader<M>::json_type),
                     .doc = doc,
                     .required = is_required,
                     .sweeps = Reader<M>::sweeps,
                     .default_text = default_text,
                     .choices = choices,
                     .nested = detail::nested_schema<M>()});
  binders_.push_back([key, member, is_required, default_text, choices](const Cursor& map, T& into) {
    const std::optional<Cursor> at = is_required ? map.require(key) : map.find(key);
    if (!at) {
      if constexpr (std::is_same_v<M, std::string>) {
        if (!choices.empty()) {
          into.*member = default_text;
        }
      }
      return !is_required;
    }
    std::optional<M> value;
    if constexpr (std::is_same_v<M, std::string>) {
      value = choices.empty() ? Reader<M>::read(*at) : read_choice(*at, choices, key);
    } else {
      value = Reader<M>::read(*at);
    }
    if (value) {
      into.*member = std::move(*value);
    }
    return value.has_value();
  });
  return *this;
}

}  // namespace plumbline::core

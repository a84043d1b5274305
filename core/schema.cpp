// SPDX-License-Identifier: Apache-2.0
#include "core/schema.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"

namespace plumbline::core {
namespace {

std::string json_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + "\"";
}

// `default` in the field's own JSON type; whatever is not one stays a text.
std::string default_value(const FieldInfo& field) {
  const std::string& text = field.default_text;
  const bool literal = (field.json_type == "boolean" && (text == "true" || text == "false")) ||
                       (field.json_type == "integer" && parse_count(text)) ||
                       (field.json_type == "number" && parse_number(text));
  return literal ? text : json_text(text);
}

std::string object_members(const SchemaInfo& schema);

// The value itself, without sweeps and sources.
std::string plain_value(const FieldInfo& field) {
  if (field.nested && field.json_type == "array") {
    return fmt::format(R"({{"type":"array","items":{{{}}}}})", object_members(*field.nested));
  }
  if (field.nested) {
    return fmt::format("{{{}}}", object_members(*field.nested));
  }
  std::vector<std::string> names;
  for (const std::string& choice : field.choices) {
    names.push_back(json_text(choice));
  }
  if (!names.empty()) {
    return fmt::format(R"({{"enum":[{}]}})", join(names, ","));
  }
  return field.json_type.empty() ? "{}"
                                 : fmt::format(R"({{"type":{}}})", json_text(field.json_type));
}

std::string property(const FieldInfo& field) {
  const std::string value = plain_value(field);
  std::vector<std::string> members;
  if (!field.doc.empty()) {
    members.push_back("\"description\":" + json_text(field.doc));
  }
  if (!field.default_text.empty()) {
    members.push_back("\"default\":" + default_value(field));
  }
  if (field.sweeps) {
    // One value, a list of them, or a map: {value, source} or {from, to, factor|step|count}.
    members.push_back(fmt::format(
        R"("anyOf":[{},{{"type":"array","items":{},"minItems":1}},{{"type":"object"}}])", value,
        value));
  } else if (value.size() > 2) {
    members.push_back(value.substr(1, value.size() - 2));
  }
  return fmt::format("{}:{{{}}}", json_text(field.key), join(members, ","));
}

std::string object_members(const SchemaInfo& schema) {
  std::vector<std::string> properties;
  std::vector<std::string> required;
  for (const FieldInfo& field : schema.fields()) {
    properties.push_back(property(field));
    if (field.required) {
      required.push_back(json_text(field.key));
    }
  }
  for (const std::string_view key : {"source", "note", "unverified"}) {
    const std::vector<std::string> keys = schema.keys();
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      properties.push_back(
          fmt::format(R"("{}":{{"type":"{}"}})", key, key == "unverified" ? "boolean" : "string"));
    }
  }
  return fmt::format(R"("title":{},"type":"object","properties":{{{}}},"required":[{}],)"
                     R"("additionalProperties":false)",
                     json_text(schema.title()), join(properties, ","), join(required, ","));
}

}  // namespace

std::vector<std::string> SchemaInfo::keys() const {
  std::vector<std::string> result;
  for (const FieldInfo& field : fields_) {
    result.push_back(field.key);
  }
  return result;
}

std::string SchemaInfo::json_schema() const {
  return fmt::format(R"({{"$schema":"https://json-schema.org/draft/2020-12/schema",{}}})",
                     object_members(*this));
}

}  // namespace plumbline::core

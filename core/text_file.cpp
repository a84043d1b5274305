// SPDX-License-Identifier: Apache-2.0
#include "core/text_file.hpp"

#include <array>
#include <fstream>
#include <system_error>

namespace plumbline::core {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;

// At most one byte more than is allowed: sizes are not asked, since a pipe or a device has none.
std::string read_some(std::istream& stream) {
  std::array<char, 65536> buffer{};
  std::string text;
  while (text.size() <= largest_file && stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    text.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

}  // namespace

std::optional<std::string> read_text_file(const std::filesystem::path& path,
                                          Diagnostics& diagnostics) {
  const SourceSpan start{path.string(), 1, 1};
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    diagnostics.error("PL-I001", start, "there is no such file");
    return std::nullopt;
  }
  if (status.type() == std::filesystem::file_type::directory) {
    diagnostics.error("PL-I002", start, "this is a directory, and a file is expected");
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text = read_some(stream);
  if (stream.bad() || !stream.is_open()) {
    diagnostics.error("PL-I003", start, "the file can't be read",
                      error ? error.message() : "check its permissions");
    return std::nullopt;
  }
  if (text.size() > largest_file) {
    diagnostics.error("PL-I004", start, "the file is larger than 16 MiB");
    return std::nullopt;
  }
  return text;
}

}  // namespace plumbline::core

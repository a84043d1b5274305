// SPDX-License-Identifier: Apache-2.0
// Wrong XML files made from right ones, the same from the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/xml.hpp"

namespace plumbline::fuzz {

[[nodiscard]] std::string to_text(const core::XmlElement& element);

/// Changes elements and attributes (drops, doubles, moves, new values) and bytes (flips, cuts).
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] std::string mutate(const core::XmlElement& original);

  [[nodiscard]] std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  void change_tree(core::XmlElement& root);
  void change_attribute(core::XmlElement& element);
  void change_bytes(std::string& text);
  std::string value(const std::string& old);

  std::mt19937_64 random_;
};

/// The XML files of tests/fuzz/seeds whose root is `root`, and those of a folder of the shared
/// files where there are any.
[[nodiscard]] std::vector<core::XmlElement> seeds(const std::string& root,
                                                  const std::string& shared_folder);

/// Calls `read` with PLUMBLINE_FUZZ_CASES (by default 5,000) mutated texts. What `read` throws
/// fails the test with the text.
void fuzz(const std::vector<core::XmlElement>& seeds,
          const std::function<void(const std::string& text)>& read);

}  // namespace plumbline::fuzz

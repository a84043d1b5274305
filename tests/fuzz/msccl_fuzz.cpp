// SPDX-License-Identifier: Apache-2.0
// Damaged MSCCL programs: each is refused with a reason or becomes a schedule that is proved.
#include <catch2/catch.hpp>

#include "tests/fuzz/mutate.hpp"
#include "workload/imports/msccl.hpp"

namespace plumbline::workload {
namespace {

struct Tally {
  std::size_t refused = 0;
  std::size_t wrong = 0;
  std::size_t proved = 0;
};

/// The proof executes the generated schedule; the builder checks each of its operations.
void read(const std::string& text, Tally& tally) {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(text, "fuzz.xml", diagnostics);
  auto program = root ? imports::import_msccl(*root, diagnostics) : std::optional<Program>();
  if (program.has_value() == diagnostics.has_errors()) {
    FAIL("a program beside an error, or neither");
  }
  if (!program) {
    ++tally.refused;
    return;
  }
  const std::string why =
      refuse_program(std::make_shared<const Program>(std::move(*program)), RankId(0));
  ++(why.empty() ? tally.proved : tally.wrong);
}

/// The seeds, and programs like them of which one step does something else that can be written:
/// blind damage mostly hits the form.
std::vector<core::XmlElement> programs() {
  std::vector<core::XmlElement> result = fuzz::seeds("algo", "msccl");
  const std::size_t right = result.size();
  const std::vector<std::pair<std::string, std::vector<std::string>>> choices{
      {"type", {"s", "r", "rcs", "rrs", "rrc", "rrcs", "cpy", "re", "nop"}},
      {"srcoff", {"0", "1", "2", "3"}},
      {"dstoff", {"0", "1", "2", "3"}},
      {"depid", {"-1", "0", "1"}},
      {"deps", {"0", "1", "2"}}};
  fuzz::Mutator random(7);
  for (std::size_t i = 0; i < 300; ++i) {
    core::XmlElement changed = result[random.below(right)];
    core::XmlElement& gpu = changed.children[random.below(changed.children.size())];
    core::XmlElement& block = gpu.children[random.below(gpu.children.size())];
    core::XmlElement& step = block.children[random.below(block.children.size())];
    const auto& [name, values] = choices[random.below(choices.size())];
    for (core::XmlElement::Attribute& attribute : step.attributes) {
      if (attribute.name == name) {
        attribute.value = values[random.below(values.size())];
      }
    }
    result.push_back(std::move(changed));
  }
  return result;
}

TEST_CASE("damaged MSCCL programs are refused or proved") {
  Tally tally;
  fuzz::fuzz(programs(), [&](const std::string& text) { read(text, tally); });
  // None of the three is rare, or the damage would be too large or too small to find anything.
  const std::size_t all = tally.refused + tally.wrong + tally.proved;
  CHECK(tally.refused * 50 > all);
  CHECK(tally.wrong * 50 > all);
  CHECK(tally.proved * 50 > all);
}

}  // namespace
}  // namespace plumbline::workload

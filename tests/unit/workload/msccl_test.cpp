// SPDX-License-Identifier: Apache-2.0
// Programs of MSCCL files: what is proved, and what is refused with which reason.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "fabrics.hpp"
#include "requests.hpp"
#include "tests/support/msccl_programs.hpp"
#include "tests/unit/core/reading_fixture.hpp"

namespace plumbline::workload {
namespace {

using core::Found;
using test::msccl_all_pairs;
using test::msccl_program;

const std::filesystem::path seeds = std::filesystem::path(PL_SOURCE_DIR) / "tests/fuzz/seeds";

std::string file_text(const std::string& name) {
  std::ifstream stream(seeds / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The first `old` after `mark` becomes `with`.
std::string changed(std::string text, const std::string& mark, const std::string& old,
                    const std::string& with) {
  const std::size_t at = text.find(old, text.find(mark));
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), with);
}

/// `code at line` of each mistake.
std::vector<std::string> mistakes(const std::string& text) {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(text, "program.xml", diagnostics);
  REQUIRE(root);
  CHECK_FALSE(imports::import_msccl(*root, diagnostics));
  std::vector<std::string> result;
  for (const core::Diagnostic& item : diagnostics.sorted()) {
    result.push_back(fmt::format("{} at {}", item.code, item.where.line));
  }
  return result;
}

Found read(const std::string& yaml) {
  core::Text text(yaml);
  const topology::Fabric fabric = star(8);
  const auto ranks = read_ranks(text.root());
  (void)read_workload(text.root(), fabric, ranks.value_or(RankCount(8)), {}, seeds);
  return text.found();
}

TEST_CASE("Programs of all pairs are proved for each collective") {
  for (const Collective collective :
       {Collective::all_reduce, Collective::all_gather, Collective::reduce_scatter,
        Collective::all_to_all, Collective::broadcast}) {
    for (std::uint32_t ranks = 2; ranks <= 6; ++ranks) {
      INFO(to_text(collective) << " on " << ranks);
      CHECK(refuse_program(msccl_program(msccl_all_pairs(collective, ranks)), RankId(0)).empty());
    }
  }
}

TEST_CASE("A broadcast comes from the root that the program has") {
  const auto program = msccl_program(msccl_all_pairs(Collective::broadcast, 4, 2));
  CHECK(refuse_program(program, RankId(2)).empty());
  CHECK(refuse_program(program, RankId(0)).starts_with("rank 2, "));  // it sends what it lacks
}

TEST_CASE("Every type of step, several chunks at once and two channels are proved") {
  for (const char* name : {"msccl_ring.xml", "msccl_all_pairs.xml", "msccl_gather.xml"}) {
    INFO(name);
    CHECK(refuse_program(msccl_program(file_text(name)), RankId(0)).empty());
  }
}

TEST_CASE("A ring of messages has one transfer for each, in the chunks of its own") {
  // 4 ranks, 2 (4 − 1) messages each.
  const auto program = msccl_program(file_text("msccl_ring.xml"));
  std::uint32_t transfers = 0;
  for (const Program::Step& step : program->steps) {
    transfers += step.operation.is_transfer() ? 1U : 0U;
  }
  CHECK(transfers == 24);
  CHECK(program->chunks == 4 + 24);
  CHECK(program->protocol == Protocol::simple);
}

TEST_CASE("A program that leaves something out is refused with rank and chunk") {
  // Rank 1 does not add what rank 2 sent; rank 0 is the first to end with what it hands out.
  const std::string text = changed(msccl_all_pairs(Collective::all_reduce, 3), "<gpu id=\"1\"",
                                   "type=\"re\" srcbuf=\"s\" srcoff=\"2\"", "type=\"nop\"");
  CHECK(refuse_program(msccl_program(text), RankId(0)) ==
        "rank 0, output chunk 1: ends with {chunk 1 of rank 0 to chunk 1 of rank 1}: {chunk 1 of "
        "rank 2} is missing");
}

TEST_CASE("A program that adds twice is refused with rank and chunk") {
  // Rank 0 adds what came from rank 1 a second time instead of what came from rank 2.
  const std::string text =
      changed(msccl_all_pairs(Collective::all_reduce, 3), "<gpu id=\"0\"",
              "type=\"re\" srcbuf=\"s\" srcoff=\"2\"", "type=\"re\" srcbuf=\"s\" srcoff=\"1\"");
  const std::string why = refuse_program(msccl_program(text), RankId(0));
  CHECK(why.starts_with("rank 0, output chunk 0: "));
  CHECK(why.ends_with("adds {chunk 0 of rank 1} a second time"));
}

TEST_CASE("A program that mixes up chunks is refused") {
  // Rank 0 puts what it gathers from rank 1 where rank 2's belongs.
  const std::string text = changed(msccl_all_pairs(Collective::all_gather, 3), "<gpu id=\"0\"",
                                   "dstbuf=\"o\" dstoff=\"1\"", "dstbuf=\"o\" dstoff=\"2\"");
  CHECK(refuse_program(msccl_program(text), RankId(0)).starts_with("rank 0, output chunk "));
}

TEST_CASE("A program whose result depends on who is faster is refused") {
  // Without its dependency, rank 0's sum is sent before or after it is complete.
  const std::string text = changed(file_text("msccl_all_pairs.xml"), "<gpu id=\"0\"",
                                   "depid=\"1\" deps=\"1\"", "depid=\"-1\" deps=\"-1\"");
  const std::string why = refuse_program(msccl_program(text), RankId(0));
  CHECK(why.starts_with("rank 0, output chunk 0: race: "));
}

TEST_CASE("Mistakes of structure are told with their line") {
  // Lines of the file: 1 <algo>, 2 <gpu 0>, 3 <tb 0>, 4 to 7 its steps s r s r, 8 </tb>, 9 <tb 1>,
  // 10 cpy, 11 re, 12 </tb>, 13 </gpu>; GPU 1 the same from 14 on.
  const std::string good = file_text("msccl_all_pairs.xml");
  const auto with = [&](const char* mark, const char* old, const char* replaced) {
    return mistakes(changed(good, mark, old, replaced));
  };
  using Places = std::vector<std::string>;
  CHECK(mistakes("<system/>") == Places{"PL-W040 at 1"});
  CHECK(with("<algo", "allreduce", "custom") == Places{"PL-W040 at 1"});
  CHECK(with("<algo", "ngpus=\"2\"", "ngpus=\"3\"") == Places{"PL-W040 at 1"});
  CHECK(with("<gpu", "s_chunks=\"1\"", "s_chunks=\"one\"") == Places{"PL-W040 at 2"});
  CHECK(with("<gpu", "send=\"1\"", "send=\"2\"") == Places{"PL-W040 at 3"});
  CHECK(with("<gpu", "send=\"1\" recv=\"1\"", "send=\"0\" recv=\"1\"") == Places{"PL-W043 at 3"});
  CHECK(with("<gpu", "type=\"s\"", "type=\"d\"") == Places{"PL-W040 at 4"});
  CHECK(with("<gpu", "srcoff=\"1\"", "srcoff=\"2\"") == Places{"PL-W042 at 4"});
  CHECK(with("<gpu", "dstbuf=\"s\" dstoff=\"0\" cnt=\"1\" depid=\"-1\" deps=\"-1\" hasdep=\"1\"",
             "dstbuf=\"x\" dstoff=\"0\"") == Places{"PL-W042 at 5"});
  CHECK(with("<gpu", "depid=\"1\" deps=\"1\"", "depid=\"1\" deps=\"2\"") == Places{"PL-W042 at 6"});
  CHECK(with("s=\"2\"", "type=\"s\"", "type=\"nop\"") == Places{"PL-W043 at 19"});
  // The copy waits for the last message, which is sent when the sum is there, which waits for it:
  // rank 0's first step that can never start is its sum's sending on line 6.
  CHECK(with("type=\"cpy\"", "depid=\"-1\" deps=\"-1\"", "depid=\"0\" deps=\"2\"") ==
        Places{"PL-W044 at 6"});
}

TEST_CASE("A second thread block for the same peer and channel is refused") {
  // Line 9 opens rank 0's second block.
  const std::string text = changed(
      changed(file_text("msccl_all_pairs.xml"), "<tb id=\"1\"", "send=\"-1\"", "send=\"1\""),
      "<tb id=\"1\"", "type=\"cpy\"", "type=\"s\"");
  CHECK(mistakes(text).front() == "PL-W043 at 9");
}

TEST_CASE("A workload names the file of its program") {
  CHECK(read("{collective: all_reduce, algorithm: msccl, file: msccl_ring.xml, ranks: 4, size: 1 "
             "MB}")
            .empty());
  CHECK(read("{collective: all_reduce, algorithm: msccl, ranks: 4, size: 1 MB}") ==
        Found{"PL-K002 at 1:1"});
  CHECK(read("{collective: all_reduce, algorithm: ring, file: msccl_ring.xml, size: 1 MB}") ==
        Found{"PL-W006 at 1:49"});
  CHECK(read("{collective: all_reduce, algorithm: msccl, file: msccl_ring.xml, ranks: 8, size: 1 "
             "MB}") == Found{"PL-W041 at 1:50"});
  CHECK(read("{collective: broadcast, algorithm: msccl, file: msccl_ring.xml, ranks: 4, size: 1 "
             "MB}") == Found{"PL-W041 at 1:49"});
}

}  // namespace
}  // namespace plumbline::workload

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "reading_fixture.hpp"

namespace plumbline::core {
namespace {

TEST_CASE("set() replaces, creates on the way, and reaches into lists") {
  Text text("workload: {size: 1 KiB}\nlist: [1, 2]\nempty:\n");
  auto& document = text.document;
  document.set("workload.size", "[1 MiB, 2 MiB]", "--set", text.diagnostics);
  document.set("replay.time_limit", "60 s", "--set", text.diagnostics);
  document.set("list.1", "5", "--set", text.diagnostics);
  document.set("empty.x", "1", "--set", text.diagnostics);
  CHECK(text.found().empty());
  CHECK(text.at("workload").find("size")->items().size() == 2);
  CHECK(text.at("replay").find("time_limit")->text() == "60 s");
  CHECK(text.at("list").items()[1].text() == "5");
  CHECK(text.at("empty").find("x")->text() == "1");
}

TEST_CASE("A value from the command line stands in the whole argument path=value") {
  Text text("workload: {size: 1 KiB}\n");
  text.document.set("workload.size", "1 MBps", "--set", text.diagnostics);
  text.document.set("workload.extra", "1", "--set", text.diagnostics);
  const Cursor workload = text.at("workload");
  CHECK_FALSE(read<Bytes>(workload.find("size").value()));
  workload.reject_unknown({"size"});
  // workload.size=1 MBps: the unit is the 17th byte; workload.extra: the key is the 10th.
  CHECK(text.found() == Found{"PL-K001 at 1:10", "PL-U002 at 1:17"});
  CHECK(text.diagnostics.all()[0].where.file == "--set");
}

TEST_CASE("Impossible paths and values are errors, and change nothing") {
  Text text("a: 1\nb: [1]\n");
  auto& document = text.document;
  document.set("a.b", "2", "--set", text.diagnostics);
  document.set("b.1", "2", "--set", text.diagnostics);
  document.set("a..b", "2", "--set", text.diagnostics);
  document.set("", "2", "--set", text.diagnostics);
  document.set("a", "[2", "--set", text.diagnostics);
  document.set("a", "*x", "--set", text.diagnostics);
  CHECK(text.diagnostics.all().size() == 6);
  CHECK(text.diagnostics.all()[0].code == "PL-K009");
  CHECK(text.diagnostics.all()[0].where == SourceSpan{"--set", 1, 3});
  CHECK(text.diagnostics.all()[1].code == "PL-K009");
  CHECK(text.diagnostics.all()[2].code == "PL-K008");
  CHECK(text.diagnostics.all()[3].code == "PL-K008");
  CHECK(text.diagnostics.all()[4].code == "PL-Y001");
  CHECK(text.diagnostics.all()[5].code == "PL-Y003");
  CHECK(text.at("a").text() == "1");
}

}  // namespace
}  // namespace plumbline::core

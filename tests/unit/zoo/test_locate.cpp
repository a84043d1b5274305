// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "zoo_test.hpp"

namespace plumbline::zoo {
namespace {

namespace fs = std::filesystem;

TEST_CASE("In a build tree the catalogue is the source tree's", "[zoo]") {
  const std::vector<fs::path> folders = catalogue_folders("");
  REQUIRE(folders.size() == 1);
  CHECK(fs::equivalent(folders[0], fs::path(PL_SOURCE_DIR) / "zoo"));
}

TEST_CASE("Folders of the variable follow in order, there or not", "[zoo]") {
  // A folder that does not exist is the catalogue's to complain about: dropped here, it would go
  // unnoticed.
  const std::vector<fs::path> folders = catalogue_folders("/a/b:c::d/");
  REQUIRE(folders.size() == 4);
  CHECK(folders[1] == "/a/b");
  CHECK(folders[2] == "c");
  CHECK(folders[3] == "d/");
  CHECK(catalogue_folders(":").size() == 1);
}

}  // namespace
}  // namespace plumbline::zoo

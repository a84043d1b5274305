// SPDX-License-Identifier: Apache-2.0
// docs/external_solvers.md names everything that a solver is told.
#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "analytic/question.hpp"

TEST_CASE("the reference of users' solvers names every number of a question") {
  std::ifstream file(std::string(PL_SOURCE_DIR) + "/docs/external_solvers.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const plumbline::analytic::NumberInfo& info : plumbline::analytic::number_infos()) {
    std::string name(info.name);
    if (std::count(name.begin(), name.end(), '.') == 2) {  // told once for all four kinds
      name = name.substr(0, name.rfind('.')) + ".…";
    }
    CAPTURE(name);
    CHECK(text.find("`" + name + "`") != std::string::npos);
  }
}

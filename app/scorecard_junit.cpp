// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/scorecard.hpp"
#include "core/text.hpp"
#include "core/xml.hpp"

namespace plumbline::app {
namespace {

struct TestCase {
  std::string name;
  std::string failure;  ///< empty: it passed
};

}  // namespace

std::string scorecard_junit(const gate::Report& report,
                            const std::optional<std::vector<std::string>>& worse) {
  const bool rejected = report.verdict.decision == gate::Decision::reject;
  std::vector<TestCase> cases{{"verdict", rejected ? report.verdict.reason : ""}};
  for (const gate::Property& property : report.properties) {
    if (property.checked > 0) {
      cases.push_back({property.name, property.weight != gate::Weight::told ? property.says : ""});
    }
  }
  if (worse) {
    cases.push_back({"baseline", core::join(*worse, "; ")});
  }
  std::string body;
  std::size_t failures = 0;
  for (const TestCase& one : cases) {
    body += fmt::format(R"(  <testcase classname="{}" name="{}")",
                        core::xml_escaped(report.contract.name), core::xml_escaped(one.name));
    body += one.failure.empty() ? "/>\n"
                                : fmt::format(">\n    <failure message=\"{}\"/>\n  </testcase>\n",
                                              core::xml_escaped(one.failure));
    failures += one.failure.empty() ? 0U : 1U;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"plumbline validate {}\" "
      "tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n{}</testsuite>\n",
      core::xml_escaped(report.contract.name), cases.size(), failures, report.wall.si(), body);
}

}  // namespace plumbline::app

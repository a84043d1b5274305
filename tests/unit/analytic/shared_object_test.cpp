// SPDX-License-Identifier: Apache-2.0
// Solvers in libraries, compiled here as C99 by the compiler of the build.
#include "analytic/external/shared_object.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "analytic/external/open.hpp"
#include "core/diagnostic.hpp"
#include "tests/support/star.hpp"

namespace {

using namespace plumbline;
using analytic::Answer;
using Catch::Matchers::Contains;

/// A library of tests/support/solvers/broken_library.c, removed with this.
class Library {
 public:
  explicit Library(const std::string& wrong)
      : file_((std::filesystem::temp_directory_path() /
               ("plumbline-" + std::to_string(::getpid()) + "-" + wrong + ".so"))
                  .string()) {
    const std::string command = fmt::format(
        "{0} -std=c99 -pedantic-errors -Wall -Wextra -Werror -shared -fPIC -I '{1}' -DWRONG={2} "
        "-o '{3}' '{1}/tests/support/solvers/broken_library.c' -lm",
        PL_C_COMPILER, PL_SOURCE_DIR, wrong, file_);
    REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c): a compiler, by a test
  }

  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  ~Library() { std::filesystem::remove(file_); }

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
};

workload::Problem ring() {
  return test::on_star({.hosts = 4},
                       test::collective(workload::Collective::all_reduce, "ring", 4e6));
}

Answer ask(const std::string& wrong) {
  const Library library(wrong);
  return analytic::external::load_library(library.file())->ask(ring(), {});
}

std::string refusal(const std::string& file) {
  try {
    std::ignore = analytic::external::load_library(file);
  } catch (const core::ModelError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a library in C99 answers in SI, whatever the gauge") {
  const Library library("right");
  core::Diagnostics diagnostics;
  const auto subject = analytic::external::open_solver(library.file(), diagnostics);
  CHECK(subject->contract().name == "lib");
  CHECK(subject->contract().claim == analytic::Claim::lower);
  // 4e6 B at 50 GB/s, 1 us of its own, and rank 1 on machine 1: a second that ignores the gauge.
  CHECK(subject->ask(ring(), {}).lower.value() == Approx(1.0 + 81e-6).epsilon(1e-12));
  CHECK(subject->ask(ring(), {.time = 1e3, .data = 8.0}).lower.value() ==
        Approx(1e-3 + 81e-6).epsilon(1e-12));
}

TEST_CASE("names that do not exist have no value in a library") {
  CHECK(ask("unknown_names").binding == "ring");
}

TEST_CASE("what a library prints is no answer of its") {
  const Answer answer = ask("prints");
  CHECK(answer.failure.empty());
  CHECK(answer.lower.has_value());
}

TEST_CASE("a library that breaks is a sentence") {
  CHECK_THAT(ask("crash").failure, Contains("it crashed with signal 6 (SIGABRT)"));
  CHECK_THAT(ask("nan_answer").failure, Contains("its lower_s is no number: \"nan\""));
  CHECK_THAT(ask("status").failure, Contains("it returned 5"));
}

TEST_CASE("what is no library of solvers says so") {
  CHECK_THAT(refusal("/no/such/library.so"), Contains("cannot open shared object file"));
  const Library version("version");
  CHECK_THAT(refusal(version.file()), Contains("not of version 1"));
  const Library silent("no_handshake");
  CHECK_THAT(refusal(silent.file()), Contains("lacks handshake or solve"));
}
